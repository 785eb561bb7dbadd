import ArgumentParser
import Base
import Conditions
import Glibc
import Logging
import Media
import Pipelines

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Analyse a recording or a CT sweep as fast as it is read, and write its records.",
    discussion: """
      Writes one JSON object a line: a frame record for each tick (30 a second of the recording's time), and an \
      event record whenever something begins, changes or ends. The same recording and pipeline give the same \
      records, but for `time`, `epoch` and `encoder.ms`.

      Examples:
        saccade analyze walk.mp4 > walk.ndjson
        saccade analyze walk.mp4 --out walk.ndjson --overlay walk-seen.mp4
        saccade analyze walk.mp4 --constraint 'only objects older than 2 s' --output csv > walk.csv
        saccade analyze night.mp4 --pipeline entrance.yaml --start 2026-11-23T22:00:00Z
        ffmpeg -i … -f mpegts - | saccade analyze - | jq -c 'select(.type == "event").event'
        saccade analyze scan/ --pipeline ct-industrial.yaml --report report.html > scan.ndjson
        saccade analyze scan.mhd --constraint 'only defects with diameter > 2 mm' --limit-fail 1

      A folder of DICOM files or of 16-bit pictures, a raw volume (.mhd, .nhdr, .nrrd) or a stack (.tif) is a CT \
      sweep: a tick is a slice, and the events are pores, inclusions and cracks with their measures. With --report, \
      or `sweep` in the pipeline, a video is one too. Research and inspection only: not for clinical use.

      Ends with 1 when --limit-fail says that the part fails.

      Shows its progress when standard error is a terminal. Stopped by a signal, it ends what is open with the \
      reason `stopped`, completes its files, and ends with 128 and the signal's number; a report is \
      left unwritten then.
      """)

  @Argument(
    help: ArgumentHelp(
      "A recording: a file, a URL, numbered pictures such as frames/%04d.png, or - for standard input; or a CT sweep: a folder, a volume. With --pipeline it may be left out.",
      valueName: "input"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "Zones, masks and all else from this file; INPUT replaces its source.", valueName: "file"))
  var pipeline: String?

  @Option(help: ArgumentHelp("Write the records there instead of standard output.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Draw what was seen into a copy of the video.", valueName: "file.mp4"))
  var overlay: String?

  @OptionGroup var instruction: InstructionOptions

  @Option(help: ArgumentHelp("UTC of the first frame, such as 2026-11-23T13:45:20Z.", valueName: "time"))
  var start: String?

  @OptionGroup var sweep: SweepOptions

  func validate() throws {
    if input == nil, pipeline == nil {
      throw ValidationError(
        "Missing expected argument '<input>': name a recording, or a --pipeline that does.")
    }
    if let start, WallTime(rfc3339: start) == nil {
      throw ValidationError("--start takes a time with its zone, such as 2026-11-23T13:45:20Z.")
    }
  }

  func run() throws {
    let surroundings = Surroundings.current
    let pipeline = try settings(surroundings)
    if pipeline.sweep != nil { return try analyzeSweep(pipeline, surroundings) }
    ProcessMemory.keepSmall()
    for (option, path) in [("--out", out), ("--overlay", overlay)] {
      if let path, Self.isSameFile(path, pipeline.source.url) {
        throw Fault(.usage, "\(option) would overwrite the input", at: path)
      }
    }
    try LocalFile.check(pipeline.source)
    var random = SystemRandomNumberGenerator()
    let sink =
      if let out { try FileSink(path: out, output: pipeline.output, clocks: surroundings.clocks) } else {
        FileSink(
          descriptor: STDOUT_FILENO, name: "standard output", output: pipeline.output,
          clocks: surroundings.clocks)
      }
    // Before any other thread, which inherits what it blocks.
    let signals = Signals()
    let detectors = DetectorOffice(in: surroundings)
    try detectors.prepare([pipeline])
    defer { detectors.close() }
    let models = LanguageOffice(
      in: surroundings, logger: Logger(label: "saccade") { _ in ConsoleLog(in: surroundings) })
    try models.prepare([pipeline])
    defer { models.close() }
    let analysis = Analysis(
      pipeline, epoch: Epoch.make(using: &random), sink: sink, clocks: surroundings.clocks,
      overlay: overlay, detector: detectors.encoder(of: pipeline),
      language: models.core(of: pipeline))
    signals.watch { _ in analysis.stop() }
    // Records on the terminal show the progress themselves.
    let isShown = surroundings.errorIsTerminal && !(out == nil && surroundings.outputIsTerminal)
    let progress = ProgressLine(pipeline.source.shownURL, isShown: isShown)
    defer { progress.end() }
    let summary = try analysis.run { progress.show($0) }
    progress.end()
    for warning in summary.warnings { Console.tell("saccade: warning: \(warning)") }
    if isShown { Console.tell(Self.sentence(summary)) }
    if summary.wasStopped, let signal = signals.received { throw ExitCode(128 + signal) }
  }

  private func settings(_ surroundings: Surroundings) throws -> Pipeline {
    var settings: Pipeline
    switch (pipeline, input) {
    case (let file?, let input?):
      settings = try PipelineFiles.load(file, environment: surroundings.environment, input: input)
    case (let file?, nil):
      let found = try PipelineFiles.load([file], environment: surroundings.environment)
      guard found.count == 1, let only = found.first else {
        throw Fault(.usage, "--pipeline takes one file; there are \(found.count) in this folder", at: file)
      }
      settings = only
    case (nil, let input):
      settings = Pipeline(name: Self.name(for: input ?? "-"), source: .input(input ?? "-"))
    }
    // Before the instruction, which is of defects then.
    try sweep.apply(to: &settings)
    try instruction.apply(to: &settings)
    if let start { settings.start = WallTime(rfc3339: start) }
    return settings
  }

  /// The stream's name: the file's, fit for one.
  private static func name(for input: String) -> String {
    var name = input.split(separator: "/").last.map(String.init) ?? input
    if let dot = name.lastIndex(of: "."), dot > name.startIndex { name = String(name[..<dot]) }
    let fit = name.map { $0.isLetter || $0.isNumber || "_-.".contains($0) ? $0 : "-" }
    let trimmed = String(fit.drop { !$0.isLetter && !$0.isNumber }.prefix(32))
    return trimmed.isEmpty ? "input" : trimmed
  }

  static func isSameFile(_ a: String, _ b: String) -> Bool {
    var (one, other) = (stat(), stat())
    guard stat(a, &one) == 0, stat(b, &other) == 0, one.st_mode & S_IFMT == S_IFREG else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }

  private static func sentence(_ summary: Analysis.Summary) -> String {
    let progress = summary.progress
    return "\(progress.frames) frames, \(summary.ticks) frame records, \(summary.events) event records in "
      + "\(Clock.text(progress.elapsed)) (\(Clock.factor(progress.speed)) as fast as it plays)"
  }
}
