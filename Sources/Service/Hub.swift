import Base
import Events
import Logging
import NIOCore

/// Streams and clients, and what goes from the ones to the others. Lives on the socket's thread.
final class Hub: @unchecked Sendable {
  // Safety: everything is touched on the event loop only, but for `inbox`, which is Sendable.
  let options: ServerOptions
  let clocks: any Clocks
  let version: String
  let logger: Logger
  let inbox: Inbox
  private let status: @Sendable () -> ServerStatus
  private let started: MonotonicTime
  private var streams: [ServedStream?] = []
  private var clients: [ClientHandler] = []
  private var deliveries: [Inbox.Delivery] = []
  var counters = ServerCounters()
  /// Set when the server stops: no client is taken any more.
  private(set) var isStopping = false
  private var whenEmpty: (() -> Void)?

  init(
    options: ServerOptions, clocks: any Clocks, version: String, logger: Logger, inbox: Inbox,
    status: @escaping @Sendable () -> ServerStatus
  ) {
    self.options = options
    self.clocks = clocks
    self.version = version
    self.logger = logger
    self.inbox = inbox
    self.status = status
    started = clocks.monotonic()
  }

  private var served: [ServedStream] { streams.compactMap(\.self) }
}

// Records and streams.
extension Hub {
  /// Takes what the streams' threads put in and hands it to the clients; each client's socket is written to
  /// at most once.
  func drain() {
    inbox.take(giving: &deliveries)
    let now = clocks.monotonic()
    for delivery in deliveries {
      switch delivery {
      case .added(let stream): add(stream)
      case .records(let stream, let entries):
        // After its removal a stream says nothing any more.
        guard stream.slot >= 0 else { continue }
        for entry in entries { spread(entry, of: stream, at: now) }
      case .picture(let stream, let picture): stream.log.picture = picture
      case .state(let stream, let state, let reason):
        stream.state = state
        tell(of: stream, reason)
      case .removed(let stream, let reason): remove(stream, reason)
      }
    }
    deliveries.removeAll(keepingCapacity: true)
    for client in clients { client.flushTaken() }
  }

  private func spread(_ entry: LogEntry, of stream: ServedStream, at now: MonotonicTime) {
    let log = stream.log
    if entry.seq > log.nextSeq {
      // The line is honest also about a hole that its own producer left.
      let hole = LogEntry(
        seq: log.nextSeq, lastSeq: entry.seq - 1, content: .late, time: entry.time, line: ByteBuffer())
      spread(hole, of: stream, at: now)
    }
    let held = log.append(entry, at: now)
    for client in clients { client.take(held, slot: stream.slot) }
  }

  private func add(_ stream: ServedStream) {
    var reason = "added"
    if let old = served.first(where: { $0.name == stream.name }) {
      reason = "epoch"
      leave(old)
    }
    if let free = streams.firstIndex(where: { $0 == nil }) {
      streams[free] = stream
      stream.slot = free
    } else {
      stream.slot = streams.count
      streams.append(stream)
    }
    for client in clients { client.add(stream) }
    tell(of: stream, reason)
  }

  private func remove(_ stream: ServedStream, _ reason: String) {
    guard stream.slot >= 0 else { return }
    stream.state = .removed
    tell(of: stream, reason)
    leave(stream)
  }

  private func leave(_ stream: ServedStream) {
    for client in clients { client.remove(slot: stream.slot) }
    streams[stream.slot] = nil
    stream.slot = -1
  }

  private func tell(of stream: ServedStream, _ reason: String) {
    let line = ByteBuffer(bytes: AnswerWriter.notice(StreamNotice(entry: stream.entry, reason: reason)))
    for client in clients { client.tell(line, of: stream.name) }
  }
}

// Clients.
extension Hub {
  /// Nil where there is no room for one more, or the server stops: the reason to give.
  func join(_ client: ClientHandler) -> Refusal? {
    guard !isStopping, clients.count < options.clients else {
      counters.refused += 1
      return Refusal(
        .tooManyClients, "there are \(clients.count) clients, which is the most that this server takes")
    }
    counters.accepted += 1
    for stream in served { client.add(stream) }
    clients.append(client)
    return nil
  }

  func part(_ client: ClientHandler) {
    guard let index = clients.firstIndex(where: { $0 === client }) else { return }
    clients.swapAt(index, clients.count - 1)
    clients.removeLast()
    counters.slowReader += client.outbox.dropped
    counters.coalesced += client.outbox.coalesced
    counters.notKept += client.outbox.notKept
    if clients.isEmpty { finish() }
  }

