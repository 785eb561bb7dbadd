import Base
import Conditions
import Events
import Semantics
import Testing

@Suite("A question about events")
struct QuestioningTests {
  private static let right = Zone(
    name: "right",
    polygon: Polygon([Point(x: 0.5, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0.5, y: 1)]))

  private static func plan(_ change: (inout QuestionPlan) -> Void = { _ in }) -> QuestionPlan {
    var plan = QuestionPlan(name: "helmet", pause: .seconds(2))
    change(&plan)
    return plan
  }

  /// Walks from the left to the right from second 2 on, a fifth of the picture a second.
  private static func walk(_ t: Double) -> [Stage.Thing] {
    let x = -0.05 + 0.2 * (t - 2)
    return t >= 2 && x < 1 ? [Stage.Thing(x: x, y: 0.4)] : []
  }

  private static func stage(
    _ plans: [QuestionPlan], rules: [String: String] = [:],
    calls: CallAllowance = CallAllowance(perSecond: 60)
  ) throws -> Stage {
    var setting = Setting(zones: [right])
    setting.questions = plans.map {
      AskedQuestion(
        name: $0.name, scope: $0.isOfScene ? .scene : .object, kind: .words(["yes", "no", "unknown"]))
    }
    let names = setting.vocabulary()
    let read = try rules.sorted { $0.key < $1.key }.map {
      EventRule(name: $0.key, condition: try ConditionParser.read($0.value, names))
    }
    return Stage(rules: RuleConfiguration(rules: read, setting: setting), questions: plans, calls: calls)
  }

  @Test("is asked at the begin, with so many pictures of its object, so far apart")
  func begin() throws {
    let stage = try Self.stage([Self.plan { $0.pictures = 3 }])
    stage.play(4.4, things: Self.walk)
    let begin = try #require(stage.events("object", .begin).first)
    let shown = stage.pictures
    try #require(shown.count == 3)
    #expect(Set(shown.map(\.order.ticket)).count == 1)
    #expect(shown[0].time == begin.time)
    for (a, b) in zip(shown, shown.dropFirst()) { #expect(abs(b.time - a.time - 0.5) < 0.04) }
    let call = try #require(stage.calls.first)
    #expect(stage.calls.count == 1 && call.time == shown[2].time)
    #expect(call.cases.map(\.ticket) == [shown[0].order.ticket] && call.cases[0].context == begin.event.text)
    // The walker is 0.05 wide and 0.2 high.
    for (time, order) in shown {
      let part = try #require(order.part)
      let x = -0.025 + 0.2 * (time - 2)
      #expect(abs(part.centre.x - x) < 0.04, "\(part) at \(time)")
      #expect(part.height > 0.25 && part.height < 0.35)
    }
  }

  @Test("is asked again at turns, after a pause, and not for ever")
  func turns() throws {
    let stage = try Self.stage([
      Self.plan {
        $0.pictures = 1
        $0.most = 2
      }
    ])
    stage.play(3, things: Self.walk)
    let first = try #require(stage.pictures.first?.order.ticket)
    #expect(stage.pictures.count == 1)
    stage.answer(first, .word(0, "yes"))
    // It comes into the zone, stands, walks on.
    stage.play(2.5, things: Self.walk)
    #expect(stage.pictures.count == 2)
    let zoned = try #require(stage.events("object", .update).first { $0.event.changed.contains("zones") })
    #expect(stage.pictures[1].time >= zoned.time)
    stage.answer(stage.pictures[1].order.ticket, .word(0, "yes"))
    stage.play(2, things: Self.walk)
    #expect(stage.pictures.count == 2 && stage.calls.count == 2)
  }

  @Test("is answered by an update with its evidence, and the end still says so")
  func answer() throws {
    let stage = try Self.stage(
      [Self.plan { $0.pictures = 1 }], rules: ["bare": "answer(helmet) is no for 1 s"])
    stage.play(3, things: Self.walk)
    stage.answer(stage.pictures[0].order.ticket, .word(1, "no"), frames: [62, 77])
    stage.play(6, things: Self.walk)
    let update = try #require(stage.events("object", .update).first { $0.event.evidence != nil }?.event)
    #expect(update.attributes.contains(Attribute("answer_helmet", .text("no"))))
    #expect(update.changed == ["answer_helmet"] && !update.late)
    #expect(update.text.hasSuffix("; helmet: no"))
    let evidence = try #require(update.evidence)
    #expect(
      evidence.question == "helmet" && evidence.frames == [62, 77] && evidence.objects == update.objects)
    #expect(evidence.model == "tiny" && evidence.latencyMilliseconds == 5 && evidence.cause == nil)
    let end = try #require(stage.events("object", .end).first?.event)
    #expect(end.attributes.contains(Attribute("answer_helmet", .text("no"))) && end.evidence == nil)
    let bare = try #require(stage.events("bare", .begin).first)
    #expect(abs(bare.time - 4) < 0.1 && bare.event.attributes == [Attribute("answer_helmet", .text("no"))])
    #expect(stage.events("bare", .end).count == 1)
  }

