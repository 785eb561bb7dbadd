import Base
import Glibc
import Logging

/// Keeps the process of the hooks running as long as the daemon does.
final class HookKeeper: Sendable {
  private struct State {
    var isStopping = false
    var child: ChildProcess?
  }

  private let state = Monitor(State())
  private let thread: WorkerThread
  private let clocks: any Clocks

  /// Seconds that hooks have to end once the daemon has said goodbye.
  private static let patience: Nanoseconds = .seconds(10)
  private static let longestPause: Nanoseconds = .seconds(60)

  init(pipelines: [String], socket: String, logger: Logger, in surroundings: Surroundings) {
    let (state, clocks) = (state, surroundings.clocks)
    self.clocks = clocks
    let words = ["/proc/self/exe", "hooks", "--socket", socket, "--"] + pipelines
    thread = WorkerThread(name: "hooks") {
      var pause: Nanoseconds = .seconds(1)
      while true {
        let begun = clocks.monotonic()
        do {
          let child = try ChildProcess(words, environment: surroundings.environment)
          let isLate = state.withLock { state, _ in
            state.child = child
            return state.isStopping
          }
          child.feed([])
          // Told to stop while it was being started: whoever stops has not seen it.
          if isLate { child.tell(SIGTERM) }
          let status = child.wait(until: MonotonicTime(nanoseconds: .max / 2), clocks: clocks)
          state.withLock { state, _ in state.child = nil }
          if status != "exit 0" {
            logger.warning("the process of the hooks ended", metadata: ["status": "\(status)"])
          }
        } catch {
          logger.warning("the process of the hooks can't be started", metadata: ["fault": "\(error)"])
        }
        pause = clocks.monotonic() - begun > Self.longestPause ? .seconds(1) : pause
        let isStopping = state.withLock { state, held in
          let deadline = clocks.monotonic() + pause
          while !state.isStopping, clocks.monotonic() < deadline { _ = held.wait(&state, until: deadline) }
          return state.isStopping
        }
        if isStopping { return }
        pause = min(2 * pause, Self.longestPause)
      }
    }
  }

  /// Lets the process begin anew, as other hooks are wanted.
  func restart() {
    state.withLock { state, _ in state.child }?.tell(SIGTERM)
  }

  /// Waits for the hooks that run, for a while. The daemon has said goodbye.
  func stop() {
    state.withLock { state, held in
      state.isStopping = true
      held.wakeAll()
    }
    if let child = state.withLock({ state, _ in state.child }),
      !child.isOver(by: clocks.monotonic() + Self.patience, clocks: clocks)
    {
      child.tell(SIGTERM)
      if !child.isOver(by: clocks.monotonic() + .seconds(2), clocks: clocks) { child.tell(SIGKILL) }
    }
    thread.join()
  }
}
