import Base

/// What the service manager is told, and when (sd_notify(3)). A pure machine: health and the time come in, the
/// text of a datagram goes out.
package struct ServiceTeller: Sendable {
  /// What a look at the daemon's health gave.
  package struct Step: Equatable, Sendable {
    /// To send; nil for nothing.
    package var message: String?
    /// What hangs from now on, and what does no longer.
    package var began: [String] = []
    package var ended: [String] = []
  }

  private enum State: Sendable {
    case running(nextFeed: MonotonicTime)
    case stopping
  }

  private let watchdog: Nanoseconds?
  private let patience: Nanoseconds
  private var state: State
  private var hanging: [String] = []
  /// What is said beside the state of the streams.
  private var remark: String?
  private var told: (words: String, at: MonotonicTime)?

  /// What takes longer hangs: the slowest machine looks at a frame in less than a second.
  package static let patience: Nanoseconds = .seconds(5)
  private static let statusEvery: Nanoseconds = .seconds(1)

  /// - Parameter watchdog: The manager's patience with us; nil when it has no watchdog.
  package init(watchdog: Nanoseconds?, patience: Nanoseconds = Self.patience, now: MonotonicTime) {
    self.watchdog = watchdog
    self.patience = patience
    state = .running(nextFeed: now)
  }

  /// How long to wait between two looks.
  package var interval: Nanoseconds { min(Self.statusEvery, max(.milliseconds(1), (watchdog ?? .max) / 2)) }

  /// The daemon is ready, or has been looked at again.
  package mutating func look(_ health: ServiceHealth, isFirst: Bool = false, at now: MonotonicTime) -> Step {
    guard case .running(let nextFeed) = state else { return Step() }
    let found = health.hanging(at: now, patience: patience)
    var step = Step(
      began: found.filter { !hanging.contains($0) }, ended: hanging.filter { !found.contains($0) })
    hanging = found
    var lines = isFirst ? ["READY=1"] : []
    // The next look may be late by a little, so a feeding that falls before it is due now.
    if let watchdog, found.isEmpty, isFirst || now + interval / 2 >= nextFeed {
      lines.append("WATCHDOG=1")
      state = .running(nextFeed: now + watchdog / 2)
    }
    if told.map({ now - $0.at >= Self.statusEvery }) ?? true {
      let words = health.words(at: now, patience: patience) + (remark.map { "; " + $0 } ?? "")
      if words != told?.words {
        lines.append("STATUS=\(words)")
        told = (words, now)
      }
    }
    if !lines.isEmpty { step.message = lines.joined(separator: "\n") }
    return step
  }

  /// The daemon reads its pipelines again. Returns what to send.
  package mutating func reload(at now: MonotonicTime) -> String? {
    guard case .running = state else { return nil }
    return "RELOADING=1\nMONOTONIC_USEC=\(now.nanoseconds / 1000)"
  }

  /// It has done so, and `remark` is to be said of it from now on; nil for nothing. A `look` with `isFirst` follows.
  package mutating func reloaded(_ remark: String?) { self.remark = remark }

  /// The daemon ends; nothing more is told. Returns what to send, nil when that was done.
  package mutating func stop(_ why: String) -> String? {
    guard case .running = state else { return nil }
    state = .stopping
    return "STOPPING=1\nSTATUS=\(why)"
  }
}
