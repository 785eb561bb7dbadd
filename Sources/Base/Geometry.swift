/// A point of the upright picture, 0…1 from the top left.
package struct Point: Hashable, Codable, Sendable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// A closed polygon of at least three points, without the first repeated at the end.
package struct Polygon: Hashable, Codable, Sendable {
  package var points: [Point]

  package init(_ points: [Point]) {
    precondition(points.count >= 3, "a polygon of \(points.count) points")
    self.points = points
  }

  /// By the even-odd rule. A point on an edge may count either way.
  package func contains(_ p: Point) -> Bool {
    var inside = false
    var previous = points[points.count - 1]
    for corner in points {
      if (corner.y > p.y) != (previous.y > p.y) {
        let t = (p.y - corner.y) / (previous.y - corner.y)
        if p.x < corner.x + t * (previous.x - corner.x) { inside.toggle() }
      }
      previous = corner
    }
    return inside
  }
}

/// An upright rectangle of the picture, 0…1 from the top left.
package struct Rect: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  package var maxX: Double { x + width }
  package var maxY: Double { y + height }
  package var area: Double { width * height }
  package var centre: Point { Point(x: x + width / 2, y: y + height / 2) }
  package var bottomCentre: Point { Point(x: x + width / 2, y: maxY) }

  package func intersection(_ other: Rect) -> Double {
    let w = min(maxX, other.maxX) - max(x, other.x)
    let h = min(maxY, other.maxY) - max(y, other.y)
    return w > 0 && h > 0 ? w * h : 0
  }

  /// The distance to another, along the side where they are further apart; negative where they meet.
  package func gap(to other: Rect) -> Double {
    max(max(x - other.maxX, other.x - maxX), max(y - other.maxY, other.y - maxY))
  }

  /// Without its edges.
  package func contains(_ p: Point) -> Bool { p.x > x && p.x < maxX && p.y > y && p.y < maxY }

  /// Wider by `margin` on each side.
  package func grown(by margin: Double) -> Rect {
    Rect(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
  }

  /// Intersection over union, 0…1.
  package func overlap(_ other: Rect) -> Double {
    let shared = intersection(other)
    let all = area + other.area - shared
    return all > 0 ? shared / all : 0
  }
}
