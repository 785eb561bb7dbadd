import Base
import Conditions
import TestKit

/// Random conditions and random traces, small and coarse enough that borders are met often.
struct RandomWorld {
  var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  static let names = Vocabulary(
    zones: ["door", "hall"], lines: ["gate", "exit"], hasScale: true, labels: ["cat", "car"],
    questions: questions)
  static let questions = [
    AskedQuestion(name: "helmet", scope: .object, kind: .words(["yes", "no", "unknown"])),
    AskedQuestion(name: "bags", scope: .object, kind: .number),
    AskedQuestion(name: "how full", scope: .scene, kind: .number),
    AskedQuestion(name: "door", scope: .scene, kind: .words(["open", "not", "it's \"ajar\"", "unknown"])),
  ]
  static let setting = Setting(
    zones: [
      Zone(
        name: "door",
        polygon: Polygon([
          Point(x: 0.2, y: 0.2), Point(x: 0.5, y: 0.2), Point(x: 0.5, y: 0.6), Point(x: 0.2, y: 0.6),
        ])),
      Zone(
        name: "hall",
        polygon: Polygon([Point(x: 0.4, y: 0.1), Point(x: 0.9, y: 0.5), Point(x: 0.4, y: 0.9)]),
        anchor: .centre),
    ],
    lines: [
      Tripwire(name: "gate", from: Point(x: 0.5, y: 0.8), to: Point(x: 0.5, y: 0.1)),
      Tripwire(name: "exit", from: Point(x: 0.2, y: 0.3), to: Point(x: 0.8, y: 0.5), anchor: .centre),
    ], questions: questions)

  mutating func pick<T>(_ all: [T]) -> T { all[Int(random.next() % UInt64(all.count))] }
  mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

  // MARK: - Conditions

  mutating func rules() -> [EventRule] {
    (0..<pick([1, 2, 3])).map { number in
      var condition = self.condition(depth: pick([1, 2, 3, 3]), isCounted: false)
      while (try? ConditionParser.read(condition.text(Self.names), Self.names)) == nil {
        condition = self.condition(depth: pick([1, 2, 3]), isCounted: false)
      }
      return EventRule(
        name: "rule\(number)", condition: condition,
        cooldown: chance(30) ? .milliseconds(pick([200, 1000])) : 0,
        hours: chance(10) ? ActiveHours(from: 0, to: 1, offset: 0) : nil)
    }
  }

  mutating func condition(depth: Int, isCounted: Bool) -> Condition {
    guard depth > 1 else { return leaf(isCounted) }
    func time() -> Quantity { Quantity(pick([0.05, 0.1, 0.2, 0.5, 1]), Unit.find("s")) }
    let a = condition(depth: depth - 1, isCounted: isCounted)
    switch random.next() % 9 {
    case 0: return .not(a)
    case 1, 2:
      let b = condition(depth: depth - 1, isCounted: isCounted)
      return .and(flat(a, b) { if case .and(let all) = $0 { all } else { nil } })
    case 3:
      let b = condition(depth: depth - 1, isCounted: isCounted)
      return .or(flat(a, b) { if case .or(let all) = $0 { all } else { nil } })
    case 4: return .lasting(a, time())
    case 5: return .recent(a, time())
    case 6: return .since(a, condition(depth: depth - 1, isCounted: isCounted))
    case 7: return .sequence(a, condition(depth: depth - 1, isCounted: isCounted), time())
    default: return .times(a, pick([1, 2, 3]), time())
    }
  }

  private func flat(_ a: Condition, _ b: Condition, _ inner: (Condition) -> [Condition]?) -> [Condition] {
    (inner(a) ?? [a]) + (inner(b) ?? [b])
  }

  private mutating func leaf(_ isCounted: Bool) -> Condition {
    let s = Unit.find("s")
    switch random.next() % (isCounted ? 11 : 17) {
    case 0:
      return .compare(
        Measure(.age, .time), pick([.greater, .lessOrEqual]), Quantity(pick([0.2, 0.5, 1]), s))
    case 1:
      return .compare(Measure(.still, .time), pick([.greaterOrEqual, .less]), Quantity(pick([0.1, 0.3]), s))
    case 2:
      return .compare(Measure(.height, .pixels), pick([.greater, .unequal]), Quantity(90, Unit.find("px")))
    case 3:
      return .between(
        Measure(.direction, .angle), Quantity(pick([-45, 45, 135, 300]), Unit.find("°")),
        Quantity(pick([45, 135, 225]), Unit.find("°")))
    case 4:
      return chance(60)
        ? .word(.label, ["cat"])
        : .compare(
          Measure(.labelScore, .number), pick([.greater, .lessOrEqual]), Quantity(0.5))
    case 5, 6: return .inside(pick([0, 1]))
    case 7: return .crosses(line: pick([0, 1]), pick([nil, .left, .right]))
    case 8:
      return isCounted
        ? .word(.seen, ["observed"])
        : .near(
          .other(chance(50) ? nil : objectCondition(depth: 2)), Quantity(pick([5, 20]), Unit.find("%")))
    case 9: return .answer(question: 0, .object, .words(pick([[0], [1], [0, 2], [0, 1, 2]])))
    case 10:
      return .answer(
        question: 1, .object, pick([.compare(.greater, 1), .compare(.unequal, 3), .between(-0.5, 2)]))
    case 11:
      return chance(50)
        ? .answer(question: 2, .scene, pick([.compare(.lessOrEqual, 3), .between(2.5, 4)]))
        : .answer(question: 3, .scene, .words(pick([[0], [1], [1, 3]])))
    case 12: return .word(.state, [pick(["ok", "dark", "signal_lost"])])
    case 13: return .removed(pick([nil, 0, 1]))
    case 14: return .compare(Measure(.motion, .share), .greater, Quantity(10, Unit.find("%")))
    default:
      return .count(
        chance(30) ? nil : objectCondition(depth: pick([1, 2])),
        pick([
          .compare(.greater, 1), .compare(.greaterOrEqual, 1), .compare(.equal, 0), .compare(.less, 2),
          .compare(.unequal, 1), .between(1, 2),
        ]))
    }
  }

