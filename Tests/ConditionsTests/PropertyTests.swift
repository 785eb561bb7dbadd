import Base
import Conditions
import Testing

/// The automata against the naive evaluator, over random rules and random traces.
struct PropertyTests {
  static let worlds = 20_000

  @Test func theAutomataTellWhatTheWrittenSemanticsSay() {
    var told = 0
    var rulesSeen = 0
    for seed in 0..<UInt64(Self.worlds) {
      var world = RandomWorld(seed: seed)
      let rules = world.rules()
      let trace = world.trace()
      let expected = NaiveEvaluator(rules, RandomWorld.setting, trace).run()
      let given = Self.run(rules, trace)
      rulesSeen += rules.count
      told += given.count
      let sorted = { (all: [Happening]) in all.map(\.description).sorted() }
      guard sorted(expected) != sorted(given) else { continue }
      let texts = rules.map { "\($0.condition.text(RandomWorld.names))  cooldown \($0.cooldown)" }
      let missing = sorted(expected.filter { !given.contains($0) })
      let surplus = sorted(given.filter { !expected.contains($0) })
      Issue.record(
        "world \(seed)\n\(texts.joined(separator: "\n"))\nmissing \(missing.prefix(3))\nsurplus \(surplus.prefix(3))"
      )
      return
    }
    // A world in which nothing ever happens proves nothing.
    #expect(told > rulesSeen, "\(told) happenings of \(rulesSeen) rules")
  }

  @Test func aConditionReadsAsItIsWritten() throws {
    for seed in 0..<UInt64(5_000) {
      var world = RandomWorld(seed: seed)
      for rule in world.rules() {
        let text = rule.condition.text(RandomWorld.names)
        #expect(try ConditionParser.read(text, RandomWorld.names) == rule.condition, "\(text)")
      }
    }
  }

  static func run(_ rules: [EventRule], _ trace: [Moment]) -> [Happening] {
    var automaton = Automaton(Program(rules, RandomWorld.setting))
    var happenings: [Happening] = []
    for (index, moment) in trace.enumerated() {
      automaton.step(moment.tick, moment.objects)
      happenings += automaton.changes.map { Happening(tick: index, change: $0) }
    }
    return happenings
  }
}
