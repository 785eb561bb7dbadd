import Base
import Conditions
import Yams

/// A pipeline file's text while it is being read, with the faults found so far: reading goes on after a
/// fault, so that the user sees all of them at once. Used by one thread.
final class Draft {
  /// As the user wrote the path.
  let path: String
  private(set) var faults: [Fault] = []
  private let scalars: [Unicode.Scalar]
  private let lines: [Range<Int>]

  /// More than this many are only counted: a file that is not a pipeline at all.
  static let mostFaults = 40

  init(path: String, text: String) {
    self.path = path
    scalars = Array(text.unicodeScalars)
    lines = Place.lines(of: scalars)
  }

  /// The folder that relative paths in the file are relative to; ends with a slash, or is empty.
  var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  func fault(at node: Node, _ what: String, cause: String? = nil, advice: String? = nil) {
    var width = 1
    if case .scalar(let scalar) = node, !scalar.string.contains("\n") {
      width = scalar.string.unicodeScalars.count
    }
    fault(at: node.place, width: width, what, cause: cause, advice: advice)
  }

  /// A problem within a text that a node holds.
  func fault(in node: Node, _ problem: Problem) {
    guard case .scalar(let scalar) = node else {
      return fault(at: node, problem.what, advice: problem.advice)
    }
    let place = place(of: problem.range.lowerBound, in: scalar.string, from: node.place)
    fault(at: place, width: problem.range.count, problem.what, advice: problem.advice)
  }

  /// Where the scalar number `offset` of a node's text stands in the file. The text was folded, unquoted and
  /// unescaped by YAML; what it shares with the file in this order is found again.
  private func place(of offset: Int, in text: String, from start: Place) -> Place {
    guard start.line >= 1, start.line <= lines.count else { return start }
    var at = min(lines[start.line - 1].lowerBound + start.column - 1, scalars.count)
    let isBlock = at < scalars.count && (scalars[at] == "|" || scalars[at] == ">")
    if isBlock, start.line < lines.count { at = lines[start.line].lowerBound }
    var found = at
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if !scalar.properties.isWhitespace {
        while at < scalars.count, scalars[at] != scalar { at += 1 }
        guard at < scalars.count else { return start }
      }
      found = at
      if index == offset { break }
      if !scalar.properties.isWhitespace { at += 1 }
    }
    // The end of the text, or blanks in it.
    if offset >= text.unicodeScalars.count { found = at }
    let line = lines.lastIndex { $0.lowerBound <= found } ?? start.line - 1
    return Place(line: line + 1, column: found - lines[line].lowerBound + 1)
  }

  /// `width` columns from the place are underlined, as far as the line goes.
  func fault(at place: Place, width: Int = 1, _ what: String, cause: String? = nil, advice: String? = nil) {
    faults.append(
      Fault(
        .configuration, Credentials.hidden(in: what), at: "\(path):\(place.line):\(place.column)",
        cause: cause.map(Credentials.hidden), advice: advice, excerpt: excerpt(at: place, width: width)))
  }

  /// What is wrong with the file, in the order of its text.
  func sortedFaults() -> [Fault] {
    // Faults were found section by section; `place` holds path:line:column.
    func position(_ fault: Fault) -> (Int, Int) {
      let parts = (fault.place ?? "").split(separator: ":").suffix(2).compactMap { Int($0) }
      return parts.count == 2 ? (parts[0], parts[1]) : (0, 0)
    }
    let sorted = faults.sorted { position($0) < position($1) }
    guard sorted.count > Self.mostFaults else { return sorted }
    let left = sorted.count - Self.mostFaults
    return sorted.prefix(Self.mostFaults) + [Fault(.configuration, "\(left) more faults", at: path)]
  }

  /// The line with a caret under the fault:
  /// ```
  ///    7 | zons:
  ///      | ^^^^
  /// ```
  private func excerpt(at place: Place, width: Int) -> String? {
    guard place.line >= 1, place.line <= lines.count else { return nil }
    let line = scalars[lines[place.line - 1]]
    let start = min(line.startIndex + max(place.column, 1) - 1, line.endIndex)
    var margin = ""
    for scalar in Credentials.hidden(in: String(scalars: line[..<start])).unicodeScalars {
      margin.append(scalar == "\t" ? "\t" : " ")
    }
    let under = Credentials.hidden(in: String(scalars: line[start...].prefix(max(width, 1))))
    let carets = String(repeating: "^", count: max(1, under.unicodeScalars.count))
    let number = String(place.line)
    let gutter = String(repeating: " ", count: max(0, 4 - number.count))
    return """
      \(gutter)\(number) | \(Credentials.hidden(in: String(scalars: line)))
      \(String(repeating: " ", count: gutter.count + number.count)) | \(margin)\(carets)
      """
  }
}
