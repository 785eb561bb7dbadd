import Base
import Glibc

/// What systemd hands to a service by its environment (sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)).
package struct ServiceVariables: Sendable {
  /// Where news is sent.
  package let notifySocket: String?
  /// The manager's patience with us; nil when it has none to lose.
  package let watchdog: Nanoseconds?
  /// The passed sockets' names by their descriptors; empty where they have none.
  private let passed: [(descriptor: Int32, name: String)]

  private static let firstDescriptor: Int32 = 3
  /// Name of the socket unit, which is the name of its descriptor unless the unit gives one.
  private static let socketName = "saccade.socket"
  private static let controlName = "control"

  /// Takes the variables out of the environment, as they are meant for the process `pid` alone and not for its
  /// children.
  package init(taking environment: inout [String: String], pid: pid_t) {
    func take(_ name: String) -> String? { environment.removeValue(forKey: name) }
    func isOurs(_ text: String?) -> Bool { text.map { Int32($0) == pid } ?? false }
    notifySocket = take("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
    let microseconds = take("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    let watched = take("WATCHDOG_PID")
    watchdog =
      (watched == nil || isOurs(watched)) && (1..<Int64.max / 1000).contains(microseconds)
      ? microseconds * 1000 : nil
    let count = take("LISTEN_FDS").flatMap { Int32($0) } ?? 0
    let names = take("LISTEN_FDNAMES")?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    let isForUs = isOurs(take("LISTEN_PID"))
    passed = (0..<(isForUs ? max(0, min(count, 1000)) : 0)).map { index in
      (
        Self.firstDescriptor + index,
        names.indices.contains(Int(index)) ? String(names[Int(index)]) : ""
      )
    }
  }

  /// The socket to serve events at: the one called `saccade.socket`, else the first that isn't for control; nil when
  /// there is none. Nothing that was passed goes on to children from then on.
  package func eventSocket() throws(Fault) -> PassedSocket? {
    for (descriptor, _) in passed { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let found =
      passed.first { $0.name == Self.socketName } ?? passed.first { $0.name != Self.controlName }
    return try found.map { found throws(Fault) in try PassedSocket(found.descriptor) }
  }

  /// The one called `control`; nil when there is none.
  package func controlSocket() throws(Fault) -> PassedSocket? {
    try passed.first { $0.name == Self.controlName }.map { found throws(Fault) in
      try PassedSocket(found.descriptor)
    }
  }
}
