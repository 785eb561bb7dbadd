import ArgumentParser
import Base
import Glibc
import Pipelines
import Sweeps

extension AnalyzeCommand {
  /// Analyses a CT sweep: records as it streams, reports in the end.
  func analyzeSweep(_ pipeline: Pipeline, _ surroundings: Surroundings) throws {
    if overlay != nil {
      throw Fault(.usage, "--overlay is for recordings; of a sweep, --report shows pictures")
    }
    for path in [out].compactMap({ $0 }) + sweep.report where Self.isSameFile(path, pipeline.source.url) {
      throw Fault(.usage, "the output would overwrite the input", at: path)
    }
    let files = try sweep.report.compactMap { path in try ReportFile(path)?.checked() }
    var random = SystemRandomNumberGenerator()
    let sink =
      if let out { try FileSink(path: out, output: pipeline.output, clocks: surroundings.clocks) } else {
        FileSink(
          descriptor: STDOUT_FILENO, name: "standard output", output: pipeline.output,
          clocks: surroundings.clocks)
      }
    let analysis = SweepAnalysis(
      pipeline, epoch: Epoch.make(using: &random), version: SaccadeVersion.text, sink: sink,
      clocks: surroundings.clocks, pictures: files.contains { $0.form == .html },
      endsWithReader: files.isEmpty && sweep.limitFail == nil)
    let signals = Signals { _ in analysis.stop() }
    let isShown = surroundings.errorIsTerminal && !(out == nil && surroundings.outputIsTerminal)
    let progress = ProgressLine(pipeline.source.shownURL, isShown: isShown)
    defer { progress.end() }
    var summary = try analysis.run { progress.show($0) }
    progress.end()
    summary.report.failsAt = sweep.limitFail
    for finding in summary.report.findings { Console.tell("saccade: warning: \(finding.text)") }
    if isShown { Console.tell(Self.sentence(summary)) }
    if summary.wasStopped {
      if let signal = signals.received { throw ExitCode(128 + signal) }
      return
    }
    for file in files { try file.write(summary.report) }
    if summary.report.hasFailed == true { throw ExitCode(1) }
  }

  private static func sentence(_ summary: SweepAnalysis.Summary) -> String {
    let (progress, report) = (summary.progress, summary.report)
    return
      "\(progress.slices) slices in \(Clock.text(progress.elapsed)) (\(Int(progress.perSecond)) a second): "
      + "\(report.entries.count) defects, \(report.reported) reported"
      + (report.hasFailed.map { $0 ? "; the part fails" : "; the part passes" } ?? "")
  }
}
