/// The smallest piece of a condition's text that means something.
struct Token: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// A name or a keyword; `quoted` ones are never keywords.
    case word(String, quoted: Bool)
    case number(Double)
    case unit(Unit)
    case comparator(Comparator)
    case open, close, comma
    case end
  }

  var kind: Kind
  /// In Unicode scalars of the text.
  var range: Range<Int>
}

package enum Comparator: String, Hashable, Sendable, CaseIterable {
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "="
  case unequal = "!="

  /// The sign that stands at a place, and how long it is.
  static func read(_ scalars: [Unicode.Scalar], at: Int) -> (Comparator, Int)? {
    guard at < scalars.count else { return nil }
    let next = at + 1 < scalars.count ? scalars[at + 1] : nil
    switch (scalars[at], next) {
    case (">", "="): return (.greaterOrEqual, 2)
    case (">", _): return (.greater, 1)
    case ("<", "="): return (.lessOrEqual, 2)
    case ("<", ">"): return (.unequal, 2)
    case ("<", _): return (.less, 1)
    case ("=", "="): return (.equal, 2)
    case ("=", _): return (.equal, 1)
    case ("!", "="): return (.unequal, 2)
    case ("≥", _), ("≧", _): return (.greaterOrEqual, 1)
    case ("≤", _), ("≦", _): return (.lessOrEqual, 1)
    case ("≠", _): return (.unequal, 1)
    default: return nil
    }
  }

  @inline(__always)
  package func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .equal: a == b
    case .unequal: a != b
    }
  }

  package var negated: Comparator {
    switch self {
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    case .equal: .unequal
    case .unequal: .equal
    }
  }
}
