import Base

/// How large things are in the picture of a camera.
package enum Scale: Hashable, Codable, Sendable {
  /// The same everywhere, as where the camera looks straight at a belt.
  case pixelsPerMetre(Double)
  /// By the ground that things stand on.
  case ground(GroundPlane)

  /// The place on the ground of a point of the picture, in metres from anywhere; nil above the horizon.
  func ground(_ p: Point, _ picture: Picture) -> Point? {
    switch self {
    case .pixelsPerMetre(let ppm): Point(x: p.x * picture.width / ppm, y: p.y * picture.height / ppm)
    case .ground(let plane): plane.metres(p)
    }
  }

  /// Width and height in metres of a thing that stands where its box ends below; NaN where that isn't known.
  func size(_ box: Rect, _ picture: Picture) -> (width: Double, height: Double) {
    guard let a = ground(Point(x: box.x, y: box.maxY), picture),
      let b = ground(Point(x: box.maxX, y: box.maxY), picture), box.width > 0
    else { return (.nan, .nan) }
    let width = Scale.distance(a, b)
    // Upright things are as large at their foot as the ground is there across.
    return (width, width / (box.width * picture.aspect) * box.height)
  }

  /// Metres a second of a foot that moves by this much a second.
  func speed(_ foot: Point, _ vx: Double, _ vy: Double, _ picture: Picture) -> Double {
    // A tenth of a second: long enough for the arithmetic, short enough for the perspective.
    guard let a = ground(foot, picture),
      let b = ground(Point(x: foot.x + vx * 0.1, y: foot.y + vy * 0.1), picture)
    else { return .nan }
    return Scale.distance(a, b) * 10
  }

  static func distance(_ a: Point, _ b: Point) -> Double {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
  }
}

/// The size of the decoded picture, upright.
package struct Picture: Hashable, Codable, Sendable {
  package var width: Double
  package var height: Double
  package var aspect: Double { width / height }

  package init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }
}

/// The projection of flat ground into the picture, from four of its points (a homography; Hartley and
/// Zisserman, Multiple View Geometry, 2nd edition, section 4.1).
package struct GroundPlane: Hashable, Codable, Sendable {
  // Row by row, picture to ground, the last element is 1 at the first point.
  private let h: [Double]
  /// The sign of the denominator on the near side of the horizon.
  private let sign: Double

  /// Nil where three of the points lie on a line.
  package init?(picture: [Point], metres: [Point]) {
    precondition(picture.count == 4 && metres.count == 4, "a plane is given by four points")
    var rows: [[Double]] = []
    for (p, m) in zip(picture, metres) {
      rows.append([p.x, p.y, 1, 0, 0, 0, -m.x * p.x, -m.x * p.y, m.x])
      rows.append([0, 0, 0, p.x, p.y, 1, -m.y * p.x, -m.y * p.y, m.y])
    }
    // Gauss with the largest pivot of each column.
    for column in 0..<8 {
      guard let best = (column..<8).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
        abs(rows[best][column]) > 1e-9
      else { return nil }
      rows.swapAt(column, best)
      for row in 0..<8 where row != column {
        let factor = rows[row][column] / rows[column][column]
        if factor != 0 { for k in column..<9 { rows[row][k] -= factor * rows[column][k] } }
      }
    }
    let h = (0..<8).map { rows[$0][8] / rows[$0][$0] } + [1]
    func depth(_ p: Point) -> Double { h[6] * p.x + h[7] * p.y + 1 }
    let signs = picture.map { depth($0) > 0 }
    // A horizon between the points: they are not in this order on any ground.
    guard Set(signs).count == 1, picture.allSatisfy({ abs(depth($0)) > 1e-9 }) else { return nil }
    self.h = h
    sign = signs[0] ? 1 : -1
  }

  package func metres(_ p: Point) -> Point? {
    let depth = (h[6] * p.x + h[7] * p.y + 1) * sign
    guard depth > 1e-6 else { return nil }
    return Point(
      x: (h[0] * p.x + h[1] * p.y + h[2]) * sign / depth, y: (h[3] * p.x + h[4] * p.y + h[5]) * sign / depth)
  }
}
