import Base

/// What a model said, in the form that it was asked for.
package enum Answer: Hashable, Sendable, CustomStringConvertible {
  case yes
  case no
  case choice(String)
  case number(Double)
  case text(String)
  /// The model said that it can't tell.
  case undecided

  /// What a model says in place of any answer.
  package static let unknownWord = "unknown"

  package var description: String {
    switch self {
    case .yes: "yes"
    case .no: "no"
    case .choice(let text), .text(let text): text
    case .number(let value):
      value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    case .undecided: Self.unknownWord
    }
  }
}
