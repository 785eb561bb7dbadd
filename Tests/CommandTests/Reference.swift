import Foundation
import Testing

/// The tables of docs/reference.md.
enum Reference {
  /// The cells of all rows below a heading, up to the next one of its kind or above.
  static func rows(_ heading: String) throws -> [[String]] {
    let text = try String(contentsOfFile: Command.root + "/docs/reference.md", encoding: .utf8)
    let depth = heading.prefix { $0 == "#" }.count
    let lines = text.split(separator: "\n").drop { $0 != heading }.dropFirst()
    try #require(!lines.isEmpty, "\(heading)")
    let section = lines.prefix { line in
      let marks = line.prefix { $0 == "#" }.count
      return marks == 0 || marks > depth
    }
    return section.filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// What stands in backticks.
  static func names(_ cell: String) -> [String] { cell.matches(of: /`([^`]+)`/).map { String($0.1) } }
}
