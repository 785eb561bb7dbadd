import Base
import Events
import NIOCore
import Service
import Testing

@Suite struct OutboxTests {
  /// Random streams, subscriptions, reading speeds and bounds.
  @Test(arguments: 0..<400 as Range<UInt64>)
  func `each seq is delivered once or in one gap, whatever happens`(seed: UInt64) {
    var dice = Dice(seed)
    var world = OutboxWorld(
      streams: 1 + dice.below(3), limit: 500 + dice.below(20_000), keptBytes: 2000 + dice.below(60_000),
      hasArchive: seed % 2 == 1)
    let kinds = ["a", "b", "c"]
    var isCatchingUp = false
    // Phases: the client reads well, badly, not at all.
    var speed = 0
    for step in 0..<3000 {
      if step % 100 == 0 { speed = dice.below(4) }
      let index = dice.below(world.streams.count)
      switch dice.below(100) {
      case 0..<50: world.publish(index, .frame, bytes: dice.below(900), canSend: speed == 3)
      case 50..<62:
        world.publish(
          index, .event, kind: kinds[dice.below(3)], bytes: dice.below(900), canSend: speed == 3)
      case 62..<65: world.late(index, count: 1 + dice.below(5), canSend: speed == 3)
      case 65..<98: world.pull([0, 1, 3, 1000][speed])
      default:
        // The end of an unfinished replay is not for the law.
        if isCatchingUp { world.pull(.max) }
        guard dice.chance(15) else { continue }
        var subscription = Subscription()
        if dice.chance(30) { subscription.types = [dice.chance(50) ? .frame : .event] }
        if dice.chance(30) { subscription.kinds = ["a", "c"] }
        if dice.chance(30) { subscription.every = 1 + dice.below(7) }
        subscription.onLag = dice.chance(40) ? .coalesce : .dropOldest
        isCatchingUp = dice.chance(50)
        world.subscribe(
          subscription,
          from: world.streams.map { stream in
            isCatchingUp
              ? UInt64.random(in: 1...stream.log.nextSeq, using: &dice) : stream.log.nextSeq
          })
      }
    }
    world.pull(.max)
    #expect(world.outbox.isIdle)
    #expect(world.outbox.held == 0 && world.outbox.answerBytes == 0)
    #expect(world.faults().isEmpty, "\(world.faults().prefix(5))")
  }

  @Test func `the law's check finds a lost, a doubled and a misplaced record`() {
    var world = OutboxWorld(streams: 1, limit: 10_000, keptBytes: 10_000)
    for _ in 0..<5 { world.publish(0, .frame, bytes: 10, canSend: true) }
    #expect(world.faults().isEmpty)
    let good = world.got
    world.got.remove(at: 2)
    #expect(world.faults().count == 1)
    world.got = good + [good[4]]
    #expect(world.faults().count == 2)
    world.got = good
    world.got.swapAt(1, 2)
    #expect(!world.faults().isEmpty)
  }

  @Test func `what waits is bounded, frame records go before events, the oldest first`() {
    var world = OutboxWorld(streams: 1, limit: 2000, keptBytes: 1 << 20)
    for number in 0..<20 {
      world.publish(0, .frame, bytes: 190, canSend: false)
      if number % 5 == 4 { world.publish(0, .event, bytes: 190, canSend: false) }
      #expect(world.outbox.held <= 2000)
    }
    world.pull(.max)
    // 10 of 200 bytes fit: 4 events (6, 12, 18, 24) and the 6 newest frame records.
    let seqs = world.got.compactMap { if case .record(_, let seq, _) = $0 { seq } else { nil } }
    #expect(seqs == [6, 12, 17, 18, 19, 20, 21, 22, 23, 24])
    let gaps = world.got.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
    #expect(
      gaps == [
        Gap(
          stream: "s0", epoch: "e", fromSeq: 1, toSeq: 16, types: [.frame], count: 14, reason: .slowReader)
      ])
    if case .gap = world.got[0] {} else { Issue.record("the gap comes first") }
  }

  @Test func `when only events wait, the oldest of them go, in a gap that says both`() {
    var world = OutboxWorld(streams: 1, limit: 1000, keptBytes: 1 << 20)
    for _ in 0..<3 { world.publish(0, .frame, bytes: 190, canSend: false) }
    for _ in 0..<8 { world.publish(0, .event, bytes: 190, canSend: false) }
    world.pull(.max)
    let gaps = world.got.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
    #expect(
      gaps == [
        Gap(
          stream: "s0", epoch: "e", fromSeq: 1, toSeq: 6, types: [.frame, .event], count: 6,
          reason: .slowReader)
      ])
    #expect(world.faults().isEmpty)
  }

  @Test func `coalescing keeps the newest frame record of each stream and all events`() {
    var world = OutboxWorld(streams: 2, limit: 1 << 20, keptBytes: 1 << 20)
    world.subscribe(Subscription(onLag: .coalesce), from: [1, 1])
    world.pull(.max)
    for number in 0..<10 {
      world.publish(0, .frame, bytes: 100, canSend: false)
      world.publish(1, .frame, bytes: 100, canSend: false)
      if number == 4 { world.publish(0, .event, bytes: 100, canSend: false) }
    }
    world.pull(.max)
    let records = world.got.compactMap {
      if case .record(let stream, let seq, _) = $0 { "\(stream) \(seq)" } else { nil }
    }
    #expect(records == ["s0 6", "s0 11", "s1 10"])
    let gaps = world.got.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
    #expect(gaps.map(\.reason) == [.coalesced, .coalesced])
    #expect(gaps.map(\.count) == [9, 9])
    #expect(world.faults().isEmpty)
  }

  @Test func `a client that asked for it is put out when too much waits`() {
    var world = OutboxWorld(streams: 1, limit: 1000, keptBytes: 1 << 20)
    world.subscribe(Subscription(onLag: .disconnect), from: [1])
    world.pull(.max)
    for _ in 0..<5 { world.publish(0, .frame, bytes: 180, canSend: false) }
    #expect(!world.isOut)
    world.publish(0, .frame, bytes: 180, canSend: false)
    #expect(world.isOut)
  }

  @Test func `live records of one stream don't wait for the replay of another`() {
    var world = OutboxWorld(streams: 2, limit: 1 << 20, keptBytes: 1 << 20)
    for _ in 0..<1000 { world.publish(0, .frame, bytes: 100, canSend: true) }
    world.subscribe(Subscription(), from: [1, 1])
    world.pull(11)
    world.publish(1, .frame, bytes: 100, canSend: false)
    world.pull(3)
    #expect(
      world.got.contains { if case .record("s1", 1, false) = $0 { true } else { false } })
    world.pull(.max)
    #expect(world.faults().isEmpty)
  }

  @Test func `answers don't wait for a replay either, and the last line waits for everything`() {
    var world = OutboxWorld(streams: 1, limit: 1 << 20, keptBytes: 1 << 20)
    for _ in 0..<100 { world.publish(0, .frame, bytes: 100, canSend: true) }
    world.subscribe(Subscription(), from: [1])
    world.pull(10)
    world.outbox.answer(ByteBuffer(string: "status"))
    world.outbox.end(with: ByteBuffer(string: "bye"))
    var texts: [String] = []
    while let piece = world.outbox.next() {
      switch piece {
      case .line(let line), .replay(let line): texts.append(String(String(buffer: line).prefix(6)))
      case .gap: texts.append("gap")
      }
    }
    #expect(texts.first == "status")
    #expect(texts.last == "bye")
    #expect(texts.count == 93)
    #expect(world.outbox.isIdle)
  }
}
