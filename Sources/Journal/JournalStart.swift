import Events

/// The first numbers of a stream that are free: of its records, events and objects.
package struct JournalReach: Hashable, Sendable {
  package var seq: UInt64
  package var event: UInt64
  package var object: UInt64

  package init(seq: UInt64 = 1, event: UInt64 = 1, object: UInt64 = 1) {
    self.seq = seq
    self.event = event
    self.object = object
  }

  /// The larger of each.
  func joined(_ other: JournalReach) -> JournalReach {
    JournalReach(
      seq: max(seq, other.seq), event: max(event, other.event), object: max(object, other.object))
  }

  func advanced(by n: JournalReach) -> JournalReach {
    JournalReach(seq: seq + n.seq, event: event + n.event, object: object + n.object)
  }
}

/// Where a stream goes on.
package struct JournalStart: Sendable {
  package var epoch: String
  /// What to number from; the records of `aborted` are numbered already.
  package var next = JournalReach()
  /// Seqs that an unclean stop may have used: one gap `restart`.
  package var gap: ClosedRange<UInt64>?
  /// The ends of events that an unclean stop left open. They are in the journal.
  package var aborted: [EventRecord] = []
  /// Of the last record that the journal knows of.
  package var last: JournalMoment?

  package init(epoch: String) { self.epoch = epoch }
}

/// When a record was, on all its clocks.
package struct JournalMoment: Hashable, Sendable {
  package var time: Timestamp
  package var mediaTime: Double
  package var segment: Int
  package var frame: UInt64

  package init(time: Timestamp, mediaTime: Double, segment: Int, frame: UInt64) {
    self.time = time
    self.mediaTime = mediaTime
    self.segment = segment
    self.frame = frame
  }
}
