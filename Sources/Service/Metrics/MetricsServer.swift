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
  private let state = Monitor(State())

  private struct State: ~Copyable {
    var channel: (any Channel)?
    var file: SocketFile?
  }

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
    switch address {
    case .unix(let path):
      let file = try SocketFile(path: path, isOwnFolder: false, option: "--metrics")
      keep(try Self.wait(bootstrap.withBoundSocket(file.descriptor), path), file)
    case .tcp(let host, let port):
      keep(try Self.wait(bootstrap.bind(host: host, port: port), "\(host):\(port)"), nil)
    }
    logger.info("metrics are served", metadata: ["address": "\(shown)"])
  }

  private func keep(_ channel: any Channel, _ file: consuming SocketFile?) {
    var file = file
    state.withLock { state, _ in
      state.channel = channel
      swap(&state.file, &file)
    }
  }

  private static func wait(_ bound: EventLoopFuture<any Channel>, _ place: String) throws(Fault)
    -> any Channel
  {
    do { return try bound.wait() } catch {
      let cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
      throw Fault(
        .unavailable, "metrics can't be served there", at: place, cause: cause,
        advice: "choose another address with --metrics")
    }
  }

  /// The address with the port that it got.
  package var shown: String {
    switch address {
    case .unix(let path): return path
    case .tcp(let host, let port):
      let got = state.withLock { state, _ in state.channel?.localAddress?.port }
      return "\(host.contains(":") ? "[\(host)]" : host):\(got ?? port)"
    }
  }

  /// Takes no more clients and removes the socket's file. Later calls do nothing.
  package func stop() {
    var channel: (any Channel)?
    state.withLock { state, _ in
      swap(&channel, &state.channel)
      if channel != nil { state.file?.remove() }
    }
    try? channel?.close().wait()
  }
}
