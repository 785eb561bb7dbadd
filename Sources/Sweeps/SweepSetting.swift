import Media

/// What is looked for in a sweep, and in what.
package struct SweepSetting: Hashable, Sendable {
  /// Which voxels are of the part.
  package enum Part: Hashable, Sendable {
    /// Brighter than half way between the two levels that a slice shows.
    case brighterThanAir
    /// Values within a range, in regions that don't reach the border of the picture: such as lung in a chest. The contrast is what a
    /// defect's value differs from the material's.
    case range(ClosedRange<Float>, contrast: Float)
  }

  package enum Sought: String, Hashable, Sendable, CaseIterable { case pore, inclusion, crack }

  package var part: Part
  package var sought: Set<Sought>
  /// Of the contrast between material and air: what differs less is not looked at, nor is what lies within five times the noise.
  package var sensitivity: Double

  package init(
    part: Part = .brighterThanAir, sought: Set<Sought> = Set(Sought.allCases), sensitivity: Double = 0.2
  ) {
    self.part = part
    self.sought = sought
    self.sensitivity = sensitivity
  }
}
