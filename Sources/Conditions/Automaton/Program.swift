import Base

/// Kleene's three values: what can't be seen is neither so nor not so.
package enum Truth: UInt8, Sendable, Hashable {
  case no = 0
  case unknown = 1
  case yes = 2

  package init(_ value: Bool) { self = value ? .yes : .no }
  package var negated: Truth { Truth(rawValue: 2 - rawValue) ?? .unknown }
}

/// One kind of event that is looked for.
package struct EventRule: Hashable, Sendable {
  /// The events' kind.
  package var name: String
  package var condition: Condition
  /// After one has ended no other begins for so long.
  package var cooldown: Int64
  /// When it is looked for at all; nil for always.
  package var hours: ActiveHours?

  package init(
    name: String, condition: Condition, cooldown: Nanoseconds = 0, hours: ActiveHours? = nil
  ) {
    self.name = name
    self.condition = condition
    self.cooldown = cooldown
    self.hours = hours
  }
}

/// The places and sizes that conditions refer to by number.
package struct Setting: Hashable, Codable, Sendable {
  package var zones: [Zone]
  package var lines: [Tripwire]
  package var scale: Scale?
  /// What objects can be labelled; nil where that isn't known beforehand.
  package var labels: [String]?
  /// What models are asked.
  package var questions: [AskedQuestion]

  package init(
    zones: [Zone] = [], lines: [Tripwire] = [], scale: Scale? = nil, labels: [String]? = ["moving"],
    questions: [AskedQuestion] = []
  ) {
    precondition(zones.count <= 64, "\(zones.count) zones")
    self.zones = zones
    self.lines = lines
    self.scale = scale
    self.labels = labels
    self.questions = questions
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    zones = try values.decode([Zone].self, forKey: .zones)
    lines = try values.decode([Tripwire].self, forKey: .lines)
    scale = try values.decodeIfPresent(Scale.self, forKey: .scale)
    labels = try values.decodeIfPresent([String].self, forKey: .labels)
    // Older journals know of none.
    questions = try values.decodeIfPresent([AskedQuestion].self, forKey: .questions) ?? []
  }
}

extension Setting {
  /// What conditions may speak of here.
  package func vocabulary(missing: [String: String] = [:]) -> Vocabulary {
    Vocabulary(
      zones: zones.map(\.name), lines: lines.map(\.name), hasScale: scale != nil, labels: labels,
      questions: questions, missing: missing)
  }
}

