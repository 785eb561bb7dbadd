import Base
import Language
import TestKit
import Testing

/// Questions and servers in time that stands still until a test moves it.
private struct World {
  typealias Action = LanguageScheduler.Action

  var scheduler: LanguageScheduler
  var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
  private var tickets: UInt64 = 0

  /// All servers are up.
  init(slots: [Int], _ change: (inout LanguageLimits) -> Void = { _ in }) {
    var limits = LanguageLimits()
    change(&limits)
    scheduler = LanguageScheduler(slots: slots, limits: limits, now: now)
    let looks = scheduler.tick(now: now)
    #expect(looks == slots.indices.map { .look(server: $0) })
    for index in slots.indices { #expect(scheduler.looked(at: index, isWell: true, now: now) == []) }
  }

  mutating func ask(
    _ pictures: [UInt8] = [1], isShared: Bool = false, within seconds: Double = 60
  ) -> (LanguageTicket, [Action]) {
    tickets += 1
    let ticket = LanguageTicket(number: tickets)
    let prints = pictures.map { Asking.picture(0, $0).fingerprint }
    return (
      ticket,
      scheduler.ask(
        ticket, pictures: prints, isShared: isShared, deadline: now + .seconds(seconds), now: now)
    )
  }

  mutating func end(_ ticket: LanguageTicket, at server: Int, _ outcome: LanguageScheduler.Outcome)
    -> [Action]
  {
    scheduler.ended(ticket, at: server, outcome, now: now)
  }

  mutating func pass(_ seconds: Double) -> [Action] {
    now = now + .seconds(seconds)
    return scheduler.tick(now: now)
  }
}

struct LanguageSchedulerTests {
  @Test(arguments: [
    LanguageScheduler.Outcome.failed(.died("gone")), .failed(.status(500, "")), .invalid("no JSON"),
  ])
  func `what several share is given up at the first failure, and none of its pictures is blamed`(
    outcome: LanguageScheduler.Outcome
  ) {
    var world = World(slots: [1, 1])
    let (shared, sent) = world.ask([1, 2, 3], isShared: true)
    #expect(sent == [Self.send(shared, 0)])
    let told = world.end(shared, at: 0, outcome)
    let reason: UnknownReason =
      switch outcome {
      case .failed(let failure): .failed(failure)
      case .invalid(let why): .invalid(why)
      case .answered: .stopped
      }
    #expect(told == [.tell(shared, .unknown(reason))] && reason.isOfWhatWasSent)
    #expect(world.scheduler.figures.poisonous == 0)
    // Each can be asked by itself.
    let (single, again) = world.ask([2])
    #expect(again.contains { if case .send(single, _, _) = $0 { true } else { false } })
  }

  private static func send(_ ticket: LanguageTicket, _ server: Int, _ complaint: String? = nil)
    -> LanguageScheduler.Action
  { .send(ticket, server: server, complaint: complaint) }

  @Test func `questions go to the server with the least to do, one to each slot, and the rest wait in order`()
  {
    var world = World(slots: [1, 2])
    let (a, first) = world.ask()
    let (b, second) = world.ask()
    let (c, third) = world.ask()
    let (d, fourth) = world.ask()
    let (e, fifth) = world.ask()
    #expect(first == [Self.send(a, 0)] && second == [Self.send(b, 1)] && third == [Self.send(c, 1)])
    #expect(fourth == [] && fifth == [])
    #expect(world.end(c, at: 1, .answered([.yes])) == [.tell(c, .answered([.yes])), Self.send(d, 1)])
    #expect(world.end(a, at: 0, .answered([.no])) == [.tell(a, .answered([.no])), Self.send(e, 0)])
    #expect(world.scheduler.figures.sent == 5 && world.scheduler.figures.answered == 2)
  }

