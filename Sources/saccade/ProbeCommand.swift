import ArgumentParser
import Base
import Events
import Media
import Pipelines

struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Tell what a source is, whether it can be decoded, and what that would cost.",
    discussion: """
      Opens the source, decodes its first seconds, and closes it again.

      Examples:
        saccade probe walk.mp4
        saccade probe rtsp://192.168.1.20:554/stream2
        CAM_PASSWORD=… saccade probe entrance.yaml     the source of a pipeline file
        saccade probe /dev/video0 --json | jq .decoding.decode_ms
        saccade probe scan/                            a CT sweep: its slices and the sides of its voxels

      Ends with 0 when it can be decoded, 65 when it is no video or can't be, 66 when it doesn't exist, 69 when \
      nobody answers, 77 when it needs another password or permission.
      """)

  @Argument(
    help: ArgumentHelp(
      "A file, a URL, a device, - for standard input, or a pipeline file.", valueName: "source"))
  var source: String

  @Flag(help: "One line of JSON.")
  var json = false

  func run() throws {
    let surroundings = Surroundings.current
    let (configuration, plan) = try configuration(surroundings)
    // FFmpeg takes DICOM for a picture or a video of other things.
    if plan != nil || SliceSources.looksLikeSweep(configuration.url) {
      return try probeSweep(configuration, plan ?? SweepPlan())
    }
    let report = try Probe(configuration, clocks: surroundings.clocks).run()
    if json {
      try Console.print(ProbePrinter.json(report, of: configuration).description)
    } else {
      try Console.write(Console.harmless(lines: ProbePrinter.text(report, of: configuration)))
    }
    if let trouble = report.trouble {
      throw Fault(.data, "the video can't be decoded", at: configuration.shownURL, cause: trouble)
    }
  }

  private func probeSweep(_ configuration: SourceConfiguration, _ plan: SweepPlan) throws {
    let sweep = try SliceSources.open(
      SweepConfiguration(path: configuration.url, spacing: plan.spacing, series: plan.series)
    ).sweep
    if json {
      try Console.print(SweepPrinter.json(sweep, of: configuration).description)
    } else {
      try Console.write(Console.harmless(lines: SweepPrinter.text(sweep, of: configuration)))
    }
  }

  private func configuration(_ surroundings: Surroundings) throws -> (SourceConfiguration, SweepPlan?) {
    guard source.hasSuffix(".yaml") || source.hasSuffix(".yml") else { return (.input(source), nil) }
    let found = try PipelineFiles.load([source], environment: surroundings.environment)
    guard let pipeline = found.first else { throw Fault(.noInput, "no pipeline", at: source) }
    return (pipeline.source, pipeline.sweep)
  }
}

/// What a probe found, for people and for programs.
enum ProbePrinter {
  static func text(_ report: ProbeReport, of configuration: SourceConfiguration) -> String {
    let source = report.source
    var rows: [(String, String)] = []
    var kind = source.isLive ? "live" : "a recording"
    if let duration = source.duration { kind += ", \(Clock.text(duration)) long" }
    if let created = source.created {
      kind += ", made at \(Timestamp(milliseconds: created.nanoseconds / 1_000_000))"
    }
    rows.append(("source", kind + " (\(source.container))"))
    var video = "\(source.codec), \(source.width)x\(source.height)"
    if source.rotation != .none { video += ", to be turned by \(source.rotation.rawValue) degrees" }
    if let format = report.decoding?.pixelFormat ?? source.pixelFormat { video += ", \(format)" }
    if let rate = report.bitRate { video += ", \(Int((rate / 1000).rounded())) kbit/s" }
    rows.append(("video", video))
    if let decoding = report.decoding { rows += self.rows(decoding, report) }
    if report.corruptPackets > 0 {
      rows.append(("damage", "\(report.corruptPackets) of \(report.packets) packets don't decode"))
    }
    if !report.unknownOptions.isEmpty {
      rows.append(
        ("unused", "options that it doesn't know: " + report.unknownOptions.joined(separator: ", ")))
    }
    if let trouble = report.trouble { rows.append(("trouble", trouble)) }
    let width = (rows.map(\.0.count).max() ?? 0) + 2
    return configuration.shownURL + "\n"
      + rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 + "\n" }.joined()
  }

  private static func rows(_ decoding: ProbeReport.Decoding, _ report: ProbeReport) -> [(String, String)] {
    var rate = decoding.measuredRate.map { "\(rounded($0, 2)) frames/s" } ?? "a single frame"
    if decoding.isVariableRate { rate += ", uneven" }
    if let declared = report.source.declaredRate, let measured = decoding.measuredRate,
      abs(declared - measured) > measured / 20
    {
      rate += " (it says \(rounded(declared, 2)))"
    }
    if let group = report.groupLength { rate += ", a key frame each \(group)" }
    if decoding.hasBFrames { rate += ", with B-frames, which add delay" }
    let perFrame = decoding.decodeMilliseconds + decoding.fillMilliseconds
    var cost =
      "\(rounded(decoding.decodeMilliseconds, 2)) ms a frame to decode, \(rounded(decoding.fillMilliseconds, 2)) ms to copy to"
      + " \(decoding.peripheralWidth)x\(decoding.peripheralHeight)"
    if let measured = decoding.measuredRate {
      cost += ": \(rounded(perFrame * measured / 10, 1)) % of a core before it is looked at"
    }
    return [("frames", rate), ("cost", cost)]
  }

  static func json(_ report: ProbeReport, of configuration: SourceConfiguration) -> JSON {
    let source = report.source
    return .object([
      .init("source", .text(configuration.shownURL)), .init("live", .flag(source.isLive)),
      .init("container", .text(source.container)), .init("codec", .text(source.codec)),
      .init("width", .integer(Int64(source.width))), .init("height", .integer(Int64(source.height))),
      .init("rotation", .integer(Int64(source.rotation.rawValue))),
      .init("duration", source.duration.map { .number($0.inSeconds) } ?? .null),
      .init("declared_fps", source.declaredRate.map { .number($0) } ?? .null),
      .init("bit_rate", report.bitRate.map { .integer(Int64($0.rounded())) } ?? .null),
      .init("key_frame_distance", report.groupLength.map { .integer(Int64($0)) } ?? .null),
      .init("packets", .integer(Int64(report.packets))),
      .init("packets_corrupt", .integer(Int64(report.corruptPackets))),
      .init("decoding", report.decoding.map(json) ?? .null),
      .init("trouble", report.trouble.map { .text($0) } ?? .null),
    ])
  }

  private static func json(_ decoding: ProbeReport.Decoding) -> JSON {
    .object([
      .init("frames", .integer(Int64(decoding.frames))),
      .init("fps", decoding.measuredRate.map { .number($0) } ?? .null),
      .init("variable_rate", .flag(decoding.isVariableRate)), .init("b_frames", .flag(decoding.hasBFrames)),
      .init("pixel_format", .text(decoding.pixelFormat)),
      .init("decode_ms", .number(decoding.decodeMilliseconds)),
      .init("copy_ms", .number(decoding.fillMilliseconds)),
    ])
  }

  private static func rounded(_ value: Double, _ places: Int) -> String {
    let scale = places == 1 ? 10.0 : 100.0
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }
}
