/// Names in the order that people number them in: `slice2` before `slice10`.
struct NaturalOrder {
  /// Sorts by runs of digits as numbers and by everything else as bytes.
  static func sorted(_ names: [String]) -> [String] {
    names.map { (key: Array($0.utf8), name: $0) }.sorted { isBefore($0.key, $1.key) }.map(\.name)
  }

  private static func isBefore(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      if isDigit(a[i]), isDigit(b[j]) {
        let (first, second) = (run(a, from: &i), run(b, from: &j))
        if first.count != second.count { return first.count < second.count }
        if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
      } else {
        if a[i] != b[j] { return a[i] < b[j] }
        i += 1
        j += 1
      }
    }
    if a.count - i != b.count - j { return a.count - i < b.count - j }
    // Only zeros before numbers tell them apart.
    return a.lexicographicallyPrecedes(b)
  }

  /// The digits from `index` on without zeros before them.
  private static func run(_ bytes: [UInt8], from index: inout Int) -> ArraySlice<UInt8> {
    while index < bytes.count, bytes[index] == UInt8(ascii: "0") { index += 1 }
    let start = index
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
    return bytes[start..<index]
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

/// The places of numbered files, where their names number them.
struct Numbering {
  /// Of each file, from 0; what lies between two that don't follow each other is missing.
  private(set) var indices: [Int]

  /// - Parameter names: In natural order.
  init(_ names: [String]) {
    indices = Array(names.indices)
    guard let numbers = Self.numbers(names), let first = numbers.first else { return }
    let steps = zip(numbers.dropFirst(), numbers).map { $0 - $1 }
    // Names that count steady steps with few exceptions are numbers of slices; times of day are not.
    guard let step = steps.min(), step > 0, steps.allSatisfy({ $0 % step == 0 }),
      steps.count(where: { $0 == step }) * 2 >= steps.count
    else { return }
    indices = numbers.map { ($0 - first) / step }
  }

  /// The number in which the names differ; nil where they differ in anything else.
  private static func numbers(_ names: [String]) -> [Int]? {
    var pattern: [UInt8] = []
    var rows: [[Int]] = []
    for name in names {
      guard let (skeleton, numbers) = parts(name) else { return nil }
      if rows.isEmpty { pattern = skeleton }
      if skeleton != pattern { return nil }
      rows.append(numbers)
    }
    guard let first = rows.first else { return nil }
    let changing = first.indices.filter { column in rows.contains { $0[column] != first[column] } }
    guard changing.count == 1 else { return nil }
    return rows.map { $0[changing[0]] }
  }

  private static func parts(_ name: String) -> (skeleton: [UInt8], numbers: [Int])? {
    var skeleton: [UInt8] = []
    var numbers: [Int] = []
    var isInNumber = false
    for byte in name.utf8 {
      guard NaturalOrder.isDigit(byte) else {
        skeleton.append(byte)
        isInNumber = false
        continue
      }
      if !isInNumber {
        skeleton.append(0)
        numbers.append(0)
        isInNumber = true
      }
      let last = numbers[numbers.count - 1]
      // Longer numbers are checksums or times.
      if last >= 1_000_000_000_000 { return nil }
      numbers[numbers.count - 1] = last * 10 + Int(byte - 0x30)
    }
    return (skeleton, numbers)
  }
}
