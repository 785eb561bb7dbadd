/// Bytes that are written, read and written over again: grows, never shrinks. Owned by one thread.
package struct LineBuffer: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  package private(set) var count = 0

  package init(capacity: Int = 4096) {
    precondition(capacity > 0, "a buffer of \(capacity) bytes")
    base = .allocate(capacity: capacity)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  package mutating func removeAll() { count = 0 }

  /// Forgets what was written after the first `length` bytes.
  mutating func cut(to length: Int) {
    precondition(length <= count, "cut to \(length) of \(count) bytes")
    count = length
  }

  /// The bytes are valid within `body` only.
  package borrowing func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  private mutating func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    let wider = max(capacity * 2, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: wider)
    moved.update(from: base, count: count)
    base.deallocate()
    base = moved
    capacity = wider
  }

  @inline(__always)
  mutating func append(byte: UInt8) {
    if count == capacity { reserve(1) }
    base[count] = byte
    count += 1
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  /// Text that is part of the form and needs no escaping.
  @inline(__always)
  package mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

}
