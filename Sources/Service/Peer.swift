import CLinux
import Glibc
import Logging
import NIOCore
import NIOPosix

/// Who is at the other end of a Unix socket: the process that connected, as it was then (unix(7)).
package struct Peer: Hashable, Sendable {
  package var process: Int32
  package var user: UInt32
  /// The first one is the group that it acts as; the others are supplementary ones.
  package var groups: [UInt32]

  package init(process: Int32, user: UInt32, groups: [UInt32]) {
    self.process = process
    self.user = user
    self.groups = groups
  }

  /// Nil where the kernel doesn't say. Before Linux 4.13 it tells no supplementary groups.
  package init?(_ descriptor: Int32) {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
    guard saccade_peer_credentials(descriptor, &process, &user, &group) == 0 else { return nil }
    let further = Self.groups(descriptor, most: 64) ?? Self.groups(descriptor, most: Self.mostGroups) ?? []
    self.init(process: process, user: user, groups: [group] + further.filter { $0 != group })
  }

  /// NGROUPS_MAX of <linux/limits.h>.
  private static let mostGroups = 65_536

  private static func groups(_ descriptor: Int32, most: Int) -> [UInt32]? {
    var isKnown = false
    let groups = [UInt32](unsafeUninitializedCapacity: most) { buffer, count in
      let found = saccade_peer_groups(descriptor, buffer.baseAddress, Int32(most))
      isKnown = found >= 0
      count = Int(max(0, found))
    }
    return isKnown ? groups : nil
  }

  /// Of an accepted channel, on its event loop.
  init?(_ channel: any Channel) {
    let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { Peer($0) }
    guard let found, let found else { return nil }
    self = found
  }

  /// Who it is, for logs.
  var owner: Logger.Metadata {
    ["pid": "\(process)", "uid": "\(user)", "gid": "\(groups.first.map(String.init) ?? "?")"]
  }
}
