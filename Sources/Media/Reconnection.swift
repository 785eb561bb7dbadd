import Base

/// When to try a lost source again: after 1, 2, 4 … 60 s, each 20 % more or less by chance, so that the
/// cameras of a site that had no power don't all come at once. The first decoded frame starts over.
package struct Reconnection: Sendable {
  static let first: Nanoseconds = .seconds(1)
  static let longest: Nanoseconds = .seconds(60)
  static let jitter = 0.2

  /// Attempts since the last decoded frame that failed.
  package private(set) var failures = 0

  package init() {}

  /// - Parameter chance: 0…1.
  /// - Returns: How long to wait before the next attempt.
  package mutating func failed(chance: Double) -> Nanoseconds {
    let doubled = failures >= 6 ? Self.longest : min(Self.longest, Self.first << Int64(failures))
    failures += 1
    return .seconds(doubled.inSeconds * (1 - Self.jitter + 2 * Self.jitter * chance))
  }

  package mutating func decoded() { failures = 0 }
}
