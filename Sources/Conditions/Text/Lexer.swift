/// Cuts a condition's text into tokens.
///
/// Full-width forms, as Chinese input methods write them, are taken for their usual ones. The last token is
/// always `end`.
struct Lexer {
  private let scalars: [Unicode.Scalar]
  /// As written: what stands in quotes is taken as it is.
  private let original: [Unicode.Scalar]
  private var at = 0
  private var tokens: [Token] = []

  static func tokens(of scalars: [Unicode.Scalar]) throws(Problem) -> [Token] {
    var lexer = Lexer(scalars)
    while try lexer.next() {}
    lexer.tokens.append(Token(kind: .end, range: scalars.count..<scalars.count))
    return lexer.tokens
  }

  private init(_ original: [Unicode.Scalar]) {
    self.original = original
    scalars = original.map(Self.narrow)
  }

  /// U+FF01 to U+FF5E are ASCII in full width; some more signs have their like.
  static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    case 0x3000: " "
    case 0x3001: ","
    case 0x201C, 0x201D: "\""
    case 0x2018, 0x2019: "'"
    default: scalar
    }
  }

  private func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
    at + offset < scalars.count ? scalars[at + offset] : nil
  }

  private mutating func add(_ kind: Token.Kind, _ length: Int) {
    tokens.append(Token(kind: kind, range: at..<at + length))
    at += length
  }

  /// False at the end.
  private mutating func next() throws(Problem) -> Bool {
    while let c = scalar(), c.properties.isWhitespace { at += 1 }
    guard let c = scalar() else { return false }
    if let (comparator, length) = Comparator.read(scalars, at: at) {
      add(.comparator(comparator), length)
      return true
    }
    switch c {
    case "(": add(.open, 1)
    case ")": add(.close, 1)
    case ",": add(.comma, 1)
    case "!": throw Problem(at..<at + 1, "`!` alone means nothing", advice: "write `not` or `!=`")
    case "\"", "'": try quoted(c)
    case _ where Self.isDigit(c) || "+-.".unicodeScalars.contains(c) && isDigitNext: try number()
    case _ where Self.isWordStart(c): word()
    default:
      throw Problem(
        at..<at + 1, "`\(c)` means nothing in a condition",
        advice: c == "&" || c == "|" ? "write `and`, `or`" : "put names with such signs into quotes")
    }
    return true
  }

  private var isDigitNext: Bool {
    guard let next = scalar(1) else { return false }
    return Self.isDigit(next) || next == "." && (scalar(2).map(Self.isDigit) ?? false)
  }

  private mutating func quoted(_ mark: Unicode.Scalar) throws(Problem) {
    var length = 1
    var text = String.UnicodeScalarView()
    while scalar(length).map({ $0 != mark }) ?? false {
      text.append(original[at + length])
      length += 1
    }
    guard scalar(length) == mark else {
      throw Problem(at..<scalars.count, "the quotation mark is never closed")
    }
    guard !text.isEmpty else { throw Problem(at..<at + 2, "there is nothing in the quotation marks") }
    add(.word(String(text), quoted: true), length + 1)
  }

  private mutating func number() throws(Problem) {
    var length = 0
    if let c = scalar(), c == "+" || c == "-" { length += 1 }
    var dots = 0
    while let c = scalar(length), Self.isDigit(c) || c == "." {
      dots += c == "." ? 1 : 0
      length += 1
    }
    let text = String(String.UnicodeScalarView(scalars[at..<at + length]))
    guard dots <= 1, let value = Double(text), value.isFinite, abs(value) < 1e15 else {
      throw Problem(at..<at + length, "`\(text)` is no number")
    }
    add(.number(value), length)
    while let c = scalar(), c == " " { at += 1 }
    _ = unit()
  }

  private mutating func unit() -> Bool {
    guard let (unit, length) = Unit.longest(in: scalars, at: at) else { return false }
    add(.unit(unit), length)
    return true
  }

  private mutating func word() {
    var length = 1
    while let c = scalar(length), Self.isWordPart(c) { length += 1 }
    // A full stop at the end closes a sentence.
    while length > 1, scalar(length - 1) == "." { length -= 1 }
    add(.word(String(String.UnicodeScalarView(scalars[at..<at + length])), quoted: false), length)
  }

  static func isDigit(_ c: Unicode.Scalar) -> Bool { ("0"..."9").contains(c) }
  private static func isWordStart(_ c: Unicode.Scalar) -> Bool { c == "_" || c.properties.isAlphabetic }
  private static func isWordPart(_ c: Unicode.Scalar) -> Bool {
    isWordStart(c) || isDigit(c) || c == "-" || c == "." || c.properties.numericType != nil
  }
}
