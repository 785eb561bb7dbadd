import Base
import Logging
import Pipelines

/// Has a process for the hooks of the pipelines once there is a hook, and lets it begin anew when they change.
final class HookOffice: Sendable {
  private struct State {
    var hooks: [HooksCommand.Key: [Hook]] = [:]
    var keeper: HookKeeper?
  }

  private let state = Monitor(State())
  private let make: @Sendable () -> HookKeeper

  init(pipelines: [String], socket: String, logger: Logger, in surroundings: Surroundings) {
    make = { HookKeeper(pipelines: pipelines, socket: socket, logger: logger, in: surroundings) }
  }

  /// These are the pipelines from now on.
  func want(_ pipelines: [Pipeline]) {
    let hooks = HooksCommand.hooks(pipelines)
    state.withLock { state, _ in
      guard hooks != state.hooks else { return }
      state.hooks = hooks
      if let keeper = state.keeper { keeper.restart() } else { state.keeper = make() }
    }
  }

  /// As `HookKeeper.stop`. Nothing is wanted any more.
  func stop() {
    let keeper = state.withLock { state, _ in state.keeper }
    keeper?.stop()
  }
}
