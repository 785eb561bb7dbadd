import Base
import Events
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The control socket: its clients tell the daemon what to do, a line each, and hear what became of it.
package final class ControlServer: Sendable {
  /// What was done, or why it wasn't; nil when the daemon ends first.
  package typealias Answer = Result<[JSON.Field], Refusal>?
  /// Does what is asked and gives the answer, once, on any thread. Called on the side thread; must not block. It
  /// gets no `status`.
  package typealias Perform = @Sendable (ControlRequest.Ask, @escaping @Sendable (Answer) -> Void) -> Void

  package let path: String
  private let isOwnFolder: Bool
  private let passed: PassedSocket?
  private let thread: SideThread
  private let desk: ControlDesk
  private let failures = Counter()
  private let listening = ListeningSocket()

  /// - Parameters:
  ///   - isOwnFolder: As of `EventServer`.
  ///   - passed: Takes the place of a socket of its own.
  ///   - events: Asked for `status`.
  package init(
    path: String, isOwnFolder: Bool = false, passed: PassedSocket? = nil, doorman: Doorman,
    thread: SideThread, events: EventServer, logger: Logger, perform: @escaping Perform
  ) {
    self.path = passed?.path ?? path
    self.isOwnFolder = isOwnFolder
    self.passed = passed
    self.thread = thread
    desk = ControlDesk(doorman: doorman, logger: logger, events: events, perform: perform)
  }

  /// Takes clients from now on. Throws when the socket can't be had; blocks for a moment. Call once.
  package func start() throws(Fault) {
    let file =
      if let passed {
        SocketFile(passed)
      } else {
        try SocketFile(
          path: path, isOwnFolder: isOwnFolder, mode: desk.doorman.mode(otherwise: 0o600), option: "--control"
        )
      }
    let desk = desk
    let bootstrap = AcceptWatch.add(
      to: ServerBootstrap(group: thread.group), name: "control socket", failures: failures,
      logger: desk.logger
    )
    .childChannelOption(.allowRemoteHalfClosure, value: true)
    .childChannelOption(.autoRead, value: false)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(ControlHandler(desk))
      }
    }
    do {
      try listening.open(bootstrap, at: file)
    } catch {
      throw Fault(.unavailable, "the socket can't be listened at", at: path, cause: "\(error)")
    }
  }

  /// Says `bye` to all clients and removes the socket's file. Later calls do nothing.
  package func stop(reason: String) {
    guard let loop = listening.close() else { return }
    let desk = desk
    try? loop.submit { desk.sayBye(reason) }.wait()
  }
}
