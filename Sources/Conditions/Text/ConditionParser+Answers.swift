import Base

// What models said.
extension ConditionParser {
  /// `answer("helmet") is no`, `answer(people) > 3`. Nil, with nothing taken, where no answer is asked for.
  mutating func answerTest() throws(Problem) -> Condition? {
    guard let word = bare?.lowercased(), ["answer", "object.answer", "scene.answer"].contains(word) else {
      return nil
    }
    let start = token.range.lowerBound
    let place = token.range
    if vocabulary.domain == .sweep { throw Problem(place, "of a sweep no model is asked anything") }
    try refuseMissing("answer", place)
    guard case .open = look(1).kind else {
      let name = vocabulary.questions.first?.name ?? "helmet"
      throw Problem(
        place, "`\(word)` needs the name of a question in brackets",
        advice: "write `\(word)(\(Condition.marked(name)))`")
    }
    advance()
    advance()
    let number = try question()
    try close()
    let question = vocabulary.questions[number]
    let whole = start..<previousEnd
    if word != "answer", word.hasPrefix("scene") != (question.scope == .scene) {
      let whose = question.scope == .scene ? "scene" : "object"
      throw Problem(
        place, "`\(question.name)` is asked about the \(whose)", advice: "write `\(whose).answer`")
    }
    let test: AnswerTest
    var isNot = false
    switch question.kind {
    case .text:
      throw Problem(whole, "an answer in free text can't be tested", advice: "ask with a choice of answers")
    case .number: test = try numberTest(question)
    case .words(let words): (test, isNot) = try wordTest(question, words)
    }
    let condition = try made(.answer(question: number, question.scope, test), from: start)
    return isNot ? .not(condition) : condition
  }

  private mutating func question() throws(Problem) -> Int {
    guard case .word(let name, _) = token.kind else { throw unexpected("the name of a question") }
    let names = vocabulary.questions.map(\.name)
    guard let number = names.firstIndex(of: name) else {
      throw Problem(
        token.range, "there is no question `\(name)`",
        advice: NearestWord.find(name, in: names).map { "did you mean `\($0)`?" }
          ?? (names.isEmpty
            ? "the pipeline asks no questions: add it under `questions`" : "there is \(Self.list(names))"))
    }
    advance()
    return number
  }

  private static func list(_ words: [String]) -> String {
    words.map { "`\($0)`" }.joined(separator: ", ")
  }

  // MARK: - Numbers

  private mutating func numberTest(_ question: AskedQuestion) throws(Problem) -> AnswerTest {
    if take("between") || take("is", "between") {
      let place = token.range.lowerBound
      let low = try number(question)
      guard take("and") || take("to") else { throw unexpected("`and`") }
      let high = try number(question)
      guard low <= high else {
        throw Problem(
          place..<previousEnd,
          "nothing is between \(Quantity.plain(low)) and \(Quantity.plain(high)): the lower end comes first")
      }
      return .between(low, high)
    }
    guard let comparator = comparator() else { throw unexpected("a comparison such as `> 2`") }
    return .compare(comparator, try number(question))
  }

  private mutating func number(_ question: AskedQuestion) throws(Problem) -> Double {
    if case .word(let word, _) = token.kind {
      throw Problem(
        token.range, "`\(question.name)` is answered with a number, not with `\(word)`",
        advice: "write a comparison such as `answer(\(Condition.marked(question.name))) > 2`")
    }
    guard case .number(let value) = token.kind else { throw unexpected("a number") }
    let start = token.range.lowerBound
    advance()
    let unit: String?
    if case .unit(let known) = token.kind {
      unit = known.name
    } else {
      unit = bare.flatMap { Self.mayFollow.contains($0.lowercased()) ? nil : $0 }
    }
    if let unit {
      throw Problem(
        start..<token.range.upperBound, "a number that a model gives has no unit, such as `\(unit)`",
        advice: "write `\(Quantity.plain(value))`: it is in the unit in which the question asks for it")
    }
    return value
  }

  // MARK: - Words

