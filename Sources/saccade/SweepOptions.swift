import ArgumentParser
import Base
import Media
import Pipelines

/// What is asked of a CT sweep on the command line.
struct SweepOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a sweep: write a report there, as .html, .json or .csv. May be given several times.",
      valueName: "file"))
  var report: [String] = []

  @Option(
    help: ArgumentHelp(
      "Of a sweep: the sides of a voxel in mm, x,y,z or one for all, instead of what the files say.",
      valueName: "sides"))
  var spacing: String?

  @Option(
    help: ArgumentHelp(
      "Of a sweep: which DICOM series of a folder, by its number or UID.", valueName: "series"))
  var series: String?

  @Option(
    help: ArgumentHelp(
      "Of a sweep: the part fails (exit code 1) with so many reported defects.", valueName: "count"))
  var limitFail: Int?

  func validate() throws {
    if let spacing, VoxelSpacing(spacing) == nil {
      throw ValidationError(
        "--spacing takes the sides of a voxel in mm, such as 0.5,0.5,0.8, or one for all three.")
    }
    if let limitFail, limitFail < 1 {
      throw ValidationError("--limit-fail takes a number of defects from 1 on.")
    }
    for path in report where ReportFile(path) == nil {
      throw ValidationError("--report takes a file that ends in .html, .json or .csv; this is \(path).")
    }
  }

  private var areGiven: Bool { !report.isEmpty || spacing != nil || series != nil || limitFail != nil }

  /// Makes the pipeline one of a sweep where its source is one, or these options say so.
  func apply(to pipeline: inout Pipeline) throws(Fault) {
    if pipeline.sweep == nil, areGiven || SliceSources.looksLikeSweep(pipeline.source.url) {
      if !pipeline.events.isEmpty {
        throw Fault(
          .usage, "this pipeline is for cameras, and the input is a CT sweep", at: pipeline.file,
          advice: "take a pipeline with `sweep`, such as pipelines/ct-industrial.yaml")
      }
      pipeline.sweep = SweepPlan()
    }
    if let spacing { pipeline.sweep?.spacing = VoxelSpacing(spacing) }
    if let series { pipeline.sweep?.series = series }
  }
}
