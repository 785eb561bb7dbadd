import Language
import Testing

struct AnswerReaderTests {
  static let colour = Asking.question("What colour is the car?", .choice(["Red", "dark blue"]))
  static let count = Asking.question("How many people?", .number(unit: "people", range: 0...20))
  static let what = Asking.question("What is carried?", .text(longest: 10))

  @Test(arguments: [
    (Asking.helmet, #"{"answer":"yes"}"#, Answer.yes), (Asking.helmet, " {\"answer\": \"No\"}\n \n", .no),
    (Asking.helmet, #"{"answer":"unknown"}"#, .undecided), (colour, #"{"answer":"red"}"#, .choice("Red")),
    (colour, #"{"answer":" dark blue "}"#, .choice("dark blue")),
    (colour, #"{"answer":"UNKNOWN"}"#, .undecided),
    (count, #"{"answer":3}"#, .number(3)), (count, #"{"answer":2.5e0}"#, .number(2.5)),
    (count, #"{"answer":"unknown"}"#, .undecided), (what, #"{"answer":"一把伞"}"#, .text("一把伞")),
    (what, "```json\n{\"answer\":\"a bag\"}\n```", .text("a bag")),
    (what, "```\n{\"answer\":\"a bag\"}```", .text("a bag")),
    (Asking.helmet, "<think>{\"answer\":\"no\"} or not?</think>\n{\"answer\":\"yes\"}", .yes),
  ])
  func `an answer of the right form is read`(question: Question, text: String, answer: Answer) throws {
    #expect(try AnswerReader.read(content: text, reasoning: "", for: question) == answer)
  }

  @Test(arguments: [
    (Asking.helmet, ""), (Asking.helmet, "yes"), (Asking.helmet, "Sure! {\"answer\":\"yes\"}"),
    (Asking.helmet, #"{"answer":"yes"} I hope that helps"#), (Asking.helmet, #"{"answer":true}"#),
    (Asking.helmet, #"{"answer":"maybe"}"#), (Asking.helmet, #"{"answer":"yes","why":"blue hat"}"#),
    (Asking.helmet, #"{"result":"yes"}"#), (Asking.helmet, #"{"answer":"ye"#), (Asking.helmet, #"["yes"]"#),
    (Asking.helmet, "{}"), (Asking.helmet, #"{"answer":null}"#), (Asking.helmet, "<think>hm"),
    (Asking.helmet, #"{"answer":"yes","answer":"no"}"#), (colour, #"{"answer":"green"}"#),
    (colour, #"{"answer":1}"#),
    (count, #"{"answer":"3"}"#), (count, #"{"answer":21}"#), (count, #"{"answer":-0.5}"#),
    (count, #"{"answer":1e400}"#),
    (what, #"{"answer":""}"#), (what, #"{"answer":"more than ten"}"#), (what, #"{"answer":["a"]}"#),
  ])
  func `what isn't of the form is no answer, whatever a person would read in it`(
    question: Question, text: String
  ) {
    #expect(throws: AnswerReader.Invalid.self) {
      try AnswerReader.read(content: text, reasoning: "", for: question)
    }
  }

  @Test func `thoughts are read when the message is empty, and only then`() throws {
    let yes = #"{"answer":"yes"}"#
    #expect(try AnswerReader.read(content: " \n", reasoning: yes, for: Asking.helmet) == .yes)
    #expect(try AnswerReader.read(content: #"{"answer":"no"}"#, reasoning: yes, for: Asking.helmet) == .no)
    #expect(throws: AnswerReader.Invalid.self) {
      try AnswerReader.read(content: "nonsense", reasoning: yes, for: Asking.helmet)
    }
  }

  @Test func `a complaint about a long answer is short`() {
    let long = #"{"answer":""# + String(repeating: "x", count: 5000) + #""}"#
    let invalid = #expect(throws: AnswerReader.Invalid.self) {
      try AnswerReader.read(content: long, reasoning: "", for: Asking.helmet)
    }
    #expect((invalid?.description.count ?? .max) < 120)
  }

  private static let both = [Asking.helmet, Asking.question("How many?", .number(unit: nil, range: 0...9))]

  @Test func `several are read by their numbers, in any order`() throws {
    let answers = try AnswerReader.read(content: #"{"2":3,"1":"No"}"#, reasoning: "", forEach: Self.both)
    #expect(answers == [.no, .number(3)])
  }

  @Test(arguments: [
    (#"{"1":"no"}"#, "the keys 1 to 2"), (#"{"answer":"no"}"#, "the keys 1 to 2"),
    (#"{"1":"no","2":3,"3":4}"#, "the keys 1 to 2"), (#"{"1":"no","2":30}"#, "out of range"),
    (#"{"1":3,"2":3}"#, "number in place of a string"),
  ])
  func `where one of several is no answer, none is`(text: String, why: String) throws {
    let invalid = try #require(throws: AnswerReader.Invalid.self) {
      try AnswerReader.read(content: text, reasoning: "", forEach: Self.both)
    }
    #expect(invalid.description.contains(why), "\(invalid)")
  }
}
