import Base

/// Bounds of the event socket.
package struct ServerOptions: Sendable {
  /// Clients at the same time; one more is told `too_many_clients` and let go.
  package var clients = 1024
  /// What waits for one client, in bytes, before `on_lag` applies.
  package var heldBytes = 1 << 20
  /// A client that had data waiting for so long and took none is disconnected.
  package var stuckAfter: Nanoseconds = .seconds(60)
  /// How often stuck clients are looked for.
  package var sweepEvery: Nanoseconds = .seconds(1)
  /// How far back a stream can be replayed from memory, unless that is more than `keptBytes`.
  package var keptFor: Nanoseconds = .seconds(75)
  /// The most that the records of one stream may take in memory.
  package var keptBytes = 8 << 20
  /// Bytes between the streams' threads and the socket's thread; beyond that, frame records are lost, which is
  /// counted and told.
  package var inboxBytes = 16 << 20

  package init() {}
}
