/// A condition in the language itself: reading it again gives the same condition.
extension Condition {
  package func text(_ names: Vocabulary) -> String { text(names, in: .whole) }

  /// How tightly what stands around binds.
  private enum Level: Int { case whole, choice, all, suffixed, single }

  private func text(_ names: Vocabulary, in level: Level) -> String {
    func bracketed(_ own: Level, _ text: String) -> String {
      own.rawValue < level.rawValue ? "(\(text))" : text
    }
    switch self {
    case .compare(let m, let comparator, let q): return "\(m.fact.rawValue) \(comparator.rawValue) \(q.text)"
    case .between(let m, let a, let b): return "\(m.fact.rawValue) between \(a.text) and \(b.text)"
    case .word(let fact, let words):
      let list = words.map(Self.quoted)
      return list.count == 1
        ? "\(fact.rawValue) is \(list[0])" : "\(fact.rawValue) in (\(list.joined(separator: ", ")))"
    case .answer(let question, _, let test): return Self.answerText(names.questions[question], test)
    case .inside(let zone): return "in \(Self.quoted(names.zones[zone]))"
    case .crosses(let line, let side):
      return "crosses \(Self.quoted(names.lines[line]))" + (side.map { " \($0.rawValue)" } ?? "")
    case .removed(let zone): return "removed" + (zone.map { " from \(Self.quoted(names.zones[$0]))" } ?? "")
    case .near(let neighbour, let q):
      switch neighbour {
      case .zone(let zone): return "near \(Self.quoted(names.zones[zone])) within \(q.text)"
      case .line(let line): return "near \(Self.quoted(names.lines[line])) within \(q.text)"
      case .other(let inner):
        let what = names.domain == .camera ? "object" : "defect"
        let whose = inner.map { " where (\($0.text(names)))" } ?? ""
        return "near another \(what)\(whose) within \(q.text)"
      }
    case .count(let inner, let test):
      let what = names.domain == .camera ? "objects" : "defects"
      let counted = "count(\(what)" + (inner.map { " where \($0.text(names))" } ?? "") + ")"
      switch test {
      case .compare(let comparator, let n): return "\(counted) \(comparator.rawValue) \(n)"
      case .between(let a, let b): return "\(counted) between \(a) and \(b)"
      }
    case .not(let a): return bracketed(.single, "not " + a.text(names, in: .single))
    case .and(let all):
      return bracketed(.all, all.map { $0.part(names, .all) }.joined(separator: " and "))
    case .or(let all):
      return bracketed(.choice, all.map { $0.part(names, .choice) }.joined(separator: " or "))
    case .lasting(let a, let q):
      return bracketed(.suffixed, a.text(names, in: .suffixed) + " for \(q.text)")
    case .recent(let a, let q):
      return bracketed(.suffixed, a.text(names, in: .suffixed) + " within \(q.text)")
    case .times(let a, let n, let q):
      return bracketed(
        .suffixed, a.text(names, in: .suffixed) + " at least \(n) times within \(q.text)")
    case .since(let a, let b):
      return bracketed(.whole, a.text(names, in: .choice) + " since " + b.text(names, in: .choice))
    case .sequence(let a, let b, let q):
      return bracketed(
        .whole, a.text(names, in: .choice) + " then " + b.thenPart(names) + " within \(q.text)")
    }
  }

  /// As one of several that `and` or `or` joins: suffixes are put into brackets, as at the end they would be
  /// ambiguous.
  private func part(_ names: Vocabulary, _ level: Level) -> String {
    switch self {
    case .lasting, .recent, .times, .and, .or: "(\(text(names)))"
    default: text(names, in: level == .all ? .suffixed : .all)
    }
  }

  /// After `then` a `within` belongs to it.
  private func thenPart(_ names: Vocabulary) -> String {
    switch self {
    case .recent, .times, .lasting: "(\(text(names)))"
    default: text(names, in: .choice)
    }
  }

  private static func answerText(_ question: AskedQuestion, _ test: AnswerTest) -> String {
    let subject = "answer(\(marked(question.name)))"
    switch test {
    case .words(let places):
      let all: [String] = if case .words(let words) = question.kind { words } else { [] }
      let list = places.map { quoted(all[$0]) }
      return list.count == 1 ? "\(subject) is \(list[0])" : "\(subject) in (\(list.joined(separator: ", ")))"
    case .compare(let comparator, let n): return "\(subject) \(comparator.rawValue) \(Quantity.plain(n))"
    case .between(let a, let b): return "\(subject) between \(Quantity.plain(a)) and \(Quantity.plain(b))"
    }
  }

  private static let keywords: Set<String> = [
    "and", "or", "not", "for", "within", "then", "since", "at", "least", "most", "times", "time", "in",
    "inside",
    "outside", "crosses", "removed", "from", "near", "another", "other", "object", "objects", "defect",
    "defects", "count",
    "any", "all",
    "where", "between", "is", "it", "left", "right", "either", "to", "by", "zone", "line", "the",
  ]

  /// A name as it has to be written: in quotes where it could be taken for something else.
  static func quoted(_ name: String) -> String {
    let isPlain =
      name.unicodeScalars.first.map { $0 == "_" || $0.properties.isAlphabetic } ?? false
      && name.unicodeScalars.allSatisfy {
        $0 == "_" || $0 == "-" || $0.properties.isAlphabetic || Lexer.isDigit($0)
      } && Lexer.narrowed(name) == name
    return isPlain && !keywords.contains(name.lowercased()) ? name : marked(name)
  }

  /// In quotes. What looks like a double one closes those, also in another script's form.
  static func marked(_ name: String) -> String {
    let mark = Lexer.narrowed(name).contains("\"") ? "'" : "\""
    return mark + name + mark
  }
}

extension Lexer {
  static func narrowed(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map(narrow)))
  }
}
