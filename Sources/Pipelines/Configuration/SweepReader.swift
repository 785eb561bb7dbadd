import Media
import Sweeps
import Yams

/// Reads `sweep`: that the source is a CT sweep, and how to look at it.
struct SweepReader {
  private let draft: Draft
  private let document: Document
  private let values: Values

  static let keys = ["spacing", "series", "find", "sensitivity", "material", "use"]
  static let materialKeys = ["from", "to", "contrast"]
  /// What is of cameras only.
  static let notForSweeps = [
    "rate", "rotate", "loop", "masks", "zones", "lines", "scale", "events", "encoder", "detector",
    "signal_lost", "questions",
  ]

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
  }

  func plan(_ entry: Section.Entry) -> SweepPlan {
    var plan = SweepPlan()
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value, "`sweep` takes a mapping of keys; this is \(Values.described(entry.value))",
        advice: "the keys are " + Self.keys.map { "`\($0)`" }.joined(separator: ", ")
          + "; `sweep: {}` takes all defaults")
      return plan
    }
    let section = Section(
      entry.value, keys: Self.keys, elsewhere: PipelineReader.places(outside: "under `sweep`"),
      document: document, draft: draft)
    if let entry = section["spacing"] { plan.spacing = spacing(entry) }
    if let entry = section["series"] {
      plan.series = values.text(entry, takes: "a SeriesInstanceUID, or the number of a series")
    }
    if let entry = section["find"] { find(entry, &plan) }
    if let entry = section["sensitivity"] {
      plan.setting.sensitivity = values.share(entry, 5...90) ?? plan.setting.sensitivity
    }
    if let entry = section["material"] { material(entry, &plan) }
    if let entry = section["use"] { plan.use = values.choice(entry) ?? plan.use }
    return plan
  }

  private func spacing(_ entry: Section.Entry) -> VoxelSpacing? {
    let what = "the sides of a voxel, such as `0.5 0.5 0.8 mm`, or one for all three"
    guard let text = values.text(entry, takes: what) else { return nil }
    if let spacing = VoxelSpacing(text) { return spacing }
    draft.fault(at: entry.value, "`spacing` takes \(what); this is `\(text)`")
    return nil
  }

  private func find(_ entry: Section.Entry, _ plan: inout SweepPlan) {
    guard case .sequence(let list) = entry.value, !list.isEmpty else {
      draft.fault(at: entry.value, "`find` takes a list, such as `[pore, crack]`")
      return
    }
    plan.setting.sought = []
    for node in list {
      guard case .scalar(let scalar) = node, let kind = SweepSetting.Sought(rawValue: scalar.string) else {
        draft.fault(
          at: node, "`find` knows no such kind",
          advice: "the kinds are "
            + SweepSetting.Sought.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))
        continue
      }
      plan.setting.sought.insert(kind)
    }
  }

  private func material(_ entry: Section.Entry, _ plan: inout SweepPlan) {
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value, "`material` takes `from`, `to` and `contrast`, in the values of the files",
        advice: "leave it out to take what is brighter than air")
      return
    }
    let section = Section(entry.value, keys: Self.materialKeys, document: document, draft: draft)
    func number(_ name: String, _ range: ClosedRange<Double>) -> Double? {
      guard let entry = section[name] else {
        draft.fault(at: section.place, "`material` has no `\(name)`")
        return nil
      }
      return values.number(entry, range)
    }
    let wide = -1e6...1e6
    guard let from = number("from", wide), let to = number("to", wide),
      let contrast = number("contrast", 1e-6...1e6)
    else { return }
    guard from < to else {
      draft.fault(at: section.place, "`from` is not below `to`")
      return
    }
    plan.setting.part = .range(Float(from)...Float(to), contrast: Float(contrast))
  }
}

extension VoxelSpacing {
  /// `0.5 0.5 0.8 mm`, `0.5,0.5,0.8`, `0.5`: millimetres, or micrometres with `µm` behind.
  package init?(_ text: String) {
    var words = text.split { $0 == " " || $0 == "," || $0 == "×" || $0 == "x" }.map(String.init)
    var scale = 1.0
    if var last = words.last {
      for (unit, factor) in [("mm", 1.0), ("µm", 0.001), ("μm", 0.001), ("um", 0.001)]
      where last.hasSuffix(unit) {
        scale = factor
        last.removeLast(unit.count)
        words[words.count - 1] = last
        break
      }
      if words.last == "" { words.removeLast() }
    }
    let sides = words.compactMap { Double($0) }.map { $0 * scale }
    guard sides.count == words.count, sides.allSatisfy({ $0 > 0 && $0.isFinite && $0 < 1000 }) else {
      return nil
    }
    switch sides.count {
    case 1: self.init(x: sides[0], y: sides[0], z: sides[0])
    case 3: self.init(x: sides[0], y: sides[1], z: sides[2])
    default: return nil
    }
  }
}
