import Base

/// When the ticks of a recording are told: as soon as no newer frame can belong to them.
///
/// A pure machine over media time. Every frame is observed in its order; ticks run from 0 to the one of the
/// last frame, so that a recording ticks only where it has time.
package struct RecordingTicks: Sendable {
  package let grid: TickGrid
  private var next: Int64 = 0
  /// The tick of the newest frame.
  private var newest: Int64?

  package init(_ grid: TickGrid) { self.grid = grid }

  /// Ticks to tell before a frame of this time is observed.
  package mutating func arrive(_ time: MediaTime) -> Range<Int64> {
    let tick = max(grid.tick(of: time), newest ?? 0)
    newest = tick
    return take(upTo: tick)
  }

  /// Ticks left to tell after the last frame.
  package mutating func finish() -> Range<Int64> {
    guard let newest else { return 0..<0 }
    return take(upTo: newest + 1)
  }

  /// Nobody told this tick, nor any after it, and the frame they were to be told before will not be observed: the tick is the
  /// last one now.
  package mutating func giveBack(_ tick: Int64) {
    next = tick
    newest = tick
  }

  private mutating func take(upTo end: Int64) -> Range<Int64> {
    let taken = min(next, end)..<end
    next = max(next, end)
    return taken
  }
}
