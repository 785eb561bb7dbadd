/// What a word of an instruction can mean. Some mean several things; the grammar chooses.
enum Meaning: Hashable, Sendable {
  enum Bound: Hashable, Sendable {
    /// The size of a thing, whose measure the unit tells.
    case size
    /// Larger or longer, but not in what.
    case bare
    case fact(Fact)
  }

  case kind(String)
  /// A thing of any kind.
  case any
  case fact(Fact)
  case compare(Comparator, Bound?)
  /// A comparator behind its number.
  case suffix(Comparator)
  case between, to, closing
  /// Joins things of a list, or conditions; only conditions; alternatives.
  case list, both, or
  case not, except, beyond
  case inside, outside, inner, stay
  case filler
  case input(Domain)
  case setting, clinical
  case output(Instruction.Output)
  case format
}

/// The words that instructions are written in, from `vocabulary.txt`.
struct Terms: Sendable {
  struct Term: Sendable {
    var scalars: [Unicode.Scalar]
    var meanings: [Meaning]
    /// A number in words, which is one only before a unit.
    var number: Double?
  }

  /// By domain; longest first.
  private let camera: [Term]
  private let sweep: [Term]

  static let shared = Terms(String(decoding: PackageResources.vocabulary_txt, as: UTF8.self))

  func all(of domain: Domain) -> [Term] { domain == .camera ? camera : sweep }

  private init(_ text: String) {
    camera = Self.read(text, .camera)
    sweep = Self.read(text, .sweep)
  }

  private static func read(_ text: String, _ domain: Domain) -> [Term] {
    var terms: [String: Term] = [:]
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let columns = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
      // The file is a part of the program: the tests read all of it.
      precondition(columns.count == 3, "vocabulary line \(number + 1) has \(columns.count) columns")
      var what = columns[0]
      if what.hasPrefix("camera:") || what.hasPrefix("sweep:") {
        guard what.hasPrefix(domain.rawValue) else { continue }
        what = String(what.drop { $0 != ":" }.dropFirst()).trimmed
      }
      let value = what == "number" ? Double(columns[1]) : nil
      let meaning = value == nil ? meaning(what, columns[1], number + 1) : .filler
      var words = columns[2].split(separator: ";").map { String($0).trimmed }.filter { !$0.isEmpty }
      // The separator itself is a word.
      if what == "list" { words.append(";") }
      for word in words {
        let key = word.lowercased()
        var term = terms[key] ?? Term(scalars: Array(key.unicodeScalars), meanings: [], number: nil)
        if let value { term.number = value } else { term.meanings.append(meaning) }
        terms[key] = term
      }
    }
    return terms.values.sorted { a, b in
      a.scalars.count != b.scalars.count
        ? a.scalars.count > b.scalars.count : a.scalars.lexicographicallyPrecedes(b.scalars)
    }
  }

  private static func meaning(_ what: String, _ value: String, _ line: Int) -> Meaning {
    let parts = value.split(separator: " ").map(String.init)
    switch what {
    case "kind": return .kind(value)
    case "any": return .any
    case "fact": if let fact = Fact(rawValue: value) { return .fact(fact) }
    case "compare":
      if let sign = parts.first.flatMap(Comparator.init(rawValue:)) {
        switch parts.dropFirst().first {
        case nil: return .compare(sign, nil)
        case "size": return .compare(sign, .size)
        case "bare": return .compare(sign, .bare)
        case let name?: if let fact = Fact(rawValue: name) { return .compare(sign, .fact(fact)) }
        }
      }
    case "suffix": if let sign = Comparator(rawValue: value) { return .suffix(sign) }
    case "between": return .between
    case "to": return .to
    case "closing": return .closing
    case "list": return .list
    case "both": return .both
    case "or": return .or
    case "not": return .not
    case "except": return .except
    case "beyond": return .beyond
    case "in": return .inside
    case "outside": return .outside
    case "inner": return .inner
    case "stay": return .stay
    case "filler": return .filler
    case "input": if let domain = Domain(rawValue: value) { return .input(domain) }
    case "setting": return .setting
    case "clinical": return .clinical
    case "output": if let output = Instruction.Output(rawValue: value) { return .output(output) }
    case "format": return .format
    default: break
    }
    preconditionFailure("vocabulary line \(line): `\(what) | \(value)` is nothing")
  }
}

extension [Unicode.Scalar] {
  fileprivate func lexicographicallyPrecedes(_ other: [Unicode.Scalar]) -> Bool {
    lexicographicallyPrecedes(other) { $0.value < $1.value }
  }
}