  @Test("whose answer comes after the end is answered late")
  func late() throws {
    let stage = try Self.stage([Self.plan { $0.pictures = 1 }])
    stage.play(9, things: Self.walk)
    let end = try #require(stage.events("object", .end).first)
    stage.answer(stage.pictures[0].order.ticket, .word(1, "no"))
    stage.play(0.5, things: Self.walk)
    let last = try #require(stage.events("object").last)
    #expect(last.event.id == end.event.id && last.event.phase == .update && last.event.late)
    #expect(last.event.reason == nil && last.event.evidence?.question == "helmet" && last.time > end.time)
    // Once.
    stage.answer(stage.pictures[0].order.ticket, .word(0, "yes"))
    stage.play(0.5, things: Self.walk)
    #expect(stage.events("object").last?.event == last.event)
  }

  @Test("about something that goes before its last picture is asked with those that there are")
  func gone() throws {
    let stage = try Self.stage([
      Self.plan {
        $0.pictures = 3
        $0.spread = .seconds(4)
      }
    ])
    stage.play(9, things: Self.walk)
    #expect(stage.pictures.count == 2)
    #expect(stage.calls.map { $0.cases.map(\.ticket) } == [[stage.pictures[0].order.ticket]])
    #expect(stage.calls[0].time > stage.pictures[1].time)
  }

  @Test("about something that went before any frame showed it shows no later one")
  func unseen() throws {
    let stage = try Self.stage(
      [
        Self.plan {
          $0.kinds = ["stay"]
          $0.isOfScene = true
        }
      ], rules: ["stay": "count(objects) > 0 for 1 s"])
    stage.play(2.9, things: Self.walk)
    // It begins, and the signal is lost, without a frame.
    stage.wait(3)
    stage.play(1) { _ in [] }
    try #require(stage.events("stay").map(\.event.phase) == [.begin, .end])
    #expect(stage.pictures.isEmpty && stage.calls.map(\.cases.count) == [1])
  }

  @Test("without an answer says so when the stream ends")
  func stopped() throws {
    let stage = try Self.stage([Self.plan()])
    stage.play(4, things: Self.walk)
    stage.finish(.stopped)
    let update = try #require(stage.events("object", .update).last?.event)
    #expect(update.attributes.contains(Attribute("answer_helmet", .text("unknown"))))
    #expect(update.evidence?.cause == "stopped")
    #expect(stage.told.last { $0.event.kind == "object" }?.event.phase == .end)
  }

