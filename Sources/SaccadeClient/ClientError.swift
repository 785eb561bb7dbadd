// One import gives a client all that it needs.
@_exported import Events

/// Why the daemon can't be reached or understood.
public struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// No daemon listens at any of the places.
    case notFound
    case noPermission
    /// The connection ended, or the daemon took no connection.
    case disconnected
    /// What came is not the event protocol.
    case badProtocol
    /// The daemon refused a request.
    case refused(Refusal)
    /// The daemon didn't answer in time.
    case timedOut
    /// Ended by this side.
    case cancelled
  }

  public var kind: Kind
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
