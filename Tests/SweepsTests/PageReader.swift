import Foundation
import Testing

/// A page taken apart: strict about what the report writes, deaf to what browsers forgive.
struct PageReader {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// What stands directly in it, with references replaced.
    var text = ""
  }

  struct Broken: Error, CustomStringConvertible { var description: String }

  /// In the order of their opening tags.
  private(set) var elements: [Element] = []

  private static let void: Set = ["meta", "input", "br"]
  private static let raw: Set = ["script", "style"]
  private static let references = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]

  init(_ page: String) throws {
    var rest = Substring(page)
    guard rest.hasPrefix("<!DOCTYPE html>\n") else { throw Broken(description: "no doctype") }
    rest = rest.dropFirst("<!DOCTYPE html>\n".count)
    var open: [Int] = []
    while let sign = rest.utf8.firstIndex(of: UInt8(ascii: "<")) {
      if let last = open.last {
        elements[last].text += try Self.plain(rest[..<sign])
      } else if !rest[..<sign].allSatisfy(\.isWhitespace) {
        throw Broken(description: "text outside: \(rest[..<sign])")
      }
      guard let end = rest[sign...].utf8.firstIndex(of: UInt8(ascii: ">")) else {
        throw Broken(description: "a tag without end")
      }
      let tag = rest[rest.index(after: sign)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("/") {
        guard let last = open.popLast(), elements[last].name == tag.dropFirst() else {
          throw Broken(description: "<\(tag)> ends \(open.last.map { elements[$0].name } ?? "nothing")")
        }
        continue
      }
      let isClosed = tag.hasSuffix("/")
      elements.append(try Self.element(isClosed ? tag.dropLast() : tag))
      let name = elements[elements.count - 1].name
      if Self.raw.contains(name) {
        guard let close = rest.firstRange(of: "</\(name)") else {
          throw Broken(description: "\(name) goes on")
        }
        elements[elements.count - 1].text = String(rest[..<close.lowerBound])
        rest = rest[close.lowerBound...]
      }
      if !isClosed && !Self.void.contains(name) { open.append(elements.count - 1) }
    }
    guard open.isEmpty else { throw Broken(description: "\(open.map { elements[$0].name }) never end") }
  }

  private static func element(_ tag: Substring) throws -> Element {
    let name = tag.prefix { $0.isLetter || $0.isNumber }
    var element = Element(name: String(name), attributes: [:])
    var rest = tag.dropFirst(name.count).drop { $0.isWhitespace }
    while !rest.isEmpty {
      let key = rest.prefix { $0.isLetter || $0 == "-" }
      rest = rest.dropFirst(key.count)
      guard !key.isEmpty, rest.hasPrefix("=\"") else { throw Broken(description: "<\(tag)>") }
      rest = rest.dropFirst(2)
      guard let end = rest.firstIndex(of: "\"") else { throw Broken(description: "<\(tag)>") }
      guard element.attributes.updateValue(try plain(rest[..<end]), forKey: String(key)) == nil else {
        throw Broken(description: "\(key) twice in <\(tag)>")
      }
      rest = rest[rest.index(after: end)...].drop { $0.isWhitespace }
    }
    return element
  }

  private static func plain(_ text: Substring) throws -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return String(text) }
    var (plain, rest) = ("", text)
    while let sign = rest.firstIndex(of: "&") {
      plain += rest[..<sign]
      guard let end = rest[sign...].firstIndex(of: ";"), let meant = references[String(rest[sign...end])]
      else {
        throw Broken(description: "a bare & in \(text.prefix(80))")
      }
      plain += meant
      rest = rest[rest.index(after: end)...]
    }
    return plain + rest
  }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  func text(ofID id: String) -> String? { elements.first { $0.attributes["id"] == id }?.text }

  /// What a reader sees, or hears.
  var words: String {
    elements.filter { !Self.raw.contains($0.name) }
      .map { $0.text + " " + ($0.attributes["aria-label"] ?? "") }.joined(separator: " ")
  }
}
