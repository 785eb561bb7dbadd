import Base
import Conditions
import Events
import Media
import Sweeps
import Synchronization

/// One sweep from its first slice to its last, with its records into a sink and a report in the end.
package final class SweepAnalysis: Sendable {
  package struct Progress: Sendable {
    package var slices: Int
    /// Nil where only the end will tell.
    package var count: Int?
    package var elapsed: Nanoseconds

    package var perSecond: Double { elapsed > 0 ? Double(slices) / elapsed.inSeconds : 0 }
    package var remaining: Nanoseconds? {
      guard let count, perSecond > 0 else { return nil }
      return .seconds(Double(max(0, count - slices)) / perSecond)
    }
  }

  package struct Summary: Sendable {
    package var progress: Progress
    package var report: SweepReport
    package var events: UInt64
    package var wasStopped: Bool
  }

  private let pipeline: Pipeline
  private let plan: SweepPlan
  private let epoch: String
  private let version: String
  private let sink: any RecordSink
  private let clocks: any Clocks
  private let pictures: Bool
  private let endsWithReader: Bool
  private let isToldToStop = Atomic(false)

  /// - Parameters:
  ///   - pictures: Whether the report will have pictures.
  ///   - endsWithReader: The records are all that is wanted: once nobody reads them any more, it stops.
  package init(
    _ pipeline: Pipeline, epoch: String, version: String, sink: any RecordSink, clocks: any Clocks,
    pictures: Bool, endsWithReader: Bool = true
  ) {
    self.pipeline = pipeline
    plan = pipeline.sweep ?? SweepPlan()
    self.epoch = epoch
    self.version = version
    self.sink = sink
    self.clocks = clocks
    self.pictures = pictures
    self.endsWithReader = endsWithReader
  }

  /// Ends `run` within the time of a slice. Any thread.
  package func stop() { isToldToStop.store(true, ordering: .relaxed) }

  /// Blocks until the sweep is done. `progress` is called on this thread about four times a second.
  package func run(progress: @escaping (Progress) -> Void = { _ in }) throws(Fault) -> Summary {
    let source = try SliceSources.open(
      SweepConfiguration(path: pipeline.source.url, spacing: plan.spacing, series: plan.series))
    let condition = try constraint(source.sweep)
    let pass = SweepPass(
      pipeline, plan, source.sweep, condition, epoch: epoch, sink: sink, clocks: clocks, pictures: pictures)
    var reported = clocks.monotonic()
    pass.tellOfScan()
    do {
      while !isOver, let reading = try source.next(into: pass.analyzer.next) {
        try pass.take(reading)
        let now = clocks.monotonic()
        guard now - reported >= .milliseconds(250) else { continue }
        reported = now
        progress(pass.progress)
      }
    } catch {
      try pass.abort()
      throw error
    }
    let wasStopped = isOver
    try pass.finish(wasStopped ? .stopped : .complete)
    guard pass.progress.slices > 0 || wasStopped else {
      throw Fault(
        .data, "no slice of the sweep could be read", at: pipeline.source.shownURL,
        cause: pass.findings.first?.text, advice: "the records say what is wrong with each")
    }
    progress(pass.progress)
    return Summary(
      progress: pass.progress, report: pass.report(version), events: pass.events, wasStopped: wasStopped)
  }

  private var isOver: Bool { isToldToStop.load(ordering: .relaxed) || (endsWithReader && sink.isClosed) }

  /// What is reported, once it is known whether the scan has a spacing.
  private func constraint(_ sweep: SweepDescription) throws(Fault) -> Condition? {
    guard let condition = (try? Instruction(pipeline.instruction, pipeline.vocabulary))?.condition else {
      return nil
    }
    if let part = condition.unfitForDefects {
      throw Fault(
        .configuration, "`\(part.text(pipeline.vocabulary))` can't be asked of the defects of a sweep",
        at: pipeline.file, advice: "ask for their kind and measures, joined by `and`, `or` and `not`")
    }
    if sweep.spacing == nil, condition.needsSpacing {
      throw Fault(
        .configuration,
        "the constraint compares millimetres, and the scan doesn't say how large its voxels are",
        at: pipeline.source.shownURL,
        advice: "give their sides with `--spacing x,y,z` in mm, or as `spacing` under `sweep` in the pipeline"
      )
    }
    return condition
  }
}
