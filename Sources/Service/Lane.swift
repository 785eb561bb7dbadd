import Events

/// One subscriber's place in one stream. Used by the socket's thread only.
final class Lane {
  /// What the subscription missed since the last gap was told: one run for each type of record.
  struct Missed {
    var from: UInt64
    var to: UInt64
    var count: UInt64
    var reason: Gap.Reason
  }

  let log: StreamLog
  /// What the subscription's condition lets through; nil where it has none.
  let sieve: Sieve?
  /// Below this seq, records come as replay.
  let liveSeq: UInt64
  /// The next seq to read from the log; while it reads there, the queue holds nothing of this stream.
  var cursor: UInt64
  var isCatchingUp: Bool
  /// Frame records before the cursor, while it reads from the log.
  private var nextOrdinal: UInt64 = 0
  var missedFrames: Missed?
  var missedEvents: Missed?
  /// The last seq that a gap has covered.
  private var toldTo: UInt64 = 0
  /// The one frame record that waits where the subscription coalesces.
  var newestFrame: (arrival: UInt64, entry: LogEntry)?
  /// Reads what the log no longer holds.
  private var reading: ArchiveReading?
  private let hasArchive: Bool

  /// - Parameters:
  ///   - framesBefore: Frame records between `from` and the oldest that the log holds.
  ///   - hasArchive: What the log no longer holds is asked for.
  init(
    log: StreamLog, from: UInt64, liveSeq: UInt64, sieve: Sieve? = nil, hasArchive: Bool = false,
    framesBefore: UInt64 = 0, every: UInt64 = 1
  ) {
    self.log = log
    self.sieve = sieve
    self.liveSeq = liveSeq
    self.hasArchive = hasArchive && sieve?.judgesEachTickAlone ?? true
    cursor = from
    isCatchingUp = from < liveSeq
    if let entry = log.entry(from: from) {
      nextOrdinal = entry.ordinal + (from > entry.seq ? from - entry.seq : 0)
    }
    if self.hasArchive, from < log.oldestSeq {
      // So that each n-th is the same one before and after.
      let after = log.oldestOrdinal + (framesBefore + every - 1) / every * every
      reading = ArchiveReading(from: from, ordinal: after - framesBefore)
    }
  }

  var hasMissed: Bool { missedFrames != nil || missedEvents != nil }

  /// Notes records as lost. They follow all that was noted or sent of their type.
  func miss(_ entry: LogEntry, _ reason: Gap.Reason, count: UInt64) {
    if case .event = entry.content {
      Self.extend(&missedEvents, entry, reason, count)
    } else {
      Self.extend(&missedFrames, entry, reason, count)
    }
  }

  private static func extend(
    _ run: inout Missed?, _ entry: LogEntry, _ reason: Gap.Reason, _ count: UInt64
  ) {
    guard var known = run else {
      run = Missed(from: entry.seq, to: entry.lastSeq, count: count, reason: reason)
      return
    }
    known.to = entry.lastSeq
    known.count += count
    // Where both late ticks and slow reading are to blame, the client learns what it can mend.
    if known.reason == .late { known.reason = reason }
    run = known
  }

  /// The gap that must be told before a record with this seq may go; nil when there is none. Ask again until
  /// nil: what is told is forgotten.
  func takeGap(before seq: UInt64) -> Gap? {
    let frames = missedFrames.flatMap { $0.from < seq ? $0 : nil }
    let events = missedEvents.flatMap { $0.from < seq ? $0 : nil }
    switch (frames, events) {
    case (nil, nil): return nil
    case (let run?, nil):
      missedFrames = nil
      return gap(run, [.frame])
    case (nil, let run?):
      missedEvents = nil
      return gap(run, [.event])
    case (let frames?, let events?):
      // One gap says it, unless something of either type in its range comes later, was told of before, or is
      // missing for another reason.
      if max(frames.to, events.to) < seq && min(frames.from, events.from) > toldTo
        && frames.reason == events.reason
      {
        missedFrames = nil
        missedEvents = nil
        let run = Missed(
          from: min(frames.from, events.from), to: max(frames.to, events.to),
          count: frames.count + events.count, reason: frames.reason)
        return gap(run, [.frame, .event])
      }
      if frames.from < events.from {
        missedFrames = nil
        return gap(frames, [.frame])
      }
      missedEvents = nil
      return gap(events, [.event])
    }
  }

