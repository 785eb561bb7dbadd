import Base
import Logging
import Pipelines
import Service

/// Reads the pipelines again while the daemon runs. What is wrong leaves everything as it was.
///
/// Each reload has a thread, as it waits for the streams that end: whoever asks for it must not.
final class Reloader: Sendable {
  private struct State {
    var thread: WorkerThread?
    var isRunning = false
    var isAskedAgain = false
  }

  private let supervisor: Supervisor
  private let keeper: ServiceKeeper?
  private let hooks: HookOffice
  private let logger: Logger
  private let read: @Sendable () throws -> [Pipeline]
  private let state = Monitor(State())

  init(
    supervisor: Supervisor, keeper: ServiceKeeper?, hooks: HookOffice, logger: Logger,
    read: @escaping @Sendable () throws -> [Pipeline]
  ) {
    self.supervisor = supervisor
    self.keeper = keeper
    self.hooks = hooks
    self.logger = logger
    self.read = read
  }

  /// Asks for a reload, or for another one after that which goes on. Returns at once.
  func ask() {
    let (starts, last) = state.withLock { state, _ in
      guard !state.isRunning else {
        state.isAskedAgain = true
        return (false, nil as WorkerThread?)
      }
      state.isRunning = true
      return (true, state.thread)
    }
    guard starts else { return }
    last?.join()
    let thread = WorkerThread(name: "reload") { [self] in
      repeat { reload() } while goesOn()
    }
    state.withLock { state, _ in state.thread = thread }
  }

  private func goesOn() -> Bool {
    state.withLock { state, _ in
      state.isRunning = state.isAskedAgain
      state.isAskedAgain = false
      return state.isRunning
    }
  }

  private func reload() {
    keeper?.reloading()
    do {
      let pipelines = try read()
      guard let done = supervisor.reload(pipelines) else { return }
      hooks.want(pipelines)
      logger.info(
        "the pipelines were read again",
        metadata: [
          "kept": "\(done.kept.count)", "added": "\(Self.list(done.added))",
          "restarted": "\(Self.list(done.restarted))", "removed": "\(Self.list(done.removed))",
        ])
      keeper?.reloaded()
    } catch let found as PipelineFaults {
      refuse(found.faults)
    } catch let fault as Fault {
      refuse([fault])
    } catch {
      refuse([Fault(.software, "the pipelines can't be read", cause: "\(error)")])
    }
  }

  private func refuse(_ faults: [Fault]) {
    for fault in faults {
      logger.error("\(fault.place ?? "a pipeline") is wrong", metadata: ["fault": "\(fault.what)"])
    }
    logger.error("the streams run on as they were, as their pipelines can't be taken")
    keeper?.reloaded("the changed pipelines are wrong and were not taken")
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: " ")
  }
}
