import Base
import Synchronization

/// Clocks that stand still until a test moves them. Any thread.
package final class ManualClocks: Clocks {
  private struct Times {
    var monotonic: MonotonicTime
    var wall: WallTime
  }
  private let times: Mutex<Times>

  /// Wall time starts at 2026-11-23T13:45:20Z unless told otherwise.
  package init(
    monotonic: MonotonicTime = MonotonicTime(nanoseconds: 1_000_000_000_000),
    wall: WallTime = WallTime(nanoseconds: 1_795_441_520_000_000_000)
  ) {
    times = Mutex(Times(monotonic: monotonic, wall: wall))
  }

  package func monotonic() -> MonotonicTime { times.withLock { $0.monotonic } }
  package func wall() -> WallTime { times.withLock { $0.wall } }

  /// Lets time pass on both clocks.
  package func advance(by span: Nanoseconds) {
    times.withLock {
      $0.monotonic = $0.monotonic + span
      $0.wall = $0.wall + span
    }
  }

  /// Sets the wall clock, as a time server does; the monotonic clock goes on undisturbed.
  package func setWall(_ wall: WallTime) { times.withLock { $0.wall = wall } }
}