  @Test
  func `what has waited too long is dropped before it is sent, what a model is too late with is aborted`() {
    var world = World(slots: [1])
    let (a, _) = world.ask(within: 20)
    let (b, _) = world.ask(within: 10)
    #expect(world.scheduler.nextTick == world.now + .seconds(10))
    #expect(world.pass(9.9) == [])
    #expect(world.pass(0.1) == [.tell(b, .unknown(.stale))])
    #expect(world.pass(10) == [.abort(a), .tell(a, .unknown(.late))])
    // The slot is free once the connection is closed.
    let (c, none) = world.ask([2])
    #expect(none == [])
    #expect(world.end(a, at: 0, .failed(.cancelled)) == [Self.send(c, 0)])
    #expect(world.scheduler.figures.unknown == ["stale": 1, "late": 1])
  }

  @Test func `when no place is left to wait the oldest gives way`() {
    var world = World(slots: [1]) { $0.waiting = 2 }
    let (_, _) = world.ask()
    let (b, _) = world.ask()
    let (_, _) = world.ask()
    let (_, actions) = world.ask()
    #expect(actions == [.tell(b, .unknown(.crowdedOut))])
    #expect(world.scheduler.figures.waiting == 2)
  }

  @Test func `an answer that is none is asked for once more, with what was wrong`() {
    var world = World(slots: [1])
    let (a, _) = world.ask()
    #expect(world.end(a, at: 0, .invalid("maybe")) == [Self.send(a, 0, "maybe")])
    #expect(world.end(a, at: 0, .invalid("perhaps")) == [.tell(a, .unknown(.invalid("perhaps")))])
    #expect(world.scheduler.figures.retried == 1)
  }

  @Test func `a server that isn't there costs a question nothing: it goes elsewhere`() {
    var world = World(slots: [1, 1])
    let (a, _) = world.ask()
    #expect(world.end(a, at: 0, .failed(.unreachable("refused"))) == [Self.send(a, 1)])
    #expect(world.end(a, at: 1, .failed(.unreachable("refused"))) == [])
    #expect(world.scheduler.figures.serversUp == 0)
    #expect(world.pass(1) == [.look(server: 0), .look(server: 1)])
  }

  @Test func `while no server is up a question waits until it is too late`() {
    var world = World(slots: [1])
    let (a, _) = world.ask(within: 5)
    _ = world.end(a, at: 0, .failed(.unreachable("refused")))
    let (b, _) = world.ask([2], within: 3)
    #expect(world.pass(0.5) == [])
    #expect(world.pass(2.5) == [.tell(b, .unknown(.noServer)), .look(server: 0)])
    #expect(world.scheduler.looked(at: 0, isWell: true, now: world.now) == [Self.send(a, 0)])
  }

