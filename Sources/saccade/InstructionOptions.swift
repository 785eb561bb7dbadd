import ArgumentParser
import Base
import Conditions
import Pipelines

/// The layers of an instruction on the command line; each takes the place of the pipeline's own.
struct InstructionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What to look for, in words, such as 'people and vehicles'.", valueName: "words"))
  var system: String?

  @Option(
    name: .customLong("input-is"),
    help: ArgumentHelp("What is looked at, such as 'camera'.", valueName: "words"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "What to report: a sentence or a condition, such as 'height > 10 %'.", valueName: "words"))
  var constraint: String?

  @Option(help: ArgumentHelp("How records are written: json, csv or text.", valueName: "format"))
  var output: String?

  var layers: Instruction.Layers {
    Instruction.Layers(system: system, input: input, constraint: constraint, output: output)
  }

  /// Says more than how records are written.
  var asksForThings: Bool { system != nil || input != nil || constraint != nil }

  /// Puts them over the pipeline's.
  func apply(to pipeline: inout Pipeline) throws(Fault) {
    do throws(Instruction.Refused) {
      try pipeline.override(layers)
    } catch {
      let option = error.layer == .input ? "input-is" : error.layer.rawValue
      let text =
        switch error.layer {
        case .system: system
        case .input: input
        case .constraint: constraint
        case .output: output
        }
      throw Self.fault(error.problem, in: text ?? "", option: option)
    }
  }

  static func fault(_ problem: Problem, in text: String, option: String) -> Fault {
    let scalars = Array(text.unicodeScalars)
    let start = min(problem.range.lowerBound, scalars.count)
    let carets = String(repeating: "^", count: max(1, min(problem.range.count, scalars.count - start)))
    return Fault(
      .usage, problem.what, at: "--\(option):1:\(start + 1)", advice: problem.advice,
      excerpt: "  \(text)\n  \(String(repeating: " ", count: start))\(carets)")
  }
}