  private mutating func wordTest(
    _ question: AskedQuestion, _ words: [String]
  ) throws(Problem) -> (AnswerTest, isNot: Bool) {
    var isNot = false
    var isList = false
    if take("in") || take("is", "in") {
      isList = true
    } else if take("not", "in") || take("is", "not", "in") {
      (isNot, isList) = (true, true)
    } else if take("is") {
      isNot = take("not")
    } else if take(.comparator(.unequal)) {
      isNot = true
    } else if !take(.comparator(.equal)) {
      if case .comparator = token.kind {
        throw Problem(
          token.range, "`\(question.name)` is answered with a word, and of words none is greater",
          advice: words.first.map { "write `is \($0)`" })
      }
      throw unexpected("`is`, as in `answer(\(Condition.marked(question.name))) is …`,")
    }
    let isOpen = take(.open)
    guard isOpen || !isList else {
      throw unexpected("a list such as `(\(words.prefix(2).joined(separator: ", ")))`")
    }
    var places: Set = [try place(among: words, question)]
    if isOpen {
      while take(.comma) || take("or") { places.insert(try place(among: words, question)) }
      try close()
    }
    return (.words(places.sorted()), isNot)
  }

  private mutating func place(among words: [String], _ question: AskedQuestion) throws(Problem) -> Int {
    if case .number(let value) = token.kind {
      let written = words.first { $0 == text(token.range) || Double($0) == value }
      throw Problem(
        token.range, "`\(question.name)` is answered with a word, not with a number",
        advice: written.map { "write it in quotes: `\"\($0)\"`" } ?? "it is one of \(Self.list(words))")
    }
    guard case .word(let word, _) = token.kind else { throw unexpected("a word") }
    guard let place = words.firstIndex(of: word) else {
      throw Problem(
        token.range, "`\(question.name)` is never answered with `\(word)`",
        advice: NearestWord.find(word, in: words).map { "did you mean `\($0)`?" }
          ?? "it is one of \(Self.list(words))")
    }
    advance()
    return place
  }

  // MARK: - Contradictions

  /// A question has one answer at a time: tests of it, joined by `and`, that leave none never hold.
  func refuseAnswersContradict(_ all: [Condition], _ range: Range<Int>) throws(Problem) {
    var words: [Int: Set<Int>] = [:]
    var bounds: [Int: (low: Double, high: Double)] = [:]
    for condition in all {
      let number: Int
      let isPossible: Bool
      switch condition {
      case .answer(let question, _, .words(let places)):
        number = question
        let left = words[question]?.intersection(places) ?? Set(places)
        words[question] = left
        isPossible = !left.isEmpty
      case .not(.answer(let question, _, .words(let places))):
        guard case .words(let possible) = vocabulary.questions[question].kind else { continue }
        number = question
        let left = (words[question] ?? Set(possible.indices)).subtracting(places)
        words[question] = left
        isPossible = !left.isEmpty
      case .answer(let question, _, .compare(let comparator, let limit)):
        number = question
        isPossible = Self.narrow(&bounds[question], to: comparator.bounds(limit))
      case .answer(let question, _, .between(let low, let high)):
        number = question
        isPossible = Self.narrow(&bounds[question], to: (low, high))
      default: continue
      }
      guard !isPossible else { continue }
      throw Problem(
        range, "this can never hold: no answer to `\(vocabulary.questions[number].name)` fulfils all of it")
    }
  }

  /// False where nothing is left.
  static func narrow(
    _ known: inout (low: Double, high: Double)?, to other: (low: Double, high: Double)
  ) -> Bool {
    let both = (
      low: max(known?.low ?? other.low, other.low), high: min(known?.high ?? other.high, other.high)
    )
    known = both
    return both.low <= both.high
  }
}

extension Comparator {
  /// The range of what fulfils it, so that both ends belong to it: beyond an open end the next number.
  func bounds(_ limit: Double) -> (low: Double, high: Double) {
    switch self {
    case .less: (-.infinity, limit.nextDown)
    case .lessOrEqual: (-.infinity, limit)
    case .greater: (limit.nextUp, .infinity)
    case .greaterOrEqual: (limit, .infinity)
    case .equal: (limit, limit)
    case .unequal: (-.infinity, .infinity)
    }
  }
}
