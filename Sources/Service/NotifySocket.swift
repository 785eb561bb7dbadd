import Base
import CLinux
import Glibc

/// The way to the service manager: datagrams to the socket that `NOTIFY_SOCKET` names (sd_notify(3)).
package struct NotifySocket: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Nothing is sent yet. `name` is a path, or `@name` for one in the abstract namespace.
  package init(_ name: String) throws(Fault) {
    guard name.hasPrefix("/") || name.hasPrefix("@"), (2...107).contains(name.utf8.count) else {
      throw Fault(.usage, "NOTIFY_SOCKET is neither a path nor an abstract name", at: name)
    }
    let made = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard made >= 0 else { throw Self.fault("no socket can be made", name) }
    // A manager that is too busy to take a datagram must not hold us up for long.
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // An abstract name ends where the address does.
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let connected = withUnsafeBytes(of: &address) { raw in
      // Safety: the buffer is that of a variable, so it has an address.
      connect(made, raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
    }
    guard connected == 0 else {
      let fault = Self.fault("the service manager can't be reached", name)
      close(made)
      throw fault
    }
    descriptor = made
  }

  deinit { close(descriptor) }

  /// Sends one datagram of `KEY=value` lines. Any thread; blocks for a second at most. Returns false when it
  /// was not taken.
  @discardableResult
  package func send(_ lines: String) -> Bool {
    let bytes = Array(lines.utf8)
    return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  private static func fault(_ what: String, _ name: String) -> Fault {
    Fault(.system, what, at: name, cause: String(cString: strerror(errno)))
  }
}
