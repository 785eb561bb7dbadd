import Base

// Facts, comparisons, quantities.
extension ConditionParser {
  mutating func comparison() throws(Problem) -> Condition {
    let start = token.range.lowerBound
    guard case .word(let written, let isQuoted) = token.kind, !isQuoted else {
      if case .number = token.kind {
        throw Problem(
          token.range, "a comparison begins with a fact",
          advice: "write it the other way round, such as `age > 2 s`")
      }
      throw unexpected("a condition")
    }
    let place = token.range
    let name = try unprefixed(written, place)
    if let fact = WordFact(rawValue: name), WordFact.all(in: vocabulary.domain).contains(fact) {
      try refuseMissing(name, place)
      advance()
      return try made(try words(of: fact, place), from: start)
    }
    if let fact = Fact(rawValue: name), Fact.all(in: vocabulary.domain).contains(fact) {
      try refuseMissing(name, place)
      advance()
      return try made(try measured(fact, from: start), from: start)
    }
    throw unknownFact(name, place)
  }

  /// Without `object.` or `scene.` in front.
  private func unprefixed(_ written: String, _ place: Range<Int>) throws(Problem) -> String {
    let word = written.lowercased()
    for (prefix, scope) in [("object.", Scope.object), ("defect.", .object), ("scene.", .scene)]
    where word.hasPrefix(prefix) {
      let name = String(word.dropFirst(prefix.count))
      let real = Fact(rawValue: name)?.scope ?? WordFact(rawValue: name)?.scope
      if let real, real != scope {
        throw Problem(
          place, "`\(name)` is a fact of the \(real == .scene ? "scene" : "object")",
          advice: "write `\(real == .scene ? "scene" : "object").\(name)`")
      }
      return name
    }
    return word
  }

  func refuseMissing(_ name: String, _ place: Range<Int>) throws(Problem) {
    if let why = vocabulary.missing[name] { throw Problem(place, "`\(name)` is not known here: \(why)") }
  }

  private func unknownFact(_ name: String, _ place: Range<Int>) -> Problem {
    if vocabulary.zones.contains(name) {
      return Problem(place, "`\(name)` is a zone, not a fact", advice: "write `in \(name)`")
    }
    if vocabulary.lines.contains(name) {
      return Problem(place, "`\(name)` is a line, not a fact", advice: "write `crosses \(name)`")
    }
    let keywords = ["and", "or", "not", "for", "within", "then", "since", "where", "is", "between", "than"]
    if keywords.contains(name) {
      return Problem(place, "`\(name)` stands where a condition was expected")
    }
    let facts =
      Fact.all(in: vocabulary.domain).map(\.rawValue) + WordFact.all(in: vocabulary.domain).map(\.rawValue)
    let other: Domain = vocabulary.domain == .camera ? .sweep : .camera
    if let fact = Fact(rawValue: name), Fact.all(in: other).contains(fact) {
      return Problem(
        place, "`\(name)` is a fact of \(other == .camera ? "cameras" : "sweeps")",
        advice: "here are " + facts.map { "`\($0)`" }.joined(separator: ", "))
    }
    let words = ["in", "crosses", "near", "count", "any", "all", "object", "answer"]
    let near = NearestWord.find(name, in: facts + words)
    return Problem(
      place, "there is no fact `\(name)`",
      advice: near.map { "did you mean `\($0)`?" }
        ?? "the facts are " + facts.map { "`\($0)`" }.joined(separator: ", "))
  }

  /// A comparator in signs or words; nil, with nothing taken, where none stands here.
  mutating func comparator() -> Comparator? {
    if case .comparator(let comparator) = token.kind {
      advance()
      return comparator
    }
    let hadIs = take("is")
    let isNot = hadIs && take("not")
    var found: Comparator?
    if take("more", "than") || take("greater", "than") || take("larger", "than") || take("over")
      || take("above") || take("longer", "than")
    {
      found = .greater
    } else if take("less", "than") || take("fewer", "than") || take("smaller", "than") || take("under")
      || take("below") || take("shorter", "than")
    {
      found = .less
    } else if take("at", "least") {
      found = .greaterOrEqual
    } else if take("at", "most") {
      found = .lessOrEqual
    } else if hadIs {
      if case .comparator(let comparator) = token.kind {
        advance()
        found = comparator
      } else {
        found = .equal
      }
    }
    return isNot ? found?.negated : found
  }

  // MARK: - Numbers

