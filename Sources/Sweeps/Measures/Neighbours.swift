/// How near defects lie to each other.
///
/// From surface to surface, between the points that reach furthest: for round ones within a few percent, for long and
/// bent ones an upper bound. The newest defects are kept.
struct Neighbours {
  private struct Known {
    var id: UInt64
    var points: [SIMD3<Float>]
    var centre: SIMD3<Float>
    var radius: Float
    var margin: Double
    var gap: Double?
  }

  private var known: [Known] = []
  private static let most = 512

  /// Sets the new one's gap, and returns whose gaps it makes smaller.
  mutating func add(_ defect: inout Defect, _ hull: Hull, margin: Double) -> [(id: UInt64, gap: Double)] {
    let points = hull.outermost
    guard !points.isEmpty else { return [] }
    let centre = points.reduce(SIMD3<Float>.zero, +) / Float(points.count)
    let radius = points.map { Self.length($0 - centre) }.max() ?? 0
    var nearTo: [(id: UInt64, gap: Double)] = []
    var nearest = Double.infinity
    // No gap is below that between the spheres around.
    func least(_ other: Known) -> Double {
      Double(Self.length(other.centre - centre) - other.radius - radius)
    }
    for i in known.indices.sorted(by: { least(known[$0]) < least(known[$1]) }) {
      let bound = least(known[i])
      if bound >= nearest, bound >= known[i].gap ?? .infinity { continue }
      let gap = max(0, Self.distance(points, known[i].points) + margin + known[i].margin)
      nearest = min(nearest, gap)
      if gap < known[i].gap ?? .infinity {
        known[i].gap = gap
        nearTo.append((known[i].id, gap))
      }
    }
    defect.neighbourGap = nearest.isFinite ? nearest : nil
    if known.count == Self.most { known.removeFirst() }
    known.append(
      Known(
        id: defect.id, points: points, centre: centre, radius: radius, margin: margin,
        gap: defect.neighbourGap))
    return nearTo
  }

  private static func length(_ v: SIMD3<Float>) -> Float { (v * v).sum().squareRoot() }

  private static func distance(_ a: [SIMD3<Float>], _ b: [SIMD3<Float>]) -> Double {
    var least = Float.infinity
    for p in a {
      for q in b {
        let away = p - q
        least = min(least, (away * away).sum())
      }
    }
    return Double(least.squareRoot())
  }
}
