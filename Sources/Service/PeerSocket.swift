import Glibc
import NIOCore

/// What the kernel knows of a client's socket. Asked on the socket's thread, where NIO answers at once.
struct PeerSocket {
  private let options: (any SocketOptionProvider)?

  init(_ channel: any Channel) { options = channel as? any SocketOptionProvider }

  private func option<Value: Sendable>(_ name: NIOBSDSocket.Option, _: Value.Type) -> Value? {
    var found: Value?
    let box = Box<Value>()
    options?.unsafeGetSocketOption(level: .socket, name: name).whenSuccess { box.value = $0 }
    found = box.value
    return found
  }

  private final class Box<Value>: @unchecked Sendable {
    // Safety: written and read on the channel's event loop, before `option` returns.
    var value: Value?
  }

  // SO_MEMINFO of <asm-generic/socket.h>, SK_MEMINFO_* of <linux/sock_diag.h>: nine numbers, of which the third
  // is what was written and not yet read by the other side, with the kernel's own overhead.
  private typealias Memory = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
  private static let memory = NIOBSDSocket.Option(rawValue: 55)

  /// Memory that the kernel holds for what the client has not read yet.
  var unread: Int { option(Self.memory, Memory.self).map { Int($0.2) } ?? 0 }
}
