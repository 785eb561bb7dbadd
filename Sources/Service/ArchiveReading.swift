import Events
import NIOCore

/// A lane's way through what lies before the records in memory: pages in, pieces out. A pure machine.
struct ArchiveReading {
  enum Step {
    /// To send; more may follow.
    case piece(Outbox.Piece)
    /// A page has to come first.
    case waiting
    /// The archive has no more: the rest comes from the log.
    case done
  }

  private enum State: Equatable {
    case idle
    /// A page is needed, or has been asked for by this token.
    case wanted
    case asked(UInt64)
    /// It could not be read, or ends here.
    case spent
  }

  /// The next seq to go out.
  private var cursor: UInt64
  /// Frame records before it.
  private var ordinal: UInt64
  private var items = CircularBuffer<ArchivePage.Item>()
  /// What lies up to here is in `items`, or is a frame record that isn't kept; 0 for nothing.
  private var coveredTo: UInt64 = 0
  private var isFirst = true
  private var state = State.idle
  /// Frame records that aren't kept, and not told of yet.
  private var missing: Lane.Missed?
  /// An item was sifted already and waits for a gap to go first.
  private var sifted: LogEntry?

  init(from: UInt64, ordinal: UInt64) {
    cursor = from
    self.ordinal = ordinal
  }

  var isWaiting: Bool {
    switch state {
    case .wanted, .asked: true
    case .idle, .spent: false
    }
  }

  /// The seqs that it wants to read; nil for none. Asked for once.
  mutating func takeWish(token: UInt64, before end: UInt64) -> (seqs: ClosedRange<UInt64>, isFirst: Bool)? {
    guard case .wanted = state, cursor < end else { return nil }
    state = .asked(token)
    return (cursor...end - 1, isFirst)
  }

  /// Takes the page that was asked for by this token; nil where it can't be read. False for another's.
  mutating func fill(_ page: ArchivePage?, token: UInt64) -> Bool {
    guard state == .asked(token) else { return false }
    guard let page, page.end >= cursor else {
      state = .spent
      return true
    }
    state = .idle
    isFirst = false
    coveredTo = page.end
    items.append(contentsOf: page.items)
    return true
  }

  /// The next step, up to the log's oldest seq, `end`.
  mutating func read(_ lane: Lane, _ filter: Filter, before end: UInt64) -> Step {
    while true {
      if let entry = sifted {
        if let gap = takeGap(lane) { return .piece(gap) }
        sifted = nil
        return .piece(entry.seq < lane.liveSeq ? .replay(entry.line) : .line(entry.line))
      }
      guard cursor < end, state != .spent else {
        return takeGap(lane).map { .piece($0) } ?? .done
      }
      if let item = items.first {
        if let piece = pass(item, lane, filter) { return .piece(piece) }
      } else if coveredTo >= cursor {
        passFrames(to: min(coveredTo, end - 1), filter)
      } else {
        if state == .idle { state = .wanted }
        return .waiting
      }
    }
  }

  /// Where the log goes on.
  var position: UInt64 { cursor }

  private mutating func pass(_ item: ArchivePage.Item, _ lane: Lane, _ filter: Filter) -> Outbox.Piece? {
    switch item {
    case .record(var entry):
      passFrames(to: entry.seq - 1, filter)
      items.removeFirst()
      entry.ordinal = ordinal
      ordinal += entry.frames
      cursor = entry.seq + 1
      if let sieve = lane.sieve {
        guard let passed = sieve.sift(entry) else { return nil }
        entry = passed
      }
      if filter.takes(entry) { sifted = entry }
      return nil
    case .hole(let hole):
      if hole.fromSeq > cursor { passFrames(to: hole.fromSeq - 1, filter) }
      if let gap = takeGap(lane) { return gap }
      items.removeFirst()
      return gap(of: hole, lane, filter)
    }
  }

  private mutating func gap(of hole: ArchiveHole, _ lane: Lane, _ filter: Filter) -> Outbox.Piece? {
    let from = max(hole.fromSeq, cursor)
    guard from <= hole.toSeq else { return nil }
    var gap = Gap(
      stream: lane.log.name, epoch: lane.log.epoch, fromSeq: from, toSeq: hole.toSeq, types: filter.types,
      count: nil, reason: hole.reason)
    guard let events = hole.events else {
      cursor = hole.toSeq + 1
      return .gap(gap)
    }
    guard filter.events, events > 0 else { return nil }
    gap.types = [.event]
    // Of a part of it, or of kinds, nobody knows.
    if from == hole.fromSeq, filter.kinds == nil, lane.sieve == nil { gap.count = events }
    return .gap(gap)
  }

  private mutating func passFrames(to last: UInt64, _ filter: Filter) {
    guard cursor <= last else { return }
    let count = last - cursor + 1
    let taken = filter.framesTaken(from: ordinal, count: count)
    if taken > 0 {
      var run = missing ?? Lane.Missed(from: cursor, to: last, count: 0, reason: .notKept)
      run.to = last
      run.count += taken
      missing = run
    }
    ordinal += count
    cursor = last + 1
  }

  private mutating func takeGap(_ lane: Lane) -> Outbox.Piece? {
    guard let run = missing else { return nil }
    missing = nil
    return .gap(
      Gap(
        stream: lane.log.name, epoch: lane.log.epoch, fromSeq: run.from, toSeq: run.to, types: [.frame],
        count: run.count, reason: run.reason))
  }
}
