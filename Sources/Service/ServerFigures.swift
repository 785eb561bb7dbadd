/// The event socket's own numbers.
package struct ServerFigures: Sendable {
  package var clients = 0
  package var accepted: UInt64 = 0
  /// Handed to clients' sockets.
  package var bytesSent: UInt64 = 0
  /// How often each of the server's own paths dropped something, since the start, as `status` names them.
  package var dropped: [(key: String, count: UInt64)] = []

  package init() {}
}

/// What the hub counts.
struct ServerCounters {
  var accepted: UInt64 = 0
  var refused: UInt64 = 0
  var badLines: UInt64 = 0
  var slowReader: UInt64 = 0
  var coalesced: UInt64 = 0
  var notKept: UInt64 = 0
  var stuck: UInt64 = 0
  var lagged: UInt64 = 0
  var bytesSent: UInt64 = 0

  mutating func add(_ client: ClientHandler) {
    slowReader += client.outbox.dropped
    coalesced += client.outbox.coalesced
    notKept += client.outbox.notKept
    bytesSent += UInt64(client.handed)
  }

  func dropped(overflowed: UInt64, denied: UInt64, acceptFailures: UInt64) -> [(key: String, count: UInt64)] {
    [
      ("records_slow_reader", slowReader), ("records_coalesced", coalesced), ("records_not_kept", notKept),
      ("records_inbox_full", overflowed), ("clients_stuck", stuck), ("clients_lagged", lagged),
      ("clients_refused", refused), ("clients_denied", denied), ("accepts_failed", acceptFailures),
      ("requests_refused", badLines),
    ]
  }
}
