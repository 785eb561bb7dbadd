import Base

/// The values that a condition holds on.
package struct Evidence: Sendable {
  package enum Value: Hashable, Sendable {
    case number(Double)
    case count(Int)
    case word(String)
    /// As x, y, width and height.
    case box(Rect)

    /// For people, with three figures.
    package var text: String {
      switch self {
      case .number(let v): Quantity.short(v)
      case .count(let n): String(n)
      case .word(let word): word
      case .box(let box): [box.x, box.y, box.width, box.height].map(Quantity.short).joined(separator: " ")
      }
    }
  }

  /// With the unit at the end of each name, in the units of the condition.
  package var values: [(name: String, value: Value)] = []
  /// In base units.
  package var measured: [Measure: Double] = [:]
  package var counts: [Condition: Int] = [:]
  /// Whom it is about: the object itself, or those counted.
  package var objects: [UInt64] = []

  mutating func add(_ name: String, _ value: Value) {
    guard !values.contains(where: { $0.name == name }) else { return }
    values.append((name, value))
  }
}

extension Automaton {
  /// Whether a rule's condition holds for an object, or for the scene, at the last step.
  package func holds(rule number: Int, object: UInt64?) -> Truth {
    let rule = program.compiled[number]
    guard rule.scope == .object else { return Truth(rawValue: truth[rule.root][0]) ?? .unknown }
    guard let object, let slot = slotOf[object] else { return .unknown }
    return Truth(rawValue: truth[rule.root][slot]) ?? .unknown
  }

  /// What a rule holds on at the last step, for an object of its own or for the scene. For one that has left, what is still
  /// known.
  package func evidence(rule number: Int, object: UInt64?) -> Evidence {
    var evidence = Evidence()
    let slot = object.flatMap { slotOf[$0] }
    if let object { evidence.objects = [object] }
    var counts = program.compiled[number].counts[...]
    collect(program.rules[number].condition, slot, &counts, &evidence)
    return evidence
  }

  private func collect(
    _ condition: Condition, _ slot: Int?, _ counts: inout ArraySlice<Int>, _ evidence: inout Evidence
  ) {
    switch condition {
    case .compare(let m, _, let q), .between(let m, _, let q):
      let value = value(of: m, slot)
      guard !value.isNaN else { return }
      evidence.measured[m] = value
      evidence.add(m.attributeName(in: q.unit), .number(value / (q.unit?.factor ?? 1)))
    case .word(let fact, _):
      let word = fact.scope == .scene ? scene.word(of: fact) : slot.flatMap { slots[$0].facts.word(of: fact) }
      if let word { evidence.add(fact.rawValue, .word(word)) }
    case .answer(let question, let scope, _):
      let known = scope == .scene ? scene.answers : slot.map { slots[$0].facts.answers } ?? []
      guard question < known.count, !known[question].isNaN else { return }
      let name = Condition.answerName(program.setting.questions[question].name)
      if case .words(let words) = program.setting.questions[question].kind {
        guard let place = Int(exactly: known[question]), words.indices.contains(place) else { return }
        evidence.add(name, .word(words[place]))
      } else {
        evidence.add(name, .number(known[question]))
      }
    case .crosses(let line, _):
      guard let slot, crossings[line][slot] != 0 else { return }
      evidence.add("line", .word(program.setting.lines[line].name))
      evidence.add("direction", .word(crossings[line][slot] < 0 ? "left" : "right"))
    case .count:
      guard let node = counts.popFirst() else { return }
      let ids = order.filter { isCounted($0, by: node) }.compactMap { slots[$0].id }
      evidence.counts[condition] = ids.count
      evidence.add(Condition.countName(evidence.counts.count), .count(ids.count))
      if slot == nil { evidence.objects = Set(evidence.objects + ids).sorted() }
    case .removed(let zone):
      if let box = removed.first(where: { isRemoved($0.box, from: zone) })?.box {
        evidence.add("box", .box(box))
      }
    case .near: return
    default: for part in condition.parts { collect(part, slot, &counts, &evidence) }
    }
  }

  private func value(of measure: Measure, _ slot: Int?) -> Double {
    if measure.fact.scope == .scene { return scene.value(of: measure) }
    guard let slot else { return .nan }
    return slots[slot].facts.value(of: measure, picture, program.setting.scale, path: slots[slot].path)
  }
}
