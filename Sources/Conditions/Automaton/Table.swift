/// Rows of numbers with room for so many objects each, in one piece of memory that only grows.
///
/// Owns its memory; pointers into it are good until the next `grow`.
struct Table<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  let rows: Int
  private(set) var capacity: Int
  private let blank: Element

  init(rows: Int, capacity: Int, blank: Element) {
    self.rows = rows
    self.capacity = capacity
    self.blank = blank
    base = .allocate(capacity: max(1, rows * capacity))
    base.initialize(repeating: blank, count: max(1, rows * capacity))
  }

  deinit { base.deallocate() }

  /// Safety: callers stay below `capacity`, and a row is below `rows` as programs are made.
  @inline(__always)
  subscript(row: Int) -> UnsafeMutablePointer<Element> { base + row * capacity }

  mutating func grow(to wanted: Int) {
    let old = base
    base = .allocate(capacity: max(1, rows * wanted))
    base.initialize(repeating: blank, count: max(1, rows * wanted))
    for row in 0..<rows { (base + row * wanted).update(from: old + row * capacity, count: capacity) }
    old.deallocate()
    capacity = wanted
  }
}
