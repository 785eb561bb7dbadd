import Base
import Conditions

/// One tick of a trace: what an automaton is given.
struct Moment {
  var tick: Automaton.Tick
  var objects: [ObjectFacts]
  var time: Int64 { tick.time.nanoseconds }
}

/// What happened, for comparing.
struct Happening: Hashable, CustomStringConvertible {
  var tick: Int
  var change: Automaton.Change
  var description: String { "tick \(tick): \(change)" }
}

/// Obeys the written semantics (docs/conditions.md) to the letter: reads whole traces and looks back as far as it has to at
/// every tick. Slow, and shares nothing with the automaton but the meaning of a single fact.
struct NaiveEvaluator {
  let rules: [EventRule]
  let setting: Setting
  let trace: [Moment]
  private var lives: [Life] = []

  /// From the first tick at which an object is in sight to the one before it has gone.
  private struct Life {
    var id: UInt64
    var ticks: Range<Int>
    var ending: Automaton.Change.Ending?
    /// By tick: the facts that hold there; nil where it isn't in sight.
    var facts: [ObjectFacts?]
    var zones: [UInt64]
    var crossings: [[Side?]]
    var passed: [[Int64]]
  }

  init(_ rules: [EventRule], _ setting: Setting, _ trace: [Moment]) {
    self.rules = rules
    self.setting = setting
    self.trace = trace
    for id in Set(trace.flatMap { $0.objects.map(\.id) }).sorted() { findLives(of: id) }
  }

  // MARK: - Lives

  private mutating func findLives(of id: UInt64) {
    var open: Life?
    var missing: Int64?
    for (index, moment) in trace.enumerated() {
      if moment.tick.scene.isLost {
        if var life = open {
          life.ticks = life.ticks.lowerBound..<index
          life.ending = .signalLost
          lives.append(life)
          open = nil
        }
        continue
      }
      guard moment.tick.isFresh else {
        if var life = open {
          life.facts.append(life.facts.last ?? nil)
          open = life
        }
        continue
      }
      let facts = moment.objects.first { $0.id == id }
      if let facts {
        missing = nil
        if open == nil {
          open = Life(
            id: id, ticks: index..<trace.count, ending: nil, facts: [], zones: [], crossings: [], passed: [])
        }
        open?.facts.append(facts)
      } else if var life = open {
        missing = missing ?? moment.time
        if moment.time - (missing ?? 0) >= Automaton.grace {
          life.ticks = life.ticks.lowerBound..<index
          life.ending = .left
          lives.append(life)
          open = nil
        } else {
          life.facts.append(nil)
          open = life
        }
      }
    }
    if let open { lives.append(open) }
    for index in lives.indices where lives[index].zones.isEmpty { place(&lives[index]) }
  }

  /// Zones with their margin, and lines by the clear sides.
  private func place(_ life: inout Life) {
    var mask: UInt64 = 0
    var clear = setting.lines.map { _ in 0.0 }
    var path: [[(Double, Double)]] = setting.lines.map { _ in [] }
    var passedAlong = setting.lines.map { _ in Double.nan }
    var passedAt = setting.lines.map { _ in Int64(0) }
    for (offset, index) in life.ticks.enumerated() {
      let moment = trace[index]
      var crossed: [Side?] = setting.lines.map { _ in nil }
      if moment.tick.isFresh, let facts = life.facts[offset] {
        let aspect = moment.tick.picture.aspect
        for (number, zone) in setting.zones.enumerated() {
          let p = zone.anchor.point(of: facts.box)
          let was = mask >> UInt64(number) & 1 == 1
          let isIn = zone.polygon.contains(p) || was && zone.distance(to: p, aspect: aspect) <= Places.margin
          mask = isIn ? mask | 1 << UInt64(number) : mask & ~(1 << UInt64(number))
        }
        for (number, line) in setting.lines.enumerated() {
          let p = line.anchor.point(of: facts.box)
          let (dx, dy) = ((line.to.x - line.from.x) * aspect, line.to.y - line.from.y)
          let (px, py) = ((p.x - line.from.x) * aspect, p.y - line.from.y)
          let length = (dx * dx + dy * dy).squareRoot()
          let here = (aside: (dx * py - dy * px) / length, along: (px * dx + py * dy) / (length * length))
          if let before = path[number].last, (before.0 < 0) != (here.aside < 0) {
            passedAlong[number] = before.1 + (here.along - before.1) * (before.0 / (before.0 - here.aside))
            passedAt[number] = moment.time
          }
          path[number].append((here.aside, here.along))
          guard abs(here.aside) > Places.margin else { continue }
          let side = here.aside < 0 ? -1.0 : 1
          if clear[number] != 0, clear[number] != side, passedAlong[number] >= 0, passedAlong[number] <= 1 {
            crossed[number] = side < 0 ? .left : .right
          }
          clear[number] = side
        }
      }
      life.zones.append(mask)
      life.crossings.append(crossed)
      life.passed.append(passedAt)
    }
  }

