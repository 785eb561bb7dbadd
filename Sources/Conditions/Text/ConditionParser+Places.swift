import Base

// Zones, lines and neighbours.
extension ConditionParser {
  /// Nil, with nothing taken, where no such test stands here.
  mutating func placeTest() throws(Problem) -> Condition? {
    let start = token.range.lowerBound
    guard let word = bare?.lowercased(),
      ["in", "inside", "outside", "crosses", "near", "removed"].contains(word)
    else {
      return nil
    }
    if vocabulary.domain == .sweep, word != "near" {
      throw Problem(token.range, "a sweep has no zones and no lines")
    }
    try refuseMissing(word, token.range)
    advance()
    switch word {
    case "crosses": return try crossing(from: start)
    case "near": return try nearness(from: start)
    case "removed":
      guard take("from") else { return try made(.removed(nil), from: start) }
      _ = take("zone")
      let zone = try place(in: vocabulary.zones, "zone", others: vocabulary.lines, "line")
      return try made(.removed(zone), from: start)
    default:
      _ = take("zone")
      let inside = Condition.inside(try place(in: vocabulary.zones, "zone", others: vocabulary.lines, "line"))
      return try made(word == "outside" ? .not(inside) : inside, from: start)
    }
  }

  private mutating func crossing(from start: Int) throws(Problem) -> Condition {
    _ = take("line")
    let line = try place(in: vocabulary.lines, "line", others: vocabulary.zones, "zone")
    _ = take("to", "the") || take("to")
    var side: Side?
    if take("left") {
      side = .left
    } else if take("right") {
      side = .right
    } else {
      _ = take("either")
    }
    return try made(.crosses(line: line, side), from: start)
  }

  private mutating func nearness(from start: Int) throws(Problem) -> Condition {
    let neighbour: Neighbour
    if isKeyword("another") || isKeyword("other") {
      advance()
      let names = ["object", "objects", "defect", "defects", "one", "thing"]
      guard let name = bare?.lowercased(), names.contains(name) else { throw unexpected("`object`") }
      advance()
      var inner: Condition?
      if take("where") {
        guard take(.open) else {
          throw unexpected("`(`, as in `near another object where (label is car) within 2 m`,")
        }
        inner = try innerCondition()
        try close()
      }
      neighbour = .other(inner)
    } else if vocabulary.domain == .sweep {
      throw unexpected("`another defect`")
    } else {
      neighbour = try place()
    }
    guard take("within") || take("by") else { throw unexpected("`within` with a distance") }
    let place = token.range
    let distance = try quantity("a distance")
    let allowed: [Dimension] = vocabulary.domain == .camera ? [.share, .pixels, .length] : [.length]
    guard allowed.contains(distance.dimension) else {
      throw Problem(
        place.lowerBound..<previousEnd,
        "`near` takes a distance; `\(distance.text)` is \(distance.dimension.described)",
        advice: "write it as "
          + (vocabulary.domain == .camera ? "`50 px`, `10 %` of the picture's height or `2 m`" : "`2 mm`"))
    }
    guard distance.value > 0 else {
      throw Problem(place.lowerBound..<previousEnd, "a distance is more than 0")
    }
    if distance.dimension == .length { try needScale(place.lowerBound..<previousEnd, of: "distances") }
    return try made(.near(neighbour, distance), from: start)
  }

  private mutating func place() throws(Problem) -> Neighbour {
    guard case .word(let name, _) = token.kind else { throw unexpected("a zone, a line or `another object`") }
    if let zone = vocabulary.zones.firstIndex(of: name) {
      advance()
      return .zone(zone)
    }
    if let line = vocabulary.lines.firstIndex(of: name) {
      advance()
      return .line(line)
    }
    throw unknownPlace(name, in: vocabulary.zones + vocabulary.lines, "zone or line")
  }

  private mutating func place(
    in names: [String], _ what: String, others: [String], _ otherWhat: String
  ) throws(Problem) -> Int {
    guard case .word(let name, _) = token.kind else { throw unexpected("the name of a \(what)") }
    if let index = names.firstIndex(of: name) {
      advance()
      return index
    }
    if others.contains(name) {
      throw Problem(
        token.range, "`\(name)` is a \(otherWhat), and a \(what) is needed here",
        advice: what == "zone" ? "write `crosses \(name)`" : "write `in \(name)`")
    }
    throw unknownPlace(name, in: names, what)
  }

  private func unknownPlace(_ name: String, in names: [String], _ what: String) -> Problem {
    let near = NearestWord.find(name, in: names)
    let list = names.map { "`\($0)`" }.joined(separator: ", ")
    let advice =
      near.map { "did you mean `\($0)`?" }
      ?? (names.isEmpty
        ? "the pipeline has no \(what): add it under `\(what == "line" ? "lines" : "zones")`"
        : "there is \(list)")
    return Problem(token.range, "there is no \(what) `\(name)`", advice: advice)
  }

  func needScale(_ range: Range<Int>, of what: String) throws(Problem) {
    guard !vocabulary.hasScale else { return }
    throw Problem(
      range,
      vocabulary.domain == .camera
        ? "\(what) in metres need to know how large things are in the picture"
        : "\(what) in millimetres need the spacing of the sweep, which is not known",
      advice: vocabulary.domain == .camera
        ? "add `scale:` to the pipeline, such as `scale: 85 px/m`, or measure in px or %"
        : "give it with `--spacing x,y,z`")
  }
}
