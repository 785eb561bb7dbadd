import Events

/// Records of the streams beyond those that a `StreamLog` holds in memory: every event, and of the frame records
/// some. Any thread may ask; no call waits for a disk, and each `reply` is called once, on any thread, with nil
/// where nothing can be read.
package protocol RecordArchive: Sendable {
  /// The oldest seq that it holds of a stream in this epoch; nil for none.
  func oldest(of stream: String, epoch: String) -> UInt64?
  func find(_ request: ArchivePlaceRequest, reply: @escaping @Sendable (ArchivePlace?) -> Void)
  func read(_ request: ArchivePageRequest, reply: @escaping @Sendable (ArchivePage?) -> Void)
}

/// A subscription's start is asked for.
package struct ArchivePlaceRequest: Sendable {
  package enum Start: Sendable, Equatable {
    case seq(UInt64)
    case time(Timestamp)
  }

  package var stream: String
  package var epoch: String
  package var start: Start
  /// The oldest seq that is held in memory.
  package var end: UInt64

  package init(stream: String, epoch: String, start: Start, end: UInt64) {
    self.stream = stream
    self.epoch = epoch
    self.start = start
    self.end = end
  }
}

package struct ArchivePlace: Sendable {
  /// The seq that was asked for; for a time, one at or shortly before its first record.
  package var from: UInt64
  /// Frame records of `from..<end`, kept or not, as far as is known.
  package var frames: UInt64
  /// Of each event that was open just before `from`: its records, each behind the frame record of its tick, in the
  /// order of their seqs.
  package var open: [LogEntry]

  package init(from: UInt64, frames: UInt64, open: [LogEntry]) {
    self.from = from
    self.frames = frames
    self.open = open
  }
}

/// The next records of a stream are asked for.
package struct ArchivePageRequest: Sendable {
  package var stream: String
  package var epoch: String
  /// At least one seq.
  package var seqs: ClosedRange<UInt64>
  /// Holes that began before `seqs` are wanted, too.
  package var isFirst: Bool

  package init(stream: String, epoch: String, seqs: ClosedRange<UInt64>, isFirst: Bool) {
    self.stream = stream
    self.epoch = epoch
    self.seqs = seqs
    self.isFirst = isFirst
  }
}

package struct ArchivePage: Sendable {
  package enum Item: Sendable {
    /// A frame or an event.
    case record(LogEntry)
    case hole(ArchiveHole)

    package var seq: UInt64 {
      switch self {
      case .record(let entry): entry.seq
      case .hole(let hole): hole.fromSeq
      }
    }

    package var isHole: Bool {
      if case .hole = self { true } else { false }
    }
  }

  /// In the order of their first seqs, a hole before the records in it.
  package var items: [Item]
  /// Up to here, what is no item is a frame record that is not kept. Below the first seq asked for where nothing
  /// is known.
  package var end: UInt64

  package init(items: [Item], end: UInt64) {
    self.items = items
    self.end = end
  }
}

/// Seqs whose records were lost or never made.
package struct ArchiveHole: Sendable {
  package var fromSeq: UInt64
  package var toSeq: UInt64
  /// How many of them were events, the rest being frames; nil where nobody knows, and then no record lies in it.
  package var events: UInt64?
  package var reason: Gap.Reason

  package init(fromSeq: UInt64, toSeq: UInt64, events: UInt64?, reason: Gap.Reason) {
    self.fromSeq = fromSeq
    self.toSeq = toSeq
    self.events = events
    self.reason = reason
  }
}
