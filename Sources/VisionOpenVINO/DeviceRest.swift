import Base

/// Keeps a device idle for so much of its time. What wasn't used is saved up for half a second, so that something
/// new in a quiet scene is looked at without delay.
package struct DeviceRest {
  private let share: Double
  /// When the time that was taken would be over at an even pace.
  private var paid = MonotonicTime(nanoseconds: 0)
  private static let saved: Nanoseconds = .milliseconds(500)

  package init(share: Double) {
    precondition(share > 0 && share <= 1, "a device's share of \(share)")
    self.share = share
  }

  /// The device worked.
  package mutating func note(from start: MonotonicTime, to end: MonotonicTime) {
    guard share < 1 else { return }
    paid = max(paid, start) + Nanoseconds.seconds((end - start).inSeconds / share)
  }

  /// Until when it must not work; nil for no longer.
  package func end(at now: MonotonicTime) -> MonotonicTime? {
    let until = paid + -Self.saved
    return until > now ? until : nil
  }
}
