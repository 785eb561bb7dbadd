import Base
import Glibc

/// Plays the service manager: a datagram socket to which a service tells its news.
package final class NotifyListener: Sendable {
  /// For `NOTIFY_SOCKET`.
  package let name: String
  private let descriptor: Int32

  /// At a path, or at `@name` in the abstract namespace.
  package init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let bound = withUnsafeBytes(of: &address) {
      bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
    }
    guard bound == 0 else { throw Fault(.system, "no socket at \(name)") }
  }

  deinit { close(descriptor) }

  /// The next datagram's lines; nil when none comes within `seconds`.
  package func next(within seconds: Int = 20) -> [String]? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&ready, 1, Int32(seconds * 1000)) < 0, errno == EINTR {}
    guard ready.revents & Int16(POLLIN) != 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Reads until a line fulfils the condition, and returns all lines up to its datagram; nil when none does
  /// within 30 s.
  package func lines(until condition: (String) -> Bool) -> [String]? {
    let clocks = SystemClocks()
    let limit = clocks.monotonic() + .seconds(30 * RunningCommand.patience)
    var all: [String] = []
    while clocks.monotonic() < limit, let lines = next() {
      all += lines
      if lines.contains(where: condition) { return all }
    }
    return nil
  }
}
