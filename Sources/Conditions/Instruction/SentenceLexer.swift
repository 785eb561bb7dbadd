/// A word, number or name of an instruction.
struct SentenceToken: Sendable {
  enum Kind: Sendable {
    /// Of the vocabulary, with all that it can mean.
    case term([Meaning])
    case quantity(Quantity)
    case comparator(Comparator)
    /// A zone of the pipeline, by its number.
    case zone(Int)
    case unknown
  }

  var kind: Kind
  var range: Range<Int>
}

/// Cuts an instruction into words: at each place the longest term of the vocabulary, as Chinese has no blanks between
/// words.
struct SentenceLexer {
  private let scalars: [Unicode.Scalar]
  private let terms: [Terms.Term]
  private let zones: [[Unicode.Scalar]]
  private var at = 0
  private var tokens: [SentenceToken] = []

  static func tokens(of text: String, _ vocabulary: Vocabulary) -> [SentenceToken] {
    var lexer = SentenceLexer(text, vocabulary)
    while lexer.next() {}
    return lexer.tokens
  }

  private init(_ text: String, _ vocabulary: Vocabulary) {
    scalars = text.unicodeScalars.map(Lexer.narrow)
    terms = Terms.shared.all(of: vocabulary.domain)
    zones = vocabulary.zones.map { Array($0.unicodeScalars).map(Lexer.narrow) }
  }

  private func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
    at + offset < scalars.count ? scalars[at + offset] : nil
  }

  private mutating func add(_ kind: SentenceToken.Kind, _ length: Int) {
    tokens.append(SentenceToken(kind: kind, range: at..<at + length))
    at += length
  }

  private mutating func next() -> Bool {
    while let c = scalar(), c.properties.isWhitespace { at += 1 }
    guard let c = scalar() else { return false }
    if let (comparator, length) = Comparator.read(scalars, at: at) {
      add(.comparator(comparator), length)
    } else if Lexer.isDigit(c) || c == "." && (scalar(1).map(Lexer.isDigit) ?? false)
      || c == "-" && (scalar(1).map(Lexer.isDigit) ?? false) && !followsNumber
    {
      number()
    } else if let zone = zone() {
      add(.zone(zone), zones[zone].count)
    } else if let (term, length) = term() {
      if let value = term.number, let (unit, unitLength) = unit(after: length) {
        add(.quantity(Quantity(value, unit)), length + unitLength)
      } else if term.meanings.isEmpty {
        add(.unknown, length)
      } else {
        add(.term(term.meanings), length)
      }
    } else {
      unknown()
    }
    return true
  }

  private var followsNumber: Bool {
    guard let last = tokens.last, last.range.upperBound == at, case .quantity = last.kind else {
      return false
    }
    return true
  }

  private mutating func number() {
    var length = scalar() == "-" ? 1 : 0
    var dots = 0
    while let c = scalar(length), Lexer.isDigit(c) || c == "." {
      // A full stop behind the last digit ends the sentence.
      if c == "." {
        guard dots == 0, let next = scalar(length + 1), Lexer.isDigit(next) else { break }
        dots += 1
      }
      length += 1
    }
    guard let value = Double(String(String.UnicodeScalarView(scalars[at..<at + length]))), abs(value) < 1e15
    else { return add(.unknown, length) }
    let unit = unit(after: length)
    add(.quantity(Quantity(value, unit?.0)), length + (unit?.1 ?? 0))
  }

  /// The unit behind a number that ends `offset` further, and how far it reaches from there: after blanks, or a hyphen as
  /// in `2-mm`.
  private func unit(after offset: Int) -> (Unit, Int)? {
    var gap = 0
    while scalar(offset + gap) == " " { gap += 1 }
    if gap == 0, scalar(offset) == "-", !(scalar(offset + 1).map(Lexer.isDigit) ?? false) { gap = 1 }
    // In a sentence in capitals units are too.
    guard let (unit, length) = Unit.longest(in: scalars, at: at + offset + gap, inAnyCase: true) else {
      return nil
    }
    return (unit, gap + length)
  }

  private func zone() -> Int? {
    var best: Int?
    for (number, name) in zones.enumerated() where matches(name, plural: false) != nil {
      if name.count > best.map({ zones[$0].count }) ?? 0 { best = number }
    }
    return best
  }

  private func term() -> (Terms.Term, Int)? {
    for term in terms {
      guard let length = matches(term.scalars, plural: true) else { continue }
      // `2 mm and below` closes, `and below 5 mm` and `or larger than 5 mm` go on.
      if term.meanings.contains(where: { if case .suffix = $0 { true } else { false } }),
        goesOn(after: length)
      {
        continue
      }
      return (term, length)
    }
    return nil
  }

  private func goesOn(after offset: Int) -> Bool {
    var next = offset
    while scalar(next)?.properties.isWhitespace ?? false { next += 1 }
    guard let c = scalar(next) else { return false }
    if Lexer.isDigit(c) { return true }
    return scalar(next) == "t" && scalar(next + 1) == "h" && scalar(next + 2) == "a"
      && scalar(next + 3) == "n"
  }

  /// The length of the text that a term stands for here: in any case, with any blanks, and an s at the end of a Latin one.
  private func matches(_ term: [Unicode.Scalar], plural: Bool) -> Int? {
    var length = 0
    for c in term {
      if c == " " {
        guard scalar(length)?.properties.isWhitespace ?? false else { return nil }
        while scalar(length)?.properties.isWhitespace ?? false { length += 1 }
      } else {
        guard let here = scalar(length),
          here == c || here.properties.lowercaseMapping.unicodeScalars.first == c
            || c.properties.lowercaseMapping.unicodeScalars.first == here
        else { return nil }
        length += 1
      }
    }
    guard let last = term.last, Self.isLatin(last) else { return length }
    guard let next = scalar(length), Self.isLatin(next) else { return length }
    guard plural, next == "s" || next == "S", !(scalar(length + 1).map(Self.isLatin) ?? false) else {
      return nil
    }
    return length + 1
  }

  private static func isLatin(_ c: Unicode.Scalar) -> Bool {
    c.isASCII && c.properties.isAlphabetic || c == "_"
  }

  /// A Latin word, or what stands before the next term.
  private mutating func unknown() {
    let start = at
    if let c = scalar(), Self.isLatin(c) {
      while let c = scalar(), Self.isLatin(c) || Lexer.isDigit(c) || c == "-" { at += 1 }
    } else {
      at += 1
      while let c = scalar(), !c.isASCII, !c.properties.isWhitespace, term() == nil { at += 1 }
    }
    let end = at
    at = start
    add(.unknown, end - start)
  }
}
