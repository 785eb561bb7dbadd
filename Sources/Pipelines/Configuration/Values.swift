import Base
import Conditions
import Yams

/// Single values: each is read strictly, or noted as a fault.
struct Values {
  let draft: Draft

  /// What stands there, for the end of a sentence.
  static func described(_ node: Node) -> String {
    switch node {
    case .mapping: "a mapping"
    case .sequence(let list): "a list of \(list.count)"
    case .alias: "an alias"
    case .scalar(let scalar) where scalar.string.isEmpty: "nothing"
    case .scalar(let scalar) where scalar.style == .plain: "`\(scalar.string)`"
    case .scalar: "text in quotes"
    }
  }

  private func wrong(_ entry: Section.Entry, takes what: String, advice: String? = nil) {
    draft.fault(
      at: entry.value, "`\(entry.name)` takes \(what); this is \(Self.described(entry.value))",
      advice: advice)
  }

  /// Its text, in quotes or not; nil for lists, mappings and values with a tag such as `!secret`.
  private func scalar(_ entry: Section.Entry, takes what: String) -> Node.Scalar? {
    guard case .scalar(let scalar) = entry.value else {
      wrong(entry, takes: what)
      return nil
    }
    let tag = scalar.tag.description
    guard tag.isEmpty || tag == "tag:yaml.org,2002:str" || !tag.hasPrefix("!") && !tag.hasPrefix("tag:")
    else {
      draft.fault(at: entry.value, "tags such as `\(tag)` are not known here", advice: "leave it out")
      return nil
    }
    return scalar
  }

  func text(_ entry: Section.Entry, takes what: String = "text") -> String? {
    guard let scalar = scalar(entry, takes: what) else { return nil }
    guard !scalar.string.isEmpty, !scalar.string.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
      draft.fault(at: entry.value, "`\(entry.name)` takes \(what) of one line, not empty")
      return nil
    }
    return scalar.string
  }

  func flag(_ entry: Section.Entry) -> Bool? {
    let what = "`true` or `false`"
    guard let scalar = scalar(entry, takes: what) else { return nil }
    switch (scalar.string, scalar.style) {
    case ("true", .plain): return true
    case ("false", .plain): return false
    default:
      let advice: String? =
        switch scalar.string.lowercased() {
        case "yes", "on", "true", "1": "write `true`, without quotes"
        case "no", "off", "false", "0": "write `false`, without quotes"
        default: nil
        }
      wrong(entry, takes: what, advice: advice)
      return nil
    }
  }

  func whole(_ entry: Section.Entry, _ range: ClosedRange<Int>, unit: String = "") -> Int? {
    let what = "a whole number\(unit) from \(range.lowerBound) to \(range.upperBound)"
    guard let scalar = scalar(entry, takes: what) else { return nil }
    guard scalar.style == .plain, let value = Int(scalar.string), range.contains(value) else {
      wrong(entry, takes: what)
      return nil
    }
    return value
  }

  func number(_ entry: Section.Entry, _ range: ClosedRange<Double>) -> Double? {
    let what = "a number from \(Quantity.plain(range.lowerBound)) to \(Quantity.plain(range.upperBound))"
    guard let scalar = scalar(entry, takes: what) else { return nil }
    guard scalar.style == .plain, let value = Notation.decimal(scalar.string), range.contains(value) else {
      wrong(entry, takes: what)
      return nil
    }
    return value
  }

  func choice<C: RawRepresentable & CaseIterable>(_ entry: Section.Entry, _: C.Type = C.self) -> C?
  where C.RawValue == String {
    let names = C.allCases.map(\.rawValue)
    let what = "one of " + names.map { "`\($0)`" }.joined(separator: ", ")
    guard let scalar = scalar(entry, takes: what) else { return nil }
    guard let value = C(rawValue: scalar.string) else {
      wrong(
        entry, takes: what,
        advice: NearestWord.find(scalar.string, in: names).map { "did you mean `\($0)`?" })
      return nil
    }
    return value
  }

  func duration(_ entry: Section.Entry, _ range: ClosedRange<Nanoseconds>) -> Nanoseconds? {
    let units = Notation.timeUnits
    let example = "a time such as `2 s` or `500 ms`"
    guard let (value, unit) = quantity(entry, takes: example, units: units.map(\.name)) else { return nil }
    let seconds = value * (units.first { $0.name == unit }?.seconds ?? 1)
    let limits = range.lowerBound.inSeconds...range.upperBound.inSeconds
    guard limits.contains(seconds) else {
      wrong(
        entry, takes: "a time from \(Notation.time(range.lowerBound)) to \(Notation.time(range.upperBound))")
      return nil
    }
    return .seconds(seconds)
  }

  /// Written in percent, as a share.
  func share(_ entry: Section.Entry, _ range: ClosedRange<Double>) -> Double? {
    let what = "a share such as `30 %`"
    guard let (value, _) = quantity(entry, takes: what, units: ["%"]) else { return nil }
    guard range.contains(value) else {
      wrong(
        entry,
        takes: "\(Quantity.plain(range.lowerBound)) % to \(Quantity.plain(range.upperBound)) %")
      return nil
    }
    return Notation.share(percent: value)
  }

  /// A number with its unit; a missing or unknown unit is noted.
  func quantity(_ entry: Section.Entry, takes what: String, units: [String]) -> (Double, String)? {
    guard let scalar = scalar(entry, takes: what) else { return nil }
    let text = scalar.string
    let digits = text.prefix { ("0"..."9").contains($0) || "+-.".contains($0) }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let value = Notation.decimal(String(digits)) else {
      wrong(entry, takes: what)
      return nil
    }
    if unit.isEmpty {
      draft.fault(
        at: entry.value, "`\(entry.name)` takes \(what); `\(text)` has no unit",
        advice: "write `\(Quantity.plain(value)) \(units[0])`")
      return nil
    }
    guard units.contains(String(unit)) else {
      let near = NearestWord.find(String(unit), in: units) ?? Notation.unitMeant(String(unit), in: units)
      draft.fault(
        at: entry.value, "`\(entry.name)` takes \(what); `\(unit)` is no unit of it",
        advice: near.map { "did you mean `\(Quantity.plain(value)) \($0)`?" }
          ?? "the units are " + units.map { "`\($0)`" }.joined(separator: ", "))
      return nil
    }
    return (value, String(unit))
  }
}
