import Events

extension Question {
  /// The JSON schema of an answer: an object with the one key `answer`. Only what all servers' grammars know is used;
  /// what they may ignore (ranges, lengths) is checked when the answer is read.
  package var schema: JSON { [self].schema }

  fileprivate var answerSchema: JSON {
    let unknown = Answer.unknownWord
    switch form {
    case .yesNo: return Self.oneOf(["yes", "no", unknown])
    case .choice(let choices): return Self.oneOf(choices + [unknown])
    case .number(_, let range):
      var number: [JSON.Field] = [JSON.Field("type", "number")]
      if let range {
        number.append(JSON.Field("minimum", .number(range.lowerBound)))
        number.append(JSON.Field("maximum", .number(range.upperBound)))
      }
      return ["anyOf": [.object(number), Self.oneOf([unknown])]]
    case .text(let longest):
      return ["type": "string", "minLength": 1, "maxLength": .integer(Int64(longest))]
    }
  }

  private static func oneOf(_ words: [String]) -> JSON {
    ["type": "string", "enum": .list(words.map(JSON.text))]
  }

  /// The form in words, for servers and models that don't keep to a schema by themselves.
  package var formInWords: String { "Answer with JSON only, {\"answer\": …}: \(choicesInWords)." }

  fileprivate var choicesInWords: String {
    let unknown = "\"\(Answer.unknownWord)\" if the pictures don't show it"
    return switch form {
    case .yesNo: "\"yes\", \"no\", or \(unknown)"
    case .choice(let choices): choices.map { "\(JSON.text($0)), " }.joined() + "or \(unknown)"
    case .number(let unit, let range):
      "a number" + (unit.map { " of \($0)" } ?? "")
        + (range.map { " from \(Self.short($0.lowerBound)) to \(Self.short($0.upperBound))" } ?? "")
        + ", or \(unknown)"
    case .text(let longest): "a text of at most \(longest) characters, or \(unknown)"
    }
  }

  private static func short(_ value: Double) -> String { Answer.number(value).description }

  /// How many tokens an answer may take: a token holds a character or more, and JSON around it a few.
  package var mostTokens: Int {
    switch form {
    case .yesNo, .number: 32
    case .choice(let choices): 32 + (choices.map(\.unicodeScalars.count).max() ?? 0)
    case .text(let longest): 32 + longest
    }
  }
}

// Several in one call. A single one is asked as it always was.
extension [Question] {
  /// The keys of their answers, in their order: a single one has `answer`, several their numbers.
  var keys: [String] { count == 1 ? ["answer"] : indices.map { "\($0 + 1)" } }

  /// The JSON schema of their answers: an object with a key for each.
  package var schema: JSON {
    [
      "type": "object",
      "properties": .object(zip(keys, self).map { JSON.Field($0, $1.answerSchema) }),
      "required": .list(keys.map(JSON.text)),
      "additionalProperties": false,
    ]
  }

  /// What is asked of which case, each question once, and the form.
  var inWords: [String] {
    var cases: [(question: Question, numbers: [String])] = []
    for (index, question) in enumerated() {
      if let place = cases.firstIndex(where: { $0.question == question }) {
        cases[place].numbers.append("\(index + 1)")
      } else {
        cases.append((question, ["\(index + 1)"]))
      }
    }
    let asked = cases.map { question, numbers in
      let of =
        numbers.count == count
        ? "each case" : "case\(numbers.count == 1 ? "" : "s") \(numbers.joined(separator: ", "))"
      let form = question.choicesInWords
      return "Of \(of): \(question.text) \(form.prefix(1).uppercased())\(form.dropFirst())."
    }
    return asked + ["Answer with JSON only, with the number of each case: {\"1\": …, \"2\": …}."]
  }

  var mostTokens: Int { reduce(0) { $0 + $1.mostTokens } }
}
