/// A sum of small decision trees over traits: the log-odds that something holds.
///
/// Read from lines of text: `base NUMBER`, then one tree a line in prefix order, where an inner node is a trait's name
/// and a threshold, followed by the node for what is not above it and the node for what is, and a leaf is a number.
/// Empty lines and lines that begin with `#` are left out.
package struct BoostedTrees: Sendable {
  private struct Node {
    /// The threshold, or what a leaf adds.
    var value: Float
    /// Index of the trait that decides, or `leaf`.
    var trait: UInt16
    /// Where the node for values above the threshold is; the other one follows this.
    var above: UInt16 = 0

    static let leaf = UInt16.max
  }

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var line: Int
    package var what: String
    package var description: String { "line \(line): \(what)" }
  }

  private var nodes: [Node] = []
  private var roots: [Int] = []
  private var base = 0.0

  package init(_ text: String) throws(Malformed) {
    let indices = Dictionary(uniqueKeysWithValues: Trait.allCases.map { ($0.name, $0.rawValue) })
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var words = line.split(separator: " ")[...]
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      if first == "base" {
        guard words.count == 2, let value = Double(words[1]) else {
          throw Malformed(line: number + 1, what: "base takes one number")
        }
        base = value
        continue
      }
      roots.append(nodes.count)
      try read(&words, indices, line: number + 1)
      if let rest = words.first { throw Malformed(line: number + 1, what: "'\(rest)' after the tree") }
    }
  }

  private mutating func read(
    _ words: inout ArraySlice<Substring>, _ indices: [String: Int], line: Int
  ) throws(Malformed) {
    guard let word = words.popFirst() else { throw Malformed(line: line, what: "the tree ends too soon") }
    guard nodes.count < Int(UInt16.max) else { throw Malformed(line: line, what: "too many nodes") }
    if let leaf = Float(word) {
      nodes.append(Node(value: leaf, trait: Node.leaf))
      return
    }
    guard let trait = indices[String(word)] else {
      throw Malformed(line: line, what: "there is no trait '\(word)'")
    }
    guard let threshold = words.popFirst().flatMap({ Float($0) }) else {
      throw Malformed(line: line, what: "no threshold for \(word)")
    }
    let node = nodes.count
    nodes.append(Node(value: threshold, trait: UInt16(trait)))
    try read(&words, indices, line: line)
    nodes[node].above = UInt16(nodes.count)
    try read(&words, indices, line: line)
  }

  /// The log-odds: 0 is even, above 0 is rather so.
  package func logOdds(_ traits: Traits) -> Double {
    // Safety: every trait and every node that a node names is one that `read` has checked.
    traits.values.withUnsafeBufferPointer { values in
      nodes.withUnsafeBufferPointer { nodes in
        var sum = base
        for root in roots {
          var at = root
          while nodes[at].trait != Node.leaf {
            at = values[Int(nodes[at].trait)] > nodes[at].value ? Int(nodes[at].above) : at + 1
          }
          sum += Double(nodes[at].value)
        }
        return sum
      }
    }
  }
}
