/// The last lines of what a program prints. Bounded: long lines are cut, old ones forgotten.
package struct LastWords {
  private(set) var lines: [String] = []
  private var line: [UInt8] = []

  static let mostLines = 20
  static let longestLine = 300

  package init() {}

  package mutating func read(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == 0x0A {
        endLine()
      } else if line.count < Self.longestLine {
        line.append(byte)
      }
    }
  }

  /// All lines, the last one also when it has no end.
  package var all: [String] { line.isEmpty ? lines : lines + [String(decoding: line, as: UTF8.self)] }

  private mutating func endLine() {
    if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
    if lines.count > Self.mostLines { lines.removeFirst() }
    line.removeAll(keepingCapacity: true)
  }
}
