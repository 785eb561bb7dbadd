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
  let archive: (any RecordArchive)?
  private let doorman: Doorman
  /// Times when clients could not be taken, for lack of descriptors, say.
  let acceptFailures = Counter()
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
    archive: (any RecordArchive)?, doorman: Doorman, status: @escaping @Sendable () -> ServerStatus
  ) {
    self.options = options
    self.clocks = clocks
    self.version = version
    self.logger = logger
    self.inbox = inbox
    self.archive = archive
    self.doorman = doorman
    self.status = status
    started = clocks.monotonic()
  }

  var served: [ServedStream] { streams.compactMap(\.self) }
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

  /// As clients are told of it.
  private func entry(of stream: ServedStream) -> StreamEntry {
    var entry = stream.entry
    // The archive's numbers may be behind by what came last.
    if let oldest = archive?.oldest(of: stream.name, epoch: stream.epoch) {
      entry.oldestSeq = min(entry.oldestSeq, oldest)
    }
    return entry
  }

  private func tell(of stream: ServedStream, _ reason: String) {
    let line = ByteBuffer(bytes: AnswerWriter.notice(StreamNotice(entry: entry(of: stream), reason: reason)))
    for client in clients { client.tell(line, of: stream.name) }
  }
}

// Clients.
extension Hub {
  /// Nil where the client is taken; else the reason to give: it may not, there is no room for one more, or the
  /// server stops.
  func join(_ client: ClientHandler, _ channel: any Channel) -> Refusal? {
    if let refusal = doorman.refusal(of: channel) { return refusal }
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
    counters.add(client)
    if clients.isEmpty { finish() }
  }

  var hello: [[UInt8]] {
    AnswerWriter.hello(server: "saccade/\(version)", streams: served.map(entry(of:)))
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
  var figures: ServerFigures {
    var counters = counters
    for client in clients { counters.add(client) }
    var figures = ServerFigures()
    figures.clients = clients.count
    figures.accepted = counters.accepted
    figures.bytesSent = counters.bytesSent
    figures.dropped = counters.dropped(
      overflowed: inbox.overflowed.value, denied: doorman.denied.value, acceptFailures: acceptFailures.value)
    return figures
  }

  func status(id: JSON?) -> [[UInt8]] {
    let report = status()
    let figures = figures
    let fields: [JSON.Field] = [
      .init("server", .text("saccade/\(version)")), .init("protocol", 1),
      .init("uptime", .number((clocks.monotonic() - started).inSeconds)),
      .init("clients", .integer(Int64(figures.clients))),
      .init("clients_accepted", .integer(Int64(clamping: figures.accepted))),
      .init("bytes_sent", .integer(Int64(clamping: figures.bytesSent))),
      .init(
        "dropped", .object(figures.dropped.map { .init($0.key, .integer(Int64(clamping: $0.count))) })),
    ]
    return AnswerWriter.status(
      id: id, fields: fields + report.fields,
      streams: served.map { .object(AnswerWriter.fields(entry(of: $0)) + (report.streams[$0.name] ?? [])) })
  }
}
