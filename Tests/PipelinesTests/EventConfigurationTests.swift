import Base
import Conditions
import Pipelines
import Semantics
import Testing

@Suite("The events of a pipeline file")
struct EventConfigurationTests {
  private func read(_ text: String) throws -> Pipeline {
    try PipelineFiles.read(text, path: "cams/lobby.yaml", environment: ["TOKEN": "s3cret"])
  }

  private static let places = """
    source: a.mp4
    zones:
      door: [[0, 0], [0.5, 0], [0.5, 1]]
      shelf: {polygon: [[0, 0], [0.5, 0], [0.5, 1]], anchor: centre}
    lines:
      gate: [[0.5, 1], [0.5, 0]]
      exit: {from: [0, 0], to: [1, 1], anchor: top}

    """

  @Test("are read with their places, scale, hours and hooks")
  func all() throws {
    let pipeline = try read(
      Self.places + """
        scale: 85 px/m
        language: zh
        events:
          loitering: object in door for 10 s
          fast:
            when: speed > 2 m/s and in shelf
            text: "{object} at {speed_m_per_s}"
            cooldown: 1 min
            active: mon-fri 22:00-06:00 UTC
            on_event:
              - exec: beep
              - http: https://example.net/${TOKEN}
        instruction:
          constraint: objects standing still for more than 5 s
          output: csv
        """)
    #expect(pipeline.setting.zones.map(\.anchor) == [.bottom, .centre])
    #expect(
      pipeline.setting.lines.map(\.name) == ["gate", "exit"] && pipeline.setting.lines[1].anchor == .top)
    #expect(pipeline.setting.scale == .pixelsPerMetre(85))
    #expect(pipeline.tongue == .zh)
    #expect(pipeline.events.map(\.rule.name) == ["loitering", "fast"])
    let fast = pipeline.events[1]
    #expect(fast.rule.cooldown == .seconds(60))
    #expect(fast.rule.hours == ActiveHours(days: 0b11111, from: 22 * 60, to: 6 * 60, offset: 0))
    #expect(fast.hooks == [.command("beep"), .address("https://example.net/s3cret")])
    #expect(pipeline.output == .csv)
    #expect(pipeline.rules.report != nil)
  }

  static let faults: [(String, String, String?)] = [
    ("events:\n  a: object in dor for 10 s", "9:16: there is no zone `dor`", "`door`"),
    (
      "events:\n  a:\n    when: >\n      in door\n      and spede > 2 px/s",
      "12:11: there is no fact `spede`", "`speed`"
    ),
    ("events:\n  a: |\n    in door and\n    age > 2", "11:11: `age` needs a unit", "2 s"),
    ("events:\n  a: 'in \"door\" for 2'", "9:21: the time after `for` needs a unit", "2 s"),
    ("events:\n  a: {when: in door, txt: x}", "9:22: unknown key `txt`", "`text`"),
    ("events:\n  a: {text: x}", "9:3: event `a` has no `when`", nil),
    ("events:\n  motion: in door", "9:3: `motion` is a kind of event that there is already", nil),
    ("events:\n  a b: in door", "9:3: an event's kind may hold letters", nil),
    ("events: [in door]", "8:9: `events` takes a mapping", "loitering"),
    ("events:\n  a: [in door]", "9:6: a condition is a text", nil),
    ("events:\n  a: {when: in door, text: 'x {foo}'}", "9:31: there is no `{foo}`", "`{object}`"),
    ("events:\n  a: {when: in door, active: 25:00-26:00}", "9:30: `active` takes hours", nil),
    ("events:\n  a: {when: in door, cooldown: 5}", "9:32: `cooldown` takes a time", "`5 s`"),
    ("events:\n  a: {when: in door, on_event: beep}", "9:32: `on_event` takes a list", "exec"),
    (
      "events:\n  a: {when: in door, on_event: [{exec: a, http: b}]}",
      "9:33: an entry of `on_event` has one of", nil
    ),
    ("events:\n  a: {when: in door, on_event: [{http: ftp://x}]}", "9:40: `http` takes an address", nil),
    ("events:\n  a: {when: in door, on_event: [{http: 'https://x/${NO}'}]}", "9:40: ", nil),
    ("lines2:\n  a: 1", "8:1: unknown key `lines2`", "`lines`"),
    ("scale: 85", "8:8: `scale` takes", "px/m"),
    ("scale: {points: [[0,0],[1,0],[1,1],[0,1]]}", "8:1: `scale` needs `points` and `metres`", nil),
    (
      "scale: {points: [[0,0],[0.5,0.5],[1,1],[0,1]], metres: [[0,0],[1,0],[1,1],[0,1]]}",
      "8:17: these four points are no view of flat ground", nil
    ),
    ("language: fr", "8:11: `language` takes one of `en`, `zh`", nil),
    ("instruction: people", "8:14: `instruction` takes a mapping of layers", "`system`"),
    ("instruction: {constraint: shiny objects}", "8:27: `shiny` is not understood", nil),
    ("instruction:\n  constraint: 静止超过10公斤的目标", "9:21: ", nil),
    ("instruction: {input: industrial CT scan}", "8:22: this source is a camera", nil),
    ("instruction: {output: xml}", "8:23: `xml` says nothing about", nil),
  ]

  @Test("are told of at their place when they are wrong", arguments: faults)
  func wrong(_ given: (String, String, String?)) {
    expectOneFault(given) { try read(Self.places + $0 + "\n") }
  }

  @Test("of a line need two points")
  func lines() {
    for text in [
      "gate: [[0, 0]]", "gate: {from: [0, 0]}", "gate: [[0, 0], [0, 0]]", "gate: 1", "gate: [[0, 0], [2, 0]]",
    ] {
      #expect(throws: PipelineFaults.self, "\(text)") { try read("source: a\nlines:\n  \(text)\n") }
    }
  }

  @Test("that lay four points of the ground measure in metres by them")
  func ground() throws {
    let plane = try #require(
      GroundPlane(
        picture: [
          Point(x: 0.2, y: 0.9), Point(x: 0.8, y: 0.9), Point(x: 0.6, y: 0.5), Point(x: 0.4, y: 0.5),
        ],
        metres: [Point(x: 0, y: 0), Point(x: 6, y: 0), Point(x: 6, y: 12), Point(x: 0, y: 12)]))
    let middle = try #require(plane.metres(Point(x: 0.5, y: 0.9)))
    #expect(abs(middle.x - 3) < 1e-9 && abs(middle.y) < 1e-9)
    let far = try #require(plane.metres(Point(x: 0.6, y: 0.5)))
    #expect(abs(far.x - 6) < 1e-9 && abs(far.y - 12) < 1e-9)
    // The sides meet at the horizon, at y = 0.3.
    #expect(plane.metres(Point(x: 0.5, y: 0.31)) != nil)
    #expect(plane.metres(Point(x: 0.5, y: 0.29)) == nil)
  }
}

/// Expects that a text has one fault: where it stands in `cams/lobby.yaml` and what it begins with, and a part of its advice.
/// What comes from the environment is not told.
func expectOneFault(
  _ given: (text: String, what: String, advice: String?), _ read: (String) throws -> Pipeline
) {
  do {
    let pipeline = try read(given.text)
    Issue.record("read: \(pipeline)")
  } catch let faults as PipelineFaults {
    let told = faults.faults.map { "\($0.place ?? ""): \($0.what)" }
    #expect(faults.faults.count == 1 && told[0].hasPrefix("cams/lobby.yaml:" + given.what), "\(told)")
    if let advice = given.advice {
      #expect(faults.faults[0].advice?.contains(advice) ?? false, "\(faults)")
    }
    #expect(!faults.description.contains("s3cret"))
  } catch {
    Issue.record("\(error)")
  }
}