  private mutating func objectCondition(depth: Int) -> Condition {
    while true {
      let condition = condition(depth: depth, isCounted: true)
      if condition.scope == .object { return condition }
    }
  }

  // MARK: - Traces

  private struct Walker {
    var id: UInt64
    var x: Double
    var y: Double
    var vx: Double
    var vy: Double
    var label: String
    var labelScore: Double
    var born: Int64
    var moved: Int64
    var answers: [Double] = []
  }

  mutating func trace() -> [Moment] {
    var moments: [Moment] = []
    var walkers: [Walker] = []
    var time: Int64 = 0
    var state = "ok"
    var isFresh = true
    var nextID: UInt64 = 1
    var answers: [Double] = []
    for _ in 0..<pick([30, 60, 90]) {
      time += 50_000_000 * pick([1, 1, 1, 1, 1, 2, 3, 12])
      if chance(6) { state = pick(["ok", "ok", "dark", "covered", "signal_lost", "defocused"]) }
      if chance(15) { isFresh.toggle() }
      if walkers.count < 4, chance(12) {
        walkers.append(
          Walker(
            id: nextID, x: pick([0.1, 0.3, 0.5, 0.7]), y: pick([0.2, 0.4, 0.7]), vx: 0, vy: 0,
            label: pick(["cat", "car", "dog"]), labelScore: pick([0.4, 0.5, 0.9, .nan]), born: time,
            moved: time))
        nextID += 1
      }
      if !walkers.isEmpty, chance(4) { walkers.remove(at: Int(random.next() % UInt64(walkers.count))) }
      var objects: [ObjectFacts] = []
      for index in walkers.indices {
        if chance(20) {
          // Along the axes only: the naive evaluator needs no trigonometry.
          let speed = pick([0.0, 0.03, -0.03, 0.1, -0.1, 0.2])
          (walkers[index].vx, walkers[index].vy) = chance(50) ? (speed, 0) : (0, speed)
        }
        walkers[index].x = min(0.95, max(0.05, walkers[index].x + walkers[index].vx))
        walkers[index].y = min(0.95, max(0.05, walkers[index].y + walkers[index].vy))
        let w = walkers[index]
        if w.vx != 0 || w.vy != 0 { walkers[index].moved = time }
        if chance(10) { walkers[index].labelScore = pick([0.4, 0.9, .nan]) }
        if chance(10) {
          walkers[index].answers = pick([
            [], [pick([0, 1, 2])], [pick([0, 1, 2, .nan]), pick([1, 2, 3, .nan])],
          ])
        }
        // Out of sight for a moment.
        if chance(8) { continue }
        var facts = ObjectFacts(
          id: w.id, label: w.label, score: 0.9, labelScore: w.labelScore, age: Double(time - w.born) / 1e9,
          still: Double(time - walkers[index].moved) / 1e9,
          box: Rect(x: w.x - 0.05, y: w.y - 0.1, width: 0.1, height: pick([0.1, 0.1, 0.2])),
          velocityX: w.vx, velocityY: w.vy, isObserved: chance(80))
        facts.answers = walkers[index].answers
        objects.append(facts)
      }
      if chance(10) {
        answers = pick([[], [.nan, .nan, 3], [.nan, .nan, pick([2, 3, 4, .nan]), pick([0, 1, 3, .nan])]])
      }
      var scene = SceneFacts(state: state, motion: pick([0.05, 0.2, .nan]))
      scene.answers = answers
      moments.append(
        Moment(
          tick: .init(
            time: MediaTime(nanoseconds: time), isFresh: isFresh && state != "signal_lost", scene: scene,
            picture: NaiveEvaluator.picture,
            removed: chance(5)
              ? [
                .init(
                  box: Rect(x: pick([0.3, 0.6]), y: 0.3, width: 0.1, height: 0.1),
                  since: MediaTime(nanoseconds: max(0, time - 100_000_000)))
              ] : [],
            secondsSince1970: 58 + time / 1_000_000_000),
          objects: objects.shuffled(using: &random)))
    }
    return moments
  }
}
