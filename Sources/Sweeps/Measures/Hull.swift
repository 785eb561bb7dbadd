import Glibc

/// How far a cloud of points reaches in each of many directions, and which point does so.
///
/// Points are in millimetres. With 128 directions the greatest extent is too small by 1.7 % at the worst and 0.4 % on
/// average, as the direction of the greatest extent lies between those looked into.
package final class Hull {
  package static let directions: [SIMD3<Float>] = {
    // Evenly over half a sphere: a Fibonacci lattice.
    let count = 128
    let golden = Float.pi * (3 - Float(5).squareRoot())
    return (0..<count).map { i in
      let z = (Float(i) + 0.5) / Float(count)
      let radius = (1 - z * z).squareRoot()
      return [radius * cos(golden * Float(i)), radius * sin(golden * Float(i)), z]
    }
  }()

  private var least: [Float]
  private var greatest: [Float]
  private var points: [SIMD3<Float>]

  package init() {
    let count = Self.directions.count
    least = [Float](repeating: .infinity, count: count)
    greatest = [Float](repeating: -.infinity, count: count)
    points = [SIMD3<Float>](repeating: .zero, count: 2 * count)
  }

  package func add(_ point: SIMD3<Float>) {
    for (i, direction) in Self.directions.enumerated() {
      let at = (direction * point).sum()
      if at < least[i] { (least[i], points[2 * i]) = (at, point) }
      if at > greatest[i] { (greatest[i], points[2 * i + 1]) = (at, point) }
    }
  }

  package func absorb(_ other: Hull) {
    for i in least.indices where other.least[i] <= other.greatest[i] {
      if other.least[i] < least[i] { (least[i], points[2 * i]) = (other.least[i], other.points[2 * i]) }
      if other.greatest[i] > greatest[i] {
        (greatest[i], points[2 * i + 1]) = (other.greatest[i], other.points[2 * i + 1])
      }
    }
  }

  /// The greatest extent in any direction: the Feret diameter.
  package var feret: Double {
    Double(zip(greatest, least).map { $0 - $1 }.max().map { max(0, $0) } ?? 0)
  }

  /// The points that reach furthest, twice a direction.
  package var outermost: [SIMD3<Float>] { least[0] <= greatest[0] ? points : [] }

  private static let steps = 300

  /// Radius of the smallest sphere around the outermost points, by Bădoiu and Clarkson's walk towards the furthest
  /// point (2003), which is within a fifth of a percent after so many steps.
  package var enclosingRadius: Double {
    let points = outermost
    guard var centre = points.first else { return 0 }
    func furthest() -> (SIMD3<Float>, Float) {
      var (best, distance) = (centre, Float(-1))
      for point in points {
        let away = point - centre
        let square = (away * away).sum()
        if square > distance { (best, distance) = (point, square) }
      }
      return (best, distance)
    }
    for step in 1...Self.steps { centre += (furthest().0 - centre) / Float(step + 1) }
    return Double(furthest().1.squareRoot())
  }
}
