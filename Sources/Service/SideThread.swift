import NIOPosix

/// The thread of the sockets beside the event socket: control and metrics. What they do never holds records up.
package final class SideThread: Sendable {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  package init() {}

  /// Ends the thread. Its servers have stopped.
  package func end() { try? group.syncShutdownGracefully() }
}
