import Base

/// Reads the text of a condition, checking it against a vocabulary as it goes.
///
/// A recursive descent over this grammar; suffixes bind to the one condition before them:
/// ```
/// condition = choice { "then" choice "within" TIME | "since" choice }
/// choice    = all { "or" all }
/// all       = lasting { "and" lasting }
/// lasting   = single { "for" TIME | "within" TIME | "at least" N "times" "within" TIME }
/// single    = "not" single | "(" condition ")" | count | place | comparison
/// ```
package struct ConditionParser {
  let vocabulary: Vocabulary
  private let scalars: [Unicode.Scalar]
  private let tokens: [Token]
  private var at = 0
  private var depth = 0
  private var size = 0
  /// Inside the brackets of `count`, `any`, `all` or `near`, where `object` is each of the counted.
  private var counting = 0
  /// A `within` that comes next belongs to a `then`.
  private var thenIsOpen = false

  /// Bounds the work for a text from outside.
  static let longest = 4096
  static let deepest = 40
  static let largest = 400

  package static func read(_ text: String, _ vocabulary: Vocabulary) throws(Problem) -> Condition {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count <= longest else {
      throw Problem(longest..<longest + 1, "a condition has at most \(longest) characters")
    }
    var parser = ConditionParser(
      vocabulary: vocabulary, scalars: scalars, tokens: try Lexer.tokens(of: scalars))
    guard parser.tokens.count > 1 else { throw Problem(0..<0, "there is no condition") }
    let condition = try parser.condition()
    guard case .end = parser.token.kind else { throw parser.unexpected("`and`, `or`, `for` or the end") }
    return condition
  }

  private init(vocabulary: Vocabulary, scalars: [Unicode.Scalar], tokens: [Token]) {
    self.vocabulary = vocabulary
    self.scalars = scalars
    self.tokens = tokens
  }
}

// Tokens.
extension ConditionParser {
  var token: Token { tokens[at] }
  var previousEnd: Int { at > 0 ? tokens[at - 1].range.upperBound : 0 }

  func look(_ ahead: Int) -> Token { tokens[min(at + ahead, tokens.count - 1)] }

  mutating func advance() { at = min(at + 1, tokens.count - 1) }

  /// The word that stands here, when it is not in quotes.
  var bare: String? {
    if case .word(let word, quoted: false) = token.kind { return word }
    return nil
  }

  func isKeyword(_ word: String, ahead: Int = 0) -> Bool {
    guard case .word(let text, quoted: false) = look(ahead).kind else { return false }
    return text.lowercased() == word
  }

  /// Steps over these words, if they stand here.
  mutating func take(_ words: String...) -> Bool {
    for (offset, word) in words.enumerated() where !isKeyword(word, ahead: offset) { return false }
    for _ in words { advance() }
    return true
  }

  mutating func take(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }

  func unexpected(_ wanted: String) -> Problem {
    if case .end = token.kind {
      return Problem(max(0, previousEnd - 1)..<previousEnd, "the condition ends where \(wanted) is missing")
    }
    return Problem(token.range, "`\(text(token.range))` stands where \(wanted) was expected")
  }

  mutating func close() throws(Problem) {
    guard take(.close) else { throw unexpected("`)`") }
  }
}

