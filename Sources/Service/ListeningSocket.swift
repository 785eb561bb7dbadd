import Base
import NIOCore
import NIOPosix

/// A socket at which clients are taken, with its file, from its opening to its end. Any thread.
final class ListeningSocket: Sendable {
  private struct State: ~Copyable {
    var channel: (any Channel)?
    var file: SocketFile?
  }

  private let state = Monitor(State())

  /// Takes clients at a file's socket from now on. Blocks for a moment.
  func open(_ bootstrap: ServerBootstrap, at file: consuming SocketFile) throws {
    keep(try bootstrap.withBoundSocket(file.descriptor).wait(), file)
  }

  /// By TCP. Port 0 stands for any that is free.
  func open(_ bootstrap: ServerBootstrap, host: String, port: Int) throws {
    keep(try bootstrap.bind(host: host, port: port).wait(), nil)
  }

  /// Where it was opened by TCP.
  var port: Int? { state.withLock { state, _ in state.channel?.localAddress?.port } }

  /// Takes no more clients. The file goes first, so that none tries. Returns the loop that it ran on; nil where it isn't
  /// open.
  @discardableResult
  func close() -> (any EventLoop)? {
    var channel: (any Channel)?
    state.withLock { state, _ in
      swap(&channel, &state.channel)
      if channel != nil { state.file?.remove() }
    }
    guard let channel else { return nil }
    try? channel.close().wait()
    return channel.eventLoop
  }

  private func keep(_ channel: any Channel, _ file: consuming SocketFile?) {
    var file = file
    state.withLock { state, _ in
      state.channel = channel
      swap(&state.file, &file)
    }
  }
}
