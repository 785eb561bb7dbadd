import Base
import Language
import Testing

struct QuestionTests {
  @Test(arguments: [
    ("", Question.Form.yesNo), (String(repeating: "x", count: 2001), .yesNo), ("What?", .choice(["one"])),
    ("What?", .choice(["red", "Red"])), ("What?", .choice(["red", "Unknown"])),
    ("What?", .choice(["red", " "])),
    ("What?", .choice((0...64).map { "c\($0)" })), ("How much?", .number(unit: nil, range: 0...(.infinity))),
    ("What?", .text(longest: 0)), ("What?", .text(longest: 4001)),
  ])
  func `a question that can't be answered is refused`(text: String, form: Question.Form) {
    let fault = #expect(throws: Fault.self) { try Question(text, form) }
    #expect(fault?.code == .configuration)
  }
}
