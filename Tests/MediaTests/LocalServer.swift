import Base
import Foundation
import Glibc
import TestKit

/// A TCP server on 127.0.0.1 that treats each connection as its script says, one after the other, the last
/// step for all that follow.
final class LocalServer: Sendable {
  enum Step: Sendable {
    /// Sends the bytes, then closes.
    case send([UInt8])
    /// Sends the bytes at this many a second in small pieces, then closes.
    case pour([UInt8], perSecond: Int)
    /// Sends the bytes, then nothing more, until the other side goes.
    case sendAndHold([UInt8])
    case closeAtOnce
  }

  private let listener: LocalListener
  private let served = Counter()

  /// Connections so far.
  var connections: UInt64 { served.value }
  var port: UInt16 { listener.port }
  var url: String { "tcp://127.0.0.1:\(port)" }

  init(_ steps: [Step]) {
    let served = served
    listener = LocalListener { client in
      let step = steps[min(Int(served.value), steps.count - 1)]
      served.add()
      Thread.detachNewThread { Self.serve(client, step) }
      return true
    }
  }

  private static func serve(_ client: Int32, _ step: Step) {
    defer { close(client) }
    switch step {
    case .closeAtOnce: return
    case .send(let bytes): write(bytes[...], to: client)
    case .sendAndHold(let bytes):
      write(bytes[...], to: client)
      var byte: UInt8 = 0
      while true {
        let count = recv(client, &byte, 1, 0)
        guard count > 0 || count < 0 && errno == EINTR else { break }
      }
    case .pour(let bytes, let perSecond):
      let pieces = 50
      let size = max(1, perSecond / pieces)
      var at = 0
      while at < bytes.count {
        let end = min(bytes.count, at + size)
        guard write(bytes[at..<end], to: client) else { return }
        at = end
        var none = pollfd(fd: client, events: 0, revents: 0)
        if poll(&none, 1, Int32(1000 / pieces)) != 0 { return }
      }
    }
  }

  @discardableResult
  private static func write(_ bytes: ArraySlice<UInt8>, to client: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }
}
