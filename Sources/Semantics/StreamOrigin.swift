/// Where a stream's numbers and its media clock begin: from 1 and at 0, or behind what an earlier run used.
package struct StreamOrigin: Hashable, Sendable {
  package var seq: UInt64
  package var event: Int
  package var object: UInt64
  /// The tick of the first frame.
  package var tick: Int64
  /// Segments and frames before it.
  package var segment: Int
  package var frame: UInt64

  package init(
    seq: UInt64 = 1, event: Int = 1, object: UInt64 = 1, tick: Int64 = 0, segment: Int = 0,
    frame: UInt64 = 0
  ) {
    self.seq = seq
    self.event = event
    self.object = object
    self.tick = tick
    self.segment = segment
    self.frame = frame
  }
}
