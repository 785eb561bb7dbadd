import Base
import Events
import NIOCore
import Service
import Testing

@Suite struct StreamLogTests {
  private static func log(keptFor: Nanoseconds = .seconds(60), keptBytes: Int = 1 << 20) -> StreamLog {
    StreamLog(name: "s", epoch: "e", keptFor: keptFor, keptBytes: keptBytes)
  }

  private static func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: .seconds(seconds)) }

  private static func frame(_ seq: UInt64, bytes: Int = 200) -> LogEntry {
    LogEntry(
      seq: seq, lastSeq: seq, content: .frame, time: Timestamp(milliseconds: Int64(seq) * 33),
      line: ByteBuffer(repeating: 46, count: bytes))
  }

  private static func event(_ seq: UInt64, _ id: String, _ phase: Event.Phase, kind: String = "k") -> LogEntry
  {
    LogEntry(
      seq: seq, lastSeq: seq, content: .event(EventMark(id: id, kind: kind, phase: phase)),
      time: Timestamp(milliseconds: Int64(seq) * 33), line: ByteBuffer(string: "\(id) \(seq)"))
  }

  @Test func `a minute is held at 30 records a second, and no more than asked for`() {
    let log = Self.log(keptFor: .seconds(75), keptBytes: 8 << 20)
    for number in 1...9000 as ClosedRange<UInt64> {
      _ = log.append(Self.frame(number, bytes: 700), at: Self.at(Double(number) / 30))
    }
    #expect(log.nextSeq == 9001)
    #expect(log.oldestSeq == 9000 - 75 * 30)
  }

  @Test func `the bytes are bounded whatever the records' size`() {
    let log = Self.log(keptBytes: 100_000)
    for number in 1...1000 as ClosedRange<UInt64> {
      _ = log.append(Self.frame(number, bytes: 5000), at: Self.at(0))
    }
    #expect(log.nextSeq - log.oldestSeq == 20)
  }

  @Test func `what is gone can still be counted for any subscription`() {
    var dice = Dice(7)
    let log = Self.log(keptBytes: 20_000)
    var kinds: [String?] = []
    for seq in 1...5000 as ClosedRange<UInt64> {
      let kind = dice.chance(10) ? ["a", "b"][dice.below(2)] : nil
      kinds.append(kind)
      _ = log.append(kind.map { Self.event(seq, "x", .point, kind: $0) } ?? Self.frame(seq), at: Self.at(0))
    }
    for _ in 0..<200 {
      var subscription = Subscription(kinds: dice.chance(50) ? ["a"] : nil, every: 1 + dice.below(5))
      if dice.chance(50) { subscription.types = [dice.chance(50) ? .event : .frame] }
      let from = UInt64.random(in: 1..<log.oldestSeq, using: &dice)
      let to = UInt64.random(in: from..<log.oldestSeq, using: &dice)
      var ordinal: UInt64 = 0
      var expected: UInt64 = 0
      for (offset, kind) in kinds.enumerated() {
        let isIn = (from...to).contains(UInt64(offset + 1))
        if let kind {
          if isIn, subscription.types?.contains(.event) ?? true, subscription.kinds?.contains(kind) ?? true {
            expected += 1
          }
        } else {
          if isIn, subscription.types?.contains(.frame) ?? true, ordinal % UInt64(subscription.every) == 0 {
            expected += 1
          }
          ordinal += 1
        }
      }
      #expect(log.countGone(from: from, to: to, Filter(subscription)) == expected)
    }
  }

  @Test func `where even the traces of events are gone, nobody pretends to know`() {
    let log = Self.log(keptBytes: 1000)
    for seq in 1...10_000 as ClosedRange<UInt64> {
      _ = log.append(Self.event(seq, "x", .point), at: Self.at(0))
    }
    #expect(log.countGone(from: 1, to: 100, Filter(Subscription())) == nil)
    #expect(log.countGone(from: 9000, to: 9099, Filter(Subscription())) == 100)
  }

  @Test func `a time finds its record, also between records, before all and after all`() {
    let log = Self.log(keptBytes: 20_000)
    for seq in 1...3000 as ClosedRange<UInt64> { _ = log.append(Self.frame(seq), at: Self.at(0)) }
    #expect(log.seq(at: Timestamp(milliseconds: 2950 * 33)) == 2950)
    #expect(log.seq(at: Timestamp(milliseconds: 2950 * 33 + 1)) == 2951)
    #expect(log.seq(at: Timestamp(milliseconds: 4000 * 33)) == 3001)
    // Gone, but known to ten seconds, on the early side.
    let gone = log.seq(at: Timestamp(milliseconds: 1500 * 33))
    #expect(gone <= 1500 && gone > 1500 - 310)
    #expect(log.seq(at: Timestamp(milliseconds: -5)) == 1)
  }

  @Test func `open events are known as of any held seq`() {
    let log = Self.log(keptBytes: 12 * 128)
    let story: [(String, Event.Phase)] = [
      ("a", .begin), ("b", .begin), ("p", .point), ("a", .update), ("b", .end), ("b", .update), ("c", .begin),
      ("a", .end), ("c", .update), ("c", .end),
    ]
    for (offset, step) in story.enumerated() {
      _ = log.append(Self.event(UInt64(offset + 1), step.0, step.1), at: Self.at(0))
    }
    func open(_ seq: UInt64) -> [String] {
      log.open(before: seq, Filter(Subscription())).map { String(buffer: $0.line) }
    }
    let expected = [
      [], ["a 1"], ["a 1", "b 2"], ["a 1", "b 2"], ["b 2", "a 4"], ["a 4"], ["a 4"], ["a 4", "c 7"], ["c 7"],
      ["c 9"], [],
    ]
    for seq in 1...11 { #expect(open(UInt64(seq)) == expected[seq - 1], "before \(seq)") }

    // When the beginning is no longer held, what is open since then is still known.
    for seq in 11...16 as ClosedRange<UInt64> { _ = log.append(Self.frame(seq, bytes: 128), at: Self.at(0)) }
    #expect(log.oldestSeq == 5)
    for seq in 5...11 { #expect(open(UInt64(seq)) == expected[seq - 1], "before \(seq)") }
  }
}
