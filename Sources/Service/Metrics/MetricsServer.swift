import Base
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves the metrics by HTTP, on a Unix socket or by TCP.
package final class MetricsServer: Sendable {
  package typealias Report = @Sendable (ServerFigures) -> String

  private let address: MetricsAddress
  private let thread: SideThread
  private let desk: MetricsDesk
  private let logger: Logger
  private let failures = Counter()
  private let listening = ListeningSocket()

  /// A client that hasn't asked by then, or hasn't read its answer, is let go.
  private static let patience = TimeAmount.seconds(10)

  /// - Parameter report: Makes the text, on the side thread; one call at a time.
  package init(
    _ address: MetricsAddress, thread: SideThread, events: EventServer, logger: Logger,
    report: @escaping Report
  ) {
    self.address = address
    self.thread = thread
    self.logger = logger
    desk = MetricsDesk { tell in
      events.figures { figures in tell { report(figures) } }
    }
  }

  /// Takes clients from now on. Throws when the address can't be had; blocks for a moment. Call once.
  package func start() throws(Fault) {
    let desk = desk
    let bootstrap = AcceptWatch.add(
      to: ServerBootstrap(group: thread.group), name: "metrics", failures: failures, logger: logger
    )
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline()
        try pipeline.addHandler(MetricsHandler(desk))
        // Whatever it does or doesn't: one connection is one answer.
        channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
      }
    }
    do {
      switch address {
      case .unix(let path):
        try listening.open(
          bootstrap, at: try SocketFile(path: path, isOwnFolder: false, option: "--metrics"))
      case .tcp(let host, let port): try listening.open(bootstrap, host: host, port: port)
      }
    } catch let fault as Fault {
      throw fault
    } catch {
      let cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
      throw Fault(
        .unavailable, "metrics can't be served there", at: shown, cause: cause,
        advice: "choose another address with --metrics")
    }
    logger.info("metrics are served", metadata: ["address": "\(shown)"])
  }

  /// The address with the port that it got.
  package var shown: String {
    switch address {
    case .unix(let path): path
    case .tcp(let host, let port):
      "\(host.contains(":") ? "[\(host)]" : host):\(listening.port ?? port)"
    }
  }

  /// Takes no more clients and removes the socket's file. Later calls do nothing.
  package func stop() { listening.close() }
}
