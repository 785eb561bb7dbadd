import Base
import Logging
import Pipelines
import Service

/// The sockets of a daemon beside its event socket: control and metrics.
struct SideDoors {
  /// What was asked for.
  struct Wishes {
    var control: ControlOption
    var controllers: AccessList?
    var metrics: MetricsAddress?
  }

  private let thread = SideThread()
  private var control: ControlServer?
  private var metrics: MetricsServer?

  /// Opens them. Not to have what was asked for is a fault, and then nothing is left open. Without a control socket in
  /// its usual place the daemon runs on, as records are worth more.
  ///
  /// - Parameter isOwnFolder: Of `events`.
  init(
    _ wishes: Wishes, events: EventServer, isOwnFolder: Bool, supervisor: Supervisor, reloader: Reloader,
    logger: Logger, in surroundings: Surroundings
  ) throws(Fault) {
    do throws(Fault) {
      let passed = try surroundings.service.controlSocket()
      let asked = wishes.control.asked(in: surroundings)
      let server = ControlServer(
        path: asked ?? ControlOption.beside(events.path), isOwnFolder: asked == nil && isOwnFolder,
        passed: passed, doorman: Doorman(wishes.controllers, to: "control", logger: logger), thread: thread,
        events: events, logger: logger, perform: Orders(supervisor: supervisor, reloader: reloader).perform)
      do throws(Fault) {
        try server.start()
        control = server
      } catch {
        guard asked == nil, passed == nil else { throw error }
        logger.warning("there is no control socket", metadata: ["fault": "\(error)"])
      }
      if let address = wishes.metrics {
        let report = DaemonMetrics(
          supervisor, factory: PrometheusFactory(), clocks: surroundings.clocks, version: SaccadeVersion.text,
          socketBehindSince: { now in events.behindSince(now) })
        let server = MetricsServer(address, thread: thread, events: events, logger: logger) {
          report.text($0)
        }
        try server.start()
        metrics = server
      }
    } catch {
      close(reason: "the daemon could not start")
      throw error
    }
  }

  /// Says goodbye and ends the thread.
  func close(reason: String) {
    metrics?.stop()
    control?.stop(reason: reason)
    thread.end()
  }
}
