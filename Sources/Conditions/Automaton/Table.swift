/// Rows of numbers with room for so many objects each, in one piece of memory that only grows.
///
/// Owns its memory; pointers into it are good until the next `grow`.
struct Table<Element: BitwiseCopyable>: ~Copyable {
  /// The memory's owner. A `deinit` of the table itself isn't called where an automaton goes in another module
  /// (Swift 6.3); that of a class is.
  private var memory: Memory
  private var base: UnsafeMutablePointer<Element>
  let rows: Int
  private(set) var capacity: Int
  private let blank: Element

  private final class Memory {
    let base: UnsafeMutablePointer<Element>

    init(count: Int, blank: Element) {
      base = .allocate(capacity: max(1, count))
      base.initialize(repeating: blank, count: max(1, count))
    }

    deinit { base.deallocate() }
  }

  init(rows: Int, capacity: Int, blank: Element) {
    self.rows = rows
    self.capacity = capacity
    self.blank = blank
    memory = Memory(count: rows * capacity, blank: blank)
    base = memory.base
  }

  /// Safety: callers stay below `capacity`, and a row is below `rows` as programs are made.
  @inline(__always)
  subscript(row: Int) -> UnsafeMutablePointer<Element> { base + row * capacity }

  mutating func grow(to wanted: Int) {
    let larger = Memory(count: rows * wanted, blank: blank)
    for row in 0..<rows { (larger.base + row * wanted).update(from: self[row], count: capacity) }
    memory = larger
    base = larger.base
    capacity = wanted
  }
}