/// Rules as a list of small steps, each of which needs only those before it. What several rules have in common is done
/// once.
package struct Program: Sendable {
  enum Step: Sendable {
    // Of an object.
    case compare(column: Int, Comparator, Double)
    case between(column: Int, Double, Double)
    case arc(column: Int, Double, Double)
    case word(column: Int, codes: [Int32])
    case answer(question: Int, AnswerTest)
    case inside(zone: Int)
    case crosses(line: Int, Side?)
    case nearPlace(Neighbour, Double, Dimension)
    case nearOther(Int?, Double, Dimension)
    /// What is true of the scene, for each object.
    case spread(Int)
    // Of either.
    case not(Int)
    case and([Int])
    case or([Int])
    case lasting(Int, Int64)
    case recent(Int, Int64)
    case since(Int, Int)
    case sequence(Int, Int, Int64)
    case times(Int, count: Int, Int64)
    // Of the scene.
    case sceneCompare(Measure, Comparator, Double)
    case sceneBetween(Measure, Double, Double)
    case sceneWord(WordFact, [String])
    case sceneAnswer(question: Int, AnswerTest)
    case count(Int?, CountTest)
    case removed(zone: Int?)
  }

  struct Node: Sendable {
    var step: Step
    var scope: Scope
    /// Where its memory begins among the words of an object or of the scene.
    var state: Int
  }

  struct Rule: Sendable {
    var root: Int
    var scope: Scope
    var isMomentary: Bool
    /// Nodes of its own `count`s, for telling who was counted.
    var counts: [Int]
    /// Where its memory begins.
    var state: Int
  }

  package let rules: [EventRule]
  package let setting: Setting
  private(set) var nodes: [Node] = []
  private(set) var compiled: [Rule] = []
  /// Measures and words of objects that are worked out at each tick.
  private(set) var columns: [Measure] = []
  private(set) var wordColumns: [WordFact] = []
  private(set) var words: [String] = []
  /// Questions whose answers about objects are looked at.
  private(set) var answerColumns: [Int] = []
  /// 64-bit words of memory for each object, and for the scene.
  private(set) var objectState = 0
  private(set) var sceneState = 0
  private(set) var needsPaths = false
  private var known: [Condition: Int] = [:]

  package init(_ rules: [EventRule], _ setting: Setting) {
    self.rules = rules
    self.setting = setting
    for rule in rules {
      let root = add(rule.condition)
      let scope = nodes[root].scope
      let state = take(RuleState.words, scope)
      compiled.append(
        Rule(
          root: root, scope: scope, isMomentary: rule.condition.isMomentary,
          counts: counts(of: rule.condition),
          state: state))
    }
    needsPaths = columns.contains { $0.fact == .pathLength && $0.dimension == .length }
    known = [:]
  }

  /// Whether a rule is about the scene, and not about each object.
  package func isOfScene(rule: Int) -> Bool { compiled[rule].scope == .scene }

  /// Bytes that an object in sight takes, and that the whole takes besides.
  package var bytesPerObject: Int {
    objectState * 8 + nodes.count + columns.count * 8 + wordColumns.count * 4
      + setting.questions.count * 8
      + setting.lines.count * (MemoryLayout<LineWatch>.stride + 1) + 40
  }
  package var bytes: Int { sceneState * 8 + nodes.count * MemoryLayout<Node>.stride }

  /// How many steps a tick takes for each object, and besides.
  package var stepCounts: (object: Int, scene: Int) {
    let scene = nodes.count { $0.scope == .scene }
    return (nodes.count - scene, scene)
  }

  private mutating func take(_ words: Int, _ scope: Scope) -> Int {
    if scope == .object {
      objectState += words
      return objectState - words
    }
    sceneState += words
    return sceneState - words
  }

  private mutating func index(of measure: Measure) -> Int {
    if let index = columns.firstIndex(of: measure) { return index }
    columns.append(measure)
    return columns.count - 1
  }

  private mutating func codes(_ fact: WordFact, _ list: [String]) -> Program.Step {
    if !wordColumns.contains(fact) { wordColumns.append(fact) }
    let codes = list.map { word -> Int32 in
      if let known = words.firstIndex(of: word) { return Int32(known) }
      words.append(word)
      return Int32(words.count - 1)
    }
    return .word(column: wordColumns.firstIndex(of: fact) ?? 0, codes: codes)
  }

  private func counts(of condition: Condition) -> [Int] {
    if case .count = condition { return known[condition].map { [$0] } ?? [] }
    return condition.parts.flatMap(counts)
  }

  /// The number of the node that says whether a condition holds.
  private mutating func add(_ condition: Condition) -> Int {
    if let index = known[condition] { return index }
    let (step, state) = compile(condition)
    let scope = condition.scope
    nodes.append(Node(step: step, scope: scope, state: take(state, scope)))
    known[condition] = nodes.count - 1
    return nodes.count - 1
  }

  /// As `add`, and made to be of `scope`.
  private mutating func add(_ condition: Condition, for scope: Scope) -> Int {
    let index = add(condition)
    guard scope == .object, nodes[index].scope == .scene else { return index }
    nodes.append(Node(step: .spread(index), scope: .object, state: 0))
    return nodes.count - 1
  }

  /// The step, and how many words of memory it needs.
  private mutating func compile(_ condition: Condition) -> (Step, Int) {
    let scope = condition.scope
    switch condition {
    case .compare(let m, let comparator, let q):
      guard scope == .object else { return (.sceneCompare(m, comparator, q.value), 0) }
      return (.compare(column: index(of: m), comparator, q.value), 0)
    case .between(let m, let a, let b):
      guard scope == .object else { return (.sceneBetween(m, a.value, b.value), 0) }
      let column = index(of: m)
      return (
        m.fact == .direction
          ? .arc(column: column, a.value, b.value) : .between(column: column, a.value, b.value), 0
      )
    case .word(let fact, let list):
      return (scope == .object ? codes(fact, list) : .sceneWord(fact, list), 0)
    case .answer(let question, _, let test):
      precondition(
        setting.questions.indices.contains(question), "question \(question) of \(setting.questions.count)")
      guard scope == .object else { return (.sceneAnswer(question: question, test), 0) }
      if !answerColumns.contains(question) { answerColumns.append(question) }
      return (.answer(question: question, test), 0)
    case .inside(let zone): return (.inside(zone: zone), 0)
    case .crosses(let line, let side): return (.crosses(line: line, side), 0)
    case .removed(let zone): return (.removed(zone: zone), 0)
    case .near(.other(let inner), let q):
      return (.nearOther(inner.map { add($0, for: .object) }, q.value, q.dimension), 0)
    case .near(let place, let q): return (.nearPlace(place, q.value, q.dimension), 0)
    case .count(let inner, let test): return (.count(inner.map { add($0, for: .object) }, test), 0)
    case .not(let a): return (.not(add(a)), 0)
    case .and(let all): return (.and(all.map { add($0, for: scope) }), 0)
    case .or(let all): return (.or(all.map { add($0, for: scope) }), 0)
    case .lasting(let a, let q): return (.lasting(add(a), q.nanoseconds), Lasting.words)
    case .recent(let a, let q): return (.recent(add(a), q.nanoseconds), Recent.words)
    case .since(let a, let b): return (.since(add(a, for: scope), add(b, for: scope)), Since.words)
    case .sequence(let a, let b, let q):
      return (.sequence(add(a, for: scope), add(b, for: scope), q.nanoseconds), Sequence.words)
    case .times(let a, let n, let q): return (.times(add(a), count: n, q.nanoseconds), Times.words(n))
    }
  }
}
