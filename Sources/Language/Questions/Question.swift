import Base

/// What a model is asked about pictures, and the form that its answer must have.
package struct Question: Hashable, Sendable {
  package enum Form: Hashable, Sendable {
    case yesNo
    /// One of these, at least two, all different also without regard to case, none of them `unknown`.
    case choice([String])
    /// A number in `unit` (for the prompt alone) within `range`.
    case number(unit: String?, range: ClosedRange<Double>?)
    /// A text of at most so many characters (Unicode scalars), not empty.
    case text(longest: Int)
  }

  package let text: String
  package let form: Form

  package static let longestText = 2000
  package static let mostChoices = 64
  package static let longestAnswer = 4000

  /// Throws a fault of code `configuration` where the form asks for what can't be answered.
  package init(_ text: String, _ form: Form) throws(Fault) {
    self.text = text
    self.form = form
    guard !text.allSatisfy(\.isWhitespace), text.utf8.count <= Self.longestText else {
      throw fault("its text is empty or longer than \(Self.longestText) bytes")
    }
    switch form {
    case .yesNo: break
    case .choice(let choices):
      let names = choices.map { $0.lowercased() }
      guard (2...Self.mostChoices).contains(choices.count) else {
        throw fault("a choice is between 2 to \(Self.mostChoices) things, not \(choices.count)")
      }
      guard Set(names).count == names.count, !names.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
        throw fault("two choices are the same, or one is empty")
      }
      guard !names.contains(Answer.unknownWord) else {
        throw fault("`\(Answer.unknownWord)` is always possible and no choice of its own")
      }
    case .number(_, let range):
      guard range.map({ $0.lowerBound.isFinite && $0.upperBound.isFinite }) ?? true else {
        throw fault("the range of a number has two finite ends")
      }
    case .text(let longest):
      guard (1...Self.longestAnswer).contains(longest) else {
        throw fault("a text of \(longest) characters is asked for; 1 to \(Self.longestAnswer) are possible")
      }
    }
  }

  private func fault(_ cause: String) -> Fault {
    Fault(.configuration, "the question `\(text.prefix(80))` can't be asked", cause: cause)
  }
}
