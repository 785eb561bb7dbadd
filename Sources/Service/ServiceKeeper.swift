import Base
import Logging

/// Keeps the service manager informed, and its watchdog fed only while everything gets on. One thread.
package final class ServiceKeeper: Sendable {
  /// What the daemon is asked for on the keeper's thread; must not block.
  package typealias Ask = @Sendable (MonotonicTime) -> ServiceHealth

  private struct State {
    var teller: ServiceTeller
    var isOver = false
    var thread: WorkerThread?
  }

  private let socket: NotifySocket
  private let clocks: any Clocks
  private let logger: Logger
  private let health: Ask
  private let state: Monitor<State>

  /// - Parameter watchdog: The manager's patience with us; nil when it has no watchdog.
  package init(
    _ socket: consuming NotifySocket, watchdog: Nanoseconds?, patience: Nanoseconds = ServiceTeller.patience,
    clocks: any Clocks, logger: Logger, health: @escaping Ask
  ) {
    self.socket = socket
    self.clocks = clocks
    self.logger = logger
    self.health = health
    state = Monitor(
      State(teller: ServiceTeller(watchdog: watchdog, patience: patience, now: clocks.monotonic())))
  }

  /// Tells that the daemon is up, and from now on how it does. Call once.
  package func ready() {
    look(isFirst: true)
    let thread = WorkerThread(name: "notify") { [self] in
      while waits() { look() }
    }
    state.withLock { state, _ in state.thread = thread }
  }

  /// Tells that the pipelines are read again; `reloaded` follows. Any thread.
  package func reloading() {
    let now = clocks.monotonic()
    if let message = state.withLock({ state, _ in state.teller.reload(at: now) }) { send(message) }
  }

  /// Tells that this is done, and what is to be said of it; nil for nothing.
  package func reloaded(_ remark: String? = nil) {
    state.withLock { state, _ in state.teller.reloaded(remark) }
    look(isFirst: true)
  }

  /// Tells that the daemon ends. Any thread; later calls do nothing.
  package func stopping(_ why: String) {
    let message = state.withLock { state, _ in state.teller.stop(why) }
    if let message { send(message) }
  }

  /// Ends the thread.
  package func end() {
    let thread = state.withLock { state, held in
      state.isOver = true
      held.wakeAll()
      defer { state.thread = nil }
      return state.thread
    }
    thread?.join()
  }

  private func look(isFirst: Bool = false) {
    let now = clocks.monotonic()
    let health = health(now)
    let step = state.withLock { state, _ in state.teller.look(health, isFirst: isFirst, at: now) }
    for name in step.began { logger.error("\(name) hangs: the watchdog is no longer fed") }
    for name in step.ended { logger.notice("\(name) gets on again") }
    if let message = step.message { send(message) }
  }

  private func send(_ message: String) {
    if !socket.send(message) { logger.warning("the service manager takes no news") }
  }

  /// Until the next look; false at the end.
  private func waits() -> Bool {
    state.withLock { state, held in
      let deadline = clocks.monotonic() + state.teller.interval
      while !state.isOver {
        if !held.wait(&state, until: deadline) { return !state.isOver }
      }
      return false
    }
  }
}
