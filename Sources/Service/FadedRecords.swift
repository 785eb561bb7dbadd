import Events
import NIOCore

/// What is still known of records that are no longer held: enough to count what a subscription missed.
///
/// All but events are frame records, in a row, so only events are remembered, each by its kind; of late
/// entries it is enough that they count like frame records.
package struct FadedRecords {
  private struct Mark {
    var seq: UInt64
    var kind: String
    /// Frame records before it.
    var ordinal: UInt64
  }

  // 4096 events of ~50 bytes; at one event in ten seconds they reach eleven hours back.
  private static let most = 4096
  private var marks = CircularBuffer<Mark>()
  /// From this seq on, and from this number of frame records, the marks are complete.
  private var knownSeq: UInt64
  private var knownOrdinal: UInt64 = 0
  // One in ten seconds; a day.
  private static let mostTimes = 8640
  private var times = CircularBuffer<(seq: UInt64, time: Timestamp)>()

  package init(firstSeq: UInt64) { knownSeq = firstSeq }

  package mutating func add(_ entry: LogEntry) {
    if times.last.map({ entry.time.milliseconds - $0.time.milliseconds >= 10_000 }) ?? true {
      if times.count == Self.mostTimes { times.removeFirst() }
      times.append((entry.seq, entry.time))
    }
    guard case .event(let mark) = entry.content else { return }
    if marks.count == Self.most {
      let oldest = marks.removeFirst()
      knownSeq = oldest.seq + 1
      knownOrdinal = oldest.ordinal
    }
    marks.append(Mark(seq: entry.seq, kind: mark.kind, ordinal: entry.ordinal))
  }

  /// A seq at or shortly before the record of this time.
  package func seq(at time: Timestamp) -> UInt64? {
    var found = times.first?.seq
    for mark in times {
      guard mark.time <= time else { break }
      found = mark.seq
    }
    return found
  }

  /// How many records of `from…to` the filter would have taken; nil where nobody knows any more. All of them
  /// must be faded, none later.
  package func count(from: UInt64, to: UInt64, _ filter: Filter) -> UInt64? {
    guard from >= knownSeq else { return nil }
    var events: UInt64 = 0
    var matched: UInt64 = 0
    var before = (seq: knownSeq, ordinal: knownOrdinal)
    for mark in marks {
      guard mark.seq <= to else { break }
      if mark.seq >= from {
        events += 1
        if filter.takes(kind: mark.kind) { matched += 1 }
      } else {
        before = (mark.seq + 1, mark.ordinal)
      }
    }
    let ordinal = before.ordinal + (from - before.seq)
    return matched + filter.framesTaken(from: ordinal, count: to - from + 1 - events)
  }
}
