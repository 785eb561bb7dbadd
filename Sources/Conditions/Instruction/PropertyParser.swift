/// Reads what is asked of things within a sentence: a measure and its limits, a place and a time.
struct PropertyParser {
  let text: [Unicode.Scalar]
  private let tokens: [SentenceToken]
  let vocabulary: Vocabulary
  private var at = 0
  /// What the property right before this one measured: `above 2 mm and below 5 mm` names it once.
  var before: Fact?
  private(set) var last: Fact?

  init(text: [Unicode.Scalar], tokens: [SentenceToken], vocabulary: Vocabulary) {
    self.text = text
    self.tokens = tokens
    self.vocabulary = vocabulary
  }

  var token: SentenceToken? { at < tokens.count ? tokens[at] : nil }
  /// Where the last token that was taken ends.
  var end: Int { at > 0 ? tokens[at - 1].range.upperBound : 0 }

  mutating func advance() { at += 1 }

  func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(text[range])) }

  /// What comes next, fillers aside, is a kind of thing.
  var leadsToKind: Bool {
    for token in tokens[min(at, tokens.count)...] {
      guard case .term(let meanings) = token.kind else { return false }
      for case .kind in meanings { return true }
      guard meanings.contains(.filler) else { return false }
    }
    return false
  }

  /// Nil, with nothing taken, where no property begins.
  mutating func property() throws(Problem) -> Condition? {
    let start = at
    if let fact = takeFact() {
      if let property = try limits(of: fact, from: start) { return property }
      throw Problem(
        tokens[start].range, "`\(text(tokens[start].range))` is compared with nothing",
        advice: "say how much, such as `\(fact.rawValue) of at least \(example(fact))`")
    }
    if let place = try place() { return place }
    if let property = try limits(of: nil, from: start) { return property }
    at = start
    return nil
  }

  private func example(_ fact: Fact) -> String {
    let unit = fact.dimensions.flatMap(Unit.all).first?.name
    return "2" + (unit.map { " " + $0 } ?? "")
  }

  // MARK: - Tokens

  private func meanings(_ offset: Int = 0) -> [Meaning] {
    guard at + offset < tokens.count, case .term(let meanings) = tokens[at + offset].kind else { return [] }
    return meanings
  }

  private mutating func skipFillers(stays: Bool = false) {
    while meanings().contains(.filler) || stays && meanings().contains(.stay) { at += 1 }
  }

  private mutating func take(_ meaning: Meaning) -> Bool {
    guard meanings().contains(meaning) else { return false }
    at += 1
    return true
  }

  private mutating func takeFact() -> Fact? {
    for case .fact(let fact) in meanings() {
      at += 1
      return fact
    }
    return nil
  }

  private mutating func takeQuantity() throws(Problem) -> Quantity? {
    guard let token, case .quantity(let quantity) = token.kind else { return nil }
    at += 1
    if quantity.unit == nil, at < tokens.count, case .unknown = tokens[at].kind {
      throw Problem(tokens[at].range, "`\(text(tokens[at].range))` is no unit")
    }
    return quantity
  }

  /// Two numbers with what joins them; nil, with nothing taken, where no such stand here.
  private mutating func takeRange() throws(Problem) -> (Quantity, Quantity)? {
    let start = at
    _ = take(.between)
    skipFillers()
    if var low = try takeQuantity() {
      skipFillers()
      if take(.to) {
        skipFillers()
        if let high = try takeQuantity() {
          skipFillers()
          _ = take(.closing)
          if low.unit == nil { low.unit = high.unit }
          return (low, high)
        }
      }
    }
    at = start
    return nil
  }

  private mutating func takeSuffix() -> Comparator? {
    for case .suffix(let sign) in meanings() {
      at += 1
      return sign
    }
    return nil
  }

  private mutating func takeComparator() -> (Comparator, Meaning.Bound?)? {
    let start = at
    let isNot = take(.not)
    skipFillers()
    if let token, case .comparator(let sign) = token.kind {
      at += 1
      return (isNot ? sign.negated : sign, nil)
    }
    for case .compare(let sign, let bound) in meanings() {
      at += 1
      return (isNot ? sign.negated : sign, bound)
    }
    at = start
    return nil
  }

  // MARK: - Measures

  /// The limits of a fact that was named before, or of one that is named after them, or that they imply.
  private mutating func limits(of named: Fact?, from start: Int) throws(Problem) -> Condition? {
    let before = at
    skipFillers(stays: named != nil)
    let isNot = named != nil && meanings().contains(.not)
    if isNot { at += 1 }
    if let (low, high) = try takeRange() {
      let fact = try fact(named, .size, high, from: start)
      let range = try checked("\(fact.rawValue) between \(low.text) and \(high.text)", from: start)
      return isNot ? .not(range) : range
    }
    if isNot { at -= 1 }
    if let (sign, bound) = takeComparator() {
      skipFillers()
      guard let quantity = try takeQuantity() else {
        // A comparator without its number is an error only where nothing else can be meant.
        if named == nil, bound == nil {
          at = before
          return nil
        }
        throw missingNumber(from: start)
      }
      if takeSuffix() != nil {
        throw Problem(range(from: start), "the number is compared twice, before it and behind it")
      }
      let fact = try fact(named, bound, quantity, from: start)
      return try compared(fact, sign, quantity, from: start)
    }
    let isBetween = take(.between)
    skipFillers()
    guard let low = try takeQuantity() else {
      at = before
      return nil
    }
    // `2 mm diameter or less`
    let afterLow = at
    var named = named
    if named == nil, let fact = takeFact() {
      if meanings().contains(where: { if case .suffix = $0 { true } else { false } }) {
        named = fact
      } else {
        at = afterLow
      }
    }
    if isBetween, !meanings().contains(where: { if case .suffix = $0 { true } else { false } }) {
      throw Problem(
        range(from: start), "`between` needs two numbers", advice: "write it such as `between 2 and 5 mm`")
    }
    if let sign = takeSuffix() {
      let fact = try fact(named, .size, low, from: start)
      return try compared(fact, sign, low, from: start)
    }
    // Standing still for 5 min: that long, or longer.
    if let named, named == .still || named == .age, low.dimension == .time {
      return try compared(named, .greaterOrEqual, low, from: start)
    }
    throw Problem(
      range(from: start), "`\(text(range(from: start)))` doesn't say whether more or less than that is meant",
      advice: "write `at least`, `more than` or `or more`")
  }

  private func range(from start: Int) -> Range<Int> { tokens[start].range.lowerBound..<end }

  private func missingNumber(from start: Int) -> Problem {
    Problem(range(from: start), "`\(text(range(from: start)))` is followed by no number")
  }

  /// A fact that was named, with a comparator that may name one too.
  private func agreed(_ fact: Fact, _ bound: Meaning.Bound?, from start: Int) throws(Problem) -> Fact {
    guard case .fact(let other)? = bound, other != fact, fact.dimensions != other.dimensions else {
      return fact
    }
    throw Problem(
      range(from: start),
      "`\(text(range(from: start)))` speaks of `\(fact.rawValue)` and of `\(other.rawValue)`")
  }

  /// The fact that was named, or that follows the number, or that the comparator and the unit say.
  private mutating func fact(
    _ named: Fact?, _ bound: Meaning.Bound?, _ quantity: Quantity, from start: Int
  ) throws(Problem) -> Fact {
    let fact = try found(named, bound, quantity, from: start)
    last = fact
    return fact
  }

  private mutating func found(
    _ named: Fact?, _ bound: Meaning.Bound?, _ quantity: Quantity, from start: Int
  ) throws(Problem) -> Fact {
    if let named { return try agreed(named, bound, from: start) }
    let here = at
    skipFillers()
    if let fact = takeFact() { return try agreed(fact, bound, from: start) }
    at = here
    if case .fact(let fact)? = bound { return fact }
    if bound == nil, let before, before.dimensions.contains(quantity.dimension) { return before }
    let isSize = bound == .size && vocabulary.domain == .sweep
    switch quantity.dimension {
    case .length where isSize: return .diameter
    case .volume where isSize: return .volume
    case .area where isSize: return .surface
    default:
      throw Problem(
        range(from: start), "`\(text(range(from: start)))` doesn't say what is measured",
        advice: vocabulary.domain == .sweep
          ? "name it, such as `diameter` or `volume`" : "name it, such as `height`, `width`, `age` or `speed`"
      )
    }
  }

  private func compared(
    _ fact: Fact, _ sign: Comparator, _ quantity: Quantity, from start: Int
  ) throws(Problem) -> Condition {
    try checked("\(fact.rawValue) \(sign.rawValue) \(quantity.text)", from: start)
  }

  /// Through the language's own checks of units and ranges.
  private func checked(_ expression: String, from start: Int) throws(Problem) -> Condition {
    do {
      return try ConditionParser.read(expression, vocabulary)
    } catch {
      throw Problem(range(from: start), error.what, advice: error.advice)
    }
  }

  // MARK: - Places

  /// In a zone or outside of it, and for how long.
  private mutating func place() throws(Problem) -> Condition? {
    guard vocabulary.domain == .camera else { return nil }
    let start = at
    while meanings().contains(.stay) { at += 1 }
    let isOutside: Bool
    if meanings().contains(.outside) {
      isOutside = true
    } else if meanings().contains(.inside) {
      isOutside = false
    } else {
      at = start
      return nil
    }
    at += 1
    skipFillers()
    guard let token, case .zone(let zone) = token.kind else {
      // `in` alone may be a filler.
      at = start
      return nil
    }
    at += 1
    let isBehind = take(.beyond)
    while take(.inner) {}
    let inside = Condition.inside(zone)
    let placed = isOutside || isBehind ? Condition.not(inside) : inside
    guard let time = try stay(from: start) else { return placed }
    return .lasting(placed, time)
  }

  /// `for more than 10 s`; nil, with nothing taken, where no time follows.
  private mutating func stay(from start: Int) throws(Problem) -> Quantity? {
    let here = at
    skipFillers(stays: true)
    let comparator = takeComparator()
    skipFillers()
    guard let quantity = try takeQuantity(), quantity.dimension == .time else {
      at = here
      return nil
    }
    let suffix = takeSuffix()
    switch comparator?.0 ?? suffix ?? .greaterOrEqual {
    case .greater, .greaterOrEqual: return quantity
    default:
      throw Problem(
        range(from: start),
        "who stays only briefly is known only after he left, and can't be reported before",
        advice: "ask for those who stay at least so long")
    }
  }
}
