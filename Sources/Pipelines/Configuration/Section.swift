import Base
import Yams

/// A mapping whose keys are known beforehand.
struct Section {
  /// One key with its value.
  struct Entry {
    let name: String
    let key: Node
    let value: Node
  }

  let place: Place
  private let entries: [Entry]

  subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// Notes unknown, repeated and empty keys.
  ///
  /// - Parameter keys: those that may stand here.
  /// - Parameter elsewhere: keys that may stand in another place, and which.
  init(
    _ node: Node, keys: [String], elsewhere: [String: String] = [:], document: Document, draft: Draft
  ) {
    place = node.place
    var known: [Entry] = []
    for entry in Self.entries(of: node, document: document, draft: draft) {
      if keys.contains(entry.name) {
        known.append(entry)
      } else {
        draft.fault(
          at: entry.key, "unknown key `\(entry.name)`",
          advice: Self.advice(entry.name, keys: keys, elsewhere: elsewhere))
      }
    }
    entries = known
  }

  /// The keys and values of a mapping whose keys the user chooses; repeated and empty ones are noted.
  static func entries(of node: Node, document: Document, draft: Draft) -> [Entry] {
    guard case .mapping(let mapping) = node else { return [] }
    var entries: [Entry] = []
    var firsts: [String: Node] = [:]
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        draft.fault(at: key, "a key must be a word", advice: "this is \(Values.described(key))")
        continue
      }
      if let original = document.originalName(scalar.string) {
        firsts[original] = key
        continue
      }
      if let first = firsts[scalar.string]?.place {
        draft.fault(
          at: key, "`\(scalar.string)` stands twice; the first is in line \(first.line)",
          advice: "leave one of them out")
      }
      if case .scalar(let empty) = value, empty.style == .plain,
        ["", "~", "null"].contains(empty.string)
      {
        draft.fault(
          at: key, "`\(scalar.string)` has no value", advice: "give it one, or leave the key out")
        continue
      }
      entries.append(Entry(name: scalar.string, key: key, value: value))
    }
    return entries
  }

  /// As `entries`, of a mapping that is to hold so many at most; empty, with a fault noted, where it is none or longer.
  static func named(
    _ entry: Entry, takes what: String, most: Int, of things: String, example: String, document: Document,
    draft: Draft
  ) -> [Entry] {
    guard case .mapping = entry.value else {
      draft.fault(
        at: entry.value, "`\(entry.name)` takes \(what); this is \(Values.described(entry.value))",
        advice: "write `\(example)` under it")
      return []
    }
    let entries = Self.entries(of: entry.value, document: document, draft: draft)
    guard entries.count <= most else {
      draft.fault(at: entry.key, "`\(entry.name)` takes at most \(most) \(things)")
      return []
    }
    return entries
  }

  private static func advice(_ name: String, keys: [String], elsewhere: [String: String]) -> String {
    if let place = elsewhere[name] { return "it belongs \(place)" }
    if let near = NearestWord.find(name, in: keys) { return "did you mean `\(near)`?" }
    if let near = NearestWord.find(name, in: elsewhere.keys.sorted()), let place = elsewhere[near] {
      return "did you mean `\(near)`? It belongs \(place)"
    }
    return "the keys here are " + keys.map { "`\($0)`" }.joined(separator: ", ")
  }
}
