import Glibc

/// The direction of a vector with y upwards: 0° to the right, counter-clockwise, 0 ≤ d < 360.
func degrees(_ x: Double, _ y: Double) -> Double {
  let d = atan2(y, x) * 180 / .pi
  return d < 0 ? d + 360 : d
}

/// Whether a direction lies on the way from `low` counter-clockwise to `high`, ends included.
@inline(__always)
func isOnArc(_ d: Double, _ low: Double, _ high: Double) -> Bool {
  func around(_ a: Double) -> Double { a - 360 * (a / 360).rounded(.down) }
  let width = high - low
  if width >= 360 { return true }
  return around(d - low) <= around(width)
}