  // MARK: - Truth

  /// Whether a condition holds, at each tick of a life, or of the trace where there is none.
  private func truths(_ condition: Condition, _ life: Life?) -> [Truth] {
    let ticks = life?.ticks ?? trace.indices
    if life != nil, condition.scope == .scene { return Array(truths(condition, nil)[ticks]) }
    func time(_ offset: Int) -> Int64 { trace[ticks.lowerBound + offset].time }
    func each(_ body: (Int) -> Truth) -> [Truth] { ticks.indices.map { body($0 - ticks.lowerBound) } }
    switch condition {
    case .compare(let m, let comparator, let q):
      return each { offset in
        let v = value(m, life, offset, ticks)
        return v.isNaN ? .unknown : Truth(comparator.holds(v, q.value))
      }
    case .between(let m, let a, let b):
      return each { offset in
        let v = value(m, life, offset, ticks)
        if v.isNaN { return .unknown }
        guard m.fact == .direction else { return Truth(a.value <= v && v <= b.value) }
        return Truth(
          [-720.0, -360, 0, 360, 720].contains {
            a.value <= v + $0 && v + $0 <= (b.value < a.value ? b.value + 360 : b.value)
          })
      }
    case .word(let fact, let words):
      return each { offset in
        guard let word = word(fact, life, offset, ticks) else { return .unknown }
        return Truth(words.contains(word))
      }
    case .answer(let question, let scope, let test):
      return each { offset in
        let all =
          scope == .scene ? trace[ticks.lowerBound + offset].tick.scene.answers : life?.facts[offset]?.answers
        guard let all, question < all.count, !all[question].isNaN else { return .unknown }
        switch test {
        case .words(let places): return Truth(places.map(Double.init).contains(all[question]))
        case .compare(let comparator, let limit): return Truth(comparator.holds(all[question], limit))
        case .between(let low, let high): return Truth(low <= all[question] && all[question] <= high)
        }
      }
    case .inside(let zone):
      return each { offset in
        guard let life, life.facts[offset] != nil else { return .unknown }
        return Truth(life.zones[offset] >> UInt64(zone) & 1 == 1)
      }
    case .crosses(let line, let side):
      return each { offset in
        guard let life, life.facts[offset] != nil else { return .unknown }
        guard let crossed = life.crossings[offset][line] else { return .no }
        return Truth(side == nil || side == crossed)
      }
    case .removed(let zone):
      return each { offset in
        let boxes = trace[ticks.lowerBound + offset].tick.removed.map(\.box)
        return Truth(
          boxes.contains { box in
            zone.map { setting.zones[$0].polygon.contains(setting.zones[$0].anchor.point(of: box)) } ?? true
          })
      }
    case .near(let neighbour, let q):
      guard case .other(let inner) = neighbour else { fatalError("only others are near in the traces") }
      let fit = lives.map { other in inner.map { truths($0, other) } }
      return each { near(fit, q, life, $0, ticks) }
    case .count(let inner, let test):
      let fit = lives.map { other in inner.map { truths($0, other) } }
      return each { offset in
        let tick = ticks.lowerBound + offset
        guard !trace[tick].tick.scene.isBlind else { return .unknown }
        var (sure, doubtful) = (0, 0)
        for (number, other) in lives.enumerated() where other.ticks.contains(tick) {
          let at = tick - other.ticks.lowerBound
          let holds = other.facts[at] == nil ? Truth.unknown : fit[number]?[at] ?? .yes
          if holds == .yes { sure += 1 } else if holds == .unknown { doubtful += 1 }
        }
        return test.holds(atLeast: sure, atMost: sure + doubtful).map { Truth($0) } ?? .unknown
      }
    case .not(let a): return truths(a, life).map(\.negated)
    case .and(let all):
      let parts = all.map { truths($0, life) }
      return each { o in
        parts.map { $0[o] }.contains(.no) ? .no : parts.allSatisfy { $0[o] == .yes } ? .yes : .unknown
      }
    case .or(let all):
      let parts = all.map { truths($0, life) }
      return each { o in
        parts.map { $0[o] }.contains(.yes) ? .yes : parts.allSatisfy { $0[o] == .no } ? .no : .unknown
      }
    case .lasting(let a, let q):
      let a = truths(a, life)
      return each { o in
        guard a[o] == .yes else { return a[o] }
        let start = (a[...o].lastIndex(of: .no) ?? -1) + 1
        var known: Int64 = 0
        for k in stride(from: start + 1, through: o, by: 1) where a[k] == .yes && a[k - 1] == .yes {
          known += time(k) - time(k - 1)
        }
        return Truth(known >= q.nanoseconds)
      }
    case .recent(let a, let q):
      let a = truths(a, life)
      return each { o in
        let window = (0...o).filter { time(o) - time($0) <= q.nanoseconds }.map { a[$0] }
        return window.contains(.yes) ? .yes : window.contains(.unknown) ? .unknown : .no
      }
    case .since(let a, let b):
      let (a, b) = (truths(a, life), truths(b, life))
      return each { o in
        var best = Truth.no
        for k in 0...o {
          let worth = ([b[k]] + a[(k + 1)..<(o + 1)]).map(\.rawValue).min() ?? 0
          best = worth > best.rawValue ? Truth(rawValue: worth) ?? best : best
        }
        return best
      }
    case .sequence(let a, let b, let q):
      let (a, b) = (truths(a, life), truths(b, life))
      return each { o in
        guard b[o] == .yes else { return b[o] }
        let rise = self.rise(b, o)
        return Truth((0..<rise).contains { a[$0] == .yes && time(rise) - time($0) <= q.nanoseconds })
      }
    case .times(let a, let n, let q):
      let a = truths(a, life)
      return each { o in
        let rises = rises(a, o).filter { time(o) - time($0) < q.nanoseconds }.count
        return rises >= n ? .yes : a[o] == .unknown ? .unknown : .no
      }
    }
  }

