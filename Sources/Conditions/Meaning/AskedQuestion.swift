/// A question that models answer, as far as conditions may speak of its answer.
package struct AskedQuestion: Hashable, Codable, Sendable {
  package enum Kind: Hashable, Codable, Sendable {
    /// All words that it can be answered with; the last says that the model can't tell.
    case words([String])
    case number
    /// In free words, of which no condition can speak.
    case text
  }

  package var name: String
  package var scope: Scope
  package var kind: Kind

  package init(name: String, scope: Scope, kind: Kind) {
    self.name = name
    self.scope = scope
    self.kind = kind
  }
}

/// What is asked of an answer.
package enum AnswerTest: Hashable, Sendable {
  /// It is one of these, by their places among the question's words.
  case words([Int])
  case compare(Comparator, Double)
  case between(Double, Double)

  /// Of an answer that there is.
  package func holds(_ value: Double) -> Bool {
    switch self {
    case .words(let places): places.contains { Double($0) == value }
    case .compare(let comparator, let limit): comparator.holds(value, limit)
    case .between(let low, let high): value >= low && value <= high
    }
  }
}
