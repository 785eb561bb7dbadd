import Base
import Language

/// What tests ask about.
enum Asking {
  static let helmet = question("Is the person wearing a helmet?", .yesNo)

  static func question(_ text: String, _ form: Question.Form) -> Question {
    do { return try Question(text, form) } catch { preconditionFailure("\(error)") }
  }

  /// Not a real picture: nobody here decodes it.
  static func picture(_ seconds: Double, _ seed: UInt8 = 1) -> TimedPicture {
    TimedPicture(time: MediaTime(seconds: seconds), jpeg: [0xFF, 0xD8, seed, 0x00, 0x7F, 0xFF, 0xD9])
  }

  static func request(_ question: Question = helmet, pictures: [TimedPicture] = [picture(12.4), picture(13)])
    -> ChatRequest
  {
    ChatRequest(
      model: "qwen3-vl",
      instruction: ChatInstruction(scene: "A \"yard\" seen from above.", constraint: "Judge people only."),
      cases: [
        LanguageCase(pictures: pictures, context: "Object 7 entered the zone gate.", question: question)
      ])
  }

  /// Three things in one call, two of them asked the same.
  static func shared() -> ChatRequest {
    ChatRequest(
      model: "qwen3-vl", instruction: ChatInstruction(),
      cases: [
        LanguageCase(pictures: [picture(12.4)], context: "object 7 in yard", question: helmet),
        LanguageCase(
          pictures: [picture(13, 2), picture(14, 3)], context: "3 objects in yard",
          question: question("How many people are there?", .number(unit: nil, range: 0...9))),
        LanguageCase(pictures: [picture(15, 4)], context: "object 9 in yard", question: helmet),
      ])
  }
}

extension ExchangeLimits {
  /// Beside many tests on a small machine a task may wait for minutes.
  static var patient: ExchangeLimits {
    var limits = ExchangeLimits()
    limits.connect = .seconds(240)
    limits.firstToken = .seconds(300)
    limits.total = .seconds(400)
    limits.health = .seconds(240)
    return limits
  }
}
