import Base
import Logging
import Pipelines
import Service

/// The control socket of a daemon.
enum ControlDoor {
  /// Opens it. Where it was asked for, not to have it is a fault; else the daemon runs without it, as records are worth
  /// more.
  static func open(
    _ place: ControlOption, passed: PassedSocket?, access: AccessList?, events: EventServer,
    isOwnFolder: Bool, thread: SideThread, orders: Orders, logger: Logger, in surroundings: Surroundings
  ) throws(Fault) -> ControlServer? {
    let asked = place.asked(in: surroundings)
    let server = ControlServer(
      path: asked ?? ControlOption.beside(events.path), isOwnFolder: asked == nil && isOwnFolder,
      passed: passed, doorman: Doorman(access, to: "control", logger: logger), thread: thread, events: events,
      logger: logger, perform: orders.perform)
    do throws(Fault) {
      try server.start()
    } catch {
      guard asked == nil, passed == nil else { throw error }
      logger.warning("there is no control socket", metadata: ["fault": "\(error)"])
      return nil
    }
    return server
  }
}
