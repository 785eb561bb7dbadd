import Base
import Events
import Glibc
import Service
import Testing

@Suite struct SubscriptionTests {
  @Test func `everything comes at once with no handshake`() throws {
    let server = try TestServer()
    let stream = server.stream()
    stream.publish(ticks: 3)
    let client = try RawClient(server.path)
    let hello = try client.hello()
    #expect(hello.server == "saccade/0.0.0" && hello.protocol == 1)
    #expect(
      hello.streams == [
        StreamEntry(
          name: "lobby", kind: .live, state: .starting, rate: 30, epoch: "k3f9", oldestSeq: 1, nextSeq: 4)
      ])
    stream.publish([.test("a", .begin)])
    guard case .frame(let frame) = try client.message(), case .event(let event) = try client.message() else {
      Issue.record("a frame record and its event are due")
      return
    }
    #expect(frame.seq == 4 && frame.frame == 4 && !frame.replay)
    #expect(event.seq == 5 && event.event == .test("a", .begin))
  }

  @Test func `a subscription is answered as it was understood, with its id`() throws {
    let server = try TestServer()
    let stream = server.stream()
    _ = server.stream("yard", epoch: "zz")
    stream.publish(ticks: 10)
    let client = try RawClient(server.path)
    let answer = try client.ask(
      #"{"id":"q1","subscribe":{"streams":["lobby"],"types":["event"],"every":2,"from":{"lobby":{"epoch":"k3f9","seq":4}}}}"#
    )
    #expect(
      answer
        == .subscribed(
          Subscribed(
            id: "q1",
            subscription: Subscription(
              streams: ["lobby"], types: [.event], every: 2,
              from: .positions([.init(stream: "lobby", epoch: "k3f9", seq: 4)])),
            positions: [StreamPosition(stream: "lobby", epoch: "k3f9", fromSeq: 4, liveSeq: 11)],
            openEvents: [])))
  }

  @Test func `types, kinds, streams and every choose what comes`() throws {
    let server = try TestServer()
    let lobby = server.stream()
    let yard = server.stream("yard")
    let cases: [(String, (String, UInt64, String?) -> Bool)] = [
      ("", { _, _, _ in true }),
      (#""types":["frame"]"#, { _, _, kind in kind == nil }),
      (#""types":["event"]"#, { _, _, kind in kind != nil }),
      (#""kinds":["motion"]"#, { _, _, kind in kind == nil || kind == "motion" }),
      (#""streams":["yard"]"#, { stream, _, _ in stream == "yard" }),
      (#""every":4"#, { _, ordinal, kind in kind != nil || ordinal % 4 == 0 }),
      (
        #""every":3,"streams":["lobby"],"kinds":["object"]"#,
        { stream, ordinal, kind in
          stream == "lobby" && (kind == "object" || kind == nil && ordinal % 3 == 0)
        }
      ),
    ]
    let clients = try cases.map { fields, _ in
      let client = try RawClient(server.path)
      _ = try client.subscribe(fields)
      return client
    }
    var all: [(stream: String, ordinal: UInt64, kind: String?, seq: UInt64)] = []
    for tick in 0..<24 as Range<UInt64> {
      for stream in [lobby, yard] {
        all.append((stream.name, tick, nil, stream.nextSeq))
        var events: [Event] = []
        if tick % 5 == 0 { events.append(.test("a\(tick)", .point, kind: "motion")) }
        if tick % 7 == 0 { events.append(.test("b\(tick)", .point, kind: "object")) }
        for (offset, event) in events.enumerated() {
          all.append((stream.name, tick, event.kind, stream.nextSeq + 1 + UInt64(offset)))
        }
        stream.publish(events)
      }
    }
    for (client, (fields, wants)) in zip(clients, cases) {
      let due = all.filter { wants($0.stream, $0.ordinal, $0.kind) }
      for record in due {
        let got: (String, UInt64) = try client.first {
          switch $0 {
          case .frame(let frame): (frame.stream, frame.seq)
          case .event(let event): (event.stream, event.seq)
          default: nil
          }
        }
        #expect(got.0 == record.stream && got.1 == record.seq, "{\(fields)}")
      }
      // And nothing else: the next line is the answer to this.
      try client.send(#"{"status":{}}"#)
      guard case .status = try client.message() else {
        Issue.record("{\(fields)}: more than is due")
        continue
      }
    }
  }

  @Test(arguments: [
    (#""streams":["lobby","hall"]"#, Refusal.Code.unknownStream, "subscribe.streams[1]"),
    (#""from":{"hall":{"epoch":"k3f9","seq":1}}"#, .unknownStream, "subscribe.from.hall"),
    (#""from":{"lobby":{"epoch":"old","seq":1}}"#, .unknownEpoch, "subscribe.from.lobby.epoch"),
    (#""from":{"lobby":{"epoch":"k3f9","seq":7}}"#, .futureSeq, "subscribe.from.lobby.seq"),
    (#""streams":["yard"],"from":{"lobby":{"epoch":"k3f9","seq":1}}"#, .badValue, "subscribe.from.lobby"),
    (#""where":"object.age > 2 px""#, .badExpression, "subscribe.where:1:14"),
    (#""instruction":{"system":"people"}"#, .badExpression, "subscribe.instruction.system:1:1"),
    (
      #""instruction":{"constraint":"shiny objects"}"#, .badExpression,
      "subscribe.instruction.constraint:1:1"
    ),
    (#""instruction":{"input":"CT scan"}"#, .badExpression, "subscribe.instruction.input:1:1"),
    (#""instruction":{"output":"csv"}"#, .badValue, "subscribe.instruction.output"),
    (#""where":"frame_rate < 5 1/s""#, .badExpression, "subscribe.where:1:1"),
    (#""where":"removed""#, .badExpression, "subscribe.where:1:1"),
    (#""where":"in dor""#, .badExpression, "subscribe.where:1:4"),
    (#""where":"path_length > 2""#, .badExpression, "subscribe.where:1:1"),
  ])
  func `what can't be had is refused, and the old subscription goes on`(
    fields: String, code: Refusal.Code, place: String
  ) throws {
    let server = try TestServer()
    let lobby = server.stream()
    _ = server.stream("yard")
    lobby.publish(ticks: 5)
    let client = try RawClient(server.path)
    _ = try client.subscribe(#""types":["event"]"#)
    guard case .error(let refusal) = try client.ask(#"{"id":5,"subscribe":{\#(fields)}}"#) else {
      Issue.record("not refused")
      return
    }
    #expect(refusal.code == code && refusal.place == place && refusal.id == 5)
    lobby.publish([.test("a", .point)])
    guard case .event(let event) = try client.message() else {
      Issue.record("the old subscription is gone")
      return
    }
    #expect(event.seq == 7)
  }

  @Test func `the next seq may be asked for, which is live`() throws {
    let server = try TestServer()
    let stream = server.stream()
    stream.publish(ticks: 5)
    let client = try RawClient(server.path)
    let answer = try client.subscribe(#""from":{"lobby":{"epoch":"k3f9","seq":6}}"#)
    #expect(answer.positions.first?.fromSeq == 6 && answer.positions.first?.liveSeq == 6)
    stream.publish()
    guard case .frame(let frame) = try client.message() else { return }
    #expect(frame.seq == 6 && !frame.replay)
  }

  @Test(arguments: [
    "\"oldest\"", #"{"lobby":{"epoch":"k3f9","seq":1}}"#, #"{"time":"2026-11-23T13:45:20Z"}"#,
  ])
  func `replay runs into live with no hole and no duplicate, marked exactly`(from: String) throws {
    let server = try TestServer()
    let stream = server.stream()
    stream.publish(ticks: 1200, padding: 300)
    // Goes on publishing while the client replays.
    let publisher = UncheckedBox(stream)
    let thread = WorkerThread(name: "publisher") {
      for tick in 0..<3000 {
        publisher.value.publish(tick % 50 == 0 ? [.test("e\(tick)", .point)] : [], padding: 300)
      }
    }
    defer { thread.join() }
    let client = try RawClient(server.path)
    let answer = try client.subscribe(#""from":\#(from)"#)
    let position = try #require(answer.positions.first)
    #expect(position.fromSeq == 1)
    var next: UInt64 = 1
    while next <= 4260 {
      let (seq, replay): (UInt64, Bool) = try client.first {
        switch $0 {
        case .frame(let frame): (frame.seq, frame.replay)
        case .event(let event): (event.seq, event.replay)
        case .gap(let gap): (gap.fromSeq + 1_000_000, false)
        default: nil
        }
      }
      guard seq == next, replay == (seq < position.liveSeq) else {
        Issue.record("seq \(seq), replay \(replay) where \(next) was due; live from \(position.liveSeq)")
        return
      }
      next += 1
    }
  }

  @Test func `what is no longer held is told as a gap, with its count`() throws {
    var options = ServerOptions()
    options.keptBytes = 20_000
    let server = try TestServer(options: options)
    let stream = server.stream()
    stream.publish([.test("a", .begin)])
    stream.publish(ticks: 500)
    let client = try RawClient(server.path)
    let hello = try client.hello()
    let oldest = try #require(hello.streams.first?.oldestSeq)
    #expect(oldest > 300)
    _ = try client.subscribe(#""every":2,"from":{"lobby":{"epoch":"k3f9","seq":1}}"#)
    guard case .gap(let gap) = try client.message() else {
      Issue.record("the gap comes first")
      return
    }
    // The event has seq 2, so the frame records of even ordinals from seq 4 on are those of odd seqs.
    let frames = (1..<oldest).filter { $0 == 1 || ($0 > 2 && ($0 - 2) % 2 == 0) }
    #expect(
      gap
        == Gap(
          stream: "lobby", epoch: "k3f9", fromSeq: 1, toSeq: oldest - 1, types: [.frame, .event],
          count: UInt64(frames.count) + 1, reason: .notKept))
    guard case .frame(let frame) = try client.message() else { return }
    #expect(frame.seq >= oldest && frame.seq <= oldest + 1 && frame.replay)
  }

  @Test func `open events come with the answer, whole, as of the first record`() throws {
    let server = try TestServer()
    let stream = server.stream()
    stream.publish([.test("a", .begin, kind: "object"), .test("b", .begin, kind: "motion")])
    stream.publish([.test("a", .update, kind: "object")])
    stream.publish([.test("b", .end, kind: "motion")])
    let client = try RawClient(server.path)
    func open(_ fields: String) throws -> [String] {
      try client.subscribe(fields).openEvents.map { "\($0.event.id) \($0.event.phase) \($0.seq)" }
    }
    #expect(try open("") == ["a update 5"])
    #expect(try open(#""from":"oldest""#) == [])
    #expect(try open(#""from":{"lobby":{"epoch":"k3f9","seq":4}}"#) == ["a begin 2", "b begin 3"])
    #expect(
      try open(#""kinds":["motion"],"from":{"lobby":{"epoch":"k3f9","seq":5}}"#) == ["b begin 3"])
    #expect(try open(#""types":["frame"],"from":{"lobby":{"epoch":"k3f9","seq":5}}"#) == [])
  }

  @Test func `late ticks are a gap in their place, for those who would have got them`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let all = try RawClient(server.path)
    let some = try RawClient(server.path)
    let none = try RawClient(server.path)
    _ = try all.subscribe("")
    _ = try some.subscribe(#""every":10"#)
    _ = try none.subscribe(#""types":["event"]"#)
    stream.publish(ticks: 2)
    stream.late(3)
    stream.publish([.test("a", .point)])
    func next(_ client: RawClient) throws -> String {
      switch try client.message() {
      case .frame(let frame): "frame \(frame.seq)"
      case .event(let event): "event \(event.seq)"
      case .gap(let gap):
        "gap \(gap.fromSeq)…\(gap.toSeq) \(gap.types.map(\.rawValue)) \(gap.count ?? 0) \(gap.reason.rawValue)"
      case let other: "\(other)"
      }
    }
    #expect(
      try (0..<5).map { _ in try next(all) } == [
        "frame 1", "frame 2", "gap 3…5 [\"frame\"] 3 late", "frame 6", "event 7",
      ])
    #expect(try (0..<2).map { _ in try next(some) } == ["frame 1", "event 7"])
    #expect(try next(none) == "event 7")
    // And again from memory.
    _ = try all.subscribe(#""from":{"lobby":{"epoch":"k3f9","seq":4}}"#)
    #expect(
      try (0..<3).map { _ in try next(all) } == ["gap 4…5 [\"frame\"] 2 late", "frame 6", "event 7"])
  }

  @Test func `a client that closed its writing side goes on receiving`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let client = try RawClient(server.path)
    _ = try client.hello()
    // Without a line feed: the end of input ends the line.
    try client.send(Array(#"{"subscribe":{"types":["event"]}}"#.utf8))
    client.finishWriting()
    _ = try client.first { if case .subscribed(let answer) = $0 { answer } else { nil } }
    stream.publish([.test("a", .point)])
    guard case .event = try client.message() else {
      Issue.record("an event is due")
      return
    }
  }

  @Test func `streams that come, change and go are told, and their records follow`() throws {
    let server = try TestServer()
    let client = try RawClient(server.path)
    let picky = try RawClient(server.path)
    #expect(try client.hello().streams.isEmpty)
    let lobby = server.stream()
    func notice(_ client: RawClient) throws -> String {
      try client.first {
        if case .stream(let notice) = $0 {
          "\(notice.entry.name) \(notice.entry.state.rawValue) \(notice.entry.epoch) \(notice.entry.nextSeq) \(notice.reason)"
        } else {
          nil
        }
      }
    }
    #expect(try notice(client) == "lobby starting k3f9 1 added")
    _ = try picky.subscribe(#""streams":["lobby"]"#)
    lobby.publish()
    guard case .frame(let frame) = try client.message() else { return }
    #expect(frame.seq == 1)
    lobby.publisher.update(state: .running, reason: "first frame")
    #expect(try notice(client) == "lobby running k3f9 2 first frame")
    let again = server.stream(epoch: "m001")
    #expect(try notice(client) == "lobby starting m001 1 epoch")
    again.publish()
    guard case .frame(let fresh) = try client.message() else { return }
    #expect(fresh.seq == 1)
    // What the replaced stream still says is not heard.
    lobby.publish()
    let yard = server.stream("yard")
    #expect(try notice(client) == "yard starting k3f9 1 added")
    yard.publisher.remove(reason: "pipeline removed")
    #expect(try notice(client) == "yard removed k3f9 1 pipeline removed")
    again.publisher.update(state: .ended, reason: "end of the recording")
    #expect(try notice(client) == "lobby ended m001 2 end of the recording")
    // Nothing of the yard for a client of the lobby, but the lobby's new epoch.
    var got: [String] = []
    while got.last?.contains("ended") != true {
      switch try picky.message() {
      case .stream(let notice):
        got.append("\(notice.entry.name) \(notice.reason) \(notice.entry.state.rawValue)")
      case .frame(let frame): got.append("frame \(frame.seq)")
      default: break
      }
    }
    #expect(
      got == [
        "frame 1", "lobby first frame running", "lobby epoch starting", "frame 1",
        "lobby end of the recording ended",
      ])
  }

  @Test func `status shows streams, clients, every counter, and what the daemon adds`() throws {
    let server = try TestServer {
      ServerStatus(
        fields: [.init("health", "ok")], streams: ["lobby": [.init("decoded", 41)]])
    }
    let stream = server.stream()
    stream.publish(ticks: 2)
    server.clocks.advance(by: .seconds(90))
    let client = try RawClient(server.path)
    guard case .status(let answer) = try client.ask(#"{"id":2,"status":{}}"#) else { return }
    #expect(answer.id == 2)
    let report = answer.report
    #expect(report["server"] == "saccade/0.0.0" && report["health"] == "ok" && report["clients"] == 1)
    #expect(report["uptime"] == 90.0)
    let lobby = try #require(report["streams"]?.items?.first)
    #expect(lobby["name"] == "lobby" && lobby["next_seq"] == 3 && lobby["decoded"] == 41)
    #expect(report["dropped"]?["records_slow_reader"] == 0 && report["dropped"]?["clients_refused"] == 0)
  }

  @Test func `bye comes after all that was published, and the socket's file is gone`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let client = try RawClient(server.path)
    _ = try client.hello()
    stream.publish(ticks: 500, padding: 400)
    // It is stopped while the client has read next to nothing.
    let stopping = UncheckedBox(server)
    let thread = WorkerThread(name: "stop") {
      stopping.value.server.stop(reason: "told to stop", within: .seconds(20))
    }
    var last: UInt64 = 0
    let reason: String = try client.first {
      if case .frame(let frame) = $0 { last = frame.seq }
      if case .bye(let reason) = $0 { return reason }
      return nil
    }
    #expect(reason == "told to stop" && last == 500)
    #expect(client.isClosed())
    thread.join()
    #expect(access(server.path, F_OK) != 0)
    #expect(throws: RawClient.Ended.self) { try RawClient(server.path) }
  }

  @Test func `a client that reads nothing doesn't hold the stop up`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let client = try RawClient(server.path)
    _ = try client.hello()
    stream.publish(ticks: 2000, padding: 500)
    server.server.stop(reason: "told to stop", within: .milliseconds(50))
    #expect(client.isClosed())
  }
}

/// Carries a value to the one thread that uses it from then on.
struct UncheckedBox<Value>: @unchecked Sendable {
  // Safety: the test hands the value over and leaves it alone until it has joined the thread.
  let value: Value
  init(_ value: Value) { self.value = value }
}
