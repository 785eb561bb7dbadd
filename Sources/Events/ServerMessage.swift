/// A line that the server sends.
public enum ServerMessage: Hashable, Sendable {
  case hello(Hello)
  case frame(FrameRecord)
  case event(EventRecord)
  case gap(Gap)
  case stream(StreamNotice)
  case subscribed(Subscribed)
  case status(StatusAnswer)
  case error(Refusal)
  case bye(reason: String)
  /// Of a newer protocol; may be passed over.
  case unknown(type: String)
}

/// The first line.
public struct Hello: Hashable, Sendable {
  public var `protocol`: Int
  /// `saccade/0.1.0`
  public var server: String
  public var streams: [StreamEntry]
  public var part: Part

  public init(protocol: Int = 1, server: String, streams: [StreamEntry], part: Part = .whole) {
    self.protocol = `protocol`
    self.server = server
    self.streams = streams
    self.part = part
  }
}

/// What would be longer than a line comes in several.
public struct Part: Hashable, Sendable {
  /// From 1.
  public var number: Int
  public var of: Int

  public init(_ number: Int, of count: Int) {
    self.number = number
    self.of = count
  }

  public static let whole = Part(1, of: 1)
  public var isLast: Bool { number == of }
}

/// A stream was added, started, ended, was removed, or its epoch changed.
public struct StreamNotice: Hashable, Sendable {
  public var entry: StreamEntry
  public var reason: String

  public init(entry: StreamEntry, reason: String) {
    self.entry = entry
    self.reason = reason
  }
}

/// A subscription as the server understood it.
public struct Subscribed: Hashable, Sendable {
  public var id: JSON?
  public var subscription: Subscription
  public var positions: [StreamPosition]
  /// Open just before the first record, filtered like it: each as the record that told of it last.
  public var openEvents: [EventRecord]
  public var part: Part

  public init(
    id: JSON?, subscription: Subscription, positions: [StreamPosition], openEvents: [EventRecord],
    part: Part = .whole
  ) {
    self.id = id
    self.subscription = subscription
    self.positions = positions
    self.openEvents = openEvents
    self.part = part
  }
}

public struct StatusAnswer: Hashable, Sendable {
  public var id: JSON?
  /// All that came, the streams under `streams`.
  public var report: JSON
  public var part: Part

  public init(id: JSON?, report: JSON, part: Part = .whole) {
    self.id = id
    self.report = report
    self.part = part
  }
}
