/// How far scatter and beam hardening lift the value of air inside the part above that of the air around it, as a
/// multiple of how much the material's level varies over a slice: both have the same cause.
///
/// For a disc, whose projections are p = aL − bL² of the length L, filtered backprojection makes the material rise from
/// the middle to the rim by C = 8bR/π, of which 0.66 lie between the 5th and the 95th percentile of what is not rim; a
/// small hole lowers p by its slope, which leaves a floor between 0.57 C in the middle and C at the rim. Scatter adds to the
/// floor more than to the cup. So a sweep begins with 1.6 of the percentiles' difference, and learns from its own defects.
struct FloorModel {
  private(set) var ratio = 1.6
  private var variance = 0.4 * 0.4
  /// How much it differs from place to place.
  private static let spread = 0.25
  /// Voxels of a floor from which on it counts as measured.
  static let enough = 8.0

  /// One standard deviation of the next defect's.
  var deviation: Double { (variance + Self.spread * Self.spread).squareRoot() }

  mutating func learn(_ measured: Double, variance noise: Double) {
    // One odd defect must not turn the rest over.
    let off = min(max(measured - ratio, -1), 1)
    let gain = variance / (variance + noise + Self.spread * Self.spread)
    ratio += gain * off
    variance *= 1 - gain
  }
}
