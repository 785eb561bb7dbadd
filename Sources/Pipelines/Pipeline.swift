import Base
import Conditions
import Media
import Semantics
import Vision

/// A pipeline file, read and checked: everything that one stream needs.
package struct Pipeline: Sendable {
  /// Names the stream; the file's name without its ending unless it says otherwise.
  package var name: String
  package var source: SourceConfiguration
  /// Records a second on the media clock.
  package var rate = 30
  /// Zones, lines and scale.
  package var setting = Setting()
  /// What is looked for beside objects and the health of the picture.
  package var events: [EventSetting] = []
  /// What is reported of what is seen.
  package var instruction = Instruction.Layers()
  /// The constraint as it was written, where a model has turned it into the condition that stands in `instruction` now.
  package var compiled: CompiledSentences.Entry?
  /// A constraint that is to be compiled; nil but for whoever compiles.
  package var uncompiled: String?
  /// The source is a CT sweep; nil for cameras and recordings.
  package var sweep: SweepPlan?
  /// Of the sentences in events.
  package var tongue = Tongue.en
  package var encoder = EncoderConfiguration()
  /// A model that says what things are; nil without one.
  package var detector: DetectorSetting?
  /// What models are asked about events, and who answers.
  package var questions: [QuestionSetting] = []
  package var languageModel: LanguageModelSetting?
  /// Socket asked for in the file, below `--socket` and the environment. Relative to the file's folder
  /// as written, absolute or relative to the working directory here.
  package var socket: String?
  package var signalLostAfter: Nanoseconds = .seconds(2)
  /// Where the time of a recording starts; nil takes the container's creation time, else the start of the
  /// run.
  package var start: WallTime?
  /// The file that it was read from; nil for one made in code.
  package var file: String?

  package init(name: String, source: SourceConfiguration) {
    self.name = name
    self.source = source
  }
}

/// One kind of event that a pipeline asks for.
package struct EventSetting: Sendable {
  package var rule: EventRule
  /// The sentence of its events; nil for one that the condition makes.
  package var template: SentenceTemplate?
  /// Who is told when one begins or happens.
  package var hooks: [Hook]

  package init(rule: EventRule, template: SentenceTemplate? = nil, hooks: [Hook] = []) {
    self.rule = rule
    self.template = template
    self.hooks = hooks
  }
}

extension Pipeline {
  /// Whether a stream of the one is a stream of the other. Where the daemon listens is not the stream's affair, and
  /// a sweep has none.
  func makesSameStream(as other: Pipeline) -> Bool {
    name == other.name && source == other.source && rate == other.rate && setting == other.setting
      && events.map(\.rule) == other.events.map(\.rule)
      && events.map(\.template) == other.events.map(\.template) && instruction == other.instruction
      && tongue == other.tongue && encoder == other.encoder && detector == other.detector
      && questions == other.questions && languageModel == other.languageModel
      && signalLostAfter == other.signalLostAfter
      && start == other.start
  }

  package var rules: RuleConfiguration {
    // The layers were checked when they were read.
    let instruction = try? Instruction(instruction, vocabulary)
    return RuleConfiguration(
      rules: events.map(\.rule), setting: setting, tongue: tongue, templates: events.map(\.template),
      report: instruction?.condition)
  }

  /// Puts other layers over those of the file.
  package mutating func override(_ layers: Instruction.Layers) throws(Instruction.Refused) {
    let all = instruction.overridden(by: layers)
    _ = try Instruction(all, vocabulary)
    instruction = all
  }

  /// How `analyze` writes records.
  package var output: Instruction.Output { (try? Instruction(instruction, vocabulary))?.output ?? .json }

  /// What a condition may speak of here.
  package var vocabulary: Vocabulary {
    // Whether a scan has a spacing is known when it is open.
    sweep == nil ? setting.vocabulary() : Vocabulary(domain: .sweep, hasScale: true)
  }
}
