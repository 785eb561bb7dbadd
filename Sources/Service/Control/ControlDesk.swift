import Base
import Events
import Logging

/// What the control socket's clients share. On the socket's thread, but for what is constant.
final class ControlDesk: @unchecked Sendable {
  // Safety: `clients` and `isStopping` are touched on the event loop only; the rest is constant and Sendable.
  let doorman: Doorman
  let logger: Logger
  let events: EventServer
  let perform: ControlServer.Perform
  private var clients: [ControlHandler] = []
  private var isStopping = false

  /// Nobody needs more at the same time, and each holds a descriptor.
  private static let most = 64

  init(
    doorman: Doorman, logger: Logger, events: EventServer, perform: @escaping ControlServer.Perform
  ) {
    self.doorman = doorman
    self.logger = logger
    self.events = events
    self.perform = perform
  }

  /// Nil where the client is taken, else why not.
  func join(_ client: ControlHandler) -> Refusal? {
    guard !isStopping, clients.count < Self.most else {
      return Refusal(.tooManyClients, "\(clients.count) clients control this daemon, which is the most")
    }
    clients.append(client)
    return nil
  }

  func part(_ client: ControlHandler) { clients.removeAll { $0 === client } }

  func sayBye(_ reason: String) {
    isStopping = true
    for client in clients { client.sayBye(reason) }
  }
}