  @Test func `a server is looked at after pauses that double up to a minute, until it answers a question`() {
    var world = World(slots: [1])
    var pauses: [Double] = []
    let (a, _) = world.ask(within: 1e6)
    _ = world.end(a, at: 0, .failed(.unreachable("refused")))
    for _ in 0..<8 {
      let next = world.scheduler.nextTick ?? world.now
      pauses.append((next - world.now).inSeconds)
      #expect(world.pass(pauses.last ?? 0) == [.look(server: 0)])
      #expect(world.scheduler.looked(at: 0, isWell: false, now: world.now) == [])
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
    _ = world.pass(60)
    #expect(world.scheduler.looked(at: 0, isWell: true, now: world.now) == [Self.send(a, 0)])
    // It says that it is well and dies of the next request: that isn't forgotten at once.
    _ = world.end(a, at: 0, .failed(.unreachable("refused")))
    #expect(world.scheduler.nextTick == world.now + .seconds(60))
  }

  @Test func `a server whose keeper knows that it is ready is looked at without a pause`() {
    var world = World(slots: [1])
    let (a, _) = world.ask(within: 1e6)
    _ = world.end(a, at: 0, .failed(.unreachable("refused")))
    for _ in 0..<5 {
      _ = world.pass(60)
      _ = world.scheduler.looked(at: 0, isWell: false, now: world.now)
    }
    #expect(world.scheduler.hurry(0, now: world.now) == [.look(server: 0)])
    // What a look says that began before is old news.
    #expect(world.scheduler.hurry(0, now: world.now) == [])
    #expect(world.scheduler.looked(at: 0, isWell: false, now: world.now) == [.look(server: 0)])
    #expect(world.scheduler.looked(at: 0, isWell: true, now: world.now) == [Self.send(a, 0)])
    #expect(world.scheduler.hurry(0, now: world.now) == [])
  }

  @Test func `a server that has nothing to do is looked at now and then`() {
    var world = World(slots: [1])
    #expect(world.pass(29.9) == [])
    #expect(world.pass(0.1) == [.look(server: 0)])
    #expect(world.pass(100) == [])
  }

  @Test func `a picture that a server dies of is never sent again`() {
    var world = World(slots: [1, 1])
    let (a, _) = world.ask([7])
    let poison = Asking.picture(0, 7).fingerprint
    #expect(world.end(a, at: 0, .failed(.died("gone"))) == [.tell(a, .unknown(.poisonous(poison)))])
    let (b, actions) = world.ask([3, 7])
    #expect(actions == [.tell(b, .unknown(.poisonous(poison)))])
    let (c, others) = world.ask([3])
    #expect(others == [Self.send(c, 1)])
    #expect(world.scheduler.figures.poisonous == 1)
  }

  @Test func `when several were at a server that died each gets a second chance alone`() {
    var world = World(slots: [2, 2])
    let (a, _) = world.ask([1])
    let (b, _) = world.ask([2])
    let (c, _) = world.ask([3])
    // a and c are at the first server.
    #expect(world.end(a, at: 0, .failed(.died("gone"))) == [Self.send(a, 1)])
    #expect(world.end(c, at: 0, .failed(.died("gone"))) == [])
    #expect(world.end(a, at: 1, .answered([.yes])) == [.tell(a, .answered([.yes])), Self.send(c, 1)])
    #expect(world.end(b, at: 1, .answered([.yes])) == [.tell(b, .answered([.yes]))])
    let poison = Asking.picture(0, 3).fingerprint
    #expect(world.end(c, at: 1, .failed(.died("gone"))) == [.tell(c, .unknown(.poisonous(poison)))])
    // The first was cleared by its answer.
    _ = world.pass(2)
    _ = world.scheduler.looked(at: 0, isWell: true, now: world.now)
    #expect(world.ask([1]).1.count == 1)
    #expect(world.scheduler.figures.poisonous == 1)
  }

  @Test func `a picture that two servers fail of with an error is poisonous, one that one fails of isn't`() {
    var world = World(slots: [1, 1])
    let (a, _) = world.ask([5])
    #expect(world.end(a, at: 0, .failed(.status(500, "assert"))) == [Self.send(a, 1)])
    #expect(world.end(a, at: 1, .answered([.no])) == [.tell(a, .answered([.no]))])
    let (b, _) = world.ask([5])
    #expect(world.end(b, at: 0, .failed(.status(500, "assert"))) == [Self.send(b, 1)])
    let poison = Asking.picture(0, 5).fingerprint
    #expect(world.end(b, at: 1, .failed(.status(502, "bad"))) == [.tell(b, .unknown(.poisonous(poison)))])
  }

  @Test(arguments: [400, 413, 422])
  func `a request that is refused isn't sent elsewhere`(code: Int) {
    var world = World(slots: [1, 1])
    let (a, _) = world.ask()
    let failure = ExchangeFailure.status(code, "no")
    #expect(world.end(a, at: 0, .failed(failure)) == [.tell(a, .unknown(.failed(failure)))])
    #expect(world.scheduler.figures.serversUp == 2)
  }

  @Test(arguments: [401, 403, 404, 429, 503])
  func `a server that can't take requests now is left alone for a while`(code: Int) {
    var world = World(slots: [1, 1])
    let (a, _) = world.ask()
    #expect(world.end(a, at: 0, .failed(.status(code, "later"))) == [Self.send(a, 1)])
    #expect(world.scheduler.figures.serversUp == 1 && world.scheduler.figures.poisonous == 0)
  }

  @Test func `a slow server is given up, and the question fails with the second`() {
    var world = World(slots: [1, 1, 1])
    let (a, _) = world.ask()
    #expect(world.end(a, at: 0, .failed(.tooSlow(.firstToken))) == [Self.send(a, 1)])
    let failure = ExchangeFailure.tooSlow(.total)
    #expect(world.end(a, at: 1, .failed(failure)) == [.tell(a, .unknown(.failed(failure)))])
    #expect(world.scheduler.figures.serversUp == 1)
  }

  @Test func `a server that is too late three times in a row is looked at before it gets more`() {
    var world = World(slots: [1])
    for number in 1...3 {
      let (a, _) = world.ask(within: 1)
      #expect(world.pass(1) == [.abort(a), .tell(a, .unknown(.late))])
      #expect(world.scheduler.figures.serversUp == (number < 3 ? 1 : 0))
      _ = world.end(a, at: 0, .failed(.cancelled))
    }
  }

  @Test func `whoever cancels gets one reply and no other`() {
    var world = World(slots: [1])
    let (a, _) = world.ask()
    let (b, _) = world.ask()
    #expect(world.scheduler.cancel(b, .cancelled, now: world.now) == [.tell(b, .unknown(.cancelled))])
    #expect(
      world.scheduler.cancel(a, .cancelled, now: world.now) == [.abort(a), .tell(a, .unknown(.cancelled))])
    #expect(world.scheduler.cancel(a, .cancelled, now: world.now) == [])
    #expect(world.end(a, at: 0, .answered([.yes])) == [])
    #expect(world.scheduler.figures.answered == 0)
  }

