import Base
import Events

/// Decides when the questions of a pipeline are asked: at the begin of an event and at its turns, never without one. Calls are
/// made as its allowance lets them; what waits for one shares it.
///
/// Pure: events and frames come in, orders go out, answers come back by their tickets. Its memory is bounded by the events
/// that are open.
struct Questioning: Sendable {
  /// One question about one open event.
  private struct Standing: Sendable {
    var event: Event
    var asked = 0
    var askedAt: MediaTime?
    /// It took a turn that nobody has asked about.
    var isOwed = true
    var isPending = false
  }

  private struct Key: Hashable {
    var number: Int
    var question: Int
  }

  private struct Pending: Sendable {
    enum Stage { case collecting, waiting, sent }

    var key: Key
    var objects: [UInt64]
    var context: String
    var begun: MediaTime
    var taken = 0
    var shownAt: MediaTime?
    /// Where its objects were seen last; nil before, and for the scene.
    var part: Rect?
    var isClosing = false
    var stage = Stage.collecting
  }

  private let plans: [QuestionPlan]
  private let allowance: CallAllowance
  /// Calls that may be made now, as of the time beside it.
  private var allowed: Double
  private var allowedAt: MediaTime?
  private var standing: [Key: Standing] = [:]
  private var pending: [UInt64: Pending] = [:]
  private var tickets: UInt64 = 0
  /// Waited in vain; nobody was told to forget their pictures yet.
  private var dropped: [UInt64] = []
  /// By object, and of the scene: the newest answers as facts.
  private var known: [UInt64: [Double]] = [:]
  private(set) var ofScene: [Double]

  /// Askings that collect pictures, wait for a call or for their answer; of more the newest is not asked.
  private static let mostPending = 64
  /// That all of them take together, which bounds the memory that they hold.
  private static let mostHeld = 256
  /// In one call: models lose track of more.
  private static let mostPictures = 16
  /// Around objects, as a share of their size on each side: what they carry and where they stand belongs to them.
  private static let margin = 0.25
  /// Of the picture, on each side of the middle: smaller parts are too small for any model.
  private static let least = 0.08

  init(_ plans: [QuestionPlan], _ allowance: CallAllowance) {
    self.plans = plans
    self.allowance = allowance
    allowed = allowance.mostSaved
    ofScene = Array(repeating: .nan, count: plans.count)
  }

  /// Whether something is still to be shown or asked.
  var isBusy: Bool { !dropped.isEmpty || pending.values.contains { $0.stage != .sent } }

  /// The newest answers about an object, by question; NaN for none.
  func answers(of id: UInt64) -> [Double] { known[id] ?? [] }

  /// Takes in what was told at a tick.
  mutating func follow(_ told: [(number: Int, event: Event)], ledger: inout EventLedger, at time: MediaTime) {
    expire(at: time, ledger: &ledger)
    for (number, event) in told {
      for (question, plan) in plans.enumerated() where plan.kinds.contains(event.kind) {
        note(event, Key(number: number, question: question))
      }
    }
    for key in standing.keys.sorted(by: { ($0.number, $0.question) < ($1.number, $1.question) }) {
      guard var own = standing[key], !own.isPending, own.asked < plans[key.question].most else { continue }
      let plan = plans[key.question]
      let age = own.askedAt.map { time - $0 }
      let isDue = own.isOwed && age.map { $0 >= plan.pause } ?? true
      guard isDue || plan.every.map({ every in age.map { $0 >= every } ?? true }) ?? false else { continue }
      own.isOwed = false
      own.asked += 1
      own.askedAt = time
      own.isPending = ask(own.event, key, ledger: &ledger, at: time)
      // A point lasts no longer than its asking.
      standing[key] = own.event.phase == .point ? nil : own
    }
  }

  /// What is to be done with a frame. `box` says where an object is in it, if it is in sight.
  mutating func orders(at time: MediaTime, box: (UInt64) -> Rect?) -> QuestionOrders {
    var orders = QuestionOrders()
    swap(&orders.dropped, &dropped)
    for ticket in pending.keys.sorted() {
      guard var own = pending[ticket], own.stage == .collecting else { continue }
      let plan = plans[own.key.question]
      let seen = own.objects.compactMap(box)
      let isVisible = plan.isOfScene || !seen.isEmpty
      if let whole = seen.enclosing { own.part = whole.widened(by: Self.margin, least: Self.least) }
      let isDue = own.shownAt.map { time - $0 >= plan.spread } ?? true
      // What comes after the event's end shows something else.
      let takes = !own.isClosing && (own.taken == 0 || isVisible && isDue)
      if takes {
        own.taken += 1
        own.shownAt = time
      }
      if own.taken >= plan.pictures || own.isClosing || !isVisible { own.stage = .waiting }
      pending[ticket] = own
      guard takes else { continue }
      orders.pictures.append(
        .init(ticket: ticket, question: own.key.question, part: plan.isOfScene ? nil : own.part))
    }
    save(until: time)
    while allowed >= 1, let call = call(at: time) {
      allowed -= 1
      orders.calls.append(call)
    }
    return orders
  }

  /// At the end of a recording: what has pictures is asked with those, whatever the allowance.
  mutating func close(at time: MediaTime) -> QuestionOrders {
    for (ticket, own) in pending where own.stage == .collecting && own.taken > 0 {
      pending[ticket]?.stage = .waiting
    }
    var orders = QuestionOrders()
    swap(&orders.dropped, &dropped)
    while let call = call(at: time) { orders.calls.append(call) }
    return orders
  }

