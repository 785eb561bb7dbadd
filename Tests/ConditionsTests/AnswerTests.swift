import Base
import Conditions
import Foundation
import Testing

/// What models said, as facts.
@Suite struct AnswerTests {
  static let questions = [
    AskedQuestion(name: "helmet", scope: .object, kind: .words(["yes", "no", "unknown"])),
    AskedQuestion(name: "colour", scope: .object, kind: .words(["red", "dark green", "7", "unknown"])),
    AskedQuestion(name: "people", scope: .scene, kind: .number),
    AskedQuestion(name: "how \"full\"", scope: .scene, kind: .words(["half", "unknown"])),
    AskedQuestion(name: "says", scope: .object, kind: .text),
  ]
  static let setting = Setting(labels: nil, questions: questions)
  static let names = setting.vocabulary()

  private typealias Stage = AutomatonTests.Stage

  private static func words(_ question: Int, _ places: [Int]) -> Condition {
    .answer(question: question, questions[question].scope, .words(places))
  }
  private static func people(_ test: AnswerTest) -> Condition { .answer(question: 2, .scene, test) }

  static let read: [(text: String, meaning: Condition, written: String)] = [
    ("answer(\"helmet\") is no", words(0, [1]), "answer(\"helmet\") is no"),
    ("Answer(helmet) = no", words(0, [1]), "answer(\"helmet\") is no"),
    ("object answer('helmet') is unknown", words(0, [2]), "answer(\"helmet\") is unknown"),
    ("object.answer(helmet) is no", words(0, [1]), "answer(\"helmet\") is no"),
    ("answer（“helmet”） is no", words(0, [1]), "answer(\"helmet\") is no"),
    ("answer(helmet) is not yes", .not(words(0, [0])), "not answer(\"helmet\") is yes"),
    ("answer(helmet) != yes", .not(words(0, [0])), "not answer(\"helmet\") is yes"),
    (
      "answer(\"colour\") in (\"dark green\", red)", words(1, [0, 1]),
      "answer(\"colour\") in (red, \"dark green\")"
    ),
    ("answer(colour) is (red or red)", words(1, [0]), "answer(\"colour\") is red"),
    ("answer(colour) is \"7\"", words(1, [2]), "answer(\"colour\") is \"7\""),
    ("answer(colour) not in (red)", .not(words(1, [0])), "not answer(\"colour\") is red"),
    ("answer(colour) is not in (red)", .not(words(1, [0])), "not answer(\"colour\") is red"),
    ("answer(people) > 3", people(.compare(.greater, 3)), "answer(\"people\") > 3"),
    (
      "scene.answer(people) is at least 2.5", people(.compare(.greaterOrEqual, 2.5)),
      "answer(\"people\") >= 2.5"
    ),
    ("answer(people) < -0.0000125", people(.compare(.less, -1.25e-5)), "answer(\"people\") < -0.0000125"),
    ("answer(people) is not 3", people(.compare(.unequal, 3)), "answer(\"people\") != 3"),
    ("answer(people) between -1 and 5", people(.between(-1, 5)), "answer(\"people\") between -1 and 5"),
    ("answer('how \"full\"') is half", words(3, [0]), "answer('how \"full\"') is half"),
    (
      "answer(helmet) is no or answer(colour) is red", .or([words(0, [1]), words(1, [0])]),
      "answer(\"helmet\") is no or answer(\"colour\") is red"
    ),
    (
      "answer(people) > 3 for 2 s", .lasting(people(.compare(.greater, 3)), Quantity(2, Unit.find("s"))),
      "answer(\"people\") > 3 for 2 s"
    ),
    (
      "count(objects where answer(helmet) is no) > 0", .count(words(0, [1]), .compare(.greater, 0)),
      "count(objects where answer(\"helmet\") is no) > 0"
    ),
    // What was answered at all.
    (
      "answer(helmet) in (yes, no, unknown) and answer(helmet) is not yes",
      .and([words(0, [0, 1, 2]), .not(words(0, [0]))]),
      "answer(\"helmet\") in (yes, no, unknown) and not answer(\"helmet\") is yes"
    ),
  ]

  @Test(arguments: read)
  func `it is read, and written so that it reads the same`(
    _ given: (text: String, meaning: Condition, written: String)
  ) throws {
    let condition = try ConditionParser.read(given.text, Self.names)
    #expect(condition == given.meaning)
    #expect(condition.text(Self.names) == given.written)
    #expect(try ConditionParser.read(given.written, Self.names) == condition)
  }

  @Test(arguments: [
    ("answer(helmet) is no", "helmet: no", "helmet：no"),
    ("answer(helmet) is not yes for 3 s", "helmet: not yes for 3 s", "helmet：并非 yes持续 3 s"),
    ("answer(colour) in (red, \"dark green\")", "colour: red or dark green", "colour：red或dark green"),
    ("answer(people) > 3", "people: above 3", "people：大于 3"),
    ("not answer(people) between 2 and 5", "people: not between 2 and 5", "people：并非 在 2 与 5 之间"),
  ])
  func `it is told in both languages`(_ text: String, english: String, chinese: String) throws {
    let condition = try ConditionParser.read(text, Self.names)
    #expect(Phrases(.en, Self.names).phrase(condition) == english)
    #expect(Phrases(.zh, Self.names).phrase(condition) == chinese)
  }

