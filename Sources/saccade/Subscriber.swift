import ArgumentParser
import Base
import Conditions
import Events
import Pipelines
import SaccadeClient

/// Reads a daemon's records and hands them to standard output, a printer for people, and a hook. Blocks the
/// main thread.
final class Subscriber {
  private let subscriber: EventSubscriber
  private let signals: Signals
  private let surroundings: Surroundings
  private let hook: HookPool?
  private let command: Hook?
  private let writesLines: Bool
  private let table: EventTable?
  private var printer: PrettyPrinter?

  init(
    _ subscription: Subscription, paths: [String], output: Instruction.Output, exec: String?,
    in surroundings: Surroundings
  ) {
    let subscriber = EventSubscriber(subscription, paths: paths)
    self.subscriber = subscriber
    // Before the hook's threads, which inherit what it blocks.
    signals = Signals { _ in subscriber.cancel() }
    self.surroundings = surroundings
    command = exec.map { .command($0) }
    hook = exec.map { _ in HookPool(in: surroundings) }
    printer =
      output == .text
      ? PrettyPrinter(clocks: surroundings.clocks, isTerminal: surroundings.outputIsTerminal) : nil
    // A hook's own output is what its user wants to see.
    writesLines = output == .json && exec == nil
    table = output == .csv && exec == nil ? EventTable() : nil
  }

  /// Returns when the daemon says goodbye, or nobody reads any more. A connection that breaks is made again,
  /// and goes on where it stopped.
  func run() throws {
    if table != nil { try Console.write(EventTable.header) }
    Console.watchOutput { [subscriber, hook] in if hook == nil { subscriber.cancel() } }
    var ended: (any Error)?
    do {
      while try take(try subscriber.next()) {}
    } catch {
      ended = error
    }
    if let rest = printer?.end() { try? Console.write(rest) }
    if let hook {
      let left = hook.finish(runsWaiting: ended == nil)
      if left > 0 { Console.tell("saccade: \(left) events were left out in all") }
    }
    if let signal = signals.received { throw ExitCode(128 + signal) }
    if let error = ended as? ClientError {
      if error.kind == .cancelled { return }
      throw Fault(error)
    }
    if let ended { throw ended }
  }

  /// False when this was the last.
  private func take(_ update: EventSubscriber.Update) throws -> Bool {
    switch update {
    case .connected(let hello):
      try show(.hello(hello))
    case .subscribed(let answer):
      for record in answer.openEvents { try show(.event(record)) }
    case .received(let received):
      if let hook, let command, case .event(let record) = received.message {
        hook.add(HookPool.Job(command, record, received.line))
      }
      if let table, case .event(let record) = received.message { try Console.write(table.row(record)) }
      if writesLines { try Console.write(received.line + [10]) } else { try show(received.message) }
      if case .bye = received.message { return false }
    case .disconnected(let error, let pause):
      Console.tell("saccade: \(error.message); trying again in \(pause) ms")
    }
    return true
  }

  private func show(_ message: ServerMessage) throws {
    if let text = printer?.text(for: message) { try Console.write(text) }
  }
}

extension Fault {
  init(_ error: ClientError) {
    let code: Code =
      switch error.kind {
      case .noPermission: .noPermission
      case .refused(let refusal) where refusal.code == .denied: .noPermission
      case .refused(let refusal) where refusal.code == .tooManyClients: .unavailable
      case .refused(let refusal) where refusal.code == .badPipeline: .configuration
      case .refused: .usage
      case .notFound, .disconnected, .badProtocol, .timedOut, .cancelled: .unavailable
      }
    self.init(code, error.message)
  }
}