// The levels of the grammar.
extension ConditionParser {
  mutating func condition() throws(Problem) -> Condition {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw Problem(token.range, "the brackets are nested more than \(Self.deepest) deep")
    }
    let outer = thenIsOpen
    thenIsOpen = false
    defer { thenIsOpen = outer }
    let start = token.range.lowerBound
    var left = try choice().condition
    while true {
      if take("since") {
        let right = try choice().condition
        if left.isMomentary {
          throw Problem(
            start..<previousEnd, "what comes before `since` has to last, and a crossing lasts no time")
        }
        left = try made(.since(left, right), from: start)
      } else if take("then") {
        thenIsOpen = true
        let right = try choice().condition
        thenIsOpen = false
        guard take("within") else { throw unexpected("`within` with a time, for `then`,") }
        left = try made(.sequence(left, right, try time(after: "within")), from: start)
      } else {
        return left
      }
    }
  }

  /// A part with the words that a suffix of its own takes, if it ends with one.
  private struct Part {
    var condition: Condition
    var suffix: Range<Int>?
    var start: Int
  }

  private mutating func choice() throws(Problem) -> Part {
    let first = try all()
    guard isKeyword("or") else { return first }
    var parts = [first]
    while take("or") { parts.append(try all()) }
    try refuseAmbiguous(parts, joinedBy: "or")
    if Set(parts.map(\.condition.isMomentary)).count > 1 {
      throw Problem(
        first.start..<previousEnd, "one side of `or` lasts for a moment only, the other for some time",
        advice: "make two events of it")
    }
    var all: [Condition] = []
    for part in parts {
      if case .or(let inner) = part.condition { all += inner } else { all.append(part.condition) }
    }
    return Part(condition: try made(.or(all), from: first.start), suffix: nil, start: first.start)
  }

  private mutating func all() throws(Problem) -> Part {
    let first = try lasting()
    guard isKeyword("and") else { return first }
    var parts = [first]
    while take("and") { parts.append(try lasting()) }
    try refuseAmbiguous(parts, joinedBy: "and")
    var all: [Condition] = []
    for part in parts {
      if case .and(let inner) = part.condition { all += inner } else { all.append(part.condition) }
    }
    try refuseContradiction(all, first.start..<previousEnd)
    return Part(condition: try made(.and(all), from: first.start), suffix: nil, start: first.start)
  }

  /// `a and b for 10 s` reads both ways, and which was meant makes a difference.
  private func refuseAmbiguous(_ parts: [Part], joinedBy word: String) throws(Problem) {
    guard let last = parts.last, let suffix = last.suffix, let first = parts.first else { return }
    let tail = text(suffix)
    let whole = text(first.start..<suffix.lowerBound).trimmed
    let own = text(last.start..<suffix.lowerBound).trimmed
    throw Problem(
      suffix, "`\(tail)` may belong to `\(own)` alone or to all that `\(word)` joins",
      advice: "write `(\(whole)) \(tail)`, or put brackets around `\(own) \(tail)`")
  }

  private mutating func lasting() throws(Problem) -> Part {
    let start = token.range.lowerBound
    var condition = try single()
    var suffix: Range<Int>?
    while true {
      let begin = token.range.lowerBound
      if isKeyword("for") {
        if condition.isMomentary {
          throw Problem(
            start..<token.range.upperBound, "a crossing lasts no time, so it can't hold `for` some",
            advice: "`within` asks whether it happened lately")
        }
        advance()
        _ = take("at", "least")
        condition = try made(.lasting(condition, try time(after: "for")), from: start)
      } else if isKeyword("within"), !thenIsOpen {
        advance()
        condition = try made(.recent(condition, try time(after: "within")), from: start)
      } else if isKeyword("at"), isKeyword("least", ahead: 1) {
        advance()
        advance()
        let n = try whole(1...1000, "of times")
        guard take("times") || take("time") else { throw unexpected("`times`") }
        guard take("within") else { throw unexpected("`within` with a time") }
        condition = try made(.times(condition, n, try time(after: "within")), from: start)
      } else {
        return Part(condition: condition, suffix: suffix, start: start)
      }
      suffix = (suffix?.lowerBound ?? begin)..<previousEnd
    }
  }

  private mutating func single() throws(Problem) -> Condition {
    let start = token.range.lowerBound
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw Problem(token.range, "the condition is nested more than \(Self.deepest) deep")
    }
    if take("not") { return try made(.not(try single()), from: start) }
    if take(.open) {
      let inner = try condition()
      try close()
      return inner
    }
    if case .open = look(1).kind, let word = bare?.lowercased(), ["count", "any", "all"].contains(word) {
      return try counted(word)
    }
    // `object` may be said or not.
    if let word = bare?.lowercased(), ["object", "it", "defect"].contains(word), case .word = look(1).kind {
      advance()
    }
    if let answer = try answerTest() { return answer }
    if let place = try placeTest() { return place }
    return try comparison()
  }

  /// Every condition goes through here: a bound on the whole.
  mutating func made(_ condition: Condition, from start: Int) throws(Problem) -> Condition {
    size += 1
    guard size <= Self.largest else {
      throw Problem(start..<previousEnd, "the condition has more than \(Self.largest) parts")
    }
    return condition
  }
}

