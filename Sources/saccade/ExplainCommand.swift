import ArgumentParser
import Base
import Conditions
import Language
import Pipelines
import Sweeps

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tell in words what the events of a pipeline mean.",
    discussion: """
      Reads the pipeline as `check` does, and prints for each of its events the condition as it was understood, \
      in the language itself and in words, and what it compiles to: one step a line, each done once for all \
      events that need it, and how much it remembers. That memory is all there is, however long a stream runs.

      Examples:
        saccade explain pipelines/loitering.yaml
        saccade explain --language zh lobby.yaml

      Ends with 78 when the pipeline is wrong.
      """)

  @Argument(help: ArgumentHelp("Pipeline files, or folders of them.", valueName: "pipeline"))
  var pipelines: [String]

  @Option(
    help: ArgumentHelp("The language of the words, en or zh, instead of the pipeline's.", valueName: "code"))
  var language: Tongue?

  func run() throws {
    let found = try PipelineFiles.load(pipelines, environment: Surroundings.current.environment)
    for (number, pipeline) in found.enumerated() {
      if number > 0 { try Console.print("") }
      try explain(pipeline)
      try explainCompiled(pipeline)
    }
  }

  /// What a model made of the constraint.
  private func explainCompiled(_ pipeline: Pipeline) throws {
    guard let entry = pipeline.compiled else { return }
    try Console.print("")
    try Console.print("constraint   \(entry.sentence)")
    try Console.print(
      "  compiled   \(entry.condition)" + (entry.model.isEmpty ? "" : "  (by \(entry.model))"))
  }

  /// Of a sweep: what is reported of its defects.
  private func explainSweep(_ pipeline: Pipeline) throws {
    let names = pipeline.vocabulary
    guard let condition = pipeline.rules.report else {
      return try Console.print("\(pipeline.name): a CT sweep; every defect is reported")
    }
    try Console.print("\(pipeline.name): a CT sweep")
    try Console.print("  condition  \(condition.text(names))")
    try Console.print("  in words   \(Phrases(language ?? pipeline.tongue, names).phrase(condition))")
    try Console.print(
      "  tells      one event for each defect that fulfils it, or may, from its first slice to its last")
    if let part = condition.unfitForDefects {
      try Console.print("  refused    `\(part.text(names))`: defects have kinds and measures only")
    }
  }

  private func explainQuestions(_ pipeline: Pipeline) throws {
    for setting in pipeline.questions {
      let plan = setting.plan
      try Console.print("")
      try Console.print("\(plan.name)?")
      try Console.print("  asks       \(setting.question.text)")
      try Console.print("  answered   \(Self.said(setting.question.form))")
      let every = plan.every.map { ", and every \(Quantity.short($0.inSeconds)) s while it lasts" } ?? ""
      try Console.print(
        "  when       at the begin of \(plan.kinds.sorted().joined(separator: ", ")) and at its turns\(every)"
      )
      try Console.print(
        "  at most    \(plan.most) times an event, \(Quantity.short(plan.pause.inSeconds)) s apart, each within \(Quantity.short(setting.plan.deadline.inSeconds)) s"
      )
      try Console.print(
        "  shows      \(plan.pictures) \(plan.pictures == 1 ? "picture" : "pictures") of \(plan.isOfScene ? "the whole scene" : "the event's objects")"
      )
    }
    guard !pipeline.questions.isEmpty, let calls = pipeline.languageModel?.calls else { return }
    let (count, unit) =
      calls.perSecond >= 1
      ? (calls.perSecond, "1/s")
      : calls.perSecond >= 1.0 / 60 ? (calls.perSecond * 60, "1/min") : (calls.perSecond * 3600, "1/h")
    try Console.print("")
    try Console.print("language_model")
    try Console.print(
      "  calls      \(Quantity.short(count)) \(unit) at most; what has to wait shares the next one")
  }

  private static func said(_ form: Question.Form) -> String {
    switch form {
    case .yesNo: "yes or no"
    case .choice(let words): words.joined(separator: ", ")
    case .number(let unit, let range):
      "a number" + (unit.map { " in \($0)" } ?? "")
        + (range.map { " from \(Quantity.short($0.lowerBound)) to \(Quantity.short($0.upperBound))" } ?? "")
    case .text(let longest): "a text of at most \(longest) characters"
    }
  }

  private func explain(_ pipeline: Pipeline) throws {
    guard pipeline.sweep == nil else { return try explainSweep(pipeline) }
    guard !pipeline.events.isEmpty else {
      try Console.print(
        "\(pipeline.name): no events of its own; objects and the health of the picture are told of always")
      return try explainQuestions(pipeline)
    }
    let names = pipeline.vocabulary
    let phrases = Phrases(language ?? pipeline.tongue, names)
    try Console.print("\(pipeline.name): \(pipeline.events.count) kinds of event")
    for event in pipeline.events {
      let rule = event.rule
      try Console.print("")
      try Console.print(rule.name)
      try Console.print("  condition  \(rule.condition.text(names))")
      try Console.print("  in words   \(phrases.phrase(rule.condition))")
      let life = rule.condition.isMomentary ? "a point" : "from its beginning to its end"
      let whose =
        rule.condition.scope == .object ? "one event for each object" : "one event of the scene at a time"
      try Console.print("  tells      \(whose), \(life)")
      if rule.cooldown > 0 {
        let time = Quantity.short(rule.cooldown.inSeconds)
        try Console.print("  cooldown   none begins until \(time) s after the last one ended")
      }
      if let hours = rule.hours { try Console.print("  active     \(hours)") }
      let attributes = rule.condition.attributeNames(names.questions)
      if !attributes.isEmpty { try Console.print("  attributes \(attributes.joined(separator: ", "))") }
    }
    try explainQuestions(pipeline)
    let program = Program(pipeline.events.map(\.rule), pipeline.setting)
    try Console.print("")
    try Console.print("compiled to \(program.stepCounts.object + program.stepCounts.scene) steps a tick")
    for line in program.listing(names) { try Console.print("  \(line)") }
    try Console.print(
      "memory: \(program.bytes) bytes, and \(program.bytesPerObject) bytes for each object in sight")
  }
}

extension Tongue: ExpressibleByArgument {}
