import Base

/// When the ticks of a recording are due that is played as if it were live: as far apart on the monotonic
/// clock as on the media clock.
package struct RealTimePace: Sendable {
  /// Where media time 0 lies.
  private var origin: MonotonicTime?

  /// Behind by more than this, the rest is played later rather than faster.
  private static let patience: Nanoseconds = .milliseconds(500)

  package init() {}

  package mutating func due(_ time: MediaTime, now: MonotonicTime) -> MonotonicTime {
    var due = (origin ?? now + -time.nanoseconds) + time.nanoseconds
    if now - due > Self.patience { due = now }
    origin = due + -time.nanoseconds
    return due
  }
}

/// A wait that can be called off for good, from any thread.
package final class Patience: Sendable {
  private let isOver = Monitor(false)

  package init() {}

  /// Blocks until `deadline` on CLOCK_MONOTONIC. Returns false when called off.
  package func wait(until deadline: MonotonicTime) -> Bool {
    isOver.withLock { over, held in
      while !over {
        if !held.wait(&over, until: deadline) { return !over }
      }
      return false
    }
  }

  package func callOff() {
    isOver.withLock { over, held in
      over = true
      held.wakeAll()
    }
  }
}