  /// The tick at which what holds at `o` began: unknown ticks in between interrupt nothing.
  private func rise(_ a: [Truth], _ o: Int) -> Int {
    let start = (a[...o].lastIndex(of: .no) ?? -1) + 1
    return a[start...o].firstIndex(of: .yes) ?? o
  }

  private func rises(_ a: [Truth], _ o: Int) -> [Int] {
    (0...o).filter { a[$0] == .yes && rise(a, $0) == $0 }
  }

  private func value(_ m: Measure, _ life: Life?, _ offset: Int, _ ticks: Range<Int>) -> Double {
    let tick = trace[ticks.lowerBound + offset].tick
    if m.fact.scope == .scene {
      switch m.fact {
      case .motion: return tick.scene.motion
      case .luma: return tick.scene.luma
      case .sharpness: return tick.scene.sharpness
      default: return tick.scene.frameRate
      }
    }
    guard let f = life?.facts[offset] else { return .nan }
    let p = Self.picture
    switch (m.fact, m.dimension) {
    case (.age, _): return f.age
    case (.still, _): return f.still
    case (.score, _): return f.score
    case (.labelScore, _): return f.labelScore
    case (.height, .pixels): return f.box.height * p.height
    case (.height, .share): return f.box.height
    case (.direction, _):
      let (x, y) = (f.velocityX * p.aspect, -f.velocityY)
      guard (x * x + y * y).squareRoot() >= 0.02 else { return .nan }
      // The only directions in the traces are multiples of 90°.
      return x > 0 ? 0 : x < 0 ? 180 : y > 0 ? 90 : 270
    default: fatalError("the traces have no \(m)")
    }
  }

