import Base
import Glibc

/// A TCP socket on 127.0.0.1 at a port of its own, whose clients are taken on a thread of its own.
package final class LocalListener: Sendable {
  package let port: UInt16
  private let descriptor: Int32
  /// True once the thread has closed the socket: its number may be another test's from then on.
  private let isClosed = Monitor(false)

  /// - Parameter take: Called with each client on the listener's thread; whoever gets it closes it. Once it returns
  ///   false, clients are refused.
  package init(_ take: @escaping @Sendable (Int32) -> Bool) {
    let (descriptor, port) = LocalPort.bind()
    self.descriptor = descriptor
    self.port = port
    precondition(listen(descriptor, 16) == 0, "no listener at \(port): errno \(errno)")
    let isClosed = isClosed
    _ = WorkerThread(name: "listener") {
      while true {
        let client = acceptPrivately(descriptor)
        guard client >= 0, take(client) else { break }
      }
      isClosed.withLock { isClosed, _ in
        close(descriptor)
        isClosed = true
      }
    }
  }

  deinit {
    // Wakes the thread.
    isClosed.withLock { isClosed, _ in
      if !isClosed { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }
}

/// A port of this machine.
package enum LocalPort {
  /// One that nobody has just now.
  package static func free() -> UInt16 {
    let (descriptor, port) = bind()
    close(descriptor)
    return port
  }

  fileprivate static func bind() -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        Glibc.bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    precondition(isBound, "no port on 127.0.0.1: errno \(errno)")
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }
}

/// As accept(2), for a connection that programs started by other tests don't inherit: they would hold it open.
package func acceptPrivately(_ listener: Int32) -> Int32 {
  let client = accept(listener, nil, nil)
  if client >= 0 { _ = fcntl(client, F_SETFD, FD_CLOEXEC) }
  return client
}
