import Base
import Conditions
import Events
import Media
import Sweeps

/// What belongs to the thread of one sweep's analysis.
final class SweepPass {
  let analyzer: SliceAnalyzer
  private(set) var findings: [SweepReport.Finding] = []
  private(set) var events: UInt64 = 0
  private(set) var progress: SweepAnalysis.Progress

  private let pipeline: Pipeline
  private let plan: SweepPlan
  private let sweep: SweepDescription
  private let condition: Condition?
  private let limits: [SweepReport.Limit]
  private let words: SweepWords
  private let sink: any RecordSink
  private let clocks: any Clocks
  private let begun: MonotonicTime
  private let start: WallTime
  private var machine: SweepEvents
  /// Of slices that were read and not yet told.
  private var waiting: [SliceInfo] = []
  /// The index of the first slice of this stretch, which the analyzer calls 0.
  private var offset = 0
  private var isStretchEmpty = true
  private var segment = 1
  private var seq: UInt64 = 1
  private var frame: UInt64 = 0
  private var last = MediaTime.zero
  private var missing = 0
  private var holes = 0
  private var specks = 0
  private var told: MonotonicTime
  private var failure: Fault?

  init(
    _ pipeline: Pipeline, _ plan: SweepPlan, _ sweep: SweepDescription, _ condition: Condition?,
    epoch: String,
    sink: any RecordSink, clocks: any Clocks, pictures: Bool
  ) {
    self.pipeline = pipeline
    self.plan = plan
    self.sweep = sweep
    self.condition = condition
    self.sink = sink
    self.clocks = clocks
    begun = clocks.monotonic()
    told = begun
    start = pipeline.start ?? clocks.wall()
    limits = condition?.limits ?? []
    words = SweepWords(pipeline.tongue, hasSpacing: sweep.spacing != nil)
    progress = SweepAnalysis.Progress(slices: 0, count: sweep.count, elapsed: 0)
    analyzer = SliceAnalyzer(
      width: sweep.width, height: sweep.height, spacing: sweep.spacing, setting: plan.setting,
      pictures: pictures)
    var marks: [Attribute] = []
    if sweep.precision != .exact { marks.append(Attribute("precision", .text(sweep.precision.name))) }
    if plan.use == .medical { marks.append(Attribute("use", .text(SweepReport.researchOnly))) }
    let spacing = sweep.spacing ?? VoxelSpacing(x: 1, y: 1, z: 1)
    machine = SweepEvents(
      stream: pipeline.name, epoch: epoch,
      SweepEvents.Setting(
        words: words, condition: condition, limits: limits, scale: sweep.spacing == nil ? nil : 0.001,
        voxel: max(spacing.x, spacing.y, spacing.z), step: spacing.z, marks: marks))
  }

  /// What is to be said before the first slice.
  func tellOfScan() {
    if plan.use == .medical { warn("not_for_clinical_use", words.notClinical) }
    if let text = words.inexact(sweep.precision) { warn("inexact_values", text) }
    guard let spacing = sweep.spacing else { return }
    // Slices may lie further apart than voxels: sizes are as exact up to two and a half times.
    let side = max(spacing.x, spacing.y, spacing.z / 2.5)
    let sizes: [Fact] = [.diameter, .feret, .enclosingDiameter]
    for limit in limits where sizes.contains(limit.fact) && limit.value < 4 * side {
      warn("voxels_too_coarse", words.tooCoarse(side, limit))
    }
  }

  func take(_ reading: SliceReading) throws(Fault) {
    switch reading {
    case .slice(let info):
      if let bad = analyzer.unusable {
        let place = "column \(bad.column + 1), row \(bad.row + 1)"
        let reason = "\(info.source): the value in \(place) is \(bad.value), which no scan has"
        return try take(.missing(SliceGap(indices: info.index..<(info.index + 1), reason: reason)))
      }
      if sweep.spacing == nil, frame == 0, waiting.isEmpty,
        !findings.contains(where: { $0.code == "no_spacing" })
      {
        warn("no_spacing", words.noSpacing)
      }
      if isStretchEmpty { (offset, isStretchEmpty) = (info.index, false) }
      waiting.append(info)
      analyzer.advance { self.tell($0) }
    case .missing(let gap):
      try endStretch()
      missing += gap.indices.count
      analyzer.skip(gap.indices.count)
      findings.append(SweepReport.Finding(code: "slices_missing", text: gap.reason))
      machine.point(
        "slices_missing", gap.reason,
        [
          Attribute("first_index", .integer(Int64(gap.indices.lowerBound))),
          Attribute("count", .integer(Int64(gap.indices.count))),
        ], at: Double(gap.indices.lowerBound) / 30)
    case .warning(let warning): warn(warning.code, warning.text)
    }
    if let failure { throw failure }
  }

