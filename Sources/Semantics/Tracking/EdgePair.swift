import Base

/// Both edges of a box along one axis, and how they move: tells on which side something hides a thing.
///
/// Behind a pillar or at the picture's border one edge stands still while the thing goes on, and the middle of what
/// shows is not the thing's. The other edge still tells where it is.
struct EdgePair: Sendable {
  private var low: Double?
  private var high = 0.0
  private var lowSpeed = 0.0
  private var highSpeed = 0.0
  /// How the whole goes, as known while it showed.
  private var pace = 0.0

  /// A thing's limbs make it narrower than usual, but not by more than this.
  private static let whole = 0.8
  /// Time constants of the edges' speeds and of the pace, in seconds.
  private static let quick = 0.1
  private static let slow = 0.5

  /// The middle of a thing that shows from `low` to `high`. `usual` is its usual length, 0 when that isn't known yet.
  mutating func middle(
    _ low: Double, _ high: Double, expected: Double, usual: Double, velocity: Double, after dt: Double
  ) -> Double {
    if let last = self.low, dt > 0 {
      let share = 1 - exp2(-dt / Self.quick)
      lowSpeed += ((low - last) / dt - lowSpeed) * share
      highSpeed += ((high - self.high) / dt - highSpeed) * share
    }
    self.low = low
    self.high = high
    guard high - low < Self.whole * usual else {
      pace += (velocity - pace) * (1 - exp2(-dt / Self.slow))
      return (low + high) / 2
    }
    let slips = lag(highSpeed) - lag(lowSpeed)
    if abs(slips) > 0.3 * abs(pace) && abs(pace) > 0.03 {
      return slips > 0 ? low + usual / 2 : high - usual / 2
    }
    // Both or neither move as it did: the one that is where it was expected.
    return abs(low - expected + usual / 2) < abs(high - expected - usual / 2)
      ? low + usual / 2 : high - usual / 2
  }

  /// By how much an edge stays behind the whole. What runs ahead isn't held by anything: as a thing slides behind something
  /// its middle slows down, and the pace with it, before it shows.
  private func lag(_ speed: Double) -> Double { max(0, pace > 0 ? pace - speed : speed - pace) }
}