  private mutating func save(until time: MediaTime) {
    if let last = allowedAt, time > last {
      allowed = min(allowance.mostSaved, allowed + allowance.perSecond * (time - last).inSeconds)
    }
    allowedAt = time
  }

  /// The oldest that wait, as many as go into one call; nil when none does.
  private mutating func call(at time: MediaTime) -> [QuestionOrders.Case]? {
    var cases: [QuestionOrders.Case] = []
    var pictures = 0
    for ticket in pending.keys.sorted() {
      guard let own = pending[ticket], own.stage == .waiting else { continue }
      pictures += max(1, own.taken)
      guard cases.isEmpty || pictures <= Self.mostPictures else { break }
      pending[ticket]?.stage = .sent
      cases.append(
        .init(
          ticket: ticket, question: own.key.question, context: own.context,
          waited: max(.zero, time - own.begun)))
    }
    return cases.isEmpty ? nil : cases
  }

  /// What has waited for a call until its answer would be of no use ends without one.
  private mutating func expire(at time: MediaTime, ledger: inout EventLedger) {
    for ticket in pending.keys.sorted() {
      guard let own = pending[ticket], own.stage == .waiting,
        time - own.begun >= plans[own.key.question].deadline
      else { continue }
      dropped.append(ticket)
      take(QuestionAnswer(ticket: ticket, said: .nothing("no_call")), ledger: &ledger)
    }
  }

  /// Takes in how an asking ended, and has its event tell.
  mutating func take(_ answer: QuestionAnswer, ledger: inout EventLedger) {
    guard let own = pending.removeValue(forKey: answer.ticket) else { return }
    standing[own.key]?.isPending = false
    tell(answer, own, ledger: &ledger)
    let value: Double
    switch answer.said {
    case .word(let index, _): value = Double(index)
    case .number(let number): value = number
    // What can't be told changes nothing that is known.
    case .text, .nothing: return
    }
    if plans[own.key.question].isOfScene {
      ofScene[own.key.question] = value
    } else {
      for id in own.objects {
        known[id, default: Array(repeating: .nan, count: plans.count)][own.key.question] = value
      }
    }
  }

  /// An object is gone for good; what was said of it goes too.
  mutating func forget(_ id: UInt64) { known[id] = nil }

  /// All objects are gone for good.
  mutating func forgetObjects() { known = [:] }

  /// The stream ends: whatever waits for an answer gets none.
  mutating func stop(ledger: inout EventLedger) {
    for ticket in pending.keys.sorted() {
      take(QuestionAnswer(ticket: ticket, said: .nothing("stopped")), ledger: &ledger)
    }
    standing = [:]
  }

  private mutating func note(_ event: Event, _ key: Key) {
    switch event.phase {
    case .begin, .point: standing[key] = Standing(event: event)
    case .update:
      standing[key]?.event = event
      // An answer is no turn.
      if event.evidence == nil { standing[key]?.isOwed = true }
    case .end:
      standing[key] = nil
      for (ticket, own) in pending where own.key == key {
        pending[ticket]?.isClosing = own.stage == .collecting
      }
    }
  }

  private mutating func ask(
    _ event: Event, _ key: Key, ledger: inout EventLedger, at time: MediaTime
  ) -> Bool {
    tickets += 1
    let own = Pending(key: key, objects: event.objects, context: event.text, begun: time)
    ledger.await(key.number, event)
    let held = pending.values.reduce(0) { $0 + plans[$1.key.question].pictures }
    if pending.count < Self.mostPending, held + plans[key.question].pictures <= Self.mostHeld {
      pending[tickets] = own
      return true
    }
    tell(QuestionAnswer(ticket: tickets, said: .nothing("crowded_out")), own, ledger: &ledger)
    return false
  }

  private func tell(_ answer: QuestionAnswer, _ own: Pending, ledger: inout EventLedger) {
    let plan = plans[own.key.question]
    var cause: String?
    let value: Attribute.Value
    switch answer.said {
    case .word(_, let word), .text(let word): value = .text(word)
    case .number(let number): value = .number(number)
    case .nothing(let reason):
      value = .text("unknown")
      cause = reason
    }
    let tokens = answer.promptTokens.map {
      AnswerEvidence.Tokens(prompt: $0, cached: answer.cachedTokens, completion: answer.completionTokens ?? 0)
    }
    ledger.answer(
      own.key.number, Attribute("answer_\(plan.name)", value),
      AnswerEvidence(
        question: plan.name, frames: answer.frames, times: answer.times.map(\.seconds),
        objects: plan.isOfScene ? [] : own.objects, model: answer.model, server: answer.server,
        latencyMilliseconds: answer.latency / 1_000_000, tokens: tokens, sharers: answer.sharers,
        cause: cause))
  }
}

extension [Rect] {
  /// The smallest that holds all of them; nil for none.
  fileprivate var enclosing: Rect? {
    guard let first else { return nil }
    let (x, y) = (reduce(first.x) { Swift.min($0, $1.x) }, reduce(first.y) { Swift.min($0, $1.y) })
    return Rect(
      x: x, y: y, width: reduce(first.maxX) { Swift.max($0, $1.maxX) } - x,
      height: reduce(first.maxY) { Swift.max($0, $1.maxY) } - y)
  }
}

extension Rect {
  /// By a share of its size on each side, and to at least so much of the picture on each side of its middle.
  fileprivate func widened(by share: Double, least: Double) -> Rect {
    let halfWidth = max(least, width * (0.5 + share))
    let halfHeight = max(least, height * (0.5 + share))
    let middle = centre
    return Rect(
      x: middle.x - halfWidth, y: middle.y - halfHeight, width: 2 * halfWidth, height: 2 * halfHeight)
  }
}
