import Base
import Events

/// Decides when the questions of a pipeline are asked: at the begin of an event and at its turns, never without one.
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
    var key: Key
    var objects: [UInt64]
    var context: String
    var taken = 0
    var shownAt: MediaTime?
    /// Where its objects were seen last; nil before, and for the scene.
    var part: Rect?
    var isClosing = false
    var isSent = false
  }

  private let plans: [QuestionPlan]
  private var standing: [Key: Standing] = [:]
  private var pending: [UInt64: Pending] = [:]
  private var tickets: UInt64 = 0
  /// By object, and of the scene: the newest answers as facts.
  private var known: [UInt64: [Double]] = [:]
  private(set) var ofScene: [Double]

  /// Askings that collect pictures or wait for their answer; of more the newest is not asked.
  private static let mostPending = 16
  /// Around objects, as a share of their size on each side: what they carry and where they stand belongs to them.
  private static let margin = 0.25
  /// Of the picture, on each side of the middle: smaller parts are too small for any model.
  private static let least = 0.08

  init(_ plans: [QuestionPlan]) {
    self.plans = plans
    ofScene = Array(repeating: .nan, count: plans.count)
  }

  /// Whether pictures are still to be taken.
  var isCollecting: Bool { pending.values.contains { !$0.isSent } }

  /// The newest answers about an object, by question; NaN for none.
  func answers(of id: UInt64) -> [Double] { known[id] ?? [] }

  /// Takes in what was told at a tick.
  mutating func follow(_ told: [(number: Int, event: Event)], ledger: inout EventLedger, at time: MediaTime) {
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
      own.isPending = ask(own.event, key, ledger: &ledger)
      // A point lasts no longer than its asking.
      standing[key] = own.event.phase == .point ? nil : own
    }
  }

  /// What is to be done with a frame. `box` says where an object is in it, if it is in sight.
  mutating func orders(at time: MediaTime, box: (UInt64) -> Rect?) -> [QuestionOrder] {
    var orders: [QuestionOrder] = []
    for ticket in pending.keys.sorted() {
      guard var own = pending[ticket], !own.isSent else { continue }
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
      own.isSent = own.taken >= plan.pictures || own.isClosing || !isVisible
      pending[ticket] = own
      guard takes || own.isSent else { continue }
      orders.append(
        QuestionOrder(
          ticket: ticket, question: own.key.question, part: plan.isOfScene ? nil : own.part,
          takesPicture: takes, isComplete: own.isSent, context: own.context))
    }
    return orders
  }

  /// At the end of a recording: what has pictures is asked with those.
  mutating func close() -> [QuestionOrder] {
    pending.keys.sorted().compactMap { ticket in
      guard let own = pending[ticket], !own.isSent, own.taken > 0 else { return nil }
      pending[ticket]?.isSent = true
      return QuestionOrder(
        ticket: ticket, question: own.key.question, part: nil, takesPicture: false, isComplete: true,
        context: own.context)
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
      for (ticket, own) in pending where own.key == key { pending[ticket]?.isClosing = !own.isSent }
    }
  }

  private mutating func ask(_ event: Event, _ key: Key, ledger: inout EventLedger) -> Bool {
    tickets += 1
    let own = Pending(key: key, objects: event.objects, context: event.text)
    ledger.await(key.number, event)
    if pending.count < Self.mostPending {
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
        latencyMilliseconds: answer.latency / 1_000_000, tokens: tokens, cause: cause))
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
