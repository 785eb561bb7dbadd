import Events

/// Which records of a journal are wanted.
package struct JournalQuery: Sendable {
  package enum Order: Sendable {
    /// By the time of the records, then as they were written.
    case oldestFirst, newestFirst
    /// As they were written.
    case byNumber
    /// Of one stream, by seq.
    case bySeq
  }

  /// Names; nil for all.
  package var streams: [String]?
  package var types: [RecordType]
  /// Kinds of event; nil for all. Frame records have none.
  package var kinds: [String]?
  /// From this time on.
  package var since: Timestamp?
  /// Before this time.
  package var until: Timestamp?
  package var epoch: String?
  package var seqs: ClosedRange<UInt64>?
  /// Only what was written after the record of this number.
  package var after: Int64?
  package var order: Order
  package var limit: Int?

  package init(
    streams: [String]? = nil, types: [RecordType] = [.event], kinds: [String]? = nil,
    since: Timestamp? = nil, until: Timestamp? = nil, epoch: String? = nil,
    seqs: ClosedRange<UInt64>? = nil, after: Int64? = nil, order: Order = .oldestFirst, limit: Int? = nil
  ) {
    self.streams = streams
    self.types = types
    self.kinds = kinds
    self.since = since
    self.until = until
    self.epoch = epoch
    self.seqs = seqs
    self.after = after
    self.order = order
    self.limit = limit
  }
}

/// A record as the journal holds it.
package struct JournalRow: Hashable, Sendable {
  /// Within the file, in the order in which records were written.
  package var number: Int64
  package var stream: String
  package var epoch: String
  package var seq: UInt64
  package var type: RecordType
  /// Of an event.
  package var kind: String?
  package var time: Timestamp
  package var mediaTime: Double
  /// As it was sent, without its line feed.
  package var line: String
}

/// A stream as the journal knows it.
package struct JournalStreamEntry: Hashable, Sendable {
  package var name: String
  package var epoch: String
  /// Written by a running daemon, or left so by one that was killed.
  package var isOpen: Bool
  package var records: Int
  package var events: Int
  package var openEvents: Int
  /// Of the epoch that is current; nil where none is held.
  package var oldestSeq: UInt64?
  package var newestSeq: UInt64?
  package var nextSeq: UInt64
  /// What the stream was like last, as its writer described it.
  package var setting: String?
}

/// Seqs of which a journal knows that they will never come.
package struct JournalHole: Hashable, Sendable {
  package var stream: String
  package var epoch: String
  package var fromSeq: UInt64
  package var toSeq: UInt64
  /// Events lost in it; nil where nobody knows.
  package var events: UInt64?
  package var reason: Gap.Reason
}
