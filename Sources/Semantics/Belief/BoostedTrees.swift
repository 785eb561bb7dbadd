/// A sum of small decision trees over traits: the log-odds that something holds.
///
/// Read from lines of text: `base NUMBER`, then one tree a line in prefix order, where an inner node is a trait's name
/// and a threshold, followed by the node for what is not above it and the node for what is, and a leaf is a number.
/// Empty lines and lines that begin with `#` are left out.
package struct BoostedTrees: Sendable {
  private struct Node {
    /// The threshold by its place in the order of numbers, or the bits of what a leaf adds.
    var value: Int32
    /// Index of the trait that decides; of a leaf, that of a value above everything.
    var trait: UInt16
    /// From the node after this one to that for values above the threshold; a leaf leads to itself.
    var skip: Int16

    init(threshold: Float, trait: Int) {
      value = Traits.order(of: threshold)
      self.trait = UInt16(trait)
      skip = 0
    }

    init(leaf: Float) {
      value = Int32(bitPattern: leaf.bitPattern)
      trait = UInt16(Traits.aboveAll)
      skip = -1
    }

    var leaf: Double { Double(Float(bitPattern: UInt32(bitPattern: value))) }
  }

  /// Trees that are walked side by side, and the most steps that one of them takes. Always as many steps, without asking
  /// whether a leaf is reached or which way it goes: what a processor can't foresee costs it more than steps in vain.
  private struct Walk {
    var roots: SIMD4<Int32>
    var steps = 0
  }

  package struct Malformed: Error, Equatable, CustomStringConvertible {
    package var line: Int
    package var what: String
    package var description: String { "line \(line): \(what)" }
  }

  private typealias Words = ArraySlice<Substring.UTF8View>

  private var nodes: [Node] = []
  private var walks: [Walk] = []
  private var base = 0.0

  package init(_ text: String) throws(Malformed) {
    let indices = Dictionary(uniqueKeysWithValues: Trait.allCases.map { ($0.name, $0.rawValue) })
    var trees: [(root: Int, steps: Int)] = []
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      var words = line.split(separator: UInt8(ascii: " "))[...]
      guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
      if first.elementsEqual("base".utf8) {
        guard words.count == 2, let value = Double(Substring(words[1])) else {
          throw Malformed(line: number + 1, what: "base takes one number")
        }
        base = value
        continue
      }
      let root = nodes.count
      let steps = try read(&words, indices, line: number + 1)
      trees.append((root, steps))
      if let rest = words.first {
        throw Malformed(line: number + 1, what: "'\(Substring(rest))' after the tree")
      }
    }
    // What is missing to a whole walk adds nothing.
    nodes.append(Node(leaf: 0))
    for start in stride(from: 0, to: trees.count, by: 4) {
      var walk = Walk(roots: SIMD4(repeating: Int32(nodes.count - 1)))
      for (i, tree) in trees[start..<min(start + 4, trees.count)].enumerated() {
        walk.roots[i] = Int32(tree.root)
        walk.steps = max(walk.steps, tree.steps)
      }
      walks.append(walk)
    }
  }

  /// Reads a node and all below it. Returns the most steps from there to a leaf.
  private mutating func read(
    _ words: inout Words, _ indices: [String: Int], line: Int
  ) throws(Malformed) -> Int {
    guard let word = words.popFirst() else { throw Malformed(line: line, what: "the tree ends too soon") }
    guard nodes.count < Int(Int16.max) else { throw Malformed(line: line, what: "too many nodes") }
    if let leaf = Self.number(word) {
      nodes.append(Node(leaf: leaf))
      return 0
    }
    guard let trait = indices[String(Substring(word))] else {
      throw Malformed(line: line, what: "there is no trait '\(Substring(word))'")
    }
    guard let threshold = words.popFirst().flatMap(Self.number) else {
      throw Malformed(line: line, what: "no threshold for \(Substring(word))")
    }
    let node = nodes.count
    nodes.append(Node(threshold: threshold, trait: trait))
    let below = try read(&words, indices, line: line)
    nodes[node].skip = Int16(nodes.count - node - 1)
    let above = try read(&words, indices, line: line)
    return 1 + max(below, above)
  }

  private static func number(_ word: Substring.UTF8View) -> Float? {
    // Almost every word that is none begins with a letter, and words are many.
    guard let first = word.first, first <= UInt8(ascii: "9") else { return nil }
    return Float(Substring(word)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The log-odds: 0 is even, above 0 is rather so.
  package func logOdds(_ traits: Traits) -> Double {
    traits.withOrders { orders in
      nodes.withUnsafeBufferPointer { nodes in
        var sum = base
        for walk in walks {
          var (a, b) = (Int(walk.roots[0]), Int(walk.roots[1]))
          var (c, d) = (Int(walk.roots[2]), Int(walk.roots[3]))
          for _ in 0..<walk.steps {
            a = Self.step(from: a, nodes, orders)
            b = Self.step(from: b, nodes, orders)
            c = Self.step(from: c, nodes, orders)
            d = Self.step(from: d, nodes, orders)
          }
          sum += nodes[a].leaf
          sum += nodes[b].leaf
          sum += nodes[c].leaf
          sum += nodes[d].leaf
        }
        return sum
      }
    }
  }

  @inline(__always)
  private static func step(
    from at: Int, _ nodes: UnsafeBufferPointer<Node>, _ orders: UnsafeMutableBufferPointer<Int32>
  ) -> Int {
    let node = nodes[at]
    // All ones where the trait is above the threshold.
    let isAbove = (Int(node.value) &- Int(orders[Int(node.trait)])) >> (Int.bitWidth - 1)
    return at &+ 1 &+ (Int(node.skip) & isAbove)
  }
}
