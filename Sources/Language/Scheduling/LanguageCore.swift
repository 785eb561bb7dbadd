import Base
import Logging
import NIOPosix

/// Asks models about pictures: as many servers as there are, each with its slots, none ever waited for.
///
/// `ask` returns at once, on any thread. Each question gets exactly one reply, on the core's own thread, which a reply must
/// not hold up: until it returns no further question is sent. Requests are made by tasks that only await.
package final class LanguageCore: Sendable {
  package typealias Receiver = @Sendable (LanguageReply) -> Void

  private struct Open {
    var ask: LanguageAsk
    var receiver: Receiver
    var begun: MonotonicTime
    var evidence: LanguageEvidence
  }

  private struct State {
    var scheduler: LanguageScheduler
    var actions: [LanguageScheduler.Action] = []
    var open: [LanguageTicket: Open] = [:]
    /// Requests and looks under way.
    var flights: [LanguageTicket: Task<Void, Never>] = [:]
    var looks: [Int: Task<Void, Never>] = [:]
    var tickets: UInt64 = 0
    /// When a server's failure was logged last.
    var told: [Int: MonotonicTime] = [:]
    var lastFailure: (server: Int, failure: ExchangeFailure)?
    /// What whoever keeps a server knows of it, by the server's name.
    var notes: [String: String] = [:]
    var isStopping = false

    mutating func ticket() -> LanguageTicket {
      tickets += 1
      return LanguageTicket(number: tickets)
    }
  }

  private let state: Monitor<State>
  private let servers: [LanguageServer]
  private let clients: [LanguageClient]
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let limits: LanguageLimits
  private let clocks: any Clocks
  private let logger: Logger
  private let thread: Monitor<WorkerThread?> = Monitor(nil)

  /// Starts looking at the servers. `stop` must be called before the core goes.
  package init(
    _ servers: [LanguageServer], limits: LanguageLimits = LanguageLimits(), clocks: any Clocks, logger: Logger
  ) {
    precondition(!servers.isEmpty, "a language core without servers")
    self.servers = servers
    self.limits = limits
    self.clocks = clocks
    self.logger = logger
    let group = group
    clients = servers.map {
      LanguageClient(
        $0.address, key: $0.key, dialect: $0.dialect, limits: limits.exchange, on: group, clocks: clocks)
    }
    let scheduler = LanguageScheduler(slots: servers.map(\.slots), limits: limits, now: clocks.monotonic())
    state = Monitor(State(scheduler: scheduler))
    let worker = WorkerThread(name: "language") { [self] in run() }
    thread.withLock { thread, _ in thread = worker }
  }

  /// Never blocks. The reply comes once, on the core's thread, at the latest soon after the deadline; once
  /// the core is stopped it comes at once, on the caller's.
  @discardableResult
  package func ask(_ ask: LanguageAsk, _ receiver: @escaping Receiver) -> LanguageTicket {
    let now = clocks.monotonic()
    var evidence = LanguageEvidence()
    evidence.times = ask.pictures.map(\.time)
    evidence.pictures = ask.pictures.map(\.fingerprint)
    let isOversized =
      ask.pictures.count > limits.picturesPerQuestion
      || ask.pictures.reduce(0) { $0 + $1.jpeg.count } > limits.bytesPerQuestion
    let (ticket, isOver) = state.withLock { state, held in
      let ticket = state.ticket()
      if state.isStopping { return (ticket, true) }
      state.open[ticket] = Open(ask: ask, receiver: receiver, begun: now, evidence: evidence)
      if isOversized {
        state.actions += state.scheduler.refuse(ticket, .oversized)
      } else {
        state.actions += state.scheduler.ask(
          ticket, pictures: evidence.pictures, isShared: ask.cases.count > 1, deadline: ask.deadline,
          now: now)
      }
      held.wakeAll()
      return (ticket, false)
    }
    if isOver { receiver(LanguageReply(ticket: ticket, verdict: .unknown(.stopped), evidence: evidence)) }
    return ticket
  }

  /// As `ask`, for tasks; a cancelled task gets the reply `cancelled`.
  package func reply(to ask: LanguageAsk) async -> LanguageReply {
    let ticket = Monitor<LanguageTicket?>(nil)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let own = self.ask(ask) { continuation.resume(returning: $0) }
        ticket.withLock { ticket, _ in ticket = own }
        if Task.isCancelled { cancel(own) }
      }
    } onCancel: {
      if let ticket = ticket.withLock({ ticket, _ in ticket }) { cancel(ticket) }
    }
  }

  /// Its reply is `cancelled`, unless it has had one.
  package func cancel(_ ticket: LanguageTicket) {
    let now = clocks.monotonic()
    state.withLock { state, held in
      state.actions += state.scheduler.cancel(ticket, .cancelled, now: now)
      held.wakeAll()
    }
  }

  /// Whoever keeps a server knows that it is ready now: it is looked at without waiting for the pause after the last failure.
  package func lookSoon(at name: String) {
    guard let server = servers.firstIndex(where: { $0.name == name }) else { return }
    let now = clocks.monotonic()
    state.withLock { state, held in
      if !state.isStopping { state.actions += state.scheduler.hurry(server, now: now) }
      held.wakeAll()
    }
  }

  /// Why no server is up, as far as that is known; nil while one is, and before any was looked at.
  package var trouble: String? {
    state.withLock { state, _ in
      guard state.scheduler.figures.serversUp == 0 else { return nil }
      if let (name, note) = state.notes.min(by: { $0.key < $1.key }) { return "\(name): \(note)" }
      return state.lastFailure.map { "\(servers[$0.server].name): \($0.failure)" }
    }
  }

  /// Whoever keeps a server says why it doesn't answer; nil when it should.
  package func note(_ text: String?, of name: String) {
    state.withLock { state, _ in state.notes[name] = text }
  }

  package var figures: LanguageFigures { state.withLock { state, _ in state.scheduler.figures } }

  /// Ends all questions with `stopped` and all connections, and waits for that. Call once, not from a reply.
  package func stop() {
    state.withLock { state, held in
      state.isStopping = true
      state.actions += state.scheduler.stop()
      for task in state.flights.values { task.cancel() }
      for task in state.looks.values { task.cancel() }
      held.wakeAll()
    }
    thread.withLock { thread, _ in thread }?.join()
    for client in clients { client.shutDown() }
    // Fails only when it was shut down before.
    try? group.syncShutdownGracefully()
  }
}

