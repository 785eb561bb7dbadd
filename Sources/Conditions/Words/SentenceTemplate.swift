/// A sentence of the user's own for an event, with `{object}`, `{zones}` and names of attributes in it.
package struct SentenceTemplate: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text(String)
    case name(String)
  }

  private var pieces: [Piece]

  /// - Throws: a problem where a bracket is never closed, or a name is none of `names`.
  package init(_ text: String, names: [String]) throws(Problem) {
    let known = ["object", "zones"] + names
    let scalars = Array(text.unicodeScalars)
    var pieces: [Piece] = []
    var run = String.UnicodeScalarView()
    var at = 0
    while at < scalars.count {
      guard scalars[at] == "{" else {
        run.append(scalars[at])
        at += 1
        continue
      }
      guard let end = scalars[at...].firstIndex(of: "}") else {
        throw Problem(at..<scalars.count, "the bracket is never closed")
      }
      let name = String(String.UnicodeScalarView(scalars[at + 1..<end]))
      guard known.contains(name) else {
        throw Problem(
          at..<end + 1, "there is no `{\(name)}` in this event",
          advice: "it has " + known.map { "`{\($0)}`" }.joined(separator: ", "))
      }
      if !run.isEmpty { pieces.append(.text(String(run))) }
      run.removeAll()
      pieces.append(.name(name))
      at = end + 1
    }
    if !run.isEmpty { pieces.append(.text(String(run))) }
    self.pieces = pieces
  }

  package func text(_ value: (String) -> String?) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .name(let name): value(name) ?? "?"
      }
    }.joined()
  }
}

extension Measure {
  /// Under which events carry it, in a unit.
  func attributeName(in unit: Unit?) -> String { fact.rawValue + (unit.map { "_" + $0.suffix } ?? "") }
}

extension Condition {
  /// Under which events carry the n-th of their counts, from 1.
  static func countName(_ n: Int) -> String { n == 1 ? "count" : "count_\(n)" }

  /// The names of the attributes that its events can have.
  package func attributeNames(_ questions: [AskedQuestion]) -> [String] {
    var names: [String] = []
    var counts: Set<Condition> = []
    func add(_ name: String) {
      if !names.contains(name) { names.append(name) }
    }
    func collect(_ condition: Condition) {
      switch condition {
      case .compare(let m, _, let q), .between(let m, _, let q):
        add(m.attributeName(in: q.unit))
      case .word(let fact, _): add(fact.rawValue)
      case .answer(let question, _, _): add(Self.answerName(questions[question].name))
      case .crosses:
        add("line")
        add("direction")
      case .removed: add("box")
      case .count:
        if counts.insert(condition).inserted { add(Self.countName(counts.count)) }
      case .near: return
      default: for part in condition.parts { collect(part) }
      }
    }
    collect(self)
    return names
  }

  /// Of the attribute that holds a question's answer.
  package static func answerName(_ question: String) -> String { "answer_\(question)" }
}