  private func word(_ fact: WordFact, _ life: Life?, _ offset: Int, _ ticks: Range<Int>) -> String? {
    let tick = trace[ticks.lowerBound + offset].tick
    switch fact {
    case .state: return tick.scene.state
    case .mode: return tick.scene.mode
    case .label: return life?.facts[offset]?.label
    case .seen: return life?.facts[offset].map { $0.isObserved ? "observed" : "predicted" }
    default: fatalError("the traces have no \(fact)")
    }
  }

  private func near(
    _ fit: [[Truth]?], _ q: Quantity, _ life: Life?, _ offset: Int, _ ticks: Range<Int>
  ) -> Truth {
    guard let life, let own = life.facts[offset] else { return .unknown }
    let tick = ticks.lowerBound + offset
    var best = Truth.no
    for (number, other) in lives.enumerated() where other.id != life.id && other.ticks.contains(tick) {
      let at = tick - other.ticks.lowerBound
      let fits = other.facts[at] == nil ? Truth.unknown : fit[number]?[at] ?? .yes
      guard let last = other.facts[...at].last(where: { $0 != nil }) ?? nil else { continue }
      let (a, b) = (own.box, last.box)
      let dx = max(0, max(a.x - b.maxX, b.x - a.maxX)) * Self.picture.aspect
      let dy = max(0, max(a.y - b.maxY, b.y - a.maxY))
      if (dx * dx + dy * dy).squareRoot() <= q.value, fits.rawValue > best.rawValue { best = fits }
    }
    return best
  }

  static let picture = Picture(width: 1600, height: 900)

  // MARK: - Events

  func run() -> [Happening] {
    var happenings: [Happening] = []
    // Rules don't touch each other.
    for (number, rule) in rules.enumerated() { happenings += run(rule, number) }
    return happenings
  }

  private struct Standing {
    var isOpen = false
    var isHeldBack = false
    var lastSeen: Int64 = 0
    var told: [Counted] = []
    var toldAt: Int64 = 0
  }

