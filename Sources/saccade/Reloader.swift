import Base
import Logging
import Pipelines
import Service

/// Changes what runs while the daemon does: reads the pipelines again, ends streams. What is wrong leaves everything as
/// it was.
///
/// One thing after the other, on a thread that lasts while there is something to do, as it waits for the streams that
/// end: whoever asks for it must not.
final class Reloader: Sendable {
  enum Outcome: Sendable {
    case reloaded(Supervisor.Reload)
    case wrong([Fault])
    case halted(Supervisor.Halt)
    case unknown(Supervisor.UnknownStream)
    /// The daemon ends, and nothing was done.
    case stopping
  }
  typealias Told = @Sendable (Outcome) -> Void

  private enum Job {
    /// All who asked before it began share it.
    case reload([Told])
    case halt([String], Told)
  }

  private struct State {
    var thread: WorkerThread?
    var isRunning = false
    var jobs: [Job] = []
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

  /// Asks for a reload, or for another one after that which goes on. Returns at once; `told` is called on the
  /// reloader's thread.
  func reload(_ told: @escaping Told = { _ in }) {
    put { jobs in
      if case .reload(let others) = jobs.last {
        jobs[jobs.count - 1] = .reload(others + [told])
      } else {
        jobs.append(.reload([told]))
      }
    }
  }

  /// Asks for the end of these streams, likewise.
  func halt(_ streams: [String], _ told: @escaping Told) {
    put { $0.append(.halt(streams, told)) }
  }

  private func put(_ add: (inout [Job]) -> Void) {
    let (starts, last) = state.withLock { state, _ in
      add(&state.jobs)
      guard !state.isRunning else { return (false, nil as WorkerThread?) }
      state.isRunning = true
      return (true, state.thread)
    }
    guard starts else { return }
    last?.join()
    let thread = WorkerThread(name: "reload") { [self] in
      while let job = next() { perform(job) }
    }
    state.withLock { state, _ in state.thread = thread }
  }

  private func next() -> Job? {
    state.withLock { state, _ in
      state.isRunning = !state.jobs.isEmpty
      return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
    }
  }

  private func perform(_ job: Job) {
    switch job {
    case .reload(let told):
      let outcome = readAgain()
      for tell in told { tell(outcome) }
    case .halt(let streams, let told):
      do throws(Supervisor.UnknownStream) {
        told(.halted(try supervisor.halt(streams)))
      } catch {
        told(.unknown(error))
      }
    }
  }

  private func readAgain() -> Outcome {
    keeper?.reloading()
    do {
      let pipelines = try read()
      guard let done = supervisor.reload(pipelines) else { return .stopping }
      hooks.want(pipelines)
      logger.info(
        "the pipelines were read again",
        metadata: [
          "kept": "\(done.kept.count)", "added": "\(Self.list(done.added))",
          "restarted": "\(Self.list(done.restarted))", "removed": "\(Self.list(done.removed))",
        ])
      keeper?.reloaded()
      return .reloaded(done)
    } catch let found as PipelineFaults {
      return refuse(found.faults)
    } catch let fault as Fault {
      return refuse([fault])
    } catch {
      return refuse([Fault(.software, "the pipelines can't be read", cause: "\(error)")])
    }
  }

  private func refuse(_ faults: [Fault]) -> Outcome {
    for fault in faults {
      logger.error("\(fault.place ?? "a pipeline") is wrong", metadata: ["fault": "\(fault.what)"])
    }
    logger.error("the streams run on as they were, as their pipelines can't be taken")
    keeper?.reloaded("the changed pipelines are wrong and were not taken")
    return .wrong(faults)
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: " ")
  }
}
