import Base
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
