import Base
import Events
import Pipelines
import Service

/// What the control socket is asked for, done by whom it concerns, and the answer to it.
struct Orders: Sendable {
  let supervisor: Supervisor
  let reloader: Reloader

  /// As `ControlServer.Perform`.
  func perform(_ ask: ControlRequest.Ask, _ answer: @escaping @Sendable (ControlServer.Answer) -> Void) {
    switch ask {
    case .reload: reloader.reload { answer(Self.answer($0)) }
    case .stop(let streams): reloader.halt(streams) { answer(Self.answer($0)) }
    case .retry(let streams):
      do throws(Supervisor.UnknownStream) {
        let done = try supervisor.retry(streams)
        answer(
          .success([
            .init("retried", Self.list(done.retried)), .init("not_waiting", Self.list(done.notWaiting)),
          ]))
      } catch {
        answer(.failure(Self.refusal(error, "retry")))
      }
    // The server answers it.
    case .status: answer(nil)
    }
  }

  private static func answer(_ outcome: Reloader.Outcome) -> ControlServer.Answer {
    switch outcome {
    case .reloaded(let done):
      .success([
        .init("kept", list(done.kept)), .init("added", list(done.added)),
        .init("restarted", list(done.restarted)), .init("removed", list(done.removed)),
      ])
    case .wrong(let faults): .failure(refusal(faults))
    case .halted(let done):
      .success([.init("stopped", list(done.stopped)), .init("not_running", list(done.notRunning))])
    case .unknown(let error): .failure(refusal(error, "stop"))
    case .stopping: nil
    }
  }

  /// A line has room for more than anybody reads.
  private static let longestText = 16_384

  private static func refusal(_ faults: [Fault]) -> Refusal {
    let text = faults.map(\.description).joined(separator: "\n")
    let cut = String(decoding: text.utf8.prefix(longestText), as: UTF8.self)
    return Refusal(.badPipeline, cut, at: faults.first?.place)
  }

  private static func refusal(_ error: Supervisor.UnknownStream, _ key: String) -> Refusal {
    let names = error.known.prefix(20).joined(separator: ", ")
    return Refusal(
      .unknownStream, "there is no stream \(error.name); there is \(names.isEmpty ? "none" : names)",
      at: "\(key).streams[\(error.index)]")
  }

  private static func list(_ names: [String]) -> JSON { .list(names.map(JSON.text)) }
}
