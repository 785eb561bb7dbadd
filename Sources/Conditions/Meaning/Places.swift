import Base

/// The point of a box that is tested against zones and lines.
package enum Anchor: String, Hashable, Codable, Sendable, CaseIterable {
  case bottom, centre, top

  package func point(of box: Rect) -> Point {
    switch self {
    case .bottom: box.bottomCentre
    case .centre: box.centre
    case .top: Point(x: box.x + box.width / 2, y: box.y)
    }
  }
}

/// A named polygon of the picture.
package struct Zone: Sendable, Hashable, Codable {
  package var name: String
  package var polygon: Polygon
  package var anchor: Anchor

  package init(name: String, polygon: Polygon, anchor: Anchor = .bottom) {
    self.name = name
    self.polygon = polygon
    self.anchor = anchor
  }

  /// Whether a thing with its anchor here is in the zone, after it `was` or was not: it leaves only once it is
  /// `Places.margin` outside, so that a box that trembles on the border doesn't come and go.
  package func holds(_ p: Point, was: Bool, aspect: Double) -> Bool {
    if polygon.contains(p) { return true }
    return was && distance(to: p, aspect: aspect) <= Places.margin
  }

  /// In picture heights, 0 within.
  package func distance(to p: Point, aspect: Double) -> Double {
    if polygon.contains(p) { return 0 }
    var least = Double.infinity
    var previous = polygon.points[polygon.points.count - 1]
    for corner in polygon.points {
      least = min(least, Places.distance(p, previous, corner, aspect))
      previous = corner
    }
    return least
  }
}

/// A named, directed line of the picture. Its left is on the left of who looks along it.
package struct Tripwire: Sendable, Hashable, Codable {
  package var name: String
  package var from: Point
  package var to: Point
  package var anchor: Anchor

  package init(name: String, from: Point, to: Point, anchor: Anchor = .bottom) {
    self.name = name
    self.from = from
    self.to = to
    self.anchor = anchor
  }

  /// Distance of a point in picture heights, positive on the right; and where along the line it lies, 0 at the
  /// beginning, 1 at the end.
  @inline(__always)
  func place(of p: Point, aspect: Double) -> (aside: Double, along: Double) {
    let (dx, dy) = ((to.x - from.x) * aspect, to.y - from.y)
    let (px, py) = ((p.x - from.x) * aspect, p.y - from.y)
    let length = (dx * dx + dy * dy).squareRoot()
    return ((dx * py - dy * px) / length, (px * dx + py * dy) / (length * length))
  }
}

package enum Places {
  /// How far beyond a border or a line a thing must be to have passed it, in picture heights: boxes of things at rest
  /// tremble by half of that.
  package static let margin = 0.01

  /// From a point to the way between two others, in picture heights.
  static func distance(_ p: Point, _ a: Point, _ b: Point, _ aspect: Double) -> Double {
    let (dx, dy) = ((b.x - a.x) * aspect, b.y - a.y)
    let (px, py) = ((p.x - a.x) * aspect, p.y - a.y)
    let square = dx * dx + dy * dy
    let t = square > 0 ? min(1, max(0, (px * dx + py * dy) / square)) : 0
    let (ex, ey) = (px - t * dx, py - t * dy)
    return (ex * ex + ey * ey).squareRoot()
  }

  /// Between two boxes, in picture heights; 0 where they touch.
  static func gap(_ a: Rect, _ b: Rect, _ aspect: Double) -> Double {
    let dx = max(0, max(a.x - b.maxX, b.x - a.maxX)) * aspect
    let dy = max(0, max(a.y - b.maxY, b.y - a.maxY))
    return (dx * dx + dy * dy).squareRoot()
  }
}

/// Where a thing stands towards one line, from tick to tick.
struct LineWatch: BitwiseCopyable {
  /// The side on which it clearly was last: -1 left, 1 right, 0 not yet known.
  private var side: Int8 = 0
  private var hasBefore = false
  private var before = 0.0
  private var beforeAlong = 0.0
  /// Where along the line it was when it changed sides last, and when.
  private var passedAlong = Double.nan
  private(set) var passedAt: Int64 = 0

  /// The side to which it has crossed just now, if it has.
  mutating func follow(_ p: Point, _ line: Tripwire, aspect: Double, at time: Int64) -> Side? {
    let (aside, along) = line.place(of: p, aspect: aspect)
    defer { (hasBefore, before, beforeAlong) = (true, aside, along) }
    if hasBefore, (before < 0) != (aside < 0) {
      let share = before / (before - aside)
      passedAlong = beforeAlong + (along - beforeAlong) * share
      passedAt = time
    }
    guard abs(aside) > Places.margin else { return nil }
    let now: Int8 = aside < 0 ? -1 : 1
    defer { side = now }
    guard side != 0, now != side, passedAlong >= 0, passedAlong <= 1 else { return nil }
    return now < 0 ? .left : .right
  }
}
