import Base
import Events

/// Reads an answer out of what a model wrote, strictly: what isn't of the form that was asked for is no answer.
package enum AnswerReader {
  /// Why a text is no answer, for logs and for the second attempt. Quotes at most a few dozen characters of it.
  package struct Invalid: Error, Hashable, CustomStringConvertible {
    package var description: String
  }

  /// - Parameters:
  ///   - content: The message itself.
  ///   - reasoning: What the server told apart as thoughts. Servers that take the grammar for a thought put the whole
  ///     answer there, so that it is read when the message is empty.
  package static func read(content: String, reasoning: String, for question: Question) throws(Invalid)
    -> Answer
  {
    try read(content: content, reasoning: reasoning, forEach: [question])[0]
  }

  /// An answer to each, in their order, or none at all.
  package static func read(content: String, reasoning: String, forEach questions: [Question])
    throws(Invalid) -> [Answer]
  {
    let body = bare(content)
    let text = body.isEmpty ? bare(reasoning) : body
    guard !text.isEmpty else { throw Invalid(description: "an empty answer") }
    let json: JSON
    do throws(JSONReader.Failure) { json = try JSONReader.read(text.utf8) } catch {
      throw Invalid(description: "not JSON (\(error)): \(quote(text))")
    }
    guard let fields = json.fields else { throw Invalid(description: "\(json.shape) in place of an object") }
    let keys = questions.keys
    var answers: [Answer] = []
    for (key, question) in zip(keys, questions) {
      guard fields.count == keys.count, let value = json[key] else {
        let found = fields.prefix(4).map { quote($0.key[...]) }.joined(separator: ", ")
        let due = keys.count == 1 ? "the one key \"answer\"" : "the keys 1 to \(keys.count)"
        throw Invalid(
          description: "an object with \(due) is due, not \(found.isEmpty ? "{}" : found)")
      }
      answers.append(try read(value, for: question))
    }
    return answers
  }

  private static func read(_ value: JSON, for question: Question) throws(Invalid) -> Answer {
    if let text = value.text, trimmed(text[...]).lowercased() == Answer.unknownWord { return .undecided }
    switch question.form {
    case .yesNo:
      switch try text(of: value).lowercased() {
      case "yes": return .yes
      case "no": return .no
      case let other: throw Invalid(description: "neither yes nor no: \(quote(other[...]))")
      }
    case .choice(let choices):
      let text = try text(of: value)
      guard let choice = choices.first(where: { $0.lowercased() == text.lowercased() }) else {
        throw Invalid(description: "none of the choices: \(quote(text[...]))")
      }
      return .choice(choice)
    case .number(_, let range):
      guard let number = value.number else {
        throw Invalid(description: "\(value.shape) in place of a number")
      }
      guard range?.contains(number) ?? true else {
        throw Invalid(description: "\(Answer.number(number)) is out of range")
      }
      return .number(number)
    case .text(let longest):
      let text = try text(of: value)
      guard text.unicodeScalars.count <= longest else {
        throw Invalid(description: "a text of \(text.unicodeScalars.count) characters, \(longest) at most")
      }
      guard !text.isEmpty else { throw Invalid(description: "an empty text") }
      return .text(text)
    }
  }

  private static func text(of value: JSON) throws(Invalid) -> String {
    guard let text = value.text else { throw Invalid(description: "\(value.shape) in place of a string") }
    return String(trimmed(text[...]))
  }

  /// Without thoughts before it, a fence around it and white space.
  static func bare(_ text: some StringProtocol) -> Substring {
    var body = trimmed(Substring(text))
    // A server without a reasoning parser leaves the tags of Qwen's and DeepSeek's thoughts in the message.
    if body.hasPrefix("<think>") {
      guard let end = body.firstRange(of: "</think>") else { return "" }
      body = trimmed(body[end.upperBound...])
    }
    guard body.hasPrefix("```"), body.hasSuffix("```"), body.count >= 6 else { return body }
    body = body.dropFirst(3).dropLast(3)
    // The fence's language.
    if let line = body.firstIndex(where: \.isNewline), body[..<line].allSatisfy({ $0.isLetter || $0 == " " })
    {
      body = body[line...]
    }
    return trimmed(body)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var body = text.drop(while: \.isWhitespace)
    while let last = body.last, last.isWhitespace { body.removeLast() }
    return body
  }

  private static func quote(_ text: Substring) -> String { JSON.text(String(text.prefix(60))).description }
}