// The core's thread.
extension LanguageCore {
  private func run() {
    while true {
      let work: [(Receiver, LanguageReply)]? = state.withLock { state, held in
        while true {
          let now = clocks.monotonic()
          if !state.isStopping { state.actions += state.scheduler.tick(now: now) }
          if !state.actions.isEmpty { return take(&state, now) }
          if state.isStopping, state.flights.isEmpty, state.looks.isEmpty { return nil }
          if let next = state.scheduler.nextTick, !state.isStopping {
            _ = held.wait(&state, until: next)
          } else {
            held.wait(&state)
          }
        }
      }
      guard let work else { return }
      for (receiver, reply) in work { receiver(reply) }
    }
  }

  /// Starts and aborts requests under the lock, as their ends need it too; what calls others is left for later.
  private func take(_ state: inout State, _ now: MonotonicTime) -> [(Receiver, LanguageReply)] {
    let actions = state.actions
    state.actions = []
    return actions.compactMap { action in
      switch action {
      case .send(let ticket, let server, let complaint):
        send(ticket, server, complaint, &state)
        return nil
      case .abort(let ticket):
        state.flights[ticket]?.cancel()
        return nil
      case .look(let server):
        state.looks[server] = Task { await look(server) }
        return nil
      case .tell(let ticket, let verdict):
        guard let open = state.open.removeValue(forKey: ticket) else { return nil }
        var evidence = open.evidence
        evidence.latency = now - open.begun
        let reply = LanguageReply(ticket: ticket, verdict: verdict, evidence: evidence)
        return (open.receiver, reply)
      }
    }
  }

  private func send(_ ticket: LanguageTicket, _ server: Int, _ complaint: String?, _ state: inout State) {
    guard let open = state.open[ticket] else { return }
    state.open[ticket]?.evidence.sends += 1
    state.open[ticket]?.evidence.server = servers[server].name
    let ask = open.ask
    var request = ChatRequest(
      model: servers[server].model, instruction: ask.instruction, cases: ask.cases)
    request.adapters = ask.adapters
    request.complaint = complaint
    state.flights[ticket] = Task { [request] in await exchange(ticket, server, request) }
  }

  private func exchange(_ ticket: LanguageTicket, _ server: Int, _ request: ChatRequest) async {
    let outcome: LanguageScheduler.Outcome
    var found: ChatResult?
    do throws(ExchangeFailure) {
      let result = try await clients[server].ask(request)
      found = result
      outcome = Self.outcome(of: result, for: request.questions)
    } catch { outcome = .failed(error) }
    finish(ticket, server, outcome, found)
  }

  private static func outcome(of result: ChatResult, for questions: [Question])
    -> LanguageScheduler.Outcome
  {
    do throws(AnswerReader.Invalid) {
      return .answered(
        try AnswerReader.read(content: result.content, reasoning: result.reasoning, forEach: questions))
    } catch {
      return .invalid(result.finish == "length" ? "cut off at its longest: \(error)" : "\(error)")
    }
  }

  private func finish(
    _ ticket: LanguageTicket, _ server: Int, _ outcome: LanguageScheduler.Outcome, _ result: ChatResult?
  ) {
    let now = clocks.monotonic()
    state.withLock { state, held in
      state.flights[ticket] = nil
      if let result { state.open[ticket]?.evidence.add(result, of: servers[server]) }
      if !state.isStopping {
        state.actions += state.scheduler.ended(ticket, at: server, outcome, now: now)
      }
      held.wakeAll()
    }
    if case .failed(let failure) = outcome, failure != .cancelled { tell(failure, of: server) }
  }

  private func look(_ server: Int) async {
    let failure = await clients[server].checkHealth()
    let now = clocks.monotonic()
    state.withLock { state, held in
      state.looks[server] = nil
      if !state.isStopping {
        state.actions += state.scheduler.looked(at: server, isWell: failure == nil, now: now)
      }
      held.wakeAll()
    }
    if let failure, failure != .cancelled { tell(failure, of: server) }
  }

  /// At most once a second of each server.
  private func tell(_ failure: ExchangeFailure, of server: Int) {
    let now = clocks.monotonic()
    let isDue = state.withLock { state, _ in
      state.lastFailure = (server, failure)
      if let last = state.told[server], now - last < .seconds(1) { return false }
      state.told[server] = now
      return true
    }
    guard isDue else { return }
    logger.warning(
      "a model server failed", metadata: ["server": "\(servers[server].name)", "cause": "\(failure)"])
  }
}

extension LanguageEvidence {
  mutating func add(_ result: ChatResult, of server: LanguageServer) {
    model = result.model ?? server.model
    firstToken = result.firstToken
    exchange = result.latency
    promptTokens = result.promptTokens
    cachedTokens = result.cachedTokens
    completionTokens = result.completionTokens
  }
}