  private mutating func measured(_ fact: Fact, from start: Int) throws(Problem) -> Condition {
    if take("between") || take("is", "between") { return try between(fact, from: start) }
    if fact == .direction, take("is"), let words = try directionWords() { return words }
    guard let comparator = comparator() else { throw unexpected("a comparison such as `> 2`") }
    let place = token.range.lowerBound
    let quantity = try quantity("what `\(fact.rawValue)` is compared with")
    let range = place..<previousEnd
    let measure = try measure(fact, quantity, range)
    if fact == .direction {
      throw Problem(
        start..<previousEnd, "of directions none is greater: they go round",
        advice: "write `direction between 45° and 135°` or `direction is up`")
    }
    try refuseCertain(fact, comparator, quantity, start..<previousEnd)
    return .compare(measure, comparator, quantity)
  }

  private mutating func between(_ fact: Fact, from start: Int) throws(Problem) -> Condition {
    let place = token.range.lowerBound
    var low = try quantity("the lower end", unitMayFollow: true)
    guard take("and") || take("to") else { throw unexpected("`and`") }
    let high = try quantity("the upper end")
    let range = place..<previousEnd
    // `between 2 and 5 mm`
    if low.unit == nil, high.unit != nil { low.unit = high.unit }
    let measure = try measure(fact, high, range)
    guard try self.measure(fact, low, range) == measure else {
      throw Problem(range, "both ends must be of one kind, and \(low.text) and \(high.text) aren't")
    }
    if fact == .direction { return .between(measure, low, high) }
    guard low.value <= high.value else {
      throw Problem(range, "nothing is between \(low.text) and \(high.text): the lower end comes first")
    }
    guard high.value >= fact.range.lowerBound, low.value <= fact.range.upperBound else {
      throw Problem(start..<previousEnd, "`\(fact.rawValue)` is never there")
    }
    return .between(measure, low, high)
  }

  private mutating func directionWords() throws(Problem) -> Condition? {
    let degrees = Unit.find("°")
    func arc(_ a: Double, _ b: Double) -> Condition {
      .between(Measure(.direction, .angle), Quantity(a, degrees), Quantity(b, degrees))
    }
    let isNot = take("not")
    for (word, a, b) in [("right", -45.0, 45.0), ("up", 45, 135), ("left", 135, 225), ("down", 225, 315)]
    where take(word) {
      return isNot ? .not(arc(a, b)) : arc(a, b)
    }
    throw unexpected("`left`, `right`, `up` or `down`")
  }

  /// Which variant of a fact a quantity asks for.
  private func measure(_ fact: Fact, _ quantity: Quantity, _ range: Range<Int>) throws(Problem) -> Measure {
    guard fact.dimensions.contains(quantity.dimension) else {
      let units = fact.dimensions.flatMap(Unit.all).map(\.name)
      if quantity.unit == nil, let unit = units.first {
        throw Problem(
          range, "`\(fact.rawValue)` needs a unit",
          advice: "write `\(Quantity.plain(quantity.number)) \(unit)`, or with "
            + units.dropFirst().map { "`\($0)`" }.joined(separator: ", "))
      }
      // People write m for minutes.
      let meant = quantity.unit?.name == "m" && fact.dimensions.contains(.time) ? "min" : units.first
      throw Problem(
        range,
        "`\(fact.rawValue)` is \(fact.dimensions[0].described), and `\(quantity.text)` is \(quantity.dimension.described)",
        advice: meant.map { "write `\(Quantity.plain(quantity.number)) \($0)`" } ?? "write it without a unit")
    }
    let measure = Measure(fact, quantity.dimension)
    if measure.needsScale { try needScale(range, of: "lengths and speeds") }
    return measure
  }

  /// What can never hold, or always does, is not what was meant.
  private func refuseCertain(
    _ fact: Fact, _ comparator: Comparator, _ quantity: Quantity, _ range: Range<Int>
  ) throws(Problem) {
    let (low, high, v) = (fact.range.lowerBound, fact.range.upperBound, quantity.value)
    // As a share in another unit, such as a score of 90.
    let isNever =
      switch comparator {
      case .less: v <= low
      case .lessOrEqual: v < low
      case .greater: v >= high
      case .greaterOrEqual: v > high
      case .equal: v < low || v > high
      case .unequal: false
      }
    let isAlways =
      switch comparator {
      case .less: v > high
      case .lessOrEqual: v >= high
      case .greater: v < low
      case .greaterOrEqual: v <= low
      case .equal: false
      case .unequal: v < low || v > high
      }
    guard isNever || isAlways else { return }
    let bounds =
      high.isFinite
      ? "lies between \(Quantity.plain(low)) and \(Quantity.plain(high))"
      : "is never below \(Quantity.plain(low))"
    throw Problem(
      range, "this \(isNever ? "can never hold" : "always holds"): `\(fact.rawValue)` \(bounds)",
      advice: high == 1 && v > 1 && quantity.unit == nil ? "did you mean `\(Quantity.plain(v)) %`?" : nil)
  }

