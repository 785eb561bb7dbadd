/// Reads a sentence that says what is to be reported.
///
/// A sentence is a list of groups, of which a thing has to fulfil one: kinds, and what is asked of them. Behind `except` come
/// those that are not reported. Words that change nothing are known as such; any other word is an error, and so is whatever
/// can be read in two ways: nothing is guessed, and nothing dropped.
struct SentenceParser {
  private struct Group {
    var kinds: [String] = []
    var properties: [Condition] = []
    /// Properties are alternatives.
    var isAny: Bool?
    /// It has named things, of a kind or of any.
    var hasNoun = false

    var isEmpty: Bool { !hasNoun && kinds.isEmpty && properties.isEmpty }

    var condition: Condition? {
      var parts: [Condition] = []
      if !kinds.isEmpty { parts.append(.word(.kind, Set(kinds).sorted())) }
      if properties.count == 1 || properties.isEmpty || !(isAny ?? false) {
        for property in properties {
          if case .and(let all) = property { parts += all } else { parts.append(property) }
        }
      } else {
        parts.append(.or(properties))
      }
      return parts.count > 1 ? .and(parts) : parts.first
    }
  }

  private enum Joint { case list, both, or }
  private enum Last { case nothing, noun, property }

  var properties: PropertyParser
  private let text: [Unicode.Scalar]
  private var group = Group()
  private var wanted: [Group] = []
  private var unwanted: [Group] = []
  private var isExcluding = false
  private var joint: Joint?
  private var jointRange = 0..<0
  private var last = Last.nothing
  private var isNegated = false
  /// What was understood so far, for errors.
  private var understood: [String] = []

  /// Nil for a sentence that asks for everything.
  static func read(_ sentence: String, _ vocabulary: Vocabulary) throws(Problem) -> Condition? {
    let scalars = Array(sentence.unicodeScalars)
    guard scalars.count <= ConditionParser.longest else {
      throw Problem(0..<scalars.count, "a sentence has at most \(ConditionParser.longest) characters")
    }
    let tokens = SentenceLexer.tokens(of: sentence, vocabulary)
    guard tokens.count <= ConditionParser.largest else {
      throw Problem(0..<scalars.count, "a sentence has at most \(ConditionParser.largest) words")
    }
    var parser = SentenceParser(scalars, tokens, vocabulary)
    return try parser.sentence()
  }

  private init(_ text: [Unicode.Scalar], _ tokens: [SentenceToken], _ vocabulary: Vocabulary) {
    self.text = text
    properties = PropertyParser(text: text, tokens: tokens, vocabulary: vocabulary)
  }

  private mutating func sentence() throws(Problem) -> Condition? {
    while let token = properties.token { try take(token) }
    if joint != nil {
      throw Problem(jointRange, "`\(properties.text(jointRange))` joins nothing to what comes before it")
    }
    if isNegated { throw Problem(jointRange, "`\(properties.text(jointRange))` negates nothing") }
    try close()
    guard !wanted.isEmpty || !unwanted.isEmpty else {
      throw Problem(
        0..<text.count, "this doesn't say what is to be reported",
        advice:
          "name things, such as `\(properties.vocabulary.domain == .sweep ? "pores" : "objects")`, or what they must fulfil"
      )
    }
    return try checked()
  }

  /// The whole, once more through the language's own checks, which see what contradicts.
  private func checked() throws(Problem) -> Condition? {
    let included = wanted.map(\.condition)
    var parts: [Condition] = []
    // One group that asks nothing takes in all others.
    if !included.isEmpty, included.allSatisfy({ $0 != nil }) {
      let all = included.compactMap(\.self)
      if all.count > 1 {
        parts.append(.or(all))
      } else if case .and(let inner) = all[0] {
        parts += inner
      } else {
        parts.append(all[0])
      }
    } else if included.count > 1 {
      throw Problem(
        0..<text.count, "one part of this asks for everything, so the others change nothing",
        advice: "leave one of them out")
    }
    for group in unwanted {
      guard let condition = group.condition else {
        throw Problem(0..<text.count, "this leaves nothing to report")
      }
      parts.append(.not(condition))
    }
    guard let first = parts.first else { return nil }
    let condition = parts.count > 1 ? Condition.and(parts) : first
    do {
      return try ConditionParser.read(condition.text(properties.vocabulary), properties.vocabulary)
    } catch {
      throw Problem(0..<text.count, error.what, advice: error.advice)
    }
  }

  // MARK: - Words

