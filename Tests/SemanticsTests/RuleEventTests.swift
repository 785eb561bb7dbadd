import Base
import Conditions
import Events
import Semantics
import Testing

@Suite("Events that a pipeline asks for")
struct RuleEventTests {
  private static let setting = Setting(
    zones: [
      Zone(
        name: "right",
        polygon: Polygon([Point(x: 0.5, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0.5, y: 1)]))
    ],
    lines: [Tripwire(name: "middle", from: Point(x: 0.5, y: 1), to: Point(x: 0.5, y: 0))],
    scale: .pixelsPerMetre(100))

  private static func stage(
    _ rules: [String: String], tongue: Tongue = .en, report: String? = nil, text: String? = nil
  ) throws -> Stage {
    let names = Vocabulary(zones: ["right"], lines: ["middle"], hasScale: true)
    let read = try rules.sorted { $0.key < $1.key }.map {
      EventRule(name: $0.key, condition: try ConditionParser.read($0.value, names))
    }
    return Stage(
      rules: RuleConfiguration(
        rules: read, setting: setting, tongue: tongue,
        templates: try read.map { rule in
          try text.map { try SentenceTemplate($0, names: rule.condition.attributeNames([])) }
        }, report: try report.map { try ConditionParser.read($0, names) }))
  }

  /// Walks from the left to the right from second 2 on, a fifth of the picture a second.
  private static func walk(_ t: Double) -> [Stage.Thing] {
    let x = -0.05 + 0.2 * (t - 2)
    return t >= 2 && x < 1 ? [Stage.Thing(x: x, y: 0.4)] : []
  }

  @Test("tell what they hold on, where, and since when")
  func values() throws {
    let stage = try Self.stage(["cross": "crosses middle and speed > 1 m/s", "stay": "in right for 1 s"])
    stage.play(9, things: Self.walk)
    let cross = try #require(stage.events("cross").first?.event)
    #expect(cross.phase == .point && cross.objects == [1] && cross.zones == ["right"])
    // The middle of its foot passes the line 2.625 s after it came: 256 px/s by 100 px/m.
    #expect(abs(cross.since - 4.625) < 0.1)
    #expect(cross.attributes.first { $0.name == "direction" }?.value == .text("right"))
    guard case .number(let speed)? = cross.attributes.first(where: { $0.name == "speed_m_per_s" })?.value
    else {
      Issue.record("no speed in \(cross.attributes)")
      return
    }
    #expect(abs(speed - 2.56) < 0.2)
    let begin = try #require(stage.events("stay", .begin).first)
    let end = try #require(stage.events("stay", .end).first)
    #expect(abs(begin.event.since - 4.6) < 0.15 && abs(begin.time - begin.event.since - 1) < 0.05)
    #expect(begin.event.text == "object 1 in right for 1 s")
    #expect(end.event.id == begin.event.id && end.event.reason == .left)
    #expect(end.event.attributes.first?.name == "duration_s")
  }

  @Test(
    "say it in the language of the pipeline, or in a sentence of its own",
    arguments: [
      (Tongue.en, nil, "object 1 crosses middle to the right"), (.zh, nil, "目标 1 向右越过 middle"),
      (.zh, "{object} 走向 {direction}", "1 走向 right"),
    ] as [(Tongue, String?, String)])
  func sentences(tongue: Tongue, text: String?, said: String) throws {
    let stage = try Self.stage(["cross": "crosses middle right"], tongue: tongue, text: text)
    stage.play(7, things: Self.walk)
    #expect(stage.events("cross").map(\.event.text) == [said])
  }

  @Test("of the scene tell who is counted, and when others are")
  func counts() throws {
    let stage = try Self.stage(["some": "count(objects) >= 1"])
    stage.play(12) { t in
      var things = Self.walk(t)
      if t > 4 && t < 9 { things.append(Stage.Thing(x: 0.3, y: 0.1, height: 0.15, shade: 2)) }
      return things
    }
    let told = stage.events("some")
    #expect(told.map(\.event.phase) == [.begin, .update, .update, .end])
    #expect(told.map(\.event.objects.count) == [1, 2, 1, 1])
    #expect(told[1].event.changed == ["objects"])
  }

  @Test("leave out what an instruction doesn't ask for, from records and from events")
  func report() throws {
    let stage = try Self.stage(["all": "crosses middle"], report: "height > 30 %")
    stage.play(9) { t in
      Self.walk(t) + (t > 3 && t < 8 ? [Stage.Thing(x: 0.7, y: 0.1, height: 0.4, shade: 2)] : [])
    }
    #expect(stage.events("object", .begin).count == 1)
    let tall = try #require(stage.events("object", .begin).first?.event.objects)
    #expect(Set(stage.ticks.flatMap { $0.tick.objects.map(\.id) }) == Set(tall))
    // Events of its own see everything.
    #expect(stage.events("all").count == 1)
  }

  @Test("end with the signal, and begin anew after it")
  func loss() throws {
    let stage = try Self.stage(["here": "in right", "lost": "state is signal_lost"])
    func stands(_ t: Double) -> [Stage.Thing] {
      t > 2 ? [Stage.Thing(x: 0.6 + min(0.2, 0.1 * (t - 2)), y: 0.4)] : []
    }
    stage.play(5, things: stands)
    stage.wait(3)
    stage.play(4, things: stands)
    #expect(stage.events("here").map(\.event.phase).prefix(3) == [.begin, .end, .begin])
    #expect(stage.events("here", .end).first?.event.reason == .signalLost)
    #expect(stage.events("lost").map(\.event.phase) == [.begin, .end])
    let ids = stage.told.filter { $0.event.phase == .begin }.map(\.event.id)
    #expect(Set(ids).count == ids.count)
  }
}
