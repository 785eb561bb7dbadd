import Conditions
import Testing

/// Texts that are no condition, the part that the error underlines, and what it says.
@Suite struct ConditionFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    /// What is underlined.
    var part: String
    var what: String
    var advice: String?
    var testDescription: String { text }

    init(_ text: String, _ part: String, _ what: String, _ advice: String? = nil) {
      self.text = text
      self.part = part
      self.what = what
      self.advice = advice
    }
  }

  static let camera: [Case] = [
    // Names.
    Case("in dor", "dor", "no zone `dor`", "`door`"),
    Case("in gate", "gate", "is a line", "crosses gate"),
    Case("crosses door", "door", "is a zone", "in door"),
    Case("crosses gat left", "gat", "no line `gat`", "`gate`"),
    Case("spede > 3 px/s", "spede", "no fact `spede`", "`speed`"),
    Case("door", "door", "is a zone, not a fact", "in door"),
    Case("gate > 3", "gate", "is a line, not a fact", "crosses gate"),
    Case("diameter > 2 mm", "diameter", "a fact of sweeps"),
    Case("object.luma > 5 %", "object.luma", "a fact of the scene", "scene.luma"),
    Case("scene.age > 5 s", "scene.age", "a fact of the object", "object.age"),
    Case("label is persn", "persn", "no label is ever `persn`", "`person`"),
    Case("state is drak", "drak", "never `drak`", "`dark`"),
    Case("seen is maybe", "maybe", "never `maybe`", "observed"),
    // Units.
    Case("age > 2", "2", "needs a unit", "2 s"),
    Case("age > 2 px", "2 px", "`age` is a time", "2 s"),
    Case("age > 2 m", "2 m", "is a length", "2 min"),
    Case("age > 2 secnds", "secnds", "no unit", "2 s"),
    Case("height > 2 s", "2 s", "is a time"),
    Case("speed > 3 m", "3 m", "is a length"),
    Case("in door for 10", "10", "needs a unit", "10 s"),
    Case("in door for 10 m", "10 m", "is a length", "10 min"),
    Case("in door for 10 px", "10 px", "takes a time"),
    Case("in door for 0 s", "0 s", "more than 0"),
    Case("in door for 40 d", "40 d", "at most 31 days"),
    Case("near door within 5 s", "5 s", "takes a distance", "50 px"),
    Case("count(objects) > 3 px", "3 px", "has no unit"),
    Case("count(objects) > 2.5", "2.5", "a whole one"),
    Case("in door at least 2.5 times within 1 min", "2.5", "a whole one"),
    // Numbers that can't be.
    Case("score > 90", "score > 90", "can never hold", "90 %"),
    Case("score >= 0", "score >= 0", "always holds"),
    Case("age < 0 s", "age < 0 s", "can never hold"),
    Case("age between 5 s and 2 s", "5 s and 2 s", "the lower end comes first"),
    Case("count(objects) < 0", "count(objects) < 0", "never below 0"),
    Case("count(objects) >= 0", "count(objects) >= 0", "always 0 or more"),
    Case("age > 5 s and age < 2 s", "age > 5 s and age < 2 s", "can never hold"),
    Case("in door and not in door", "in door and not in door", "can never hold"),
    Case("direction > 90°", "direction > 90°", "they go round", "direction is up"),
    Case("age > 1e400 s", "e400", "no unit"),
    // What can't be joined so.
    Case("crosses gate for 3 s", "crosses gate for", "lasts no time", "within"),
    Case("crosses gate since in door", "crosses gate since in door", "lasts no time"),
    Case("crosses gate or in door", "crosses gate or in door", "for a moment only", "two events"),
    Case(
      "in door and age > 2 s for 10 s", "for 10 s", "may belong to `age > 2 s` alone",
      "(in door and age > 2 s) for 10 s"),
    Case("in door or in hall within 3 s", "within 3 s", "may belong to"),
    Case("in door then crosses gate", "e", "`within` with a time"),
    Case("count(objects where count(objects) > 1) > 1", "count", "inside another"),
    Case("count(objects where state is dark) > 1", "state is dark", "speaks of the scene alone"),
    Case("all(objects)", "all(objects)", "needs a condition"),
    Case("removed for 3 s", "removed for", "lasts no time"),
    // Answers of models.
    Case("answer(\"helmt\") is no", "\"helmt\"", "no question `helmt`", "`helmet`"),
    Case("answer(weather) is wet", "weather", "no question `weather`", "there is `helmet`, `people`, `says`"),
    Case("answer(helmet) is on", "on", "never answered with `on`", "`no`"),
    Case("answer(helmet) in (yes, green)", "green", "never answered with `green`", "`yes`, `no`, `unknown`"),
    Case("answer(helmet) in yes", "yes", "a list"),
    Case("answer(helmet) > 2", ">", "of words none is greater", "is yes"),
    Case("answer(helmet) is 2", "2", "not with a number", "`yes`"),
    Case("answer(helmet)", ")", "`is`"),
    Case("answer(people) is many", "many", "not with `many`", "> 2"),
    Case("answer(people) > 2 m", "2 m", "has no unit", "write `2`"),
    Case("answer(people) > 2 persons", "2 persons", "has no unit", "write `2`"),
    Case("answer(people) between 5 and 2", "5 and 2", "the lower end comes first"),
    Case("answer(people)", ")", "a comparison"),
    Case("answer(says) is \"yes\"", "answer(says)", "in free text can't be tested", "a choice"),
    Case("answer helmet is no", "answer", "in brackets", "answer(\"helmet\")"),
    Case("answer(3) is no", "3", "the name of a question"),
    Case("answer(helmet is no", "is", "`)`"),
    Case("scene.answer(helmet) is no", "scene.answer", "about the object", "object.answer"),
    Case("object.answer(people) > 1", "object.answer", "about the scene", "scene.answer"),
    Case(
      "answer(helmet) is yes and answer(helmet) is no", "answer(helmet) is yes and answer(helmet) is no",
      "can never hold"),
    Case(
      "answer(helmet) in (yes, no) and answer(helmet) is not yes and answer(helmet) is not no",
      "answer(helmet) in (yes, no) and answer(helmet) is not yes and answer(helmet) is not no",
      "can never hold"),
    Case(
      "answer(people) > 3 and answer(people) between 1 and 3",
      "answer(people) > 3 and answer(people) between 1 and 3", "no answer to `people`"),
    Case("count(objects where answer(people) > 1) > 1", "answer(people) > 1", "speaks of the scene alone"),
    // Signs.
    Case("", "", "there is no condition"),
    Case("in", "n", "the name of a zone"),
    Case("(in door", "r", "`)`"),
    Case("in door)", ")", "expected"),
    Case("in door in hall", "in", "expected"),
    Case("in \"door", "\"door", "never closed"),
    Case("2 s < age", "2", "begins with a fact", "age > 2 s"),
    Case("age > > 2 s", ">", "a number"),
    Case("age > 2 s &", "&", "means nothing", "`and`"),
    Case("in door && in hall", "&", "means nothing", "`and`"),
    Case("not", "t", "a condition is missing"),
    Case("in door and", "d", "a condition is missing"),
    Case("age", "e", "a comparison"),
    Case("age !2 s", "!", "means nothing"),
    Case("age > 1.2.3 s", "1.2.3", "no number"),
    Case("label in person", "person", "a list"),
    Case("label in ()", ")", "a word"),
  ]

  @Test(arguments: camera)
  func isToldWithItsPlace(_ given: Case) {
    let names = Vocabulary(
      zones: ["door", "hall"], lines: ["gate"], hasScale: true, labels: ["person", "car"],
      questions: [
        AskedQuestion(name: "helmet", scope: .object, kind: .words(["yes", "no", "unknown"])),
        AskedQuestion(name: "people", scope: .scene, kind: .number),
        AskedQuestion(name: "says", scope: .object, kind: .text),
      ])
    do throws(Problem) {
      let condition = try ConditionParser.read(given.text, names)
      Issue.record("read as \(condition.text(names))")
    } catch {
      let scalars = Array(given.text.unicodeScalars)
      let range = error.range.clamped(to: 0..<scalars.count)
      #expect(String(String.UnicodeScalarView(scalars[range])) == given.part, "\(error.what)")
      #expect(error.what.contains(given.what), "\(error.what)")
      if let advice = given.advice {
        #expect(error.advice?.contains(advice) ?? false, "\(error.advice ?? "no advice")")
      }
    }
  }

  @Test(arguments: ["speed > 1 m/s", "height > 1.5 m", "near another object within 2 m", "area > 1 m²"])
  func metresNeedAScale(_ text: String) {
    #expect(throws: Problem.self) { try ConditionParser.read(text, Vocabulary()) }
    #expect(throws: Never.self) { try ConditionParser.read(text, Vocabulary(hasScale: true)) }
  }

  @Test func textsFromOutsideAreBounded() {
    let names = Vocabulary(zones: ["door"])
    let deep = String(repeating: "(", count: 3000) + "in door" + String(repeating: ")", count: 3000)
    let long = Array(repeating: "in door", count: 450).joined(separator: " and ")
    let nots = String(repeating: "not ", count: 900) + "in door"
    for text in [deep, long, nots, String(repeating: "x", count: 10_000)] {
      #expect(throws: Problem.self) { try ConditionParser.read(text, names) }
    }
  }
}
