/// An event begins, changes or ends.
public struct EventRecord: Hashable, Sendable {
  public var stream: String
  public var seq: UInt64
  public var time: Timestamp
  public var mediaTime: Double
  public var segment: Int
  public var frame: UInt64
  public var event: Event
  public var replay: Bool

  public init(
    stream: String, seq: UInt64, time: Timestamp, mediaTime: Double, segment: Int, frame: UInt64,
    event: Event, replay: Bool = false
  ) {
    self.stream = stream
    self.seq = seq
    self.time = time
    self.mediaTime = mediaTime
    self.segment = segment
    self.frame = frame
    self.event = event
    self.replay = replay
  }
}

public struct Event: Hashable, Sendable {
  public enum Phase: String, Hashable, Sendable, CaseIterable {
    case begin, update, end
    /// Has no length: a line crossed, a warning.
    case point
  }
  public enum EndReason: String, Hashable, Sendable, CaseIterable {
    case left, condition, complete, merged
    case signalLost = "signal_lost"
    case stopped, aborted
  }

  public var id: String
  public var kind: String
  public var phase: Phase
  /// Media time, in seconds, from which the event holds.
  public var since: Double
  /// Media time, in seconds, at which its cause was last observed.
  public var lastSeen: Double
  public var objects: [UInt64]
  public var zones: [String]
  public var score: Double
  /// One sentence for people.
  public var text: String
  /// The values that made it true, in the order in which they are written; units are in the names.
  public var attributes: [Attribute]
  /// How many attributes didn't fit into the line.
  public var attributesLeftOut: Int
  /// What an `update` changed.
  public var changed: [String]
  /// Why it ended; only with `end`.
  public var reason: EndReason?
  public var mergedInto: String?
  /// An answer that came after the end.
  public var late: Bool
  /// Of the model's answer that an `update` tells.
  public var evidence: AnswerEvidence?

  public init(
    id: String, kind: String, phase: Phase, since: Double, lastSeen: Double, objects: [UInt64] = [],
    zones: [String] = [], score: Double = 1, text: String, attributes: [Attribute] = [],
    changed: [String] = [], reason: EndReason? = nil, mergedInto: String? = nil, late: Bool = false,
    attributesLeftOut: Int = 0, evidence: AnswerEvidence? = nil
  ) {
    self.id = id
    self.kind = kind
    self.phase = phase
    self.since = since
    self.lastSeen = lastSeen
    self.objects = objects
    self.zones = zones
    self.score = score
    self.text = text
    self.attributes = attributes
    self.changed = changed
    self.reason = reason
    self.mergedInto = mergedInto
    self.late = late
    self.evidence = evidence
    self.attributesLeftOut = attributesLeftOut
  }
}

public struct Attribute: Hashable, Sendable {
  public indirect enum Value: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
    case flag(Bool)
    case list([Value])
  }

  public var name: String
  public var value: Value

  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}
