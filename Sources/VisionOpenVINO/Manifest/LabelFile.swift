import Base

/// A file with the name of a class in each line, the first one of class 0.
package enum LabelFile {
  /// Bytes; ten thousand labels stay far below. Manifests may be as long.
  static let longest = 1 << 20

  /// - Throws: `noInput` where it is missing, `configuration` where a line is empty or no UTF-8.
  package static func read(_ path: String) throws(Fault) -> [String] {
    let text = try TextFile.read(path, limit: longest, code: .configuration)
    // Also at "\r\n", which is one character.
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0) }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    for (index, line) in lines.enumerated() where line.allSatisfy(\.isWhitespace) {
      throw Fault(
        .configuration, "an empty line in the labels file", at: "\(path):\(index + 1)",
        cause: "each line names a class, the first one class 0",
        advice: "give it a name, or take the line away if the model has no such class")
    }
    return lines
  }
}
