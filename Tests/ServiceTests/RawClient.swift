import Events
import Glibc
import Testing

/// A bare client: bytes out, lines in, with a deadline on every wait. One thread.
final class RawClient {
  struct Ended: Error {}
  struct TooLate: Error {}

  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    let result = withUnsafeBytes(of: &address) {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    if result != 0 { throw Ended() }
  }

  deinit { close(descriptor) }

  /// Writes all of it, as far as the other side takes it within ten seconds.
  func send(_ bytes: some Collection<UInt8>) throws {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(POLLOUT, milliseconds: 10_000)
      } else {
        throw Ended()
      }
    }
  }

  func send(_ line: String) throws { try send(Array((line + "\n").utf8)) }

  /// As much as the socket takes now.
  func sendSome(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func wait(_ events: Int32, milliseconds: Int32) throws {
    var file = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    if poll(&file, 1, milliseconds) == 0 { throw TooLate() }
  }

  /// The next line; throws `Ended` at the end and `TooLate` when none comes.
  func line(within milliseconds: Int32 = 20_000) throws -> String {
    var searched = 0
    while true {
      if let end = buffer[searched...].firstIndex(of: 10) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      searched = buffer.count
      try take(65_536, within: milliseconds)
    }
  }

  /// Takes at most so many bytes from the socket, for `line` to use later.
  func take(_ most: Int, within milliseconds: Int32 = 20_000) throws {
    try wait(POLLIN, milliseconds: milliseconds)
    var chunk = [UInt8](repeating: 0, count: most)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count <= 0 { throw Ended() }
    buffer += chunk[..<count]
  }

  func message(within milliseconds: Int32 = 20_000) throws -> ServerMessage {
    try RecordReader.read(try line(within: milliseconds).utf8)
  }

  /// Passes over messages until `pick` finds what it looks for.
  func first<Found>(_ pick: (ServerMessage) -> Found?) throws -> Found {
    while true {
      if let found = pick(try message()) { return found }
    }
  }

  /// Sends a line and returns the answer to it, whatever comes before.
  func ask(_ request: String) throws -> ServerMessage {
    try send(request)
    return try first {
      switch $0 {
      case .subscribed, .status, .error: $0
      default: nil
      }
    }
  }

  func subscribe(_ fields: String) throws -> Subscribed {
    guard case .subscribed(let answer) = try ask(#"{"subscribe":{\#(fields)}}"#) else {
      Issue.record("no subscription for \(fields)")
      throw Ended()
    }
    return answer
  }

  func hello() throws -> Hello { try first { if case .hello(let hello) = $0 { hello } else { nil } } }

  /// True when the other side has closed the connection within ten seconds.
  func isClosed() -> Bool {
    do {
      while true { _ = try line(within: 10_000) }
    } catch is Ended {
      return true
    } catch {
      return false
    }
  }
}
