import Base
import Conditions
import Yams

/// Reads `zones`, `lines` and `scale`: where things are looked for, and how large they are there.
struct PlacesReader {
  private let draft: Draft
  private let document: Document
  private let values: Values
  private let polygons: PolygonReader

  private static let most = 64
  static let zoneKeys = ["polygon", "anchor"]
  static let lineKeys = ["from", "to", "anchor"]
  static let scaleKeys = ["points", "metres"]

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
    polygons = PolygonReader(reader)
  }

  // MARK: - Zones

  func zones(_ entry: Section.Entry) -> [Zone] {
    named(entry, "zone", example: "NAME: [[x, y], …]").compactMap { zone in
      guard case .mapping = zone.value else {
        return polygons.polygon(zone.value, named: "zone `\(zone.name)`").map {
          Zone(name: zone.name, polygon: $0)
        }
      }
      let section = Section(zone.value, keys: Self.zoneKeys, document: document, draft: draft)
      guard let outline = section["polygon"] else {
        draft.fault(at: zone.key, "zone `\(zone.name)` has no `polygon`")
        return nil
      }
      let anchor: Conditions.Anchor = section["anchor"].flatMap { values.choice($0) } ?? .bottom
      return polygons.polygon(outline.value, named: "zone `\(zone.name)`").map {
        Zone(name: zone.name, polygon: $0, anchor: anchor)
      }
    }
  }

  // MARK: - Lines

  func lines(_ entry: Section.Entry) -> [Tripwire] {
    named(entry, "line", example: "NAME: [[x, y], [x, y]]").compactMap(line)
  }

  private func line(_ entry: Section.Entry) -> Tripwire? {
    let name = "line `\(entry.name)`"
    var ends: [Point?]
    var anchor = Conditions.Anchor.bottom
    switch entry.value {
    case .sequence(let list):
      guard list.count == 2 else {
        draft.fault(
          at: entry.value, "\(name) takes two points, from and to; this is \(Values.described(entry.value))",
          advice: "write it such as `[[0.5, 0.9], [0.5, 0.1]]`")
        return nil
      }
      ends = list.map { polygons.point($0) }
    case .mapping:
      let section = Section(entry.value, keys: Self.lineKeys, document: document, draft: draft)
      guard let from = section["from"], let to = section["to"] else {
        draft.fault(
          at: entry.key, "\(name) needs `from` and `to`", advice: "write `from: [x, y]` and `to: [x, y]`")
        return nil
      }
      ends = [polygons.point(from.value), polygons.point(to.value)]
      anchor = section["anchor"].flatMap { values.choice($0) } ?? .bottom
    default:
      draft.fault(
        at: entry.value, "\(name) takes two points; this is \(Values.described(entry.value))",
        advice: "write it such as `[[0.5, 0.9], [0.5, 0.1]]`")
      return nil
    }
    guard let from = ends[0], let to = ends[1] else { return nil }
    guard abs(from.x - to.x) + abs(from.y - to.y) >= 0.01 else {
      draft.fault(at: entry.value, "\(name) has no length", advice: "it leads from one point to another")
      return nil
    }
    return Tripwire(name: entry.name, from: from, to: to, anchor: anchor)
  }

  private func named(_ entry: Section.Entry, _ what: String, example: String) -> [Section.Entry] {
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value,
        "`\(entry.name)` takes a mapping of names to \(what == "zone" ? "polygons" : "lines"); this is \(Values.described(entry.value))",
        advice: "write `\(example)` under it")
      return []
    }
    let entries = Section.entries(of: entry.value, document: document, draft: draft)
    guard entries.count <= Self.most else {
      draft.fault(at: entry.key, "`\(entry.name)` takes at most \(Self.most) \(what)s")
      return []
    }
    for place in entries {
      if let wrong = PipelineReader.wrongName(place.name) {
        draft.fault(at: place.key, "a \(what)'s name \(wrong)")
      }
    }
    return entries
  }

  // MARK: - Scale

  func scale(_ entry: Section.Entry) -> Scale? {
    guard case .mapping = entry.value else {
      let what = "a scale such as `85 px/m`, or four `points` with their `metres`"
      guard let (value, _) = values.quantity(entry, takes: what, units: ["px/m"]) else { return nil }
      guard (0.01...100_000).contains(value) else {
        draft.fault(at: entry.value, "`scale` takes 0.01 px/m to 100000 px/m")
        return nil
      }
      return .pixelsPerMetre(value)
    }
    let section = Section(entry.value, keys: Self.scaleKeys, document: document, draft: draft)
    guard let points = section["points"], let metres = section["metres"] else {
      draft.fault(
        at: entry.key, "`scale` needs `points` and `metres`",
        advice: "`points` are four points of the picture on the ground, `metres` where they lie there")
      return nil
    }
    guard let picture = four(points, { polygons.point($0) }), let ground = four(metres, metresPoint) else {
      return nil
    }
    guard let plane = GroundPlane(picture: picture, metres: ground) else {
      draft.fault(
        at: points.value, "these four points are no view of flat ground",
        advice: "no three may lie on a line, and both lists go round in the same order")
      return nil
    }
    return .ground(plane)
  }

  private func four(_ entry: Section.Entry, _ read: (Node) -> Point?) -> [Point]? {
    guard case .sequence(let list) = entry.value, list.count == 4 else {
      draft.fault(
        at: entry.value, "`\(entry.name)` takes four points; this is \(Values.described(entry.value))",
        advice: "write it such as `[[0, 0], [4, 0], [4, 9], [0, 9]]`")
      return nil
    }
    let points = list.compactMap(read)
    return points.count == 4 ? points : nil
  }

  private func metresPoint(_ node: Node) -> Point? {
    guard case .sequence(let pair) = node, pair.count == 2 else {
      draft.fault(at: node, "a place on the ground is `[x, y]` in metres; this is \(Values.described(node))")
      return nil
    }
    let numbers = pair.map { number -> Double? in
      guard case .scalar(let scalar) = number, let value = Notation.decimal(scalar.string), abs(value) <= 1e5
      else {
        draft.fault(at: number, "this takes metres as a number; this is \(Values.described(number))")
        return nil
      }
      return value
    }
    guard let x = numbers[0], let y = numbers[1] else { return nil }
    return Point(x: x, y: y)
  }
}
