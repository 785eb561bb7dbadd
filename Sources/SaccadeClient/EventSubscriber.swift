import Events

/// A subscription that outlives its connection: it reconnects, goes on at the record after the last one, and
/// shows what was lost in between as gaps. Its `next` blocks; call it from one thread of your own. For Swift
/// tasks take `updates`.
public final class EventSubscriber: @unchecked Sendable {
  // Safety: everything mutable is used by `next` only, which one thread calls; `cancellation` is Sendable.

  public enum Update: Hashable, Sendable {
    /// Connected, or connected again; the streams as they are, with their epochs.
    case connected(Hello)
    /// The subscription as understood; records from before this were not for it and are not shown.
    case subscribed(Subscribed)
    /// A frame record, an event, a gap, a notice of a stream, a `bye`.
    case received(Received)
    /// The connection is gone; it is tried again after the pause.
    case disconnected(ClientError, retryInMilliseconds: Int32)
  }

  public struct Options: Sendable {
    /// Try again after a disconnection, until cancelled; otherwise the first one ends it all.
    public var reconnects = true
    /// The first pause before trying again; it doubles up to the longest.
    public var pauseMilliseconds: Int32 = 100
    public var longestPauseMilliseconds: Int32 = 5000

    public init() {}
  }

  private enum State: ~Copyable {
    case apart
    case connected(EventConnection)
  }

  private let paths: [String]
  private let subscription: Subscription
  private let options: Options
  private let cancellation = Cancellation()
  private var state = State.apart
  private var pause: Int32
  private var isWaiting = false
  private var wasConnected = false
  private var greeting: Hello?
  private var isSubscribed = false
  private var subscribedParts: Subscribed?
  private var progress: Progress
  private var attempt: Int64 = 0

  public init(
    _ subscription: Subscription = Subscription(), paths: [String] = SocketPath.candidates(),
    options: Options = Options()
  ) {
    self.subscription = subscription
    self.paths = paths
    self.options = options
    pause = options.pauseMilliseconds
    progress = Progress(subscription)
  }

  /// Ends a waiting `next`, and all later ones, with `cancelled`. Any thread.
  public func cancel() { cancellation.cancel() }

  /// The next update. Blocks until there is one. Throws when there was no daemon at the first try, when the
  /// daemon refuses the subscription, when cancelled, and, without `reconnects`, when disconnected.
  public func next() throws(ClientError) -> Update {
    while true {
      if cancellation.isCancelled { throw ClientError(.cancelled, "cancelled") }
      if isWaiting {
        isWaiting = false
        if cancellation.wait(milliseconds: pause) { throw ClientError(.cancelled, "cancelled") }
        pause = min(pause * 2, options.longestPauseMilliseconds)
      }
      do throws(ClientError) {
        if let update = try step() { return update }
      } catch {
        state = .apart
        switch error.kind {
        case .cancelled: throw error
        // Later they may pass: a daemon that is just starting lacks a stream that it had before.
        case .refused, .badProtocol, .noPermission, .notFound:
          if !wasConnected { throw error }
        default: break
        }
        guard options.reconnects else { throw error }
        isWaiting = true
        return .disconnected(error, retryInMilliseconds: pause)
      }
    }
  }

  /// Connects, or takes one message. Nil when it was nothing to show.
  private func step() throws(ClientError) -> Update? {
    var connection: EventConnection
    switch exchange(&state, with: .apart) {
    case .apart:
      connection = try EventConnection(paths: paths, cancellation: cancellation)
      greeting = nil
      isSubscribed = false
      subscribedParts = nil
    case .connected(let open): connection = open
    }
    guard let received = try connection.next() else {
      throw ClientError(.disconnected, "\(connection.path): the daemon closed the connection")
    }
    let update = try take(received, &connection)
    state = .connected(connection)
    return update
  }

  private func take(
    _ received: Received, _ connection: inout EventConnection
  ) throws(ClientError) -> Update? {
    switch received.message {
    case .hello(let hello): return try take(hello, &connection)
    case .error(let refusal):
      if refusal.code == .tooManyClients { throw ClientError(.disconnected, refusal.message) }
      guard !isSubscribed else { return .received(received) }
      throw ClientError(.refused(refusal), refusal.message + (refusal.place.map { " (\($0))" } ?? ""))
    case .subscribed(let answer) where answer.id == .integer(attempt): return take(answer)
    // Of the connection's first, unasked subscription.
    case .frame, .event, .gap, .stream: if !isSubscribed { return nil }
    case .subscribed, .status, .bye, .unknown: break
    }
    switch received.message {
    case .frame(let record):
      return progress.take(.frame, stream: record.stream, seq: record.seq) ? .received(received) : nil
    case .event(let record):
      return progress.take(.event, stream: record.stream, seq: record.seq) ? .received(received) : nil
    case .gap(let gap): return progress.take(gap) ? .received(received) : nil
    case .stream(let notice): progress.note(notice)
    default: break
    }
    return .received(received)
  }

  private func take(_ hello: Hello, _ connection: inout EventConnection) throws(ClientError) -> Update? {
    guard hello.protocol == 1 else {
      throw ClientError(
        .badProtocol, "\(connection.path): \(hello.server) speaks protocol \(hello.protocol), this is for 1")
    }
    let before = greeting?.streams ?? []
    let whole = Hello(server: hello.server, streams: before + hello.streams)
    greeting = whole
    guard hello.part.isLast else { return nil }
    var asked = subscription
    let covered = whole.streams.filter { asked.streams?.contains($0.name) ?? true }
    if let positions = progress.resumption(covered), !positions.isEmpty { asked.from = .positions(positions) }
    attempt += 1
    try connection.send(Request(id: .integer(attempt), .subscribe(asked)))
    return .connected(whole)
  }

  private func take(_ answer: Subscribed) -> Update? {
    var whole = subscribedParts ?? answer
    if subscribedParts != nil {
      whole.positions += answer.positions
      whole.openEvents += answer.openEvents
    }
    whole.part = .whole
    subscribedParts = whole
    guard answer.part.isLast else { return nil }
    isSubscribed = true
    wasConnected = true
    pause = options.pauseMilliseconds
    progress.start(whole.positions)
    return .subscribed(whole)
  }
}
