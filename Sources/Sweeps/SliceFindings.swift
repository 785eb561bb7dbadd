/// What is told of one slice.
package struct SliceFindings: Sendable {
  /// The section of an open defect.
  package struct Section: Hashable, Sendable {
    package var id: UInt64
    package var isBright: Bool
    /// Greatest smoothed contrast of the defect so far.
    package var peak: Double
    package var columns: ClosedRange<Int>
    package var rows: ClosedRange<Int>
  }

  /// An open defect, as far as it has been seen.
  package struct Open: Hashable, Sendable {
    package var id: UInt64
    package var isBright: Bool
    package var firstSlice: Int
    /// Its equivalent diameter is not below this, in 95 of 100 cases: a volume only grows.
    package var leastDiameter: Double

    package init(id: UInt64, isBright: Bool, firstSlice: Int, leastDiameter: Double) {
      self.id = id
      self.isBright = isBright
      self.firstSlice = firstSlice
      self.leastDiameter = leastDiameter
    }
  }

  package struct Ended: Sendable {
    package var defect: Defect
    package var picture: DefectPicture?
    /// Earlier ones to which it is nearer than any other was.
    package var nearTo: [(id: UInt64, gap: Double)]
  }

  package var index: Int
  package var sections: [Section] = []
  package var begun: [Open] = []
  /// Those that were open before and have a section here.
  package var open: [Open] = []
  package var merged: [(id: UInt64, into: UInt64)] = []
  package var ended: [Ended] = []
  /// They are parts of holes that run through.
  package var dismissed: [UInt64] = []
  /// Holes that run through the part have ended: they are no defects.
  package var holes = 0
  /// Spots too faint or too small to be worth an event.
  package var specks = 0
}
