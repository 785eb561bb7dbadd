import Base
import Events

/// How a stream does, for the service manager.
package struct StreamHealth: Hashable, Sendable {
  package var name: String
  package var state: StreamEntry.State
  /// Of a stream whose source is lost: when it is tried again; nil while that goes on.
  package var retryAt: MonotonicTime?
  /// Since when a tick is overdue, or a piece of work goes on; nil when neither is.
  package var behindSince: MonotonicTime?

  package init(
    name: String, state: StreamEntry.State, retryAt: MonotonicTime? = nil, behindSince: MonotonicTime? = nil
  ) {
    self.name = name
    self.state = state
    self.retryAt = retryAt
    self.behindSince = behindSince
  }

  /// Whether it keeps the watchdog from being fed.
  package func hangs(at now: MonotonicTime, patience: Nanoseconds = ServiceTeller.patience) -> Bool {
    behindSince.map { now - $0 > patience } ?? false
  }
}

/// How the daemon does.
package struct ServiceHealth: Hashable, Sendable {
  package var streams: [StreamHealth]
  /// Since when the socket's thread owes a sign of life; nil when it owes none.
  package var socketBehindSince: MonotonicTime?

  package init(streams: [StreamHealth], socketBehindSince: MonotonicTime? = nil) {
    self.streams = streams
    self.socketBehindSince = socketBehindSince
  }

  /// Whether the watchdog isn't to be fed.
  package func hangs(at now: MonotonicTime, patience: Nanoseconds = ServiceTeller.patience) -> Bool {
    !hanging(at: now, patience: patience).isEmpty
  }

  /// What has been behind for longer than `patience`.
  func hanging(at now: MonotonicTime, patience: Nanoseconds) -> [String] {
    let socketHangs = socketBehindSince.map { now - $0 > patience } ?? false
    return streams.filter { $0.hangs(at: now, patience: patience) }.map(\.name)
      + (socketHangs ? ["the event socket"] : [])
  }

  /// For people: `3 streams: 2 running, 1 lost (garage, retry in 12 s)`.
  func words(at now: MonotonicTime, patience: Nanoseconds) -> String {
    let hanging = Set(hanging(at: now, patience: patience))
    var groups: [(state: String, notes: [String])] = []
    for state in ["running", "starting", "lost", "failed", "ended", "hanging"] { groups.append((state, [])) }
    for stream in streams {
      let hangs = hanging.contains(stream.name)
      let state = hangs ? "hanging" : stream.state.rawValue
      guard let index = groups.firstIndex(where: { $0.state == state }) else { continue }
      groups[index].notes.append(hangs ? stream.behind(at: now) : stream.note(at: now))
    }
    let counted = groups.filter { !$0.notes.isEmpty }.map { group in
      let named = ["lost", "failed", "hanging"].contains(group.state)
      return "\(group.notes.count) \(group.state)" + (named ? " (\(Self.list(group.notes)))" : "")
    }
    let count = "\(streams.count) stream\(streams.count == 1 ? "" : "s")"
    let socket = hanging.contains("the event socket") ? "; the event socket hangs" : ""
    return (counted.isEmpty ? count : count + ": " + counted.joined(separator: ", ")) + socket
  }

  private static let mostNamed = 5

  private static func list(_ notes: [String]) -> String {
    let more = notes.count - mostNamed
    return notes.prefix(mostNamed).joined(separator: "; ") + (more > 0 ? "; \(more) more" : "")
  }
}

extension StreamHealth {
  fileprivate func note(at now: MonotonicTime) -> String {
    guard state == .lost else { return name }
    guard let retryAt else { return "\(name), being tried" }
    return "\(name), retry in \(seconds(retryAt - now)) s"
  }

  fileprivate func behind(at now: MonotonicTime) -> String {
    "\(name), for \(seconds(behindSince.map { now - $0 } ?? 0)) s"
  }

  private func seconds(_ span: Nanoseconds) -> Int { Int(max(0, span.inSeconds).rounded(.up)) }
}
