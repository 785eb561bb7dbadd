import Base

/// Decides which question goes to which server when. Pure: time comes in as a value, and what is to be done goes out as
/// actions, which the caller performs in their order.
///
/// A question waits, is at one server, or has ended; it ends exactly once, by `tell`.
package struct LanguageScheduler {
  package enum Action: Hashable {
    /// `complaint`: what was wrong with the answer before.
    case send(LanguageTicket, server: Int, complaint: String?)
    /// Nobody waits for it any more.
    case abort(LanguageTicket)
    case look(server: Int)
    case tell(LanguageTicket, LanguageReply.Verdict)
  }

  /// How a send ended.
  package enum Outcome: Hashable {
    case answered([Answer])
    case invalid(String)
    case failed(ExchangeFailure)
  }

  private struct Job {
    var deadline: MonotonicTime
    var pictures: [Fingerprint]
    var failures = 0
    var retries = 0
    var complaint: String?
    var wasSent = false
    /// Servers that failed it, which are taken again only where there is no other.
    var avoided: Set<Int> = []
    /// Others were at the same server when it died: which of them it died of isn't known.
    var hadCompany = false
    /// Several cases are in it. What a server doesn't answer or dies of, whoever asked asks one by one.
    var isShared: Bool
  }

  package private(set) var figures = LanguageFigures()
  private var servers: [ServerState]
  private var jobs: [LanguageTicket: Job] = [:]
  /// In the order in which they are sent.
  private var waiting: [LanguageTicket] = []
  private var quarantine: Quarantine
  private let limits: LanguageLimits

  /// - Parameter slots: Of each server: how many requests it gets at a time.
  package init(slots: [Int], limits: LanguageLimits, now: MonotonicTime) {
    self.limits = limits
    servers = slots.map { ServerState(slots: $0, limits: limits, now: now) }
    quarantine = Quarantine(capacity: limits.suspects)
  }

  /// A new question. Its ticket was never used before.
  package mutating func ask(
    _ ticket: LanguageTicket, pictures: [Fingerprint], isShared: Bool = false, deadline: MonotonicTime,
    now: MonotonicTime
  ) -> [Action] {
    figures.asked += 1
    var actions: [Action] = []
    jobs[ticket] = Job(deadline: deadline, pictures: pictures, isShared: isShared)
    if waiting.count >= limits.waiting { end(waiting[0], .unknown(.crowdedOut), &actions) }
    waiting.append(ticket)
    return actions + tick(now: now)
  }

  /// A question that isn't taken at all.
  package mutating func refuse(_ ticket: LanguageTicket, _ reason: UnknownReason) -> [Action] {
    figures.asked += 1
    figures.unknown[reason.word, default: 0] += 1
    return [.tell(ticket, .unknown(reason))]
  }

  /// Ends it without an answer, if it hasn't ended yet.
  package mutating func cancel(_ ticket: LanguageTicket, _ reason: UnknownReason, now: MonotonicTime)
    -> [Action]
  {
    var actions: [Action] = []
    if jobs[ticket] != nil { end(ticket, .unknown(reason), &actions) }
    return actions + tick(now: now)
  }

  /// All that hasn't ended ends.
  package mutating func stop() -> [Action] {
    var actions: [Action] = []
    for ticket in jobs.keys.sorted(by: { $0.number < $1.number }) {
      end(ticket, .unknown(.stopped), &actions)
    }
    return actions
  }

  /// A look at a server has ended.
  package mutating func looked(at server: Int, isWell: Bool, now: MonotonicTime) -> [Action] {
    servers[server].endLook(isWell: isWell, now: now)
    return tick(now: now)
  }

  /// A server that is down is looked at now: whoever keeps it knows that it has just become ready.
  package mutating func hurry(_ server: Int, now: MonotonicTime) -> [Action] {
    servers[server].hurry(now: now)
    return tick(now: now)
  }

  /// Drops what is too late, looks at servers that are due, and sends what finds a slot.
  package mutating func tick(now: MonotonicTime) -> [Action] {
    var actions: [Action] = []
    dropLate(now: now, &actions)
    for index in servers.indices {
      guard let due = servers[index].nextLook, due <= now else { continue }
      servers[index].beginLook()
      actions.append(.look(server: index))
    }
    sendWaiting(&actions)
    figures.waiting = waiting.count
    figures.inFlight = servers.reduce(0) { $0 + $1.inFlight.count }
    figures.serversUp = servers.count { $0.isUp }
    figures.poisonous = quarantine.count
    return actions
  }

  /// When `tick` has something to do at the latest; nil for never.
  package var nextTick: MonotonicTime? {
    let looks = servers.compactMap(\.nextLook)
    return (looks + jobs.values.map(\.deadline)).min()
  }

  private mutating func dropLate(now: MonotonicTime, _ actions: inout [Action]) {
    let late = jobs.filter { $0.value.deadline <= now }.keys.sorted { $0.number < $1.number }
    for ticket in late {
      let wasSent = jobs[ticket]?.wasSent ?? false
      let reason: UnknownReason = wasSent ? .late : servers.contains(where: \.isUp) ? .stale : .noServer
      // A server that is always too late doesn't work, whatever it says of itself.
      if let server = servers.firstIndex(where: { $0.inFlight.contains(ticket) }) {
        servers[server].stumble(now: now)
      }
      end(ticket, .unknown(reason), &actions)
    }
  }

  private mutating func sendWaiting(_ actions: inout [Action]) {
    for ticket in waiting {
      guard let job = jobs[ticket] else { preconditionFailure("ticket \(ticket) waits but is unknown") }
      if let poison = quarantine.poison(in: job.pictures) {
        end(ticket, .unknown(.poisonous(poison)), &actions)
        continue
      }
      guard let server = freest(for: job) else { continue }
      waiting.removeAll { $0 == ticket }
      servers[server].inFlight.insert(ticket)
      servers[server].sent += 1
      figures.sent += 1
      jobs[ticket]?.hadCompany = false
      jobs[ticket]?.wasSent = true
      actions.append(.send(ticket, server: server, complaint: job.complaint))
    }
  }

  /// Of the servers that are up and have a slot the one with the least to do, rather one that hasn't failed this question;
  /// where only a full one hasn't, the question waits for none.
  private func freest(for job: Job) -> Int? {
    var best: Int?
    for index in servers.indices {
      let server = servers[index]
      guard server.isUp, server.inFlight.count < server.slots else { continue }
      guard let found = best else {
        best = index
        continue
      }
      let (isAvoided, wasAvoided) = (job.avoided.contains(index), job.avoided.contains(found))
      if isAvoided != wasAvoided ? wasAvoided : server.isFreer(than: servers[found]) { best = index }
    }
    return best
  }

  private mutating func end(
    _ ticket: LanguageTicket, _ verdict: LanguageReply.Verdict, _ actions: inout [Action]
  ) {
    guard jobs.removeValue(forKey: ticket) != nil else { return }
    if let place = waiting.firstIndex(of: ticket) {
      waiting.remove(at: place)
    } else if servers.contains(where: { $0.inFlight.contains(ticket) }) {
      // Its slot is free once the connection is closed.
      actions.append(.abort(ticket))
    }
    switch verdict {
    case .answered: figures.answered += 1
    case .unknown(let reason): figures.unknown[reason.word, default: 0] += 1
    }
    actions.append(.tell(ticket, verdict))
  }
}

