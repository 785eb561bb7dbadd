/// Neighbouring voxels of one row that bear the same mark.
package struct Run: Hashable, Sendable {
  package var row: Int32
  /// First column, and the one after the last.
  package var start: Int32
  package var end: Int32
  package var mark: UInt8
  /// Which component it is of, once it is labelled. Components that merge keep the runs they had: ask the
  /// labeller for the `root`.
  package var component: Int32

  package init(row: Int, start: Int, end: Int, mark: UInt8, component: Int32 = -1) {
    self.row = Int32(row)
    self.start = Int32(start)
    self.end = Int32(end)
    self.mark = mark
    self.component = component
  }

  package var count: Int { Int(end - start) }
}