  var hello: [[UInt8]] {
    AnswerWriter.hello(server: "saccade/\(version)", streams: served.map(\.entry))
  }

  /// Looks for clients that take nothing.
  func sweep() {
    let now = clocks.monotonic()
    for client in clients where client.isStuck(at: now) {
      counters.stuck += 1
      logger.info("a client took nothing for too long and is disconnected", metadata: client.owner)
      client.close()
    }
  }

  /// Says goodbye to all and calls `done` when the last one has gone.
  func stop(reason: String, _ done: @escaping () -> Void) {
    isStopping = true
    drain()
    whenEmpty = done
    let line = ByteBuffer(bytes: AnswerWriter.bye(reason: reason))
    for client in clients { client.sayBye(line) }
    if clients.isEmpty { finish() }
  }

  private func finish() {
    whenEmpty?()
    whenEmpty = nil
  }

  func closeAll() {
    for client in clients { client.close() }
  }
}

// Requests.
extension Hub {
  /// The places at which a subscription starts, or why it can't.
  func places(
    for subscription: Subscription
  ) throws(Refusal) -> [(stream: ServedStream, from: UInt64)] {
    let known = Dictionary(uniqueKeysWithValues: served.map { ($0.name, $0) })
    func unknown(_ name: String, _ place: String) -> Refusal {
      let names = known.keys.sorted().prefix(20).joined(separator: ", ")
      return Refusal(
        .unknownStream, "there is no stream \(name); there is \(names.isEmpty ? "none" : names)", at: place)
    }
    for (index, name) in (subscription.streams ?? []).enumerated() where known[name] == nil {
      throw unknown(name, "subscribe.streams[\(index)]")
    }
    var positions: [String: UInt64] = [:]
    if case .positions(let list) = subscription.from {
      for position in list {
        let place = "subscribe.from.\(position.stream)"
        guard let stream = known[position.stream] else { throw unknown(position.stream, place) }
        if let streams = subscription.streams, !streams.contains(position.stream) {
          throw Refusal(.badValue, "\(position.stream) is not among the streams asked for", at: place)
        }
        guard stream.epoch == position.epoch else {
          throw Refusal(
            .unknownEpoch, "\(position.stream) is at epoch \(stream.epoch), which starts at seq 1",
            at: "\(place).epoch")
        }
        guard position.seq <= stream.log.nextSeq else {
          throw Refusal(
            .futureSeq, "the next seq of \(position.stream) is \(stream.log.nextSeq)", at: "\(place).seq")
        }
        positions[position.stream] = position.seq
      }
    }
    let names = subscription.streams.map(Set.init)
    return served.filter { names?.contains($0.name) ?? true }.map { stream in
      let from =
        switch subscription.from {
        case .live: stream.log.nextSeq
        case .oldest: stream.log.oldestSeq
        case .time(let time): stream.log.seq(at: time)
        case .positions: positions[stream.name] ?? stream.log.nextSeq
        }
      return (stream, from)
    }
  }

  func subscribed(
    id: JSON?, _ subscription: Subscription, _ places: [(stream: ServedStream, from: UInt64)],
    _ sieves: [Sieve?]
  ) -> [[UInt8]] {
    let filter = Filter(subscription)
    return AnswerWriter.subscribed(
      id: id, subscription,
      positions: places.map {
        StreamPosition(
          stream: $0.stream.name, epoch: $0.stream.epoch, fromSeq: $0.from, liveSeq: $0.stream.log.nextSeq)
      },
      openEvents: zip(places, sieves).flatMap { place, sieve in
        place.stream.log.open(before: place.from, filter)
          .filter { entry in
            guard let sieve, case .event(let mark) = entry.content else { return true }
            return sieve.takes(mark)
          }
          .map { Array($0.line.readableBytesView.dropLast()) }
      })
  }

  func status(id: JSON?) -> [[UInt8]] {
    let report = status()
    var counters = counters
    for client in clients {
      counters.slowReader += client.outbox.dropped
      counters.coalesced += client.outbox.coalesced
      counters.notKept += client.outbox.notKept
    }
    let fields: [JSON.Field] = [
      .init("server", .text("saccade/\(version)")), .init("protocol", 1),
      .init("uptime", .number((clocks.monotonic() - started).inSeconds)),
      .init("clients", .integer(Int64(clients.count))),
      .init("dropped", counters.json(overflowed: inbox.overflowed.value)),
    ]
    return AnswerWriter.status(
      id: id, fields: fields + report.fields,
      streams: served.map { .object(AnswerWriter.fields($0.entry) + (report.streams[$0.name] ?? [])) })
  }
}
