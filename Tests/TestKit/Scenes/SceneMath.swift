/// Arithmetic that gives the same bits everywhere: only + − × ÷ and square roots, which IEEE 754 fixes. The
/// C library's sine does not qualify.
package enum SceneMath {
  package static let turn = 6.283185307179586

  /// Sine of an angle in radians, to about 1e-6.
  package static func sin(_ angle: Double) -> Double {
    var x = angle / turn
    x -= x.rounded(.down)
    // x is now a share of a turn; fold it to a quarter.
    var sign = 1.0
    if x >= 0.5 {
      x -= 0.5
      sign = -1
    }
    if x > 0.25 { x = 0.5 - x }
    let a = x * turn
    let s = a * a
    // Taylor's series to the 11th power.
    let p =
      1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110))))
    return sign * a * p
  }

  package static func cos(_ angle: Double) -> Double { sin(angle + turn / 4) }

  package static func mix(_ a: Double, _ b: Double, _ t: Double) -> Double { a + (b - a) * t }

  /// 0 below `low`, 1 above `high`, smooth between.
  package static func smooth(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let t = min(max((x - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
  }

  @inline(__always)
  static func hash(_ x: Int, _ y: Int, _ seed: UInt32) -> UInt32 {
    var h = UInt32(truncatingIfNeeded: x) &* 0x85EB_CA6B ^ UInt32(truncatingIfNeeded: y) &* 0xC2B2_AE35 ^ seed
    h ^= h >> 15
    h = h &* 0x2C1B_3C6D
    h ^= h >> 12
    h = h &* 0x297A_2D39
    h ^= h >> 15
    return h
  }

  /// Value noise, −1…1, with features about one unit wide.
  package static func noise(_ x: Double, _ y: Double, _ seed: UInt32) -> Double {
    let fx = x.rounded(.down)
    let fy = y.rounded(.down)
    let ix = Int(fx)
    let iy = Int(fy)
    var tx = x - fx
    var ty = y - fy
    tx = tx * tx * (3 - 2 * tx)
    ty = ty * ty * (3 - 2 * ty)
    let a = Double(hash(ix, iy, seed) >> 8)
    let b = Double(hash(ix + 1, iy, seed) >> 8)
    let c = Double(hash(ix, iy + 1, seed) >> 8)
    let d = Double(hash(ix + 1, iy + 1, seed) >> 8)
    let top = a + (b - a) * tx
    let bottom = c + (d - c) * tx
    return (top + (bottom - top) * ty) / 8_388_608 - 1
  }

  /// Noise of several octaves, about −1…1.
  package static func fractal(_ x: Double, _ y: Double, _ seed: UInt32, octaves: Int) -> Double {
    var sum = 0.0
    var weight = 0.5
    var scale = 1.0
    for octave in 0..<octaves {
      sum += weight * noise(x * scale, y * scale, seed &+ UInt32(octave) &* 977)
      weight *= 0.5
      scale *= 2.03
    }
    return sum
  }
}

/// A value over time by straight lines between points; constant before the first and after the last.
package struct Curve: Sendable {
  private let points: [(Double, Double)]

  package init(_ points: [(Double, Double)]) {
    precondition(!points.isEmpty, "a curve without points")
    self.points = points
  }

  package func at(_ time: Double) -> Double {
    guard let after = points.firstIndex(where: { $0.0 > time }) else { return points[points.count - 1].1 }
    guard after > 0 else { return points[0].1 }
    let (t0, v0) = points[after - 1]
    let (t1, v1) = points[after]
    return v0 + (v1 - v0) * (time - t0) / (t1 - t0)
  }
}
