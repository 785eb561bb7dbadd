import Base
import Glibc
import Logging
import NIOCore
import NIOPosix

/// Watches a listening socket that can't take its clients, as when no descriptor is left: they wait in the
/// kernel's queue, and the socket is asked again some times a second instead of without a pause.
final class AcceptWatch: ChannelInboundHandler, @unchecked Sendable {
  // Safety: NIO calls a handler on its channel's event loop only.
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  private static let pause = TimeAmount.milliseconds(200)

  private let name: String
  private let failures: Counter
  private let logger: Logger
  private var isFailing = false

  private init(_ name: String, _ failures: Counter, _ logger: Logger) {
    self.name = name
    self.failures = failures
    self.logger = logger
  }

  /// - Parameters:
  ///   - name: Of the socket, for logs.
  ///   - failures: Counts the tries that failed.
  static func add(
    to bootstrap: ServerBootstrap, name: String, failures: Counter, logger: Logger
  ) -> ServerBootstrap {
    bootstrap.serverChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(AcceptWatch(name, failures, logger))
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failures.add()
    isFailing = true
    let cause = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    logger.error("the \(name) can take no client now; they wait", metadata: ["fault": "\(cause)"])
    // NIO's own AcceptBackoffHandler holds reads back, but a read that failed stays pending: the socket would be asked
    // again without a pause.
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    channel.eventLoop.scheduleTask(in: Self.pause) {
      try? channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isFailing {
      isFailing = false
      logger.notice("the \(name) takes clients again")
    }
    context.fireChannelRead(data)
  }
}
