import Base
import Conditions
import Language
import Semantics

/// A question that a pipeline asks about its events.
package struct QuestionSetting: Hashable, Sendable {
  package var plan: QuestionPlan
  package var question: Question
  /// Of the pictures that are shown, in pixels.
  package var longestSide = 640

  package init(plan: QuestionPlan, question: Question) {
    self.plan = plan
    self.question = question
  }

  /// As conditions may speak of its answers.
  package var asked: AskedQuestion {
    let kind: AskedQuestion.Kind =
      switch question.form {
      case .yesNo, .choice: .words(words)
      case .number: .number
      case .text: .text
      }
    return AskedQuestion(name: plan.name, scope: plan.isOfScene ? .scene : .object, kind: kind)
  }

  /// All that it can be answered with, for questions that are answered with a word.
  private var words: [String] {
    switch question.form {
    case .yesNo: ["yes", "no", Answer.unknownWord]
    case .choice(let choices): choices + [Answer.unknownWord]
    case .number, .text: []
    }
  }

  /// What an answer means to whoever asked.
  func said(_ answer: Answer) -> QuestionAnswer.Said {
    switch answer {
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    default:
      words.firstIndex(of: answer.description).map { .word($0, answer.description) } ?? .nothing("undecided")
    }
  }
}

/// Who answers the questions of a pipeline.
package struct LanguageModelSetting: Hashable, Sendable {
  package var servers: [LanguageServer] = []
  /// A llama-server that Saccade runs itself; its door is chosen when it is started. Nil for none.
  package var own: LlamaPlan?
  /// LoRA adapters by their number at the server, with their scale.
  package var adapters: [Int: Double] = [:]
  /// How often a stream may call them.
  package var calls = CallAllowance.usual
  /// Sentences that the grammar refuses may be compiled by the model.
  package var compiles = false

  package init() {}
}

extension Pipeline {
  /// What every request of the pipeline begins with.
  var chatInstruction: ChatInstruction {
    let system = [ChatInstruction.usualSystem] + (instruction.system.map { [$0] } ?? [])
    return ChatInstruction(
      system: system.joined(separator: "\n"), scene: instruction.input ?? "",
      constraint: instruction.constraint ?? "")
  }
}
