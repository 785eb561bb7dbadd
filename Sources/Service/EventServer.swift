import Base
import Conditions
import Events
import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The event socket: streams in, clients out. One thread of its own serves all clients.
package final class EventServer: Sendable {
  package let path: String
  private let isOwnFolder: Bool
  private let passed: PassedSocket?
  private let options: ServerOptions
  private let group: MultiThreadedEventLoopGroup
  private let loop: any EventLoop
  private let hub: Hub
  private let doorman: Doorman
  private let logger: Logger
  private let listening = ListeningSocket()
  private let isStopped = Atomic(false)
  /// When the socket's thread was asked for a sign of life that it still owes.
  private let asked = Atomic<Int64>(.max)

  /// `isOwnFolder` is true for the by-hand places, whose folder must be ours alone and is made when missing.
  /// A `passed` socket takes the place of both. `access` says who may subscribe; nil leaves it to the file's mode.
  /// `archive` has what memory no longer holds. `status` is asked on the socket's thread and must not block.
  package init(
    path: String, isOwnFolder: Bool = false, passed: PassedSocket? = nil,
    access: AccessList? = nil, options: ServerOptions = ServerOptions(), clocks: any Clocks,
    version: String, logger: Logger, archive: (any RecordArchive)? = nil,
    status: @escaping @Sendable () -> ServerStatus = { ServerStatus() }
  ) {
    self.path = passed?.path ?? path
    self.isOwnFolder = isOwnFolder
    self.passed = passed
    self.options = options
    self.logger = logger
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
    let waker = Waker(loop)
    let inbox = Inbox(limit: options.inboxBytes) { waker.wake() }
    doorman = Doorman(access, to: "subscribe", logger: logger)
    hub = Hub(
      options: options, clocks: clocks, version: version, logger: logger, inbox: inbox, archive: archive,
      doorman: doorman,
      status: status)
    waker.hub = hub
  }

  /// Takes clients from now on. Throws when the socket can't be had; blocks for a moment. Call once.
  package func start() throws(Fault) {
    let file =
      if let passed {
        SocketFile(passed)
      } else {
        try SocketFile(path: path, isOwnFolder: isOwnFolder, mode: doorman.mode(otherwise: 0o660))
      }
    let hub = hub
    let bootstrap = AcceptWatch.add(
      to: ServerBootstrap(group: group), name: "event socket", failures: hub.acceptFailures, logger: logger
    )
    .childChannelOption(.allowRemoteHalfClosure, value: true)
    .childChannelOption(.autoRead, value: false)
    .childChannelOption(.writeBufferWaterMark, value: .init(low: 32_768, high: 65_536))
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
          ClientHandler(hub: hub))
      }
    }
    let descriptor = file.descriptor
    do {
      try listening.open(bootstrap, at: file)
      // NIO has just shortened the queue to 128.
      listen(descriptor, 1024)
      let every = TimeAmount.nanoseconds(options.sweepEvery)
      loop.scheduleRepeatedTask(initialDelay: every, delay: every) { _ in hub.sweep() }
    } catch {
      throw Fault(.unavailable, "the socket can't be listened at", at: path, cause: "\(error)")
    }
    logger.info("clients are taken", metadata: ["socket": "\(path)"])
  }

  /// A stream that clients can subscribe to from now on. A stream of the same name that is still there is
  /// replaced by it, which clients see as a new epoch. May be called before `start`.
  package func addStream(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64 = 1,
    setting: Setting = Setting()
  ) -> StreamPublisher {
    let stream = ServedStream(
      name: name, kind: kind, rate: rate, epoch: epoch, firstSeq: firstSeq, options: options, setting: setting
    )
    hub.inbox.put(.added(stream), bytes: 0)
    return StreamPublisher(stream: stream, inbox: hub.inbox)
  }

  /// The lines of an answer to `status`, given on the socket's thread. Any thread; returns at once.
  package func status(id: JSON?, _ answer: @escaping @Sendable ([[UInt8]]) -> Void) {
    let hub = hub
    loop.execute { answer(hub.status(id: id)) }
  }

  /// Its numbers, given on the socket's thread. Any thread; returns at once.
  package func figures(_ take: @escaping @Sendable (ServerFigures) -> Void) {
    let hub = hub
    loop.execute { take(hub.figures) }
  }

  /// Asks the socket's thread for a sign of life. Returns since when it owes one; nil when it owes none. Any
  /// thread; doesn't block.
  package func behindSince(_ now: MonotonicTime) -> MonotonicTime? {
    let owed = asked.load(ordering: .acquiring)
    guard owed == .max else { return MonotonicTime(nanoseconds: owed) }
    asked.store(now.nanoseconds, ordering: .releasing)
    loop.execute { [self] in asked.store(.max, ordering: .releasing) }
    return nil
  }

  /// Lets go of clients that took nothing for too long. Happens by itself every `sweepEvery`; blocks until done.
  package func disconnectStuck() {
    let hub = hub
    try? loop.submit { hub.sweep() }.wait()
  }

  /// Says `bye` to all clients once they have what was published, removes the socket's file and ends the
  /// thread. Blocks until that is done, at most for about `bound`: clients that take longer are cut off.
  /// Later calls do nothing.
  package func stop(reason: String, within bound: Nanoseconds = .seconds(1)) {
    guard !isStopped.exchange(true, ordering: .relaxed) else { return }
    listening.close()
    let gone = loop.makePromise(of: Void.self)
    let hub = hub
    let loop = loop
    loop.execute {
      hub.stop(reason: reason) { gone.succeed() }
      loop.scheduleTask(in: .nanoseconds(bound)) {
        hub.closeAll()
        gone.succeed()
      }
    }
    try? gone.futureResult.wait()
    try? group.syncShutdownGracefully()
  }
}

/// Wakes the socket's thread for its inbox.
private final class Waker: @unchecked Sendable {
  // Safety: `hub` is set once, before anyone can put anything into the inbox. Weak, as the hub owns the inbox that owns
  // this.
  weak var hub: Hub?
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func wake() {
    guard let hub else { return }
    loop.execute { hub.drain() }
  }
}
