import ArgumentParser
import Base
import Conditions
import Logging
import Pipelines

struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Have the language model turn a sentence into a condition.",
    discussion: """
      For pipelines with `compiles: true` under `language_model`: a constraint that the grammar refuses is given to the \
      model, and what it writes is checked as if a person had. The condition is kept in a file beside the pipeline, \
      PIPELINE.compiled.json; `run` and `analyze` read it there and never ask again. Read it before you trust it.

      Examples:
        saccade compile lobby.yaml
        saccade explain lobby.yaml

      Ends with 0 when there is nothing left to compile, 65 when no condition came out, 69 when no model answers, 78 when \
      the pipeline is wrong.
      """)

  @Argument(help: ArgumentHelp("Pipeline files.", valueName: "pipeline"))
  var pipelines: [String]

  @Flag(help: "Compile anew what was compiled before.")
  var again = false

  func run() throws {
    let surroundings = Surroundings.current
    let found = try PipelineFiles.load(
      pipelines, environment: surroundings.environment, compiling: again ? .all : .missing)
    let logger = Logger(label: "saccade") { _ in ConsoleLog(in: surroundings) }
    let models = LanguageOffice(in: surroundings, logger: logger)
    defer { models.close() }
    for pipeline in found {
      guard let sentence = pipeline.uncompiled, let file = pipeline.file else {
        try Console.print("\(pipeline.name): nothing to compile")
        continue
      }
      try models.prepare([pipeline])
      guard let core = models.core(of: pipeline) else { continue }
      let compiler = SentenceCompiler(core, pipeline.vocabulary, clocks: surroundings.clocks)
      let compiled = try compiler.compile(sentence)
      let text = compiled.condition.text(pipeline.vocabulary)
      var kept = try CompiledSentences(beside: file)
      try kept.keep(.init(sentence: sentence, condition: text, model: compiled.model))
      try Console.print("\(pipeline.name): \(sentence)")
      try Console.print("  condition  \(text)")
      try Console.print(
        "  in words   \(Phrases(pipeline.tongue, pipeline.vocabulary).phrase(compiled.condition))")
      try Console.print("  kept in    \(kept.path)")
    }
  }
}