  @Test func `where no models are asked it is refused with the reason`() throws {
    let text = "answer(helmet) is no"
    func problem(_ names: Vocabulary) -> Problem? {
      do throws(Problem) {
        _ = try ConditionParser.read(text, names)
        return nil
      } catch {
        return error
      }
    }
    #expect(problem(Vocabulary(domain: .sweep))?.what == "of a sweep no model is asked anything")
    let none = problem(Vocabulary())
    #expect(none?.what == "there is no question `helmet`")
    #expect(none?.advice == "the pipeline asks no questions: add it under `questions`")
    let missing = problem(Self.setting.vocabulary(missing: ["answer": "nobody is here"]))
    #expect(missing?.what == "`answer` is not known here: nobody is here" && missing?.range == 0..<6)
  }

  @Test func `an older journal's setting has no questions`() throws {
    let old = try JSONDecoder().decode(
      Setting.self, from: Data(#"{"zones":[],"lines":[],"labels":["car"]}"#.utf8))
    #expect(old == Setting(labels: ["car"]) && old.questions.isEmpty)
    let written = try JSONEncoder().encode(Self.setting)
    #expect(try JSONDecoder().decode(Setting.self, from: written) == Self.setting)
  }

  // MARK: - Over time

  @Test func `without an answer nothing begins, and an answer holds until there is another`() throws {
    var stage = try Stage("answer(\"helmet\") is no for 1 s")
    stage.steps(20, [7: 0.3])
    stage.answers[7] = [1]
    stage.steps(11, [7: 0.3])
    #expect(stage.told == ["31 7 begin since 21"])
    // Nor does anything end.
    stage.answers[7] = [.nan]
    stage.steps(20, [7: 0.3])
    stage.answers[7] = []
    stage.steps(20, [7: 0.3])
    #expect(stage.told.count == 1)
    stage.answers[7] = [2]
    stage.step([7: 0.3])
    #expect(stage.told.last == "72 7 end condition seen 31")
  }

  @Test func `another answer within the time begins it anew`() throws {
    var stage = try Stage("answer(helmet) is no for 1 s")
    for answer in [1.0, 0, 1] {
      stage.answers[7] = [answer]
      stage.steps(answer == 0 ? 1 : 10, [7: 0.3])
    }
    #expect(stage.told == [])
    stage.step([7: 0.3])
    #expect(stage.told == ["22 7 begin since 12"])
  }

  @Test func `nothing follows from an answer that is missing, also not what is asked the other way round`()
    throws
  {
    for text in ["answer(helmet) is not yes", "not answer(people) > 2", "answer(people) != 2"] {
      var stage = try Stage(text)
      stage.steps(3, [7: 0.3])
      #expect(stage.told == [], "\(text)")
    }
  }

  @Test func `a number that a model gives for the scene can be compared`() throws {
    var stage = try Stage("answer(people) between 2 and 3")
    for people in [.nan, 1, 2, 3, 4] {
      stage.ofScene = [.nan, people]
      stage.step([:])
    }
    #expect(stage.told == ["3 begin since 3", "5 end condition seen 4"])
  }

  @Test func `who leaves takes the answers along`() throws {
    var stage = try Stage("answer(helmet) is no")
    stage.answers[7] = [1]
    stage.step([7: 0.3])
    stage.steps(6, [:])
    #expect(stage.told == ["1 7 begin since 1", "7 7 end left seen 1"])
    // Another one takes the place in memory.
    stage.steps(3, [8: 0.3])
    #expect(stage.told.count == 2)
  }

  @Test func `who has an answer is counted, and who may have it is not left out`() throws {
    var stage = try Stage("count(objects where answer(helmet) is no) > 0")
    stage.answers[2] = [1]
    stage.step([1: 0.3, 2: 0.3])
    #expect(stage.told == ["1 begin since 1"])
    #expect(stage.automaton.evidence(rule: 0, object: nil).objects == [2])
    // The first has never been asked: there may still be one.
    stage.answers[2] = [0]
    stage.step([1: 0.3, 2: 0.3])
    #expect(stage.told.count == 1)
    stage.answers[1] = [0]
    stage.step([1: 0.3, 2: 0.3])
    #expect(stage.told.last == "3 end condition seen 1")
  }

  @Test func `an event bears the answers that it holds on`() throws {
    let text = "answer(helmet) is not yes and answer(people) > 2"
    #expect(
      try ConditionParser.read(text, Stage.names).attributeNames(Stage.questions)
        == ["answer_helmet", "answer_people"])
    var stage = try Stage(text)
    stage.answers[7] = [2]
    stage.ofScene = [.nan, 3]
    stage.step([7: 0.3])
    #expect(stage.told == ["1 7 begin since 1"])
    let evidence = stage.automaton.evidence(rule: 0, object: 7).values
    #expect(evidence.map(\.name) == ["answer_helmet", "answer_people"])
    #expect(evidence.map(\.value) == [.word("unknown"), .number(3)])
  }
}
