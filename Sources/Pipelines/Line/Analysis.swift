import Base
import Events
import Language
import Media
import Semantics
import Vision

/// One input from its first frame to its last, as fast as it decodes, with its records into a sink.
///
/// Decoding and looking share the calling thread: two threads would be done sooner, but cost more work in
/// all, and archives are analysed many at a time.
package final class Analysis: Sendable {
  package struct Progress: Sendable {
    package var frames: UInt64
    /// Media time of the newest frame.
    package var done: MediaTime
    /// Of the whole input, where it says.
    package var duration: Nanoseconds?
    /// Since the start, on the monotonic clock.
    package var elapsed: Nanoseconds

    /// Media time analysed in a second of real time; 0 before anything was.
    package var speed: Double { elapsed > 0 ? done.seconds / elapsed.inSeconds : 0 }
    /// Time left at this speed.
    package var remaining: Nanoseconds? {
      guard let duration, speed > 0 else { return nil }
      return .seconds(max(0, duration.inSeconds - done.seconds) / speed)
    }
  }

  package struct Summary: Sendable {
    package var progress: Progress
    package var reader: ReaderCounts
    package var ticks: UInt64
    package var events: UInt64
    package var warnings: [String]
    /// Told to stop, or whoever took the records wanted no more.
    package var wasStopped: Bool
  }

  private let pipeline: Pipeline
  private let epoch: String
  private let sink: any RecordSink
  private let overlay: String?
  private let detector: (any FovealEncoder)?
  private let language: LanguageCore?
  private let clocks: any Clocks
  private let reader: FrameReader
  private let counters = StreamCounters()

  /// - Parameters:
  ///   - overlay: Path of an MP4 that shows the input with what was seen drawn into it.
  ///   - detector: What the pipeline's `detector` asks for; the analysis waits for its answers.
  ///   - language: Who answers the pipeline's questions; the analysis waits for the answers.
  package init(
    _ pipeline: Pipeline, epoch: String, sink: any RecordSink, clocks: any Clocks, overlay: String? = nil,
    detector: (any FovealEncoder)? = nil, language: LanguageCore? = nil
  ) {
    self.detector = detector
    self.language = language
    var source = pipeline.source
    // An analysis is of one pass.
    source.loop = false
    self.pipeline = pipeline
    self.epoch = epoch
    self.sink = sink
    self.overlay = overlay
    self.clocks = clocks
    reader = FrameReader(
      source, clocks: clocks, kind: .recording, start: pipeline.start, historyBytes: 0)
  }

  /// Blocks until the input is done. `progress` is called on this thread about four times a second.
  ///
  /// What was open at a fault is ended as `aborted`, and what was recorded before it is kept.
  package func run(progress: @escaping (Progress) -> Void = { _ in }) throws(Fault) -> Summary {
    let pass = AnalysisPass(
      pipeline, epoch: epoch, sink: sink, overlay: overlay, detector: detector, language: language,
      counters: counters, clocks: clocks)
    defer { pass.stop() }
    pass.reader = reader
    pass.progress = progress
    let ending: FrameReader.Ending
    do {
      ending = try reader.run(deliver: { pass.take($0) }, changed: { pass.note($0) })
    } catch {
      try pass.end(.aborted)
      throw error
    }
    if let failure = pass.failure { throw failure }
    try pass.end(ending == .finished ? .complete : .stopped)
    if let fault = pass.unreadable, counters.frames.value == 0 { throw fault }
    return Summary(
      progress: pass.state, reader: reader.counts, ticks: counters.ticks.value,
      events: counters.events.value, warnings: warnings(pass), wasStopped: ending == .stopped)
  }

  private func warnings(_ pass: AnalysisPass) -> [String] {
    var warnings = reader.warnings
    if let fault = pass.unreadable {
      warnings.append("\(counters.unreadable.value) frames could not be looked at: \(fault)")
    }
    if let fault = pass.detectorFault {
      warnings.append("\(counters.looksFailed.value) looks of the detector failed: \(fault)")
    }
    if counters.unanswered.value > 0 {
      warnings.append(
        "\(counters.unanswered.value) of \(counters.asked.value) questions had no answer: \(pass.modelTrouble ?? "their events say why")"
      )
    }
    return warnings
  }

  /// Ends `run` within the time of a frame. Any thread.
  package func stop() { reader.stop() }
}

/// What belongs to the thread of one analysis.
final class AnalysisPass {
  var reader: FrameReader?
  var progress: (Analysis.Progress) -> Void = { _ in }
  /// Why the pass can't go on.
  private(set) var failure: Fault?
  /// Of the first frame that could not be looked at.
  private(set) var unreadable: Fault?
  private(set) var state = Analysis.Progress(frames: 0, done: .zero, duration: nil, elapsed: 0)

