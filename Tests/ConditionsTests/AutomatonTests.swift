import Base
import CAllocations
import Conditions
import Testing

/// What the table in docs/conditions.md says of the cases at the border, one by one.
@Suite struct AutomatonTests {
  /// Ticks at 10 a second, of one object with the id 7 unless said otherwise.
  struct Stage: ~Copyable {
    var automaton: Automaton
    var tick = 0
    var told: [String] = []

    static let names = Vocabulary(zones: ["door"], lines: ["gate"], labels: nil, questions: questions)
    static let questions = [
      AskedQuestion(name: "helmet", scope: .object, kind: .words(["yes", "no", "unknown"])),
      AskedQuestion(name: "people", scope: .scene, kind: .number),
    ]
    static let setting = Setting(
      zones: [
        Zone(
          name: "door",
          polygon: Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1), Point(x: 0, y: 1)]))
      ], lines: [Tripwire(name: "gate", from: Point(x: 0.5, y: 0.9), to: Point(x: 0.5, y: 0.1))],
      questions: questions)
    /// What models said of the objects, and of the scene.
    var answers: [UInt64: [Double]] = [:]
    var ofScene: [Double] = []

    init(_ text: String, cooldown: Double = 0, hours: ActiveHours? = nil) throws {
      let condition = try ConditionParser.read(text, Self.names)
      automaton = Automaton(
        Program(
          [EventRule(name: "it", condition: condition, cooldown: .seconds(cooldown), hours: hours)],
          Self.setting))
    }

    static func object(_ id: UInt64, x: Double) -> ObjectFacts {
      ObjectFacts(id: id, age: 1, box: Rect(x: x - 0.05, y: 0.4, width: 0.1, height: 0.2))
    }

    /// One tick with objects at these places; nil for a tick without a frame.
    mutating func step(_ xs: [UInt64: Double]?, state: String = "ok", after steps: Int = 1, second: Int64 = 0)
    {
      tick += steps
      var scene = SceneFacts(state: state)
      scene.answers = ofScene
      automaton.step(
        .init(
          time: MediaTime(nanoseconds: Int64(tick) * 100_000_000), isFresh: xs != nil, scene: scene,
          picture: Picture(width: 1600, height: 900), secondsSince1970: second),
        (xs ?? [:]).map { id, x in
          var facts = Self.object(id, x: x)
          facts.answers = answers[id] ?? []
          return facts
        })
      for change in automaton.changes {
        let whose = change.object.map { "\($0) " } ?? ""
        switch change.what {
        case .begin(let since): told.append("\(tick) \(whose)begin since \(since.nanoseconds / 100_000_000)")
        case .point(let since): told.append("\(tick) \(whose)point since \(since.nanoseconds / 100_000_000)")
        case .update: told.append("\(tick) \(whose)update")
        case .end(let why, let seen):
          told.append("\(tick) \(whose)end \(why) seen \(seen.nanoseconds / 100_000_000)")
        }
      }
    }

    mutating func steps(_ count: Int, _ xs: [UInt64: Double]?, state: String = "ok") {
      for _ in 0..<count { step(xs, state: state) }
    }
  }

  @Test func `for needs the whole time, and says since when`() throws {
    var stage = try Stage("in door for 1 s")
    stage.steps(10, [7: 0.3])
    #expect(stage.told == [])
    stage.step([7: 0.3])
    #expect(stage.told == ["11 7 begin since 1"])
    stage.step([7: 0.7])
    #expect(stage.told.last == "12 7 end condition seen 11")
  }

  @Test func `who leaves within the time is not told of`() throws {
    var stage = try Stage("in door for 1 s")
    stage.steps(9, [7: 0.3])
    stage.steps(20, [:])
    stage.steps(9, [7: 0.3])
    #expect(stage.told == [])
  }

  @Test func `out of sight for a moment interrupts nothing, and doesn't count`() throws {
    var stage = try Stage("in door for 1 s")
    stage.steps(6, [7: 0.3])
    stage.steps(3, [:])
    stage.steps(6, [7: 0.3])
    // 0.5 s before and 0.5 s after: the first tick that is known again only begins to count.
    #expect(stage.told == ["15 7 begin since 1"])
  }

  @Test func `a camera that stalls doesn't end what is open, and its time counts`() throws {
    var stage = try Stage("in door for 1 s")
    stage.step([7: 0.3])
    stage.steps(10, nil)
    #expect(stage.told == ["11 7 begin since 1"])
    stage.steps(9, nil)
    #expect(stage.told.count == 1)
  }

  @Test func `who isn't shown by new frames for half a second has left`() throws {
    var stage = try Stage("in door")
    stage.step([7: 0.3])
    stage.steps(5, [:])
    #expect(stage.told == ["1 7 begin since 1"])
    stage.step([:])
    #expect(stage.told.last == "7 7 end left seen 1")
  }

  @Test func `a lost signal ends what it was about, and is itself known`() throws {
    var stage = try Stage("in door")
    stage.step([7: 0.3])
    stage.step(nil, state: "signal_lost")
    #expect(stage.told.last == "2 7 end signalLost seen 1")
    var lost = try Stage("state is signal_lost for 0.2 s")
    lost.step([:])
    lost.steps(3, nil, state: "signal_lost")
    #expect(lost.told == ["4 begin since 2"])
    lost.step([:])
    #expect(lost.told.last == "5 end condition seen 4")
  }

  @Test func `nobody is seen by a covered camera, which says nothing`() throws {
    var stage = try Stage("not any(objects) for 1 s")
    stage.step([7: 0.3])
    stage.steps(6, [:], state: "covered")
    stage.steps(20, [:], state: "covered")
    #expect(stage.told == [])
    stage.steps(11, [:])
    #expect(stage.told == ["38 begin since 28"])
    stage.steps(5, [:], state: "covered")
    #expect(stage.told.count == 1)
  }

  @Test func `a box that trembles on the border is in once`() throws {
    var stage = try Stage("in door")
    for x in [0.49, 0.502, 0.498, 0.503, 0.499, 0.504] { stage.step([7: x]) }
    #expect(stage.told == ["1 7 begin since 1"])
    stage.step([7: 0.52])
    #expect(stage.told.last?.hasPrefix("7 7 end") ?? false)
  }

  @Test func `a line is crossed once, by who goes clearly beyond it, between its ends`() throws {
    var stage = try Stage("crosses gate")
    for x in [0.4, 0.499, 0.501, 0.499, 0.502, 0.6, 0.55, 0.505, 0.55] { stage.step([7: x]) }
    #expect(stage.told == ["6 7 point since 5"])
    var left = try Stage("crosses gate left")
    for x in [0.4, 0.6, 0.4] { left.step([7: x]) }
    #expect(left.told == ["3 7 point since 3"])
  }

  @Test func `then wants them in their order and in time`() throws {
    var stage = try Stage("in door then crosses gate right within 0.5 s")
    for x in [0.3, 0.4, 0.6] { stage.step([7: x]) }
    #expect(stage.told == ["3 7 point since 2"])
    var late = try Stage("in door then outside door within 0.2 s")
    late.step([7: 0.3])
    late.step([7: 0.7], after: 3)
    #expect(late.told == [])
  }

  @Test func `at least n times counts beginnings within the time`() throws {
    var stage = try Stage("in door at least 2 times within 1 s")
    for x in [0.3, 0.7, 0.3] { stage.step([7: x]) }
    #expect(stage.told == ["3 7 begin since 1"])
    stage.steps(8, [7: 0.3])
    #expect(stage.told.last == "11 7 end condition seen 10")
  }

  @Test func `a cooldown holds back others, and counts them`() throws {
    var stage = try Stage("in door", cooldown: 1)
    stage.step([7: 0.3])
    stage.step([7: 0.7])
    stage.step([7: 0.3])
    stage.step([7: 0.7])
    #expect(stage.told.count == 2)
    stage.step([7: 0.7], after: 10)
    stage.step([7: 0.3])
    #expect(stage.told.count == 3 && stage.automaton.changes[0].heldBack == 1)
  }

  @Test func `outside of its hours nothing begins, and what is open ends`() throws {
    // From 22:00 to 06:00 UTC on weekdays; 1970-01-01 was a Thursday.
    let hours = ActiveHours(days: 0b11111, from: 22 * 60, to: 6 * 60, offset: 0)
    var stage = try Stage("in door", hours: hours)
    stage.step([7: 0.3], second: 21 * 3600)
    #expect(stage.told == [])
    stage.step([7: 0.3], second: 22 * 3600)
    #expect(stage.told.count == 1)
    stage.step([7: 0.3], second: 24 * 3600 + 5 * 3600)
    #expect(stage.told.count == 1)
    stage.step([7: 0.3], second: 24 * 3600 + 6 * 3600)
    #expect(stage.told.count == 2)
    // Saturday evening is none of its days, but Saturday's first hours are Friday's night.
    stage.step([7: 0.3], second: 2 * 86400 + 5 * 3600)
    #expect(stage.told.count == 3)
    stage.step([7: 0.3], second: 2 * 86400 + 23 * 3600)
    #expect(stage.told.count == 4)
  }

  @Test func `who is counted is told anew when others are, but not too often`() throws {
    var stage = try Stage("count(objects where in door) > 1")
    stage.step([1: 0.3, 2: 0.3])
    stage.step([1: 0.3, 2: 0.3, 3: 0.3])
    #expect(stage.told == ["1 begin since 1"])
    stage.steps(4, [1: 0.3, 2: 0.3, 3: 0.3])
    #expect(stage.told.last == "6 update")
    #expect(stage.automaton.evidence(rule: 0, object: nil).objects == [1, 2, 3])
  }

  @Test func `its memory depends on who is in sight, not on the length of the stream`() throws {
    var stage = try Stage("in door then crosses gate within 30 s")
    // Ten thousand come and go, three at a time.
    for n in 0..<30_000 as Range<UInt64> {
      stage.step([n / 10 * 3 + 1: 0.3, n / 10 * 3 + 2: 0.6, n / 10 * 3 + 3: 0.2])
    }
    #expect(stage.automaton.slotCount <= 6)
  }

  @Test func `after warm-up a tick allocates nothing`() throws {
    let texts = [
      "in door for 1 s", "crosses gate left", "count(objects where in door) > 1 for 1 s",
      "in door then crosses gate within 3 s", "in door at least 2 times within 2 s",
      "in door since crosses gate",
      "near another object within 5 %", "label in (a, b) and height > 1 %", "state is dark within 5 s",
      "answer(helmet) is no for 1 s", "count(objects where answer(helmet) in (yes, no)) > 1",
      "answer(people) between 2 and 5 for 0.5 s",
    ]
    let rules = try texts.map { EventRule(name: $0, condition: try ConditionParser.read($0, Stage.names)) }
    var automaton = Automaton(Program(rules, Stage.setting))
    var counted: UInt = 0
    var changes = 0
    for n in 0..<2000 {
      // They go to and fro, and now and then one is not seen.
      var objects: [ObjectFacts] = []
      for id in 1...12 as ClosedRange<UInt64> where (UInt64(n) + id * 7) % 50 != 0 {
        var facts = Stage.object(id, x: 0.2 + 0.6 * Double((n + Int(id) * 9) % 60) / 60)
        if id % 3 != 0 { facts.answers = [Double((n / 40 + Int(id)) % 3)] }
        objects.append(facts)
      }
      var scene = SceneFacts()
      scene.answers = [.nan, Double(n / 30 % 7)]
      let tick = Automaton.Tick(
        time: MediaTime(nanoseconds: Int64(n) * 33_333_333), isFresh: true, scene: scene,
        picture: Picture(width: 1600, height: 900))
      let before = saccade_allocations()
      automaton.step(tick, objects)
      if n >= 500 { counted += saccade_allocations() - before }
      changes += automaton.changes.count
    }
    #expect(changes > 1000)
    #expect(counted == 0)
    if saccade_counts_allocations() != 0 {
      // The counter counts.
      let before = saccade_allocations()
      let array = [UInt8](repeating: 1, count: 100_000)
      #expect(array.count == 100_000 && saccade_allocations() > before)
    }
  }
}
