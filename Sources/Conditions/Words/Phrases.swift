/// The language of sentences for people.
package enum Tongue: String, Hashable, Sendable, CaseIterable { case en, zh }

/// Conditions in words, with or without the values that make them true.
package struct Phrases {
  package var tongue: Tongue
  package var names: Vocabulary
  /// What was measured, where it is known.
  package var value: (Measure) -> Double?
  package var count: (Condition) -> Int?

  package init(
    _ tongue: Tongue, _ names: Vocabulary, value: @escaping (Measure) -> Double? = { _ in nil },
    count: @escaping (Condition) -> Int? = { _ in nil }
  ) {
    self.tongue = tongue
    self.names = names
    self.value = value
    self.count = count
  }

  /// "object 7 in door for 10 s".
  package func sentence(_ condition: Condition, object: UInt64?) -> String {
    let phrase = phrase(condition)
    guard let object else { return phrase }
    return tongue == .en ? "object \(object) \(phrase)" : "目标 \(object) \(phrase)"
  }

  package func phrase(_ condition: Condition) -> String {
    switch condition {
    case .compare(let m, let comparator, let q):
      return measured(m, q) { said(comparator) + " " + q.text }
    case .between(let m, let a, let b):
      return measured(m, b) {
        tongue == .en ? "between \(a.text) and \(b.text)" : "在 \(a.text) 与 \(b.text) 之间"
      }
    case .word(let fact, let words):
      let list = words.joined(separator: tongue == .en ? " or " : "或")
      return tongue == .en ? "\(said(fact)) \(list)" : "\(said(fact))为 \(list)"
    case .answer(let question, _, let test): return answered(names.questions[question], test)
    case .not(.answer(let question, _, let test)):
      return answered(names.questions[question], test, isNot: true)
    case .inside(let zone): return tongue == .en ? "in \(names.zones[zone])" : "在 \(names.zones[zone]) 内"
    case .not(.inside(let zone)):
      return tongue == .en ? "outside \(names.zones[zone])" : "在 \(names.zones[zone]) 外"
    case .crosses(let line, let side):
      let name = names.lines[line]
      guard tongue == .en else {
        return side.map { $0 == .left ? "向左越过 \(name)" : "向右越过 \(name)" } ?? "越过 \(name)"
      }
      return "crosses \(name)" + (side.map { " to the \($0.rawValue)" } ?? "")
    case .removed(let zone):
      guard let zone else { return tongue == .en ? "something was removed" : "有物品被移走" }
      return tongue == .en
        ? "something was removed from \(names.zones[zone])" : "\(names.zones[zone]) 内有物品被移走"
    case .near(let neighbour, let q): return near(neighbour, q)
    case .count(let inner, let test): return counted(inner, test)
    case .not(.count(let inner, .compare(.greaterOrEqual, 1))):
      return counted(inner, .compare(.equal, 0))
    case .not(let a): return tongue == .en ? "not \(bracketed(a))" : "并非\(bracketed(a))"
    case .and(let all): return all.map(part).joined(separator: tongue == .en ? " and " : "且")
    case .or(let all): return all.map(part).joined(separator: tongue == .en ? " or " : "或")
    case .lasting(let a, let q):
      return tongue == .en ? "\(bracketed(a)) for \(q.text)" : "\(bracketed(a))持续 \(q.text)"
    case .recent(let a, let q):
      return tongue == .en ? "\(bracketed(a)) within the last \(q.text)" : "最近 \(q.text) 内\(bracketed(a))"
    case .since(let a, let b):
      return tongue == .en
        ? "\(bracketed(a)) ever since \(bracketed(b))" : "自\(bracketed(b))以来一直\(bracketed(a))"
    case .sequence(let a, let b, let q):
      return tongue == .en
        ? "\(bracketed(a)), then within \(q.text) \(bracketed(b))"
        : "先\(bracketed(a))，然后在 \(q.text) 内\(bracketed(b))"
    case .times(let a, let n, let q):
      return tongue == .en
        ? "\(bracketed(a)) at least \(n) times within \(q.text)" : "\(q.text) 内至少 \(n) 次\(bracketed(a))"
    }
  }

  private func part(_ condition: Condition) -> String {
    switch condition {
    case .and, .or, .since, .sequence: "(\(phrase(condition)))"
    default: phrase(condition)
    }
  }

  private func bracketed(_ condition: Condition) -> String {
    switch condition {
    case .count, .not(.count(_, .compare(.greaterOrEqual, 1))), .not(.inside), .not(.answer):
      return phrase(condition)
    default: break
    }
    return condition.parts.isEmpty ? phrase(condition) : "(\(phrase(condition)))"
  }

  private func measured(_ m: Measure, _ q: Quantity, _ limit: () -> String) -> String {
    let name = said(m.fact)
    guard let value = value(m), !value.isNaN else {
      return tongue == .en ? "\(name) \(limit())" : "\(name)\(limit())"
    }
    let shown = Quantity.shown(value, as: q.unit)
    return tongue == .en ? "\(name) \(shown) (\(limit()))" : "\(name) \(shown)（\(limit())）"
  }

  /// As the update says it that tells the answer: "helmet: no".
  private func answered(_ question: AskedQuestion, _ test: AnswerTest, isNot: Bool = false) -> String {
    let isEnglish = tongue == .en
    let what: String
    switch test {
    case .words(let places):
      let words: [String] = if case .words(let all) = question.kind { places.map { all[$0] } } else { [] }
      what = words.joined(separator: isEnglish ? " or " : "或")
    case .compare(let comparator, let n): what = said(comparator) + " " + Quantity.plain(n)
    case .between(let a, let b):
      what =
        isEnglish
        ? "between \(Quantity.plain(a)) and \(Quantity.plain(b))"
        : "在 \(Quantity.plain(a)) 与 \(Quantity.plain(b)) 之间"
    }
    return question.name + (isEnglish ? ": " : "：") + (isNot ? isEnglish ? "not " : "并非 " : "") + what
  }

  private func near(_ neighbour: Neighbour, _ q: Quantity) -> String {
    switch neighbour {
    case .zone(let zone): return near(names.zones[zone], q)
    case .line(let line): return near(names.lines[line], q)
    case .other(let inner):
      let thing = names.domain == .camera ? (en: "object", zh: "目标") : (en: "defect", zh: "缺陷")
      guard let inner else { return near(tongue == .en ? "another \(thing.en)" : "另一\(thing.zh)", q) }
      return near(
        tongue == .en ? "another \(thing.en) with \(phrase(inner))" : "另一满足「\(phrase(inner))」的\(thing.zh)", q)
    }
  }

  private func near(_ name: String, _ q: Quantity) -> String {
    tongue == .en ? "within \(q.text) of \(name)" : "距 \(name) \(q.text) 以内"
  }

  private func counted(_ inner: Condition?, _ test: CountTest) -> String {
    if let plain = plainCount(inner, test) { return plain }
    let n = count(.count(inner, test))
    let limit: String
    switch test {
    case .compare(let comparator, let limitCount):
      limit = said(comparator) + " \(limitCount)"
    case .between(let a, let b): limit = tongue == .en ? "between \(a) and \(b)" : "在 \(a) 与 \(b) 之间"
    }
    let things = names.domain == .camera ? (en: "objects", zh: "目标") : (en: "defects", zh: "缺陷")
    let whose = inner.map { phrase($0) }
    guard tongue == .en else {
      let subject = (whose.map { "满足「\($0)」的" } ?? "") + things.zh + "数"
      return n.map { "\(subject) \($0)（\(limit)）" } ?? "\(subject)\(limit)"
    }
    let subject = things.en + (whose.map { " " + $0 } ?? "")
    return n.map {
      "\($0) \($0 == 1 ? String(things.en.dropLast()) + subject.dropFirst(things.en.count) : subject) (\(limit))"
    }
      ?? "the number of \(subject) \(limit)"
  }

  /// What `any` and `all` say, and that there is none.
  private func plainCount(_ inner: Condition?, _ test: CountTest) -> String? {
    let isCamera = names.domain == .camera
    let thing = tongue == .zh ? (isCamera ? "目标" : "缺陷") : isCamera ? "object" : "defect"
    switch (test, inner) {
    case (.compare(.equal, 0), .not(let each)?):
      return tongue == .en ? "every \(thing) \(phrase(each))" : "所有\(thing)\(phrase(each))"
    case (.compare(.equal, 0), _), (.compare(.less, 1), _):
      guard tongue == .en else { return "没有" + (inner.map { "满足「\(phrase($0))」的" } ?? "") + thing }
      return "no \(thing)" + (inner.map { " \(phrase($0))" } ?? "")
    case (.compare(.greaterOrEqual, 1), _), (.compare(.greater, 0), _):
      let n = count(.count(inner, test))
      guard tongue == .en else {
        let whose = inner.map { "满足「\(phrase($0))」的" } ?? ""
        return "有" + (n.map { " \($0) 个" } ?? "") + whose + thing
      }
      let whose = inner.map { " \(phrase($0))" } ?? ""
      guard let n, n != 1 else { return "an \(thing)".replacingFirst("an d", by: "a d") + whose }
      return "\(n) \(thing)s" + whose
    default: return nil
    }
  }

  private func said(_ comparator: Comparator) -> String {
    switch (comparator, tongue) {
    case (.less, .en): "below"
    case (.lessOrEqual, .en): "at most"
    case (.greater, .en): "above"
    case (.greaterOrEqual, .en): "at least"
    case (.equal, .en): "exactly"
    case (.unequal, .en): "other than"
    case (.less, .zh): "小于"
    case (.lessOrEqual, .zh): "不超过"
    case (.greater, .zh): "大于"
    case (.greaterOrEqual, .zh): "至少为"
    case (.equal, .zh): "等于"
    case (.unequal, .zh): "不等于"
    }
  }

  private func said(_ fact: Fact) -> String {
    guard tongue == .zh else { return String(fact.rawValue.map { $0 == "_" ? " " : $0 }) }
    return switch fact {
    case .score: "置信度"
    case .labelScore: "标签置信度"
    case .age: "出现时间"
    case .still: "静止时间"
    case .speed: "速度"
    case .topSpeed: "最高速度"
    case .direction: "方向"
    case .x: "横坐标"
    case .y: "纵坐标"
    case .width: "宽度"
    case .height: "高度"
    case .area: "面积"
    case .aspect: "宽高比"
    case .pathLength: "路程"
    case .diameter: "直径"
    case .feret: "费雷特直径"
    case .enclosingDiameter: "外接球直径"
    case .volume: "体积"
    case .surface: "表面积"
    case .sphericity: "球形度"
    case .compactness: "紧凑度"
    case .gap: "到表面的距离"
    case .neighbourGap: "到最近缺陷的距离"
    case .depth: "深度"
    case .contrast: "对比度"
    case .probability: "概率"
    case .slices: "切片数"
    case .motion: "运动面积"
    case .luma: "亮度"
    case .sharpness: "清晰度"
    case .frameRate: "帧率"
    }
  }

  private func said(_ fact: WordFact) -> String {
    guard tongue == .zh else { return String(fact.rawValue.map { $0 == "_" ? " " : $0 }) }
    return switch fact {
    case .kind: "类别"
    case .label: "标签"
    case .appearedBy: "出现方式"
    case .seen: "观测状态"
    case .state: "画面状态"
    case .mode: "模式"
    }
  }
}

extension Quantity {
  /// A value in base units, shown in a unit with three figures.
  package static func shown(_ value: Double, as unit: Unit?) -> String {
    guard let unit else { return short(value) }
    return unit.written(short(value / unit.factor))
  }
}

extension String {
  fileprivate func replacingFirst(_ prefix: String, by other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
