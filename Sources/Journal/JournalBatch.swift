import Events

enum JournalRecord: Sendable {
  case frame(FrameRecord)
  case event(EventRecord)

  var isEvent: Bool {
    if case .event = self { true } else { false }
  }

  // A line has about 500 bytes with a few objects, and as much again is copied for it.
  static let estimatedBytes = 1024

  var seq: UInt64 {
    switch self {
    case .frame(let record): record.seq
    case .event(let record): record.seq
    }
  }
}

/// What one tick of one stream gives the writer.
struct JournalBatch: Sendable {
  /// Which stream, by its place among those that have entered.
  var stream: Int
  var records: [JournalRecord]
  /// The first free numbers after it.
  var reach: JournalReach
  var moment: JournalMoment?
  /// What the stream is like from here on; nil where that hasn't changed.
  var setting: String?
  /// Media times at which the causes of open events were observed last.
  var seen: [(event: String, at: Double)] = []
  /// Whoever wants to know whether it is on disk; called once, on the writer's thread.
  var done: (@Sendable (Bool) -> Void)?

  var bytes: Int { (records.count + 1) * JournalRecord.estimatedBytes }
}

/// Records of one stream that will never be written.
struct JournalLoss: Sendable {
  var stream: Int
  var from: UInt64
  var to: UInt64
  var records: UInt64
  var events: UInt64
  var reach: JournalReach
  var done: (@Sendable (Bool) -> Void)?

  /// Nil for a batch without records.
  init?(_ batch: JournalBatch) {
    guard let first = batch.records.first, let last = batch.records.last else { return nil }
    stream = batch.stream
    from = first.seq
    to = last.seq
    records = UInt64(batch.records.count)
    events = UInt64(batch.records.count(where: \.isEvent))
    reach = batch.reach
    done = batch.done
  }

  /// Takes in what else was lost of the same stream.
  mutating func extend(by next: JournalLoss) {
    // Of what waits, the oldest goes after the newest found no room.
    from = min(from, next.from)
    to = max(to, next.to)
    records += next.records
    events += next.events
    reach = reach.joined(next.reach)
  }
}

/// What a journal's writer is asked for, in its order.
enum JournalErrand: Sendable {
  case enter(
    stream: Int, name: String, makeEpoch: @Sendable () -> String, reply: @Sendable (JournalStart) -> Void)
  case batch(JournalBatch)
  /// What found no room.
  case lose(JournalLoss)
  case leave(stream: Int)
  /// Tries at once, also while the journal fails.
  case barrier(@Sendable (Bool) -> Void)
}
