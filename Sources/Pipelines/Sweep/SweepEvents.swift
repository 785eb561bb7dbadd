import Conditions
import Events
import Semantics
import Sweeps

/// Makes events of what is found in slices: each defect that fulfils the constraint, or may, is one event from its first
/// slice to its last. A pure machine over slices.
struct SweepEvents {
  struct Setting {
    var words: SweepWords
    /// What is reported; nil for everything.
    var condition: Condition?
    var limits: [SweepReport.Limit]
    /// A millimetre in metres where the scan has a spacing.
    var scale: Double?
    /// The longest side of a voxel, and the distance of slices, in the defects' unit.
    var voxel: Double
    var step: Double
    /// What every event's measures are marked with.
    var marks: [Attribute]
  }

  /// What has been finished, in the order in which it was.
  private(set) var entries: [SweepReport.Entry] = []

  /// No slice follows: what is open goes on beyond the sweep.
  var isOver = false

  private let setting: Setting
  private var ledger: EventLedger
  private var open: [UInt64: Open] = [:]

  private struct Open {
    /// In the ledger; nil while nothing says that it fulfils the constraint.
    var number: Int?
    /// Of the newest record.
    var told: SweepReport.Limit.Verdict?
    var toldDiameter = 0.0
  }

  init(stream: String, epoch: String, _ setting: Setting) {
    ledger = EventLedger(stream: stream, epoch: epoch)
    self.setting = setting
  }

  var openCount: Int { ledger.openCount }

  /// Whether a defect's sections are listed.
  func reports(_ id: UInt64) -> Bool { open[id]?.number != nil }

  mutating func point(_ kind: String, _ text: String, _ attributes: [Attribute], at time: Double) {
    ledger.point { id in
      Event(
        id: id, kind: kind, phase: .point, since: time, lastSeen: time, text: text, attributes: attributes)
    }
  }

  /// `offset` is the index of the slice that the findings count as their first.
  mutating func tell(_ findings: SliceFindings, offset: Int) {
    for defect in findings.begun + findings.open { follow(defect, findings.index, offset) }
    for (id, other) in findings.merged { merge(id, into: other, findings.index + offset) }
    for id in findings.dismissed {
      guard let number = open.removeValue(forKey: id)?.number else { continue }
      ledger.end(number, reason: .condition) { $0.text = setting.words.hole(id) }
    }
    for ended in findings.ended { end(ended, offset) }
  }

  mutating func endAll(_ reason: Event.EndReason) {
    ledger.endAll(reason: reason)
    open.removeAll()
  }

  mutating func take() -> [Event] { ledger.take() }

  private static func time(_ slice: Int) -> Double { Double(slice) / 30 }

  private mutating func follow(_ defect: SliceFindings.Open, _ index: Int, _ offset: Int) {
    let facts = DefectFacts(defect, slices: index - defect.firstSlice + 1, scale: setting.scale)
    var state = open[defect.id] ?? Open()
    defer { open[defect.id] = state }
    // A lower bound can only say that a limit is passed.
    let isAbove = setting.limits.first.map { facts.verdict($0) == .above } ?? false
    let verdict: SweepReport.Limit.Verdict? = isAbove ? .above : nil
    guard let number = state.number else {
      guard setting.condition.map({ facts.fulfils($0) == true }) ?? true else { return }
      state.number = begin(defect, verdict, index, offset)
      (state.told, state.toldDiameter) = (verdict, defect.leastDiameter)
      return
    }
    var changed: [String] = []
    if verdict != state.told { changed.append("verdict") }
    // Twice the volume is news.
    if defect.leastDiameter > 1.26 * max(state.toldDiameter, setting.voxel) {
      changed.append("diameter_at_least")
    }
    if !changed.isEmpty { (state.told, state.toldDiameter) = (verdict, defect.leastDiameter) }
    let (text, attributes) = (setting.words.sentence(defect), attributes(defect, verdict))
    ledger.update(number, changed: changed) { event in
      event.lastSeen = Self.time(index + offset)
      event.text = text
      event.attributes = attributes
    }
  }

  private mutating func begin(
    _ defect: SliceFindings.Open, _ verdict: SweepReport.Limit.Verdict?, _ index: Int, _ offset: Int
  ) -> Int {
    let (text, attributes) = (setting.words.sentence(defect), attributes(defect, verdict))
    return ledger.begin { id in
      Event(
        id: id, kind: "defect", phase: .begin, since: Self.time(defect.firstSlice + offset),
        lastSeen: Self.time(index + offset), objects: [defect.id], text: text, attributes: attributes)
    }
  }

  private mutating func merge(_ id: UInt64, into other: UInt64, _ slice: Int) {
    guard let number = open.removeValue(forKey: id)?.number else { return }
    // What has swallowed something that is reported is as large, and reported.
    var state = open[other] ?? Open()
    let text = setting.words.merged(id, into: other)
    let into =
      state.number
      ?? ledger.begin { event in
        Event(
          id: event, kind: "defect", phase: .begin, since: Self.time(slice), lastSeen: Self.time(slice),
          objects: [other], text: text)
      }
    state.number = into
    open[other] = state
    let name = ledger.id(of: into)
    ledger.end(number, reason: .merged) { event in
      event.mergedInto = name
      event.text = text
    }
  }