  @Test func `the end ends all`() {
    var world = World(slots: [1])
    let (a, _) = world.ask()
    let (b, _) = world.ask()
    #expect(
      world.scheduler.stop() == [.abort(a), .tell(a, .unknown(.stopped)), .tell(b, .unknown(.stopped))])
  }

  /// Whatever servers do, each question has exactly one end and no server more than its slots.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `every question ends once, whatever happens`(seed: UInt64) {
    var random = SplitMix(state: seed)
    let slots = (0..<random.below(3) + 1).map { _ in random.below(3) + 1 }
    var world = World(slots: slots) { $0.waiting = 4 }
    var inFlight: [(LanguageTicket, Int)] = []
    var open: Set<LanguageTicket> = []
    var looks: Set<Int> = []
    func take(_ actions: [LanguageScheduler.Action]) {
      for action in actions {
        switch action {
        case .send(let ticket, let server, _):
          #expect(open.contains(ticket) && !inFlight.contains { $0.0 == ticket })
          inFlight.append((ticket, server))
          #expect(inFlight.count { $0.1 == server } <= slots[server])
        case .abort(let ticket): #expect(inFlight.contains { $0.0 == ticket })
        case .look(let server): #expect(looks.insert(server).inserted)
        case .tell(let ticket, _): #expect(open.remove(ticket) != nil)
        }
      }
    }
    for _ in 0..<300 {
      switch random.below(6) {
      case 0, 1:
        let number = world.scheduler.figures.asked + 1
        open.insert(LanguageTicket(number: number))
        take(world.ask([UInt8(random.below(40))], within: Double(random.below(20) + 1)).1)
      case 2: take(world.pass(Double(random.below(30)) / 10))
      case 3:
        guard let server = looks.popFirst() else { continue }
        take(world.scheduler.looked(at: server, isWell: random.below(3) > 0, now: world.now))
      default:
        guard !inFlight.isEmpty else { continue }
        let (ticket, server) = inFlight.remove(at: random.below(inFlight.count))
        let outcomes: [LanguageScheduler.Outcome] = [
          .answered([.yes]), .answered([.no]), .invalid("x"), .failed(.died("x")), .failed(.status(500, "")),
          .failed(.unreachable("x")), .failed(.tooSlow(.total)), .failed(.status(400, "")),
          .failed(.endless("x")),
          .failed(.unreadable("x")),
        ]
        let outcome = open.contains(ticket) ? outcomes[random.below(outcomes.count)] : .failed(.cancelled)
        take(world.end(ticket, at: server, outcome))
      }
    }
    take(world.scheduler.stop())
    #expect(open.isEmpty)
    let figures = world.scheduler.figures
    #expect(figures.asked == figures.answered + figures.unknown.values.reduce(0, +))
  }
}

extension SplitMix {
  fileprivate mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}
