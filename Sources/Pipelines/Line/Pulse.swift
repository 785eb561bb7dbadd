import Base
import Events
import Service
import Synchronization

/// The signs of life of one stream. Any thread may write and read.
///
/// A stream gets on when its ticks are told by the time they are due, and when nothing it works on takes for
/// ever. Waiting for a camera, for a pipe or for a recording's pace is no work.
package final class Pulse: Sendable {
  private struct Standing {
    var state = StreamEntry.State.starting
    var retryAt: MonotonicTime?
  }

  private let tick = Atomic<Int64>(.max)
  private let work = Atomic<Int64>(.max)
  private let standing = Mutex(Standing())

  package init() {}

  /// When the next tick of a live stream has to be told; far away when there is none.
  package var due: MonotonicTime {
    get { MonotonicTime(nanoseconds: tick.load(ordering: .relaxed)) }
    set { tick.store(newValue.nanoseconds, ordering: .relaxed) }
  }

  /// No tick is due any more.
  func endTicks() { tick.store(.max, ordering: .relaxed) }

  /// A piece of work is begun, by the one thread that works on the stream.
  func begin(at now: MonotonicTime) { work.store(now.nanoseconds, ordering: .relaxed) }
  /// It is done.
  func rest() { work.store(.max, ordering: .relaxed) }

  func show(_ state: StreamEntry.State, retryAt: MonotonicTime? = nil) {
    standing.withLock { $0 = Standing(state: state, retryAt: retryAt) }
  }

  var state: StreamEntry.State { standing.withLock { $0.state } }

  /// The source is tried again.
  func retry() { standing.withLock { $0.retryAt = nil } }

  /// How the stream called `name` does.
  package func health(_ name: String, at now: MonotonicTime) -> StreamHealth {
    let oldest = min(tick.load(ordering: .relaxed), work.load(ordering: .relaxed))
    return standing.withLock { standing in
      StreamHealth(
        name: name, state: standing.state, retryAt: standing.retryAt,
        behindSince: oldest < now.nanoseconds ? MonotonicTime(nanoseconds: oldest) : nil)
    }
  }
}