  @Test("that can't be answered leaves what is known as it was")
  func unknown() throws {
    let stage = try Self.stage(
      [Self.plan { $0.pictures = 1 }], rules: ["bare": "answer(helmet) is no for 1 s"])
    stage.play(3, things: Self.walk)
    stage.answer(stage.pictures[0].order.ticket, .nothing("stale"))
    stage.play(2, things: Self.walk)
    #expect(stage.events("bare").isEmpty)
    #expect(
      stage.events("object", .update).first { $0.event.evidence != nil }?.event.evidence?.cause == "stale")
  }

  @Test("about the scene shows all of it, and again and again while the event lasts")
  func scene() throws {
    let stage = try Self.stage([
      Self.plan {
        $0.kinds = ["motion"]
        $0.isOfScene = true
        $0.pictures = 1
        $0.every = .seconds(1)
        $0.most = 4
      }
    ])
    for _ in 0..<90 {
      stage.play(0.1, things: Self.walk)
      if let last = stage.pictures.last?.order { stage.answer(last.ticket, .word(0, "yes")) }
    }
    #expect(stage.pictures.count == 4 && stage.pictures.allSatisfy { $0.order.part == nil })
    for (a, b) in zip(stage.pictures, stage.pictures.dropFirst()) { #expect(abs(b.time - a.time - 1) < 0.15) }
  }

  @Test("too many at a time is told for each")
  func crowded() throws {
    let plans = (0..<20).map { number in
      Self.plan { plan in
        plan.name = "q\(number)"
        plan.pictures = 16
      }
    }
    let stage = try Self.stage(plans)
    stage.play(4, things: Self.walk)
    // 256 pictures are held at a time.
    #expect(Set(stage.pictures.map(\.order.question)).count == 16)
    let refused = stage.events("object", .update).filter { $0.event.evidence?.cause == "crowded_out" }
    #expect(Set(refused.map(\.event.evidence?.question)).count == 4)
  }

  /// Somebody crosses the picture every second from second 2 on, a line each.
  private static func parade(_ t: Double) -> [Stage.Thing] {
    (0..<8).compactMap { number in
      let x = -0.05 + 0.4 * (t - 2 - Double(number))
      return t >= 2 + Double(number) && x < 1 ? Stage.Thing(x: x, y: 0.1 * Double(number)) : nil
    }
  }

  @Test("that may not be asked yet waits, and shares the next call with what waits too")
  func shared() throws {
    // Two calls are saved up, and one more comes every half a minute.
    let stage = try Self.stage(
      [Self.plan { $0.pictures = 1 }], calls: CallAllowance(perSecond: 1.0 / 30))
    stage.play(2 + 36, things: Self.parade)
    let asked = stage.pictures.map(\.order.ticket)
    #expect(asked.count == 8 && stage.calls.flatMap { $0.cases.map(\.ticket) } == asked)
    try #require(stage.calls.map(\.cases.count) == [1, 1, 6])
    #expect(stage.calls[0].time == stage.pictures[0].time && stage.calls[1].time == stage.pictures[1].time)
    // The third was saved up since the first was made.
    #expect(abs(stage.calls[2].time - stage.calls[0].time - 30) < 0.2)
    for (order, shown) in zip(stage.calls[2].cases, stage.pictures.dropFirst(2)) {
      #expect(abs(order.waited.inSeconds - (stage.calls[2].time - shown.time)) < 0.04)
    }
  }

  @Test("shares a call up to so many pictures")
  func full() throws {
    let plans = (0..<5).map { number in
      Self.plan { plan in
        plan.name = "q\(number)"
        plan.pictures = 7
        plan.spread = .milliseconds(34)
      }
    }
    let stage = try Self.stage(plans)
    stage.play(4, things: Self.walk)
    #expect(stage.calls.map(\.cases.count) == [2, 2, 1])
    #expect(stage.calls.flatMap { $0.cases.map(\.question) } == [0, 1, 2, 3, 4])
  }

  @Test("that waits for a call until its answer would be of no use ends without one, and says so")
  func inVain() throws {
    let stage = try Self.stage(
      [
        Self.plan {
          $0.pictures = 1
          $0.deadline = .seconds(4)
        }
      ], calls: CallAllowance(perSecond: 1.0 / 3600))
    stage.play(14, things: Self.parade)
    #expect(stage.calls.map(\.cases.count) == [1])
    let vain = stage.events("object", .update).filter { $0.event.evidence?.cause == "no_call" }
    #expect(vain.count == 7 && stage.dropped == stage.pictures.dropFirst().map(\.order.ticket))
    for (told, shown) in zip(vain, stage.pictures.dropFirst()) {
      #expect(abs(told.time - shown.time - 4) < 0.1)
    }
  }

  @Test("waits no longer than its recording lasts")
  func closed() throws {
    let stage = try Self.stage(
      [Self.plan { $0.pictures = 1 }], calls: CallAllowance(perSecond: 1.0 / 3600))
    stage.play(8, things: Self.parade)
    #expect(stage.calls.map(\.cases.count) == [1])
    stage.closeQuestions()
    let left = stage.pictures.count - 1
    #expect(left >= 4 && stage.calls.map(\.cases.count) == [1, left])
  }
}