  private func run(_ rule: EventRule, _ number: Int) -> [Happening] {
    var happenings: [Happening] = []
    var standings: [Int: Standing] = [:]
    var ended: Int64?
    var heldBack = 0
    let isScene = rule.condition.scope == .scene
    let hasCount = isScene && rule.condition.contains { if case .count = $0 { true } else { false } }
    let counted = hasCount ? self.counted(rule.condition) : trace.map { _ in [] }
    let subjects: [(key: Int, life: Life?, truths: [Truth])] =
      isScene
      ? [(-1, nil, truths(rule.condition, nil))]
      : lives.enumerated().map { ($0, $1, truths(rule.condition, $1)) }.sorted {
        ($0.1?.id ?? 0) < ($1.1?.id ?? 0)
      }
    for (index, moment) in trace.enumerated() {
      func tell(_ life: Life?, _ what: Automaton.Change.What) {
        happenings.append(
          Happening(
            tick: index, change: .init(rule: number, object: life?.id, what: what, heldBack: heldBack)))
      }
      func end(_ key: Int, _ life: Life?, _ ending: Automaton.Change.Ending) {
        tell(life, .end(ending, lastSeen: MediaTime(nanoseconds: standings[key]?.lastSeen ?? 0)))
        standings[key] = nil
        ended = moment.time
      }
      for (key, life, _) in subjects {
        if let life, life.ticks.upperBound == index, let ending = life.ending, standings[key]?.isOpen ?? false
        {
          end(key, life, ending)
        }
      }
      for (key, life, truths) in subjects where (life?.ticks ?? trace.indices).contains(index) {
        let offset = index - (life?.ticks.lowerBound ?? 0)
        var standing = standings[key] ?? Standing()
        let isActive =
          rule.hours?.contains(secondsSince1970: moment.tick.secondsSince1970, localOffset: 0) ?? true
        switch isActive ? truths[offset] : .no {
        case .yes:
          if !standing.isOpen {
            if let ended, moment.time - ended < rule.cooldown {
              if rule.condition.isMomentary || !standing.isHeldBack { heldBack += 1 }
              standing.isHeldBack = true
              standings[key] = standing
              continue
            }
            let since = MediaTime(nanoseconds: self.since(rule.condition, life, offset) ?? moment.time)
            tell(life, rule.condition.isMomentary ? .point(since: since) : .begin(since: since))
            heldBack = 0
            if rule.condition.isMomentary {
              ended = moment.time
              standings[key] = nil
              continue
            }
            standing = Standing(
              isOpen: true, lastSeen: moment.time, told: counted[index], toldAt: moment.time)
          }
          let isSeen = life.map { $0.facts[offset]?.isObserved ?? false } ?? true
          if moment.tick.isFresh, isSeen { standing.lastSeen = moment.time }
          if hasCount, moment.time - standing.toldAt >= Automaton.pause, counted[index] != standing.told {
            (standing.told, standing.toldAt) = (counted[index], moment.time)
            tell(life, .update)
          }
          standings[key] = standing
        case .no:
          if standing.isOpen { end(key, life, .condition) } else { standings[key] = nil }
        case .unknown:
          if standing.isOpen, moment.tick.scene.isLost { end(key, life, .signalLost) }
        }
      }
    }
    return happenings
  }

  /// The same one counted by another count is another number told.
  private struct Counted: Hashable {
    var by: Condition
    var id: UInt64
  }

  /// Everybody that is counted anywhere in a condition, by tick.
  private func counted(_ condition: Condition) -> [[Counted]] {
    var all = trace.map { _ in [Counted]() }
    guard case .count(let inner, _) = condition else {
      for part in condition.parts { for (tick, ids) in counted(part).enumerated() { all[tick] += ids } }
      return all
    }
    for life in lives {
      let fits = inner.map { truths($0, life) }
      for (offset, tick) in life.ticks.enumerated() where life.facts[offset] != nil {
        if fits?[offset] ?? .yes == .yes { all[tick].append(Counted(by: condition, id: life.id)) }
      }
    }
    return all
  }

  private func since(_ condition: Condition, _ life: Life?, _ offset: Int) -> Int64? {
    if life != nil, condition.scope == .scene {
      return since(condition, nil, offset + (life?.ticks.lowerBound ?? 0))
    }
    let first = life?.ticks.lowerBound ?? 0
    func time(_ o: Int) -> Int64 { trace[first + o].time }
    switch condition {
    case .lasting(let a, _):
      return [since(a, life, offset), time(rise(truths(a, life), offset))].compactMap(\.self).min()
    case .sequence(let a, let b, _):
      let rise = rise(truths(b, life), offset)
      return truths(a, life)[..<rise].lastIndex(of: .yes).map(time)
    case .times(let a, let n, _): return rises(truths(a, life), offset).suffix(n).first.map(time)
    case .crosses(let line, _): return life?.passed[offset][line]
    case .removed(let zone):
      return trace[first + offset].tick.removed.filter { removal in
        zone.map { setting.zones[$0].polygon.contains(setting.zones[$0].anchor.point(of: removal.box)) }
          ?? true
      }.map(\.since.nanoseconds).min()
    case .and(let all): return all.compactMap { since($0, life, offset) }.max()
    case .or(let all):
      return all.filter { truths($0, life)[offset] == .yes }.compactMap { since($0, life, offset) }.min()
    default: return nil
    }
  }
}
