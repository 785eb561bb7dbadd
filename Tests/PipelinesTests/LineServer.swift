import Base
import Foundation
import Glibc
import TestKit

/// A server on 127.0.0.1 that gives each client the same bytes and hangs up. After `times` clients it
/// refuses.
final class OneShotServer: Sendable {
  var port: UInt16 { listener.port }
  private let listener: LocalListener

  /// Raw bytes, at once.
  convenience init(serving bytes: Data, times: Int) throws {
    try self.init(times: times) { client in Self.send(bytes, to: client) }
  }

  /// A file over HTTP, for as many requests as come, ranges included.
  convenience init(http file: Data) throws {
    try self.init(times: .max) { client in
      let request = Self.request(client)
      var from = 0
      if let range = request.firstMatch(of: /[Rr]ange: bytes=(\d+)-/) { from = Int(range.1) ?? 0 }
      from = min(from, file.count)
      let head =
        (from > 0 ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n")
        + "Content-Type: video/mp4\r\nAccept-Ranges: bytes\r\nContent-Length: \(file.count - from)\r\n"
        + "Content-Range: bytes \(from)-\(file.count - 1)/\(file.count)\r\nConnection: close\r\n\r\n"
      Self.send(Data(head.utf8) + file[from...], to: client)
    }
  }

  private init(times: Int, _ answer: @escaping @Sendable (Int32) -> Void) throws {
    let served = Counter()
    listener = LocalListener { client in
      answer(client)
      shutdown(client, Int32(SHUT_RDWR))
      close(client)
      served.add()
      return served.value < times
    }
  }

  private static func request(_ client: Int32) -> String {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return text
  }

  private static func send(_ bytes: Data, to client: Int32) {
    bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.send(
          client, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        guard count > 0 else { return }
        sent += count
      }
    }
  }
}