// How sends end.
extension LanguageScheduler {
  /// A send has ended, and its connection with it.
  package mutating func ended(
    _ ticket: LanguageTicket, at server: Int, _ outcome: Outcome, now: MonotonicTime
  ) -> [Action] {
    var actions: [Action] = []
    if case .failed(.died) = outcome, servers[server].inFlight.count > 1 {
      for other in servers[server].inFlight { jobs[other]?.hadCompany = true }
    }
    servers[server].inFlight.remove(ticket)
    judge(server, by: outcome, now: now)
    // Else it was aborted before.
    if let job = jobs[ticket] { settle(ticket, job, server, outcome, &actions) }
    return actions + tick(now: now)
  }

  private mutating func judge(_ server: Int, by outcome: Outcome, now: MonotonicTime) {
    switch outcome {
    case .answered, .invalid, .failed(.endless): servers[server].succeed(now: now)
    case .failed(.cancelled): break
    case .failed(.unreachable), .failed(.died), .failed(.tooSlow): servers[server].fail(now: now)
    // It has no more slots, loads a model, or doesn't let us in or know what it is asked for.
    case .failed(.status(401...404, _)), .failed(.status(429, _)), .failed(.status(503, _)):
      servers[server].fail(now: now)
    case .failed(.status(400..<500, _)): servers[server].succeed(now: now)
    case .failed(.status), .failed(.unreadable): servers[server].stumble(now: now)
    }
  }

  private mutating func settle(
    _ ticket: LanguageTicket, _ job: Job, _ server: Int, _ outcome: Outcome, _ actions: inout [Action]
  ) {
    switch outcome {
    case .answered(let answer):
      quarantine.acquit(job.pictures)
      end(ticket, .answered(answer), &actions)
    case .invalid(let why): retry(ticket, job, why, &actions)
    case .failed(.endless(let why)), .failed(.unreadable(let why)): retry(ticket, job, why, &actions)
    case .failed(let failure):
      let strikes = strikes(for: failure, job)
      if strikes > 0 {
        quarantine.blame(job.pictures, strikes: strikes)
        if let poison = quarantine.poison(in: job.pictures) {
          return end(ticket, .unknown(.poisonous(poison)), &actions)
        }
      }
      move(ticket, job, server, failure, &actions)
    }
  }

  private func strikes(for failure: ExchangeFailure, _ job: Job) -> Int {
    if job.isShared { return 0 }
    return switch failure {
    case .died: job.hadCompany ? 1 : Quarantine.full
    case .status(503, _): 0
    case .status(500..<600, _): 1
    default: 0
    }
  }

  /// Once more, as the answer was none.
  private mutating func retry(_ ticket: LanguageTicket, _ job: Job, _ why: String, _ actions: inout [Action])
  {
    guard job.retries < limits.retries, !job.isShared else {
      return end(ticket, .unknown(.invalid(why)), &actions)
    }
    jobs[ticket]?.retries += 1
    jobs[ticket]?.complaint = why
    figures.retried += 1
    waiting.insert(ticket, at: 0)
  }

  /// Once more, elsewhere if possible, as the server failed.
  private mutating func move(
    _ ticket: LanguageTicket, _ job: Job, _ server: Int, _ failure: ExchangeFailure, _ actions: inout [Action]
  ) {
    switch failure {
    case .died where job.isShared, .status(500, _) where job.isShared:
      return end(ticket, .unknown(.failed(failure)), &actions)
    // The request itself is wrong, and would be elsewhere.
    case .status(400, _), .status(405..<429, _), .status(430..<500, _), .cancelled:
      return end(ticket, .unknown(.failed(failure)), &actions)
    // It was not taken: that costs nothing, and its deadline bounds it.
    case .unreachable, .status(429, _), .status(503, _): break
    default:
      guard job.failures < limits.failures - 1 else {
        return end(ticket, .unknown(.failed(failure)), &actions)
      }
      jobs[ticket]?.failures += 1
    }
    jobs[ticket]?.avoided.insert(server)
    figures.moved += 1
    waiting.insert(ticket, at: 0)
  }
}
