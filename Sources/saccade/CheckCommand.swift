import ArgumentParser
import Base
import Logging
import Pipelines

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tell everything that is wrong with pipeline files.",
    discussion: """
      Reads the files as `run` would, opens no camera and no socket, and prints each fault with its line, \
      its column and what was probably meant. A recording that a pipeline names must be there.

      Examples:
        saccade check lobby.yaml
        saccade check /etc/saccade/pipelines

      Ends with 0 when all is well, 78 when a pipeline is wrong, 66 when a file is missing.
      """)

  @Argument(help: ArgumentHelp("Pipeline files, or folders of them.", valueName: "pipeline"))
  var pipelines: [String]

  func run() throws {
    let environment = Surroundings.current.environment
    let found = try PipelineFiles.load(pipelines, environment: environment)
    let missing = found.compactMap(Self.missingRecording)
    for pipeline in found {
      let file = pipeline.file.map { " (\($0))" } ?? ""
      guard pipeline.sweep == nil else {
        try Console.print("\(pipeline.name)\(file): \(pipeline.source.shownURL), a CT sweep")
        continue
      }
      try Console.print(
        "\(pipeline.name)\(file): \(pipeline.source.shownURL), \(pipeline.rate) records/s"
          + Self.listed(pipeline.setting.zones.map(\.name), "zone")
          + Self.listed(pipeline.setting.lines.map(\.name), "line")
          + Self.listed(pipeline.events.map(\.rule.name), "event")
          + Self.counted(pipeline.source.masks.count, "mask")
          + (pipeline.detector.map { "; detector \($0.fovea.encoder)" } ?? "")
          + Self.listed(pipeline.questions.map(\.plan.name), "question"))
    }
    guard missing.isEmpty else { throw PipelineFaults(missing) }
    // A model that can't be loaded would keep the daemon from its start.
    let detectors = DetectorOffice(in: Surroundings.current)
    defer { detectors.close() }
    try detectors.prepare(found.filter { $0.sweep == nil })
    try LanguageOffice(
      in: Surroundings.current, logger: Logger(label: "saccade") { _ in SwiftLogNoOpLogHandler() }
    )
    .check(found)
  }

  private static func listed(_ names: [String], _ what: String) -> String {
    names.isEmpty ? "" : "; \(what)\(names.count == 1 ? "" : "s") " + names.joined(separator: ", ")
  }

  private static func counted(_ count: Int, _ what: String) -> String {
    count == 0 ? "" : "; \(count) \(what)\(count == 1 ? "" : "s")"
  }

  private static func missingRecording(_ pipeline: Pipeline) -> Fault? {
    guard var fault = LocalFile.fault(pipeline.source) else { return nil }
    fault.what = "pipeline `\(pipeline.name)` can't read its source"
    fault.advice = "paths are relative to the pipeline file"
    return fault
  }
}