  private func gap(_ run: Missed, _ types: [RecordType]) -> Gap {
    toldTo = max(toldTo, run.to)
    return Gap(
      stream: log.name, epoch: log.epoch, fromSeq: run.from, toSeq: run.to, types: types, count: run.count,
      reason: run.reason)
  }
}

extension Lane {
  enum Step {
    case piece(Outbox.Piece)
    /// For the archive.
    case waiting
    /// The lane has caught up and is live from now on.
    case live
  }

  var isWaiting: Bool { reading?.isWaiting ?? false }

  /// What it wants of the archive, once.
  func takeWish(token: UInt64) -> ArchivePageRequest? {
    guard let (seqs, isFirst) = reading?.takeWish(token: token, before: log.oldestSeq) else { return nil }
    return ArchivePageRequest(stream: log.name, epoch: log.epoch, seqs: seqs, isFirst: isFirst)
  }

  func fill(_ page: ArchivePage?, token: UInt64) -> Bool { reading?.fill(page, token: token) ?? false }

  /// Reads from the cursor on: the next piece for this filter.
  func read(_ filter: Filter) -> Step {
    while true {
      if let step = readArchive(filter) { return step }
      if cursor < log.oldestSeq, let piece = passGone(filter) { return .piece(piece) }
      guard var entry = log.entry(from: cursor) else {
        isCatchingUp = false
        return .live
      }
      let from = cursor
      cursor = entry.lastSeq + 1
      nextOrdinal = entry.ordinal + entry.frames
      if let sieve {
        guard let sifted = sieve.sift(entry) else { continue }
        entry = sifted
      }
      guard filter.takes(entry) else { continue }
      if case .late = entry.content {
        var rest = entry
        if from > entry.seq {
          rest.ordinal += from - entry.seq
          rest.seq = from
          guard filter.takes(rest) else { continue }
        }
        return .piece(.gap(late(rest, filter)))
      }
      return .piece(entry.seq < liveSeq ? .replay(entry.line) : .line(entry.line))
    }
  }

  /// Nil where the log has what comes next, or nobody has.
  private func readArchive(_ filter: Filter) -> Step? {
    if reading == nil, hasArchive, cursor < log.oldestSeq {
      // It reads so slowly that the log has overtaken it.
      reading = ArchiveReading(from: cursor, ordinal: nextOrdinal)
    }
    guard var own = reading else { return nil }
    reading = nil
    let step = own.read(self, filter, before: log.oldestSeq)
    switch step {
    case .piece(let piece):
      reading = own
      return .piece(piece)
    case .waiting:
      reading = own
      return .waiting
    case .done:
      cursor = own.position
      return nil
    }
  }

  /// Steps over what the log no longer holds; nil where the filter would have taken none of it.
  private func passGone(_ filter: Filter) -> Outbox.Piece? {
    let from = cursor
    let to = log.oldestSeq - 1
    cursor = log.oldestSeq
    let count = log.countGone(from: from, to: to, filter)
    guard count != 0 else { return nil }
    // Which of the events the condition would have let through can't be known any more.
    return .gap(
      Gap(
        stream: log.name, epoch: log.epoch, fromSeq: from, toSeq: to, types: filter.types,
        count: sieve != nil && filter.events ? nil : count,
        reason: from < liveSeq ? .notKept : .slowReader))
  }

  func late(_ entry: LogEntry, _ filter: Filter) -> Gap {
    Gap(
      stream: log.name, epoch: log.epoch, fromSeq: entry.seq, toSeq: entry.lastSeq, types: [.frame],
      count: filter.framesTaken(from: entry.ordinal, count: entry.frames), reason: .late)
  }
}