  private mutating func take(_ token: SentenceToken) throws(Problem) {
    properties.before = last == .property ? properties.last : nil
    if let property = try properties.property() {
      try add(isNegated ? .not(property) : property, token.range.lowerBound..<properties.end)
      isNegated = false
      return
    }
    guard case .term(let meanings) = token.kind else { throw unknown(token) }
    properties.advance()
    for meaning in meanings {
      switch meaning {
      case .kind(let kind): return try add(kind: kind, token.range)
      case .any: return try addAny(token.range)
      case .list: return try join(.list, token.range)
      case .both: return try join(.both, token.range)
      case .or: return try join(.or, token.range)
      case .except:
        // `no more` and the like are comparators and were read as such.
        try close()
        isExcluding = true
        understood.append("except")
        return
      case .beyond where isExcluding:
        try close()
        isExcluding = false
        return
      case .not:
        isNegated = true
        jointRange = token.range
        return
      case .filler, .inner: return
      case .stay:
        throw Problem(
          token.range, "`\(properties.text(token.range))` doesn't say where or for how long",
          advice: "say it, such as `stay in ZONE for 10 s`")
      case .clinical: throw Problem(token.range, "Saccade is not for clinical use")
      default: continue
      }
    }
    throw unknown(token)
  }

  private func unknown(_ token: SentenceToken) -> Problem {
    let so =
      understood.isEmpty
      ? "nothing before it was understood either"
      : "understood before it: " + understood.joined(separator: ", ")
    return Problem(token.range, "`\(properties.text(token.range))` is not understood", advice: so)
  }

  private mutating func join(_ kind: Joint, _ range: Range<Int>) throws(Problem) {
    // `, and` is one joint; what begins a sentence joins nothing.
    if last == .nothing, kind == .list { return }
    guard last != .nothing else {
      throw Problem(range, "`\(properties.text(range))` joins nothing to what comes after it")
    }
    if joint == nil || joint == .list || joint == kind { joint = kind }
    jointRange = range
  }

  // MARK: - Groups

  private mutating func add(kind: String, _ range: Range<Int>) throws(Problem) {
    if isNegated {
      // Not pores: they are excluded.
      try close()
      isNegated = false
      isExcluding = true
    }
    switch (last, joint) {
    case (.property, nil): break
    case (.property, .both?):
      if !group.kinds.isEmpty { try startGroup() }
    case (.property, _?):
      if group.kinds.isEmpty, !group.hasNoun {
        throw ambiguous(range)
      }
      try startGroup()
    case (.noun, _), (.nothing, _): break
    }
    group.kinds.append(kind)
    group.hasNoun = true
    understood.append("kind \(kind)")
    (joint, last) = (nil, .noun)
  }

  private mutating func addAny(_ range: Range<Int>) throws(Problem) {
    if isNegated { throw Problem(range, "this leaves nothing to report") }
    switch (last, joint) {
    case (.property, nil), (.noun, nil), (.nothing, _): break
    case (.property, _?): try startGroup()
    case (.noun, _?): throw ambiguous(range)
    }
    group.hasNoun = true
    (joint, last) = (nil, .noun)
  }

  private mutating func add(_ property: Condition, _ range: Range<Int>) throws(Problem) {
    if joint == .or, last == .noun, !group.kinds.isEmpty, group.properties.isEmpty { throw ambiguous(range) }
    // 直径大于2mm的气孔和体积大于3mm³的裂纹: a property that leads to a kind of its own begins a new group.
    if last == .noun, joint == .list || joint == .or, !group.properties.isEmpty {
      guard properties.leadsToKind else { throw ambiguous(range) }
      try startGroup()
    }
    if !group.properties.isEmpty {
      let isAny = joint == .or
      if let known = group.isAny, known != isAny {
        throw Problem(
          range, "`and` and `or` together can be read in two ways",
          advice: "write a condition with brackets, such as `(a or b) and c`")
      }
      group.isAny = isAny
    }
    group.properties.append(property)
    understood.append(property.text(properties.vocabulary))
    (joint, last) = (nil, .property)
  }

  private func ambiguous(_ range: Range<Int>) -> Problem {
    Problem(
      jointRange.isEmpty ? range : jointRange,
      "`\(properties.text(jointRange.isEmpty ? range : jointRange))` can be read in two ways here",
      advice: "write a condition with brackets, such as `kind is pore and (diameter > 2 mm or depth > 5 mm)`")
  }

  private mutating func startGroup() throws(Problem) {
    let wasExcluding = isExcluding
    try close()
    isExcluding = wasExcluding
  }

  private mutating func close() throws(Problem) {
    if !group.isEmpty {
      if isExcluding { unwanted.append(group) } else { wanted.append(group) }
    } else if isExcluding, last == .nothing {
      throw Problem(0..<text.count, "this doesn't say what is left out")
    }
    group = Group()
    (joint, last) = (nil, .nothing)
  }
}
