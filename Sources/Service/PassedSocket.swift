import Base
import Glibc

/// A listening socket that somebody else made and keeps: systemd, by socket activation.
package struct PassedSocket: Sendable {
  package let descriptor: Int32
  /// Where clients find it.
  package let path: String

  /// Throws when the descriptor is anything but a listening Unix stream socket with a path.
  package init(_ descriptor: Int32) throws(Fault) {
    guard Self.option(SO_DOMAIN, of: descriptor) == AF_UNIX,
      Self.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
      Self.option(SO_ACCEPTCONN, of: descriptor) == 1
    else {
      throw Fault(
        .configuration, "the passed descriptor \(descriptor) is no listening Unix stream socket",
        advice: "the socket unit needs `ListenStream=` with a path, and `Accept=no`")
    }
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let known = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
    }
    let path = withUnsafeBytes(of: &address.sun_path) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard known, path.hasPrefix("/") else {
      throw Fault(
        .configuration, "the passed socket has no path", advice: "set `ListenStream=` to an absolute path")
    }
    self.descriptor = descriptor
    self.path = path
  }

  private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}
