import Base
import Foundation
import Glibc
import TestKit

/// A TCP server on 127.0.0.1 that treats each connection as its script says, one after the other, the last
/// step for all that follow, and knows which of them the other side has left.
final class ScriptedServer: Sendable {
  enum Step: Sendable {
    /// Takes the connection and whatever comes over it, and says this and no more.
    case hold(saying: String)
    /// Sends the bytes at this many a second, then breaks the connection off.
    case cut([UInt8], perSecond: Int)
    /// As `cut`, then stays without a word.
    case stay([UInt8], perSecond: Int)
  }

  struct Connections: Sendable {
    var made = 0
    var open = 0
  }

  var port: UInt16 { listener.port }
  private let listener: LocalListener
  private let counts: Monitor<Connections>

  var connections: Connections { counts.withLock { counts, _ in counts } }

  init(_ steps: [Step]) {
    let counts = Monitor(Connections())
    self.counts = counts
    listener = LocalListener { client in
      let number = counts.withLock { counts, _ in
        counts.made += 1
        counts.open += 1
        return counts.made
      }
      let step = steps[min(number, steps.count) - 1]
      Thread.detachNewThread {
        Self.serve(client, step)
        counts.withLock { counts, _ in counts.open -= 1 }
      }
      return true
    }
  }

  private static func serve(_ client: Int32, _ step: Step) {
    defer { close(client) }
    switch step {
    case .hold(let words):
      _ = send(Array(words.utf8)[...], to: client)
      waitForEnd(client)
    case .cut(let bytes, let perSecond):
      pour(bytes, perSecond, to: client)
      // What is on its way is thrown away, as when a cable is pulled and the other side hears of it.
      var abrupt = linger(l_onoff: 1, l_linger: 0)
      setsockopt(client, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
    case .stay(let bytes, let perSecond):
      pour(bytes, perSecond, to: client)
      waitForEnd(client)
    }
  }

  private static func pour(_ bytes: [UInt8], _ perSecond: Int, to client: Int32) {
    let pieces = 30
    let size = max(1, perSecond / pieces)
    for at in stride(from: 0, to: bytes.count, by: size) {
      guard send(bytes[at..<min(bytes.count, at + size)], to: client) else { return }
      _ = poll(nil, 0, Int32(1000 / pieces))
    }
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to client: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func waitForEnd(_ client: Int32) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while recv(client, &bytes, bytes.count, 0) > 0 {}
  }
}
