import Base
import Events
import Glibc
import Logging
import NIOCore

/// Decides who may come in by a socket. Without a list that is whoever the file's mode lets in.
package final class Doorman: Sendable {
  private let list: AccessList?
  private let deed: String
  private let logger: Logger
  /// Clients that were sent away.
  package let denied = Counter()

  /// - Parameters:
  ///   - list: Who may, beside root and the daemon's own user: its hooks, and who starts and stops it.
  ///   - deed: What they may, such as `subscribe`.
  package init(_ list: AccessList?, to deed: String, logger: Logger) {
    var list = list
    list?.users.formUnion([0, geteuid()])
    self.list = list
    self.deed = deed
    self.logger = logger
  }

  /// Of the socket's file: with a list the door stands open, so that whoever is sent away learns why.
  func mode(otherwise mode: mode_t) -> mode_t { list == nil ? mode : 0o666 }

  /// Nil for whoever may come in. On the channel's event loop.
  func refusal(of channel: any Channel) -> Refusal? {
    guard let list else { return nil }
    let peer = Peer(channel)
    if let peer, list.allows(peer) { return nil }
    denied.add()
    logger.warning("a client that may not \(deed) was sent away", metadata: peer?.owner ?? [:])
    let who =
      peer.map { "user \($0.user) of group \($0.groups.first.map(String.init) ?? "?")" } ?? "who you are"
    return Refusal(.denied, "\(who) may not \(deed) here; the daemon's access list says who may")
  }
}
