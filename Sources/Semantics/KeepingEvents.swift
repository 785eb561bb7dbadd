import Base
import Events

/// How the records of a stream are kept, as the parser is told at each tick.
package struct Keeping: Sendable, Hashable {
  /// Why they can't be written; nil while they are.
  package var trouble: String?
  /// Records of this stream that are lost for good, since the start.
  package var lost: UInt64

  package init(trouble: String? = nil, lost: UInt64 = 0) {
    self.trouble = trouble
    self.lost = lost
  }
}

/// The event of a journal that fails.
struct KeepingEvents: Sendable {
  private var open: (number: Int, lostBefore: UInt64)?
  private var failedAt = MediaTime.zero
  private var lost: UInt64 = 0

  /// A full disk takes a record now and then: only what holds for so many seconds is mended.
  private static let calm = 3.0

  mutating func follow(_ keeping: Keeping, ledger: inout EventLedger, at time: MediaTime) {
    defer { lost = keeping.lost }
    if let trouble = keeping.trouble {
      failedAt = time
      guard open == nil else { return }
      let number = ledger.begin { id in
        Event(
          id: id, kind: "journal_failed", phase: .begin, since: time.seconds, lastSeen: time.seconds,
          text: "events are no longer kept: \(trouble)", attributes: [Attribute("cause", .text(trouble))])
      }
      open = (number, lost)
    } else if let (number, before) = open, (time - failedAt).inSeconds >= Self.calm {
      let gone = keeping.lost - min(before, keeping.lost)
      ledger.end(number, reason: .condition) { event in
        event.lastSeen = failedAt.seconds
        event.text =
          gone == 0
          ? "events are kept again; none was lost"
          : "events are kept again; \(gone) \(gone == 1 ? "record was" : "records were") lost"
        event.attributes.append(Attribute("records_lost", .integer(Int64(clamping: gone))))
      }
      open = nil
    }
    if let (number, _) = open {
      ledger.update(number, changed: []) { $0.lastSeen = failedAt.seconds }
    }
  }
}