// Counting.
extension ConditionParser {
  private mutating func counted(_ word: String) throws(Problem) -> Condition {
    let start = token.range.lowerBound
    if counting > 0 {
      throw Problem(
        token.range, "`\(word)` can't stand inside another `count`, `any`, `all` or `near`",
        advice: "count each on its own and join them with `and`")
    }
    advance()
    advance()
    let names =
      vocabulary.domain == .camera ? ["objects", "object"] : ["defects", "defect", "objects", "object"]
    guard let name = bare?.lowercased(), names.contains(name) else {
      throw unexpected("`\(names[0])`, as in `\(word)(\(names[0]) where …)`,")
    }
    advance()
    var inner: Condition?
    if token.kind != .close {
      _ = take("where")
      inner = try innerCondition()
    }
    try close()
    switch word {
    case "any": return try made(.count(inner, .compare(.greaterOrEqual, 1)), from: start)
    case "all":
      guard let inner else {
        throw Problem(start..<previousEnd, "`all` needs a condition", advice: "write `all(\(name) where …)`")
      }
      return try made(.count(.not(inner), .compare(.equal, 0)), from: start)
    default:
      return try made(.count(inner, try countTest(from: start)), from: start)
    }
  }

  mutating func innerCondition() throws(Problem) -> Condition {
    let start = token.range.lowerBound
    counting += 1
    defer { counting -= 1 }
    let inner = try condition()
    guard inner.scope == .object else {
      throw Problem(
        start..<previousEnd,
        "what is asked of each thing must speak of it, and this speaks of the scene alone",
        advice: "join it with `and` outside of the brackets")
    }
    return inner
  }

  private mutating func countTest(from start: Int) throws(Problem) -> CountTest {
    if take("between") || take("is", "between") {
      let low = try whole(0...100_000, "of things")
      guard take("and") || take("to") else { throw unexpected("`and`") }
      let high = try whole(0...100_000, "of things")
      guard low <= high else {
        throw Problem(start..<previousEnd, "nothing is between \(low) and \(high): the lower one comes first")
      }
      return .between(low, high)
    }
    guard let comparator = comparator() else { throw unexpected("a comparison such as `> 2`") }
    let n = try whole(0...100_000, "of things")
    let range = start..<previousEnd
    switch (comparator, n) {
    case (.less, 0): throw Problem(range, "a count is never below 0")
    case (.greaterOrEqual, 0): throw Problem(range, "a count is always 0 or more")
    default: return .compare(comparator, n)
    }
  }

  mutating func whole(_ range: ClosedRange<Int>, _ what: String) throws(Problem) -> Int {
    guard case .number(let value) = token.kind else { throw unexpected("a whole number") }
    let place = token.range
    advance()
    if case .unit(let unit) = token.kind {
      throw Problem(
        place.lowerBound..<token.range.upperBound, "a number \(what) has no unit, such as `\(unit.name)`")
    }
    guard value == value.rounded(), range.contains(Int(max(-1e9, min(1e9, value)))) else {
      throw Problem(
        place, "a number \(what) is a whole one from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(value)
  }
}

extension String {
  var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace ?? false { view.removeFirst() }
    while view.last?.isWhitespace ?? false { view.removeLast() }
    return String(view)
  }
}