  private mutating func end(_ ended: SliceFindings.Ended, _ offset: Int) {
    var defect = ended.defect
    let local = defect.slices
    defect.slices = (local.lowerBound + offset)...(local.upperBound + offset)
    let way = Double(offset) * setting.step
    defect.centroid.z += way
    defect.depth = (defect.depth.lowerBound + way)...(defect.depth.upperBound + way)
    var picture = ended.picture
    picture?.slice += offset
    let facts = DefectFacts(defect, scale: setting.scale, step: setting.step)
    let state = open.removeValue(forKey: defect.id)
    var fulfils = setting.condition.map { facts.fulfils($0) } ?? true
    var verdicts = setting.limits.map { facts.verdict($0) }
    // What was certain once stays so: the last slices may bring more noise, but no less volume.
    if fulfils == nil, state?.number != nil { fulfils = true }
    if verdicts.first == .undecided, state?.told == .above { verdicts[0] = .above }
    let text = setting.words.sentence(defect, verdict: verdicts.first ?? nil)
    var event = ""
    if let number = state?.number
      ?? (fulfils == false ? nil : begin(ended.defect.asOpen, nil, local.upperBound, offset))
    {
      event = ledger.id(of: number) ?? ""
      let attributes = attributes(defect, verdicts)
      ledger.end(number, reason: isOver && defect.location == .truncated ? .complete : .condition) { event in
        event.lastSeen = Self.time(defect.slices.upperBound)
        event.score = defect.probability
        event.text = text
        event.attributes = attributes
      }
    }
    entries.append(
      SweepReport.Entry(
        defect: defect, id: event, verdicts: verdicts, fulfils: fulfils, picture: picture))
    // Newest ones first: what lies near is seldom far behind.
    for (id, gap) in ended.nearTo {
      if let i = entries.lastIndex(where: { $0.defect.id == id }) { entries[i].defect.neighbourGap = gap }
    }
  }

  // MARK: Attributes

  private func named(_ name: String, power: Int = 1) -> String {
    let unit = setting.scale == nil ? "voxel" : "mm"
    return power == 1 ? "\(name)_\(unit)" : "\(name)_\(unit)\(power)"
  }

  private func attributes(
    _ defect: SliceFindings.Open, _ verdict: SweepReport.Limit.Verdict?
  ) -> [Attribute] {
    var all = [
      Attribute("appearance", .text(defect.isBright ? "bright" : "dark")),
      Attribute(named("diameter_at_least"), .number(defect.leastDiameter)),
    ]
    if !setting.limits.isEmpty { all.append(Attribute("verdict", .text(verdict?.rawValue ?? "open"))) }
    return all + setting.marks
  }

  private func attributes(_ defect: Defect, _ verdicts: [SweepReport.Limit.Verdict?]) -> [Attribute] {
    func list(_ values: [Double]) -> Attribute.Value { .list(values.map { .number($0) }) }
    func whole(_ values: [Int]) -> Attribute.Value { .list(values.map { .integer(Int64($0)) }) }
    var all = [
      Attribute("kind", .text(defect.kind.rawValue)), Attribute("location", .text(defect.location.rawValue)),
      Attribute(named("diameter"), .number(defect.diameter)),
      Attribute(named("diameter_u"), .number(defect.diameterUncertainty)),
    ]
    if let verdict = verdicts.first ?? nil { all.append(Attribute("verdict", .text(verdict.rawValue))) }
    all += [
      Attribute(named("length_u"), .number(defect.lengthUncertainty)),
      Attribute(named("feret"), .number(defect.feret)),
      Attribute(named("enclosing_diameter"), .number(defect.enclosingDiameter)),
      Attribute(named("volume", power: 3), .number(defect.volume)),
      Attribute(named("volume_u", power: 3), .number(defect.volumeUncertainty)),
      Attribute(named("surface", power: 2), .number(defect.surface)),
      Attribute(named("surface_u", power: 2), .number(defect.surfaceUncertainty)),
      Attribute("sphericity", .number(defect.sphericity)),
      Attribute("compactness", .number(defect.compactness)),
      Attribute(named("centroid"), list([defect.centroid.x, defect.centroid.y, defect.centroid.z])),
      Attribute(
        "box_voxel",
        whole([
          defect.columns.lowerBound, defect.rows.lowerBound, defect.slices.lowerBound, defect.columns.count,
          defect.rows.count, defect.slices.count,
        ])),
      Attribute(named("depth"), list([defect.depth.lowerBound, defect.depth.upperBound])),
    ]
    if let gap = defect.gap { all.append(Attribute(named("gap"), .number(gap))) }
    if let gap = defect.neighbourGap { all.append(Attribute(named("neighbour_gap"), .number(gap))) }
    all += [
      Attribute("contrast", .number(defect.contrast)), Attribute("probability", .number(defect.probability)),
      Attribute("slices", .integer(Int64(defect.slices.count))),
    ]
    return all + setting.marks
  }
}

extension Defect {
  /// As it stood when nothing was told of it yet.
  fileprivate var asOpen: SliceFindings.Open {
    SliceFindings.Open(id: id, isBright: kind == .inclusion, firstSlice: slices.lowerBound, leastDiameter: 0)
  }
}