  mutating func quantity(_ what: String, unitMayFollow: Bool = false) throws(Problem) -> Quantity {
    guard case .number(let value) = token.kind else { throw unexpected("a number") }
    advance()
    if case .unit(let unit) = token.kind {
      advance()
      return Quantity(value, unit)
    }
    // A word right after a number is a unit that we don't know, unless the sentence goes on with it.
    if let word = bare, !Self.mayFollow.contains(word.lowercased()) {
      let near = Unit.meant(word, among: [.time, .length, .pixels, .volume, .area, .speed, .share])
      throw Problem(
        token.range, "`\(word)` is no unit",
        advice: near.map { "did you mean `\(Quantity.plain(value)) \($0)`?" })
    }
    return Quantity(value)
  }

  static let mayFollow: Set<String> = [
    "and", "or", "for", "within", "then", "since", "at", "to", "times", "time",
  ]

  mutating func time(after word: String) throws(Problem) -> Quantity {
    let place = token.range.lowerBound
    let quantity = try quantity("a time")
    let range = place..<previousEnd
    guard quantity.dimension == .time else {
      let number = Quantity.plain(quantity.number)
      throw Problem(
        range,
        quantity.unit == nil
          ? "the time after `\(word)` needs a unit"
          : "`\(word)` takes a time, and `\(quantity.text)` is \(quantity.dimension.described)",
        advice: quantity.unit?.name == "m"
          ? "did you mean `\(number) min`?" : "write `\(number) s`, or ms, min, h")
    }
    guard quantity.value > 0, quantity.value <= 31 * 86400 else {
      throw Problem(range, "the time after `\(word)` is more than 0 and at most 31 days")
    }
    return quantity
  }

  // MARK: - Words

  private mutating func words(of fact: WordFact, _ place: Range<Int>) throws(Problem) -> Condition {
    if take("in") || take("is", "in") { return .word(fact, try wordList(fact)) }
    if take("not", "in") || take("is", "not", "in") { return .not(.word(fact, try wordList(fact))) }
    var isNot = false
    if take("is") {
      isNot = take("not")
    } else if take(.comparator(.unequal)) {
      isNot = true
    } else if !take(.comparator(.equal)) {
      throw unexpected("`is`, as in `\(fact.rawValue) is …`,")
    }
    if case .open = token.kind {
      let list = Condition.word(fact, try wordList(fact))
      return isNot ? .not(list) : list
    }
    let condition = Condition.word(fact, [try word(of: fact)])
    return isNot ? .not(condition) : condition
  }

  private mutating func wordList(_ fact: WordFact) throws(Problem) -> [String] {
    guard take(.open) else { throw unexpected("a list such as `(person, car)`") }
    var words = [try word(of: fact)]
    while take(.comma) || take("or") { words.append(try word(of: fact)) }
    try close()
    return Set(words).sorted()
  }

  private mutating func word(of fact: WordFact) throws(Problem) -> String {
    guard case .word(let word, _) = token.kind else { throw unexpected("a word") }
    let known: [String]? =
      switch fact {
      case .label: vocabulary.labels
      case .kind: vocabulary.kinds
      default: fact.words(in: vocabulary.domain)
      }
    if let known, !known.contains(word) {
      let all = fact == .label ? known : fact.words(in: vocabulary.domain) ?? known
      let near = NearestWord.find(word, in: all)
      let list = known.map { "`\($0)`" }.joined(separator: ", ")
      if (fact == .label || fact == .kind) && vocabulary.domain == .camera
        && (fact == .label || all.contains(word))
      {
        throw Problem(
          token.range, "no \(fact.rawValue) is ever `\(word)` here: there is \(list)",
          advice: near.map { "did you mean `\($0)`?" } ?? "what things are called needs a detector")
      }
      throw Problem(
        token.range, "`\(fact.rawValue)` is never `\(word)`",
        advice: near.map { "did you mean `\($0)`?" } ?? "it is one of \(list)")
    }
    advance()
    return word
  }

  // MARK: - Contradictions

  /// Comparisons of one fact, joined by `and`, that leave no value.
  func refuseContradiction(_ all: [Condition], _ range: Range<Int>) throws(Problem) {
    var bounds: [Measure: (low: Double, high: Double)] = [:]
    for condition in all {
      let measure: Measure
      let asked: (low: Double, high: Double)
      switch condition {
      case .compare(let m, let comparator, let q): (measure, asked) = (m, comparator.bounds(q.value))
      case .between(let m, let a, let b) where m.fact != .direction:
        (measure, asked) = (m, (a.value, b.value))
      default: continue
      }
      guard Self.narrow(&bounds[measure], to: asked) else {
        throw Problem(
          range, "this can never hold: no `\(measure.fact.rawValue)` fulfils all that is asked of it")
      }
    }
    try refuseAnswersContradict(all, range)
    for case .not(let inner) in all where all.contains(inner) {
      throw Problem(range, "this can never hold: a condition and its contrary are joined by `and`")
    }
  }
}
