import Base
import Synchronization

/// Something that has to act at certain times whether or not anything happens.
package protocol Paced: AnyObject, Sendable {
  /// When it has to act next. Read by the pacer's thread at any time, so it must not block.
  var deadline: MonotonicTime { get }
  /// The time has come to `now`. Called by the pacer's thread; must be short.
  func advance(to now: MonotonicTime)
}

/// One thread that keeps the ticks of all live streams going while their cameras don't.
///
/// Most deadlines move on before they come, as a frame's analysis has told the tick. So the pacer sleeps
/// until the earliest it knew, looks again, and gathers what falls within `slack` into one wake-up.
package final class Pacer: Sendable {
  private struct State {
    var members: [any Paced] = []
    var isStopping = false
    /// Raised whenever what the thread sleeps on has changed.
    var changes = 0
  }

  private let clocks: any Clocks
  private let state = Monitor(State())

  /// The most that a tick without a frame may leave after its end.
  private static let slack: Nanoseconds = .milliseconds(4)
  /// The longest sleep: bounds how long a deadline that moved forward unseen can be missed.
  private static let patience: Nanoseconds = .milliseconds(250)

  package init(clocks: any Clocks) { self.clocks = clocks }

  package func add(_ member: any Paced) {
    state.withLock { state, held in
      state.members.append(member)
      state.changes += 1
      held.wakeAll()
    }
  }

  package func remove(_ member: any Paced) {
    state.withLock { state, _ in state.members.removeAll { $0 === member } }
  }

  /// Lets everything that is due act. Returns when to look again.
  package func step(at now: MonotonicTime) -> MonotonicTime {
    var next = now + Self.patience
    for member in state.withLock({ state, _ in state.members }) {
      if member.deadline <= now { member.advance(to: now) }
      next = min(next, member.deadline)
    }
    return max(next, now + Self.slack)
  }

  /// The thread's body: returns after `stop`.
  package func run() {
    while true {
      let changes = state.withLock { state, _ in state.changes }
      let next = step(at: clocks.monotonic())
      let isStopping = state.withLock { state, held in
        while !state.isStopping, state.changes == changes {
          if !held.wait(&state, until: next) { break }
        }
        return state.isStopping
      }
      if isStopping { return }
    }
  }

  package func stop() {
    state.withLock { state, held in
      state.isStopping = true
      held.wakeAll()
    }
  }
}
