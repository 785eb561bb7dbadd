import Base

/// When the ticks of a live stream are told.
///
/// A pure machine: frames and the time come in, ticks to tell go out. Before the first frame it ticks on
/// the monotonic clock alone. From the first frame on, tick k lies at `origin` + k T on the monotonic
/// clock, where `PhaseLock` keeps the origin at the camera's phase. A tick is told when the frame that
/// belongs to it is analysed, and without one at its end.
package struct LiveTicks: Sendable {
  /// What to do, in this order: leave out `late` ticks, then tell `due`.
  package struct Plan: Equatable, Sendable {
    /// Ticks that nobody told in time. They consume their seqs.
    package var late: Int64 = 0
    package var due: Range<Int64> = 0..<0
  }

  private enum State: Sendable {
    /// Nothing decoded yet; so many ticks told or left out since then.
    case starting(MonotonicTime, ticks: Int64)
    case running(PhaseLock, next: Int64)
  }

  package let grid: TickGrid
  private var state: State
  private var newest: MediaTime?
  private var newestSegment = 0
  /// Mean time between frames of the source.
  private var interval: Nanoseconds?

  /// Past its end by more than this, a tick is no longer told.
  private let lateness: Nanoseconds

  package init(_ grid: TickGrid, started now: MonotonicTime) {
    self.grid = grid
    state = .starting(now, ticks: 0)
    lateness = max(3 * grid.period, .milliseconds(250))
  }

  /// Media time of a tick: 0 until the first frame has set the clock going.
  package func time(of tick: Int64) -> MediaTime {
    if case .starting = state { return .zero }
    return grid.time(of: tick)
  }

  /// When the next tick has to be told, frame or not.
  package var deadline: MonotonicTime {
    switch state {
    case .starting(let begun, let ticks): return end(of: ticks, from: begun)
    case .running(let lock, let next):
      // With no frame to be expected in its time, a tick need not wait for stragglers.
      if let expected = expectedFrame, grid.tick(of: expected) > next {
        return lock.origin + (grid.time(of: next).nanoseconds + grid.period / 2)
      }
      return end(of: next, from: lock.origin)
    }
  }

  /// The time has come to `now`: what is due without a frame.
  package mutating func advance(to now: MonotonicTime) -> Plan {
    guard deadline <= now else { return Plan() }
    let origin: MonotonicTime
    let next: Int64
    switch state {
    case .starting(let begun, let ticks): (origin, next) = (begun, ticks)
    case .running(let lock, let upcoming): (origin, next) = (lock.origin, upcoming)
    }
    // Of the ticks that have ended, and at least the next one, the newest few are still told.
    let ended = max(next + 1, endedTicks(by: now, from: origin))
    let told = max(next, min(ended - 1, endedTicks(by: now + -lateness, from: origin)))
    move(to: ended)
    return Plan(late: told - next, due: told..<ended)
  }

  /// A frame is about to be observed at `now`: what has to be told before that, as it would no longer be
  /// true of an earlier tick.
  ///
  /// - Parameter lag: How long it lay unread as this machine was too slow. The ticks don't follow that: they keep their
  ///   cadence, and what is late is told with its age.
  package mutating func arrive(
    _ time: MediaTime, segment: Int, seen now: MonotonicTime, lag: Nanoseconds = 0
  ) -> Plan {
    learnInterval(time, segment: segment)
    let due = now + -lag
    newest = time
    newestSegment = segment
    guard case .running(var lock, let next) = state else {
      let first = grid.tick(of: time)
      state = .running(
        PhaseLock(time: time, segment: segment, seen: due, near: grid.period / 2), next: first)
      return Plan()
    }
    lock.arrive(time: time, segment: segment, seen: due)
    let tick = max(next, grid.tick(of: time))
    state = .running(lock, next: tick)
    // A clock that jumped ahead leaves the same hole as ticks that passed while nobody looked.
    let overdue = endedTicks(by: now + -lateness, from: lock.origin)
    let told = min(tick, max(next, overdue, tick - Int64(grid.rate)))
    return Plan(late: told - next, due: told..<tick)
  }

  /// The frame of the last `arrive` has been observed: the tick to tell now, unless a newer frame is still
  /// to be expected for it, or its frame came too late for it.
  package mutating func observed() -> Int64? {
    guard case .running(_, let next) = state, let newest, grid.tick(of: newest) == next else { return nil }
    // A frame at the very edge of the tick is waited for only if it should fall well inside.
    if let expected = expectedFrame, grid.tick(of: expected + grid.period / 20) == next { return nil }
    move(to: next + 1)
    return next
  }

  private var expectedFrame: MediaTime? {
    guard let newest, let interval else { return nil }
    return newest + interval
  }

  private mutating func learnInterval(_ time: MediaTime, segment: Int) {
    guard let newest, segment == newestSegment else { return }
    let step = time - newest
    guard step > 0, step < .seconds(2) else { return }
    interval = interval.map { $0 + (step - $0) / 8 } ?? step
  }

  private mutating func move(to next: Int64) {
    switch state {
    case .starting(let begun, _): state = .starting(begun, ticks: next)
    case .running(let lock, _): state = .running(lock, next: next)
    }
  }

  private func end(of tick: Int64, from origin: MonotonicTime) -> MonotonicTime {
    origin + grid.time(of: tick + 1).nanoseconds
  }

  /// The first tick that has not ended.
  private func endedTicks(by now: MonotonicTime, from origin: MonotonicTime) -> Int64 {
    let passed = now - origin
    guard passed >= 0 else { return 0 }
    var tick = passed / grid.period
    // The period is rounded: settle by the exact ends.
    while tick > 0, end(of: tick - 1, from: origin) > now { tick -= 1 }
    while end(of: tick, from: origin) <= now { tick += 1 }
    return tick
  }
}
