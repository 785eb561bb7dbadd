import Base
import Conditions
import Language

/// Has a language model turn a sentence into a condition. What it writes is read as if a person had: by the grammar, with the
/// pipeline's names and units, or it is refused.
package struct SentenceCompiler {
  package struct Compiled: Sendable {
    package var condition: Condition
    package var model: String
  }

  private let core: LanguageCore
  private let vocabulary: Vocabulary
  private let clocks: any Clocks

  private static let attempts = 3
  private static let longest = 1000
  private static let deadline: Nanoseconds = .seconds(300)

  package init(_ core: LanguageCore, _ vocabulary: Vocabulary, clocks: any Clocks) {
    self.core = core
    self.vocabulary = vocabulary
    self.clocks = clocks
  }

  /// Blocks until the model has answered, minutes where it is slow.
  package func compile(_ sentence: String) throws(Fault) -> Compiled {
    var complaint = ""
    for _ in 0..<Self.attempts {
      let reply = try ask(sentence, complaint)
      let text: String
      switch reply.verdict {
      case .answered(let answers):
        guard case .text(let said) = answers[0] else {
          throw Fault(
            .data, "the model can't say it as a condition", at: sentence,
            cause: "it answered `\(answers[0])`", advice: "say it in the words of docs/conditions.md")
        }
        text = said
      case .unknown(let reason):
        throw Fault(
          .unavailable, "no language model compiles the sentence", at: sentence, cause: "\(reason)",
          advice: "look at `language_model` and its servers")
      }
      do throws(Problem) {
        let condition = try ConditionParser.read(text, vocabulary)
        guard condition.scope == .object else {
          throw Problem(
            0..<text.unicodeScalars.count, "it speaks of the scene, and not of the things that are reported")
        }
        return Compiled(condition: condition, model: reply.evidence.model ?? "")
      } catch {
        complaint =
          "`\(text)` is no condition: \(error.what)." + (error.advice.map { " Advice: \($0)." } ?? "")
      }
    }
    throw Fault(
      .data, "the model's conditions are none", at: sentence,
      cause: "\(Self.attempts) attempts; the last: \(complaint)",
      advice: "say it in the words of docs/conditions.md")
  }

  private func ask(_ sentence: String, _ complaint: String) throws(Fault) -> LanguageReply {
    let question = try Question(
      "Write as one condition: \(sentence)" + (complaint.isEmpty ? "" : "\n\(complaint)"),
      .text(longest: Self.longest))
    let answer = Monitor<LanguageReply?>(nil)
    core.ask(
      LanguageAsk(
        instruction: ChatInstruction(system: system), pictures: [], question: question,
        deadline: clocks.monotonic() + Self.deadline)
    ) { reply in
      answer.withLock { answer, held in
        answer = reply
        held.wakeAll()
      }
    }
    return answer.withLock { answer, held in
      while true {
        if let reply = answer { return reply }
        held.wait(&answer)
      }
    }
  }

  /// What the language is, and what there is in this pipeline.
  private var system: String {
    let isCamera = vocabulary.domain == .camera
    let facts = Fact.all(in: vocabulary.domain).filter { $0.scope == .object }.map { fact in
      "\(fact.rawValue) (\(fact.dimensions.map(\.described).joined(separator: ", or ")))"
    }
    func list(_ title: String, _ names: [String]) -> String? {
      names.isEmpty ? nil : "\(title): \(names.joined(separator: ", "))."
    }
    let words = WordFact.all(in: vocabulary.domain).filter { $0.scope == .object }.map { fact in
      let known = fact == .label ? vocabulary.labels : fact.words(in: vocabulary.domain)
      return fact.rawValue + (known.map { " (\($0.joined(separator: ", ")))" } ?? "")
    }
    let lines: [String?] = [
      "You turn a wish about \(isCamera ? "objects that a camera sees" : "defects in a CT scan") into one condition of a "
        + "small language, and say it as a text. If the language can't say it, the answer is \"unknown\".",
      "A condition compares a measure with a number and its unit (age > 2 s, diameter >= 2 mm, width between 10 and "
        + "20 %), or a word (label is car, kind is not person, kind in (person, animal)); conditions are joined by and, or, "
        + "not and brackets.",
      isCamera
        ? "Also: in ZONE, outside ZONE, crosses LINE, near ZONE within 5 %, and (CONDITION) for 10 s, CONDITION within 5 s."
        : nil,
      list("Measures", facts), list("Words", words), list("Zones", vocabulary.zones),
      list("Lines", vocabulary.lines),
      isCamera && !vocabulary.hasScale ? "Lengths are in px or %; there are no metres here." : nil,
      "There is nothing else: no other names, no functions, no comments.",
    ]
    return lines.compactMap(\.self).joined(separator: "\n")
  }
}
