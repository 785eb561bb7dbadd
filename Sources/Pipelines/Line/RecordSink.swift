import Base
import Conditions
import Events
import Semantics

/// Where the records of one stream go, in the order of their seqs.
///
/// Called by one thread at a time. A sink for a live stream must not block; one for a recording may, and
/// the recording then waits.
package protocol RecordSink: AnyObject, Sendable {
  /// The records of one tick: its frame record, then its events. At the end of a stream events alone.
  func write(_ frame: FrameRecord?, _ events: [EventRecord]) throws(Fault)
  /// The size of the pictures from the next record on, upright.
  func see(_ picture: Picture)
  /// Ticks that were never told: `count` seqs from `first` on are consumed by them.
  func late(from first: UInt64, count: UInt64) throws(Fault)
  /// The last records are written; nothing may stay behind in a buffer.
  func flush() throws(Fault)
  /// Whoever took the records wants no more: the stream may stop. Not an error.
  var isClosed: Bool { get }
  /// How the records are kept. Doesn't block.
  var keeping: Keeping { get }
}

extension RecordSink {
  package func see(_ picture: Picture) {}
  package var keeping: Keeping { Keeping() }
}
