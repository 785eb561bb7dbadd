/// A position and its speed on one axis: a Kalman filter with constant velocity and white noise acceleration
/// (Bar-Shalom, Estimation with Applications to Tracking and Navigation, 6.2).
package struct Kalman: Sendable {
  package private(set) var position: Double
  package private(set) var velocity: Double
  private var p00: Double
  private var p01 = 0.0
  private var p11: Double

  /// `spread` is the standard deviation of the first position, `speedSpread` that of the unknown speed.
  package init(position: Double, spread: Double, speedSpread: Double = 0) {
    self.position = position
    velocity = 0
    p00 = spread * spread
    p11 = speedSpread * speedSpread
  }

  /// Goes on by `dt` seconds with accelerations of standard deviation `acceleration`.
  package mutating func predict(_ dt: Double, acceleration: Double) {
    let q = acceleration * acceleration
    position += velocity * dt
    p00 += 2 * dt * p01 + dt * dt * p11 + q * dt * dt * dt * dt / 4
    p01 += dt * p11 + q * dt * dt * dt / 2
    p11 += q * dt * dt
  }

  /// Takes in a measured position with standard deviation `spread`.
  package mutating func update(_ measured: Double, spread: Double) {
    let s = p00 + spread * spread
    let k0 = p00 / s
    let k1 = p01 / s
    let error = measured - position
    position += k0 * error
    velocity += k1 * error
    p11 -= k1 * p01
    p01 -= k0 * p01
    p00 -= k0 * p00
  }

  /// Measures another point of the same thing from now on, so far from the one before.
  mutating func shift(by distance: Double) { position += distance }

  /// Standard deviation of the position.
  package var spread: Double { p00.squareRoot() }

  /// Takes in that the position is `mean` with `variance`, by all that is known together with what was expected.
  package mutating func settle(at mean: Double, variance: Double) {
    let k0 = 1 - min(variance, p00) / p00
    guard k0 > 0.01 else { return }
    let k1 = k0 * p01 / p00
    velocity += k1 * (mean - position) / k0
    position = mean
    p11 -= k1 * p01
    p01 -= k0 * p01
    p00 -= k0 * p00
  }

  /// Goes at another speed from now on, known to a standard deviation of `spread`.
  mutating func go(at speed: Double, spread: Double) {
    velocity = speed
    p01 = 0
    p11 = spread * spread
  }

  mutating func slow(by factor: Double) { velocity *= factor }
}
