import Base

/// The ticks of a stream on its media clock: tick k is at k / rate.
package struct TickGrid: Sendable, Hashable {
  /// Ticks a second.
  package let rate: Int
  /// Length of one tick, rounded to whole nanoseconds; `time(of:)` doesn't add up the rounding.
  package let period: Nanoseconds

  package init(rate: Int) {
    precondition(rate > 0, "a rate of \(rate)")
    self.rate = rate
    period = (1_000_000_000 + Int64(rate) / 2) / Int64(rate)
  }

  package func time(of tick: Int64) -> MediaTime {
    let second = tick / Int64(rate)
    let rest = tick % Int64(rate)
    return MediaTime(
      nanoseconds: second * 1_000_000_000 + (rest * 1_000_000_000 + Int64(rate) / 2) / Int64(rate))
  }

  /// The first tick that takes a frame of this time: a tick takes frames less than half a period after it.
  package func tick(of time: MediaTime) -> Int64 {
    // t < (k + 1/2) T, so k is the floor of t/T + 1/2. A frame that a rounding put just before the half
    // belongs where its true time lies, else every third tick of a 60 fps source would take three.
    (doubledPeriods(time.nanoseconds + Self.rounding) + 1) >> 1
  }

  private static let rounding: Nanoseconds = 1_000

  /// floor(2 t / T), without overflow for any time of a stream's life.
  private func doubledPeriods(_ t: Int64) -> Int64 {
    let second = t / 1_000_000_000
    let rest = t % 1_000_000_000
    return second * 2 * Int64(rate) + (rest * 2 * Int64(rate)) / 1_000_000_000
  }
}
