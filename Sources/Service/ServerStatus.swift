import Events

/// What the running line adds to the answer to `status`. Asked for on the socket's thread, so it must not
/// block.
package struct ServerStatus: Sendable {
  /// Beside `server`, `uptime` and `clients`: health, versions, …
  package var fields: [JSON.Field]
  /// Added to a stream's entry, by the stream's name.
  package var streams: [String: [JSON.Field]]

  package init(fields: [JSON.Field] = [], streams: [String: [JSON.Field]] = [:]) {
    self.fields = fields
    self.streams = streams
  }
}

/// How often each of the server's own paths dropped something, since the start.
struct ServerCounters {
  var accepted: UInt64 = 0
  var refused: UInt64 = 0
  var badLines: UInt64 = 0
  var slowReader: UInt64 = 0
  var coalesced: UInt64 = 0
  var notKept: UInt64 = 0
  var stuck: UInt64 = 0
  var lagged: UInt64 = 0

  func json(overflowed: UInt64, denied: UInt64, acceptFailures: UInt64) -> JSON {
    func field(_ key: String, _ value: UInt64) -> JSON.Field { .init(key, .integer(Int64(clamping: value))) }
    return .object([
      field("records_slow_reader", slowReader), field("records_coalesced", coalesced),
      field("records_not_kept", notKept), field("records_inbox_full", overflowed),
      field("clients_stuck", stuck), field("clients_lagged", lagged), field("clients_refused", refused),
      field("clients_denied", denied), field("accepts_failed", acceptFailures),
      field("requests_refused", badLines),
    ])
  }
}
