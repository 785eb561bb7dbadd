import Base
import Yams

/// Reads polygons: lists of at least three `[x, y]`, 0…1 of the upright picture from the top left.
struct PolygonReader {
  private let draft: Draft
  private let document: Document

  /// Enough for any outline drawn by hand; bounds the work of a test for each object in each frame.
  private static let mostPoints = 256
  private static let mostPolygons = 64
  private static let example = "such as `[[0.1, 0.2], [0.5, 0.2], [0.5, 0.9]]`"

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
  }

  func masks(_ entry: Section.Entry) -> [Polygon] {
    guard case .sequence(let list) = entry.value else {
      draft.fault(
        at: entry.value, "`masks` takes a list of polygons; this is \(Values.described(entry.value))")
      return []
    }
    guard list.count <= Self.mostPolygons else {
      draft.fault(at: entry.value, "`masks` takes at most \(Self.mostPolygons) polygons")
      return []
    }
    if let first = list.first, case .sequence(let points) = first, let point = points.first,
      case .scalar = point
    {
      draft.fault(
        at: entry.value, "`masks` takes a list of polygons; this is one polygon",
        advice: "put it into a list: `- \(Self.example.dropFirst("such as `".count))")
      return []
    }
    return list.compactMap { polygon($0, named: "a mask") }
  }

  func polygon(_ node: Node, named name: String) -> Polygon? {
    guard case .sequence(let list) = node else {
      draft.fault(
        at: node, "\(name) takes a list of points; this is \(Values.described(node))",
        advice: "write it \(Self.example)")
      return nil
    }
    guard list.count <= Self.mostPoints else {
      draft.fault(at: node, "\(name) has \(list.count) points; at most \(Self.mostPoints) are allowed")
      return nil
    }
    var nodes: [Node] = Array(list)
    // The first that is no pair of coordinates stands for all: the list is something else.
    if let odd = nodes.first(where: { $0.sequence?.count != 2 }) {
      draft.fault(at: odd, "a point is `[x, y]`; this is \(Values.described(odd))")
      return nil
    }
    var points = nodes.compactMap(point)
    guard points.count == nodes.count else { return nil }
    // The first point repeated at the end is how some programs close a polygon.
    if points.count >= 3, points.first == points.last {
      points.removeLast()
      nodes.removeLast()
    }
    guard points.count >= 3 else {
      draft.fault(
        at: node,
        "\(name) has \(points.count) \(points.count == 1 ? "point" : "points"); a polygon has 3 or more",
        advice: "write it \(Self.example)")
      return nil
    }
    if let (first, second) = Self.crossing(points) {
      draft.fault(
        at: nodes[second],
        "\(name) crosses itself: its edge from point \(second + 1) meets the one from point \(first + 1)",
        advice: "give the points in their order around the outline")
      return nil
    }
    return Polygon(points)
  }

  func point(_ node: Node) -> Point? {
    guard case .sequence(let pair) = node, pair.count == 2 else {
      draft.fault(at: node, "a point is `[x, y]`; this is \(Values.described(node))")
      return nil
    }
    let numbers = pair.map { number -> Double? in
      guard case .scalar(let scalar) = number, scalar.style == .plain,
        let value = Notation.decimal(scalar.string), (0...1).contains(value)
      else {
        let isPixels: Bool
        if case .scalar(let scalar) = number, let value = Notation.decimal(scalar.string), value > 1 {
          isPixels = true
        } else {
          isPixels = false
        }
        draft.fault(
          at: number, "a coordinate is a number from 0 to 1; this is \(Values.described(number))",
          advice: isPixels ? "divide pixels by the picture's width or height" : nil)
        return nil
      }
      return value
    }
    guard let x = numbers[0], let y = numbers[1] else { return nil }
    return Point(x: x, y: y)
  }

  /// The first two edges that meet anywhere but in a shared corner, each by the number of its first
  /// point from 0; an edge without length counts as meeting its neighbour.
  static func crossing(_ points: [Point]) -> (Int, Int)? {
    let count = points.count
    for second in 0..<count {
      let c = points[second]
      let d = points[(second + 1) % count]
      for first in 0..<second {
        let a = points[first]
        let b = points[(first + 1) % count]
        if (first + 1) % count == second {
          if folds(a, b, d) { return (first, second) }
        } else if (second + 1) % count == first {
          if folds(c, d, b) { return (first, second) }
        } else if meet(a, b, c, d) {
          return (first, second)
        }
      }
    }
    return nil
  }

  /// Whether the way a → corner → b goes back over itself, or stands still.
  private static func folds(_ a: Point, _ corner: Point, _ b: Point) -> Bool {
    guard turn(a, corner, b) == 0 else { return false }
    return (a.x - corner.x) * (b.x - corner.x) + (a.y - corner.y) * (b.y - corner.y) >= 0
  }

  private static func meet(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
    let (c1, d1) = (turn(a, b, c), turn(a, b, d))
    let (a1, b1) = (turn(c, d, a), turn(c, d, b))
    if c1 * d1 < 0, a1 * b1 < 0 { return true }
    return c1 == 0 && isBetween(a, c, b) || d1 == 0 && isBetween(a, d, b) || a1 == 0 && isBetween(c, a, d)
      || b1 == 0 && isBetween(c, b, d)
  }

  private static func isBetween(_ a: Point, _ p: Point, _ b: Point) -> Bool {
    min(a.x, b.x) <= p.x && p.x <= max(a.x, b.x) && min(a.y, b.y) <= p.y && p.y <= max(a.y, b.y)
  }

  /// Twice the signed area of a, b, c; 0 when they lie on a line, within rounding of decimal fractions.
  private static func turn(_ a: Point, _ b: Point, _ c: Point) -> Double {
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    return abs(area) < 1e-12 ? 0 : area
  }
}
