import Base
import Events
import Service
import Testing

@Suite struct SlowReaderTests {
  /// Publishes far more than the kernel and the server hold while a client sleeps.
  private func flood(_ stream: TestStream, ticks: Int, witness: RawClient) throws {
    var seen: UInt64 = 0
    for tick in 0..<ticks {
      stream.publish(tick % 10 == 0 ? [.test("e\(tick)", .point)] : [], padding: 900)
      // The witness keeps up, which paces the flood by the server's own work.
      while seen < stream.nextSeq - 1 {
        switch try witness.message() {
        case .frame(let frame): seen = frame.seq
        case .event(let event): seen = event.seq
        case .gap(let gap):
          Issue.record("the witness lost \(gap)")
          return
        default: break
        }
      }
    }
  }

  @Test func `a slow reader loses the oldest frame records, is told, and keeps every event`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let witness = try RawClient(server.path)
    let sleeper = try RawClient(server.path)
    _ = try witness.subscribe("")
    _ = try sleeper.subscribe("")
    try flood(stream, ticks: 4000, witness: witness)
    var next: UInt64 = 1
    var lost: ClosedRange<UInt64>?
    var counted: UInt64 = 0
    var missing: UInt64 = 0
    var events = 0
    while next < stream.nextSeq {
      switch try sleeper.message() {
      case .frame(let frame):
        for seq in next..<frame.seq where lost?.contains(seq) == true { missing += 1 }
        #expect(frame.seq == next || lost?.contains(frame.seq - 1) == true, "a hole before \(frame.seq)")
        next = frame.seq + 1
      case .event(let event):
        events += 1
        for seq in next..<event.seq where lost?.contains(seq) == true { missing += 1 }
        next = event.seq + 1
      case .gap(let gap):
        #expect(gap.types == [.frame] && gap.reason == .slowReader && gap.fromSeq >= next)
        lost = gap.fromSeq...gap.toSeq
        counted += gap.count ?? 0
      default: break
      }
    }
    #expect(events == 400)
    #expect(counted == missing && counted > 1000)
    guard case .status(let answer) = try witness.ask(#"{"status":{}}"#) else { return }
    #expect(answer.report["dropped"]?["records_slow_reader"]?.integer == Int64(counted))
  }

  @Test func `who coalesces gets the newest frame record, all events, and the count of the rest`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let witness = try RawClient(server.path)
    let sleeper = try RawClient(server.path)
    _ = try witness.subscribe("")
    _ = try sleeper.subscribe(#""on_lag":"coalesce""#)
    try flood(stream, ticks: 1500, witness: witness)
    var frames: [UInt64] = []
    var events = 0
    var coalesced: UInt64 = 0
    while frames.last.map({ $0 < stream.nextSeq - 1 }) ?? true {
      switch try sleeper.message() {
      case .frame(let frame): frames.append(frame.seq)
      case .event: events += 1
      case .gap(let gap):
        #expect(gap.reason == .coalesced && gap.types == [.frame])
        coalesced += gap.count ?? 0
      default: break
      }
    }
    #expect(events == 150)
    #expect(UInt64(frames.count) + coalesced == 1500)
    #expect(coalesced > 500)
  }

  @Test func `who asked for it is disconnected, and nobody else`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let witness = try RawClient(server.path)
    let sleeper = try RawClient(server.path)
    _ = try witness.subscribe("")
    _ = try sleeper.subscribe(#""on_lag":"disconnect""#)
    try flood(stream, ticks: 4000, witness: witness)
    #expect(sleeper.isClosed())
    guard case .status(let answer) = try witness.ask(#"{"status":{}}"#) else { return }
    #expect(answer.report["dropped"]?["clients_lagged"] == 1 && answer.report["clients"] == 1)
  }

  @Test func `a client that takes nothing for a minute is disconnected, a slow one is not`() throws {
    var options = ServerOptions()
    options.sweepEvery = .seconds(3600)
    let server = try TestServer(options: options)
    let stream = server.stream()
    let witness = try RawClient(server.path)
    let sleeper = try RawClient(server.path)
    let slow = try RawClient(server.path)
    for client in [witness, sleeper, slow] { _ = try client.subscribe("") }
    try flood(stream, ticks: 1500, witness: witness)
    func clients() throws -> JSON? {
      guard case .status(let answer) = try witness.ask(#"{"status":{}}"#) else { return nil }
      return answer.report["clients"]
    }
    // Each time the slow one takes a little, less than what would let the kernel take more.
    for round in 1...6 {
      try slow.take(8192)
      server.server.disconnectStuck()
      server.clocks.advance(by: .seconds(20))
      #expect(try clients() == (round <= 3 ? 3 : 2), "after \(round * 20) s")
    }
    #expect(sleeper.isClosed())
    _ = try slow.ask(#"{"status":{}}"#)
  }

  @Test func `a stuck client costs the others nothing`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let stuck = try (0..<5).map { _ in try RawClient(server.path) }
    for client in stuck { _ = try client.hello() }
    let witness = try RawClient(server.path)
    _ = try witness.subscribe("")
    // `flood` fails when the witness loses anything.
    try flood(stream, ticks: 3000, witness: witness)
    withExtendedLifetime(stuck) {}
  }
}
