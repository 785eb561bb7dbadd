import Synchronization

/// A count that many threads may raise and read.
package final class Counter: Sendable {
  private let count = Atomic<UInt64>(0)

  package init() {}

  package func add(_ n: Int = 1) { count.add(UInt64(n), ordering: .relaxed) }
  package var value: UInt64 { count.load(ordering: .relaxed) }
}
