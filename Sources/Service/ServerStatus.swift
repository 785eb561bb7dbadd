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
