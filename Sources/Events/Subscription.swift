/// What a client wants to get. The default is everything, from now on.
public struct Subscription: Hashable, Sendable {
  public enum Start: Hashable, Sendable {
    case live, oldest
    case time(Timestamp)
    /// Per stream; streams that are not listed start live.
    case positions([Position])
  }

  /// A place in a stream: the first seq that is wanted.
  public struct Position: Hashable, Sendable {
    public var stream: String
    public var epoch: String
    public var seq: UInt64

    public init(stream: String, epoch: String, seq: UInt64) {
      self.stream = stream
      self.epoch = epoch
      self.seq = seq
    }
  }

  /// What happens when the client reads too slowly.
  public enum OnLag: String, Hashable, Sendable, CaseIterable {
    /// The oldest frame records go first, then events.
    case dropOldest = "drop_oldest"
    /// Only the newest frame record of a stream waits.
    case coalesce
    case disconnect
  }

  /// What is asked for in layers, each a sentence or a condition.
  public struct Instruction: Hashable, Sendable {
    /// What to look for.
    public var system: String?
    /// What is looked at.
    public var input: String?
    /// What of it to report.
    public var constraint: String?
    /// How: `json`.
    public var output: String?

    public init(
      system: String? = nil, input: String? = nil, constraint: String? = nil, output: String? = nil
    ) {
      self.system = system
      self.input = input
      self.constraint = constraint
      self.output = output
    }
  }

  /// Names; nil for all, also those to come.
  public var streams: [String]?
  /// Nil for both.
  public var types: [RecordType]?
  /// Kinds of event; nil for all.
  public var kinds: [String]?
  /// A condition in the event language: which events are sent, and which objects frame records list.
  public var `where`: String?
  /// In place of `where`.
  public var instruction: Instruction?
  /// Each n-th frame record; 1 for each. Counted over the stream, so that it is the same after a resume.
  public var every: Int
  public var from: Start
  public var onLag: OnLag

  public init(
    streams: [String]? = nil, types: [RecordType]? = nil, kinds: [String]? = nil,
    where: String? = nil, instruction: Instruction? = nil, every: Int = 1,
    from: Start = .live, onLag: OnLag = .dropOldest
  ) {
    self.streams = streams
    self.types = types
    self.kinds = kinds
    self.where = `where`
    self.instruction = instruction
    self.every = every
    self.from = from
    self.onLag = onLag
  }
}
