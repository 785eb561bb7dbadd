import Glibc

/// Ends blocking calls from another thread, once and for all.
public final class Cancellation: Sendable {
  /// The reading end of a pipe: readable once cancelled.
  let descriptor: Int32
  private let writing: Int32

  public init() {
    var ends: [Int32] = [-1, -1]
    let result = pipe(&ends)
    precondition(result == 0, "pipe: errno \(errno)")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    descriptor = ends[0]
    writing = ends[1]
  }

  deinit {
    close(descriptor)
    close(writing)
  }

  public func cancel() {
    // A full pipe was cancelled often enough.
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  public var isCancelled: Bool { wait(milliseconds: 0) }

  /// Blocks for so long, or until cancelled, which it returns.
  func wait(milliseconds: Int32) -> Bool {
    var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&file, 1, milliseconds) > 0
  }
}