  private var stream: RecordedStream
  private var eye: Eye
  private let fovea: FovealLink?
  private let language: LanguageLink?
  /// Why no model answered when it was last asked for.
  private(set) var modelTrouble: String?
  private let filler: PeripheralFiller
  private let overlay: Overlay?
  private let counters: StreamCounters
  private let clocks: any Clocks
  private let begun: MonotonicTime
  private var reported: MonotonicTime

  private static let reportEvery: Nanoseconds = .milliseconds(250)

  init(
    _ pipeline: Pipeline, epoch: String, sink: any RecordSink, overlay: String?,
    detector: (any FovealEncoder)?, language: LanguageCore?, counters: StreamCounters, clocks: any Clocks
  ) {
    var parser = ParserConfiguration(pipeline, epoch: epoch)
    if detector == nil { parser.fovea = nil }
    if language == nil { parser.questions = [] }
    self.language = language.map { LanguageLink($0, pipeline, counters: counters, clocks: clocks) }
    stream = RecordedStream(parser, sink: sink, counters: counters, clocks: clocks)
    fovea = detector.map { FovealLink($0, counters: counters, clocks: clocks) }
    eye = Eye(pipeline.encoder)
    filler = PeripheralFiller(masks: pipeline.source.masks)
    self.overlay = overlay.map { Overlay(path: $0, pipeline: pipeline) }
    self.counters = counters
    self.clocks = clocks
    begun = clocks.monotonic()
    reported = begun
  }

  /// Returns false to stop.
  func take(_ frame: consuming VideoFrame) -> Bool {
    do {
      try look(at: frame)
      report(frame.info)
      return !stream.scribe.isClosed
    } catch {
      failure = error
      return false
    }
  }

  private func look(at frame: borrowing VideoFrame) throws(Fault) {
    for tick in stream.due(before: frame.info) { try tell(tick) }
    do throws(Fault) {
      try stream.observe(frame.info, with: &eye) { picture throws(Fault) in
        try frame.fill(picture, with: filler)
      }
      if let fovea, let request = stream.fovealRequest() {
        stream.take(fovea.wait(for: request, about: frame))
      }
      if let language {
        let orders = stream.questionOrders()
        language.perform(orders, with: frame)
        if !orders.calls.isEmpty { hear(language) }
      }
    } catch {
      // One bad frame is no reason to lose the rest.
      counters.unreadable.add()
      unreadable = unreadable ?? error
    }
    try overlay?.hold(frame, stream.scribe)
    reader?.setEffort(eye.economy.effort)
  }

  private func tell(_ tick: Int64) throws(Fault) {
    try stream.tell(tick)
    try overlay?.told(stream.scribe)
  }

  private func hear(_ language: LanguageLink) {
    let news = language.wait()
    modelTrouble = news.trouble ?? modelTrouble
    stream.take(news)
  }

  /// Ends what the pass has of its own.
  func stop() { language?.stop() }

  /// Of the first look of the detector that failed.
  var detectorFault: Fault? { fovea?.firstFault }

  func note(_ event: SourceEvent) {
    if case .opened(let description) = event { state.duration = description.duration }
  }

  func end(_ reason: Event.EndReason) throws(Fault) {
    for tick in stream.rest() { try tell(tick) }
    if let language, reason == .complete {
      language.perform(stream.closeQuestions())
      hear(language)
    }
    try stream.finish(reason)
    try overlay?.finish()
    state.elapsed = clocks.monotonic() - begun
    progress(state)
  }

  private func report(_ info: FrameInfo) {
    state.frames += 1
    state.done = info.time
    let now = clocks.monotonic()
    guard now - reported >= Self.reportEvery else { return }
    reported = now
    state.elapsed = now - begun
    progress(state)
  }
}

extension ParserConfiguration {
  init(_ pipeline: Pipeline, epoch: String) {
    self.init(
      stream: pipeline.name, epoch: epoch, rate: pipeline.rate, rules: pipeline.rules,
      signalLostAfter: pipeline.signalLostAfter, encoder: pipeline.encoder)
    fovea = pipeline.detector?.fovea
    questions = pipeline.questions.map(\.plan)
    calls = pipeline.languageModel?.calls ?? calls
  }
}

extension DecodeEconomy {
  /// As the reader takes it.
  var effort: DecodeEffort {
    switch self {
    case .everyFrame: .everyFrame
    case .referencedFrames: .referencedFrames
    }
  }
}
