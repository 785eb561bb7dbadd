/// Records of one stream that a subscription would have got and will not get.
public struct Gap: Hashable, Sendable {
  /// Why. Not closed: a client may meet one that it doesn't know.
  public struct Reason: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The client read too slowly.
    public static let slowReader = Reason(rawValue: "slow_reader")
    /// The client asked for only the newest frame record.
    public static let coalesced = Reason(rawValue: "coalesced")
    /// Ticks missed by overload or suspend.
    public static let late = Reason(rawValue: "late")
    /// Older than what is held.
    public static let notKept = Reason(rawValue: "not_kept")
    public static let restart = Reason(rawValue: "restart")
    public static let journalFailed = Reason(rawValue: "journal_failed")
  }

  public var stream: String
  public var epoch: String
  public var fromSeq: UInt64
  /// Inclusive.
  public var toSeq: UInt64
  /// Only records of these types are missing in the range.
  public var types: [RecordType]
  /// How many records this subscription would have got; nil where nobody knows any more.
  public var count: UInt64?
  public var reason: Reason

  public init(
    stream: String, epoch: String, fromSeq: UInt64, toSeq: UInt64, types: [RecordType], count: UInt64?,
    reason: Reason
  ) {
    self.stream = stream
    self.epoch = epoch
    self.fromSeq = fromSeq
    self.toSeq = toSeq
    self.types = types
    self.count = count
    self.reason = reason
  }
}

/// The records that bear a seq.
public enum RecordType: String, Hashable, Sendable, CaseIterable {
  case frame, event
}
