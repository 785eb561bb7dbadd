/// One stream as `hello`, `stream` and `status` show it.
public struct StreamEntry: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case live, recording, sweep
  }

  /// What a stream is doing. Not closed: a client may meet one that it doesn't know.
  public struct State: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Added; no frame yet.
    public static let starting = State(rawValue: "starting")
    public static let running = State(rawValue: "running")
    /// The source is gone; it is tried again.
    public static let lost = State(rawValue: "lost")
    /// The recording is done.
    public static let ended = State(rawValue: "ended")
    /// Given up, for a reason that waiting doesn't mend.
    public static let failed = State(rawValue: "failed")
    public static let removed = State(rawValue: "removed")
  }

  public var name: String
  public var kind: Kind
  public var state: State
  /// Frame records a second; 0 for a sweep.
  public var rate: Int
  /// Changes whenever `seq` starts again from 1.
  public var epoch: String
  /// The oldest seq that can still be had; `nextSeq` where none can.
  public var oldestSeq: UInt64
  public var nextSeq: UInt64

  public init(
    name: String, kind: Kind, state: State, rate: Int, epoch: String, oldestSeq: UInt64, nextSeq: UInt64
  ) {
    self.name = name
    self.kind = kind
    self.state = state
    self.rate = rate
    self.epoch = epoch
    self.oldestSeq = oldestSeq
    self.nextSeq = nextSeq
  }
}

/// Where a subscription stands in one stream.
public struct StreamPosition: Hashable, Sendable {
  public var stream: String
  public var epoch: String
  /// The first seq that the subscription covers.
  public var fromSeq: UInt64
  /// Records below this seq come as replay.
  public var liveSeq: UInt64

  public init(stream: String, epoch: String, fromSeq: UInt64, liveSeq: UInt64) {
    self.stream = stream
    self.epoch = epoch
    self.fromSeq = fromSeq
    self.liveSeq = liveSeq
  }
}