  func finish(_ reason: Event.EndReason) throws(Fault) {
    machine.isOver = true
    if reason == .stopped { machine.endAll(.stopped) } else { try endStretch() }
    try flush()
  }

  /// After a fault: what was open is ended as such.
  func abort() throws(Fault) {
    machine.endAll(.aborted)
    try flush()
  }

  private func flush() throws(Fault) {
    let rest = records(machine.take())
    if !rest.isEmpty { try sink.write(nil, rest) }
    try sink.flush()
    progress.elapsed = clocks.monotonic() - begun
  }

  private func endStretch() throws(Fault) {
    guard !isStretchEmpty else { return }
    analyzer.finish { self.tell($0) }
    if let failure { throw failure }
    isStretchEmpty = true
    segment += 1
  }

  private func warn(_ code: String, _ text: String) {
    findings.append(SweepReport.Finding(code: code, text: text))
    machine.point("warning", text, [Attribute("code", .text(code))], at: last.seconds)
  }

  /// The records of one slice.
  private func tell(_ slice: SliceFindings) {
    let info = waiting.removeFirst()
    machine.tell(slice, offset: offset)
    frame += 1
    holes += slice.holes
    specks += slice.specks
    last = MediaTime(seconds: Double(info.index) / 30)
    let now = clocks.monotonic()
    let spacing = sweep.spacing.map { [$0.x, $0.y, $0.z] } ?? []
    let record = FrameRecord(
      stream: pipeline.name, seq: takeSeq(), time: (start + (last - .zero)).timestamp,
      mediaTime: Double(info.index) / 30, segment: segment, frame: frame, freshness: .fresh,
      ageMilliseconds: 0,
      encoder: EncoderReport(ran: ["sweep"], skipped: nil, milliseconds: (now - told).inMilliseconds),
      scene: SceneReport(state: .ok, mode: nil, motion: nil, luma: nil, sharpness: nil),
      objects: slice.sections.filter { machine.reports($0.id) }.map { object($0, slice) },
      slice: SliceReport(index: info.index, z: info.z, spacing: spacing, source: info.source))
    told = now
    progress.slices += 1
    progress.elapsed = now - begun
    let events = records(machine.take())
    do throws(Fault) {
      if failure == nil, !sink.isClosed { try sink.write(record, events) }
    } catch {
      failure = error
    }
  }

  private func object(_ section: SliceFindings.Section, _ slice: SliceFindings) -> ObjectReport {
    let (width, height) = (Double(sweep.width), Double(sweep.height))
    let first = (slice.open + slice.begun).first { $0.id == section.id }?.firstSlice ?? slice.index
    return ObjectReport(
      id: section.id, label: section.isBright ? "bright" : "dark", score: min(1, section.peak),
      box: Box(
        x: Double(section.columns.lowerBound) / width, y: Double(section.rows.lowerBound) / height,
        width: Double(section.columns.count) / width, height: Double(section.rows.count) / height),
      velocityX: 0, velocityY: 0, age: Double(slice.index - first) / 30, still: 0, zones: [], seen: .observed)
  }

  private func records(_ all: [Event]) -> [EventRecord] {
    events += UInt64(all.count)
    return all.map { event in
      EventRecord(
        stream: pipeline.name, seq: takeSeq(), time: (start + (last - .zero)).timestamp,
        mediaTime: last.seconds,
        segment: frame == 0 ? 0 : segment, frame: frame, event: event)
    }
  }

  private func takeSeq() -> UInt64 {
    defer { seq += 1 }
    return seq
  }

  func report(_ version: String) -> SweepReport {
    let names = pipeline.vocabulary
    let phrases = Phrases(pipeline.tongue, names)
    let scan = analyzer.scan
    var report = SweepReport(
      version: version, tongue: pipeline.tongue, name: pipeline.name, source: pipeline.source.shownURL,
      sweep: sweep)
    report.layers = pipeline.instruction
    report.understood = condition.map { ($0.text(names), phrases.phrase($0)) }
    report.limits = limits
    report.slices = progress.slices
    report.missing = missing
    report.findings = findings
    report.isMedical = plan.use == .medical
    if let scan {
      report.air = Double(scan.air)
      report.material = Double(scan.material)
      report.noise = Double(scan.noise)
      report.edge = scan.edge
    }
    report.entries = machine.entries
    report.holes = holes
    report.specks = specks
    report.maps = analyzer.maps
    return report
  }
}

extension WallTime {
  fileprivate static func + (a: WallTime, b: Nanoseconds) -> WallTime {
    WallTime(nanoseconds: a.nanoseconds + b)
  }
}
