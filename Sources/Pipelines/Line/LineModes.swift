import Base
import Events
import Frames
import Language
import Logging
import Media
import Semantics
import Vision

/// What both modes of a line work with.
struct LineSetup: Sendable {
  var pipeline: Pipeline
  /// Budget of a live stream whose pipeline sets none.
  var fairShare: Double?
  var epoch: String
  var outlet: any StreamOutlet
  /// Nil without a detector.
  var fovea: (any FovealEncoder)?
  /// Nil without questions.
  var language: LanguageCore?
  var reader: FrameReader
  var origin: StreamOrigin
  var counters: StreamCounters
  var pulse: Pulse
  var clocks: any Clocks
  var logger: Logger

  var parser: ParserConfiguration {
    var parser = ParserConfiguration(pipeline, epoch: epoch)
    parser.origin = origin
    if fovea == nil { parser.fovea = nil }
    if language == nil { parser.questions = [] }
    return parser
  }

  var fovealLink: FovealLink? {
    fovea.map { FovealLink($0, counters: counters, clocks: clocks, logger: logger) }
  }

  var languageLink: LanguageLink? {
    language.map { LanguageLink($0, pipeline, counters: counters, clocks: clocks, logger: logger) }
  }
}

/// A live source: the newest frame counts, nothing waits for anything downstream.
final class LiveMode: LineMode {
  let isLive = true
  private let stream: LiveStream
  private let ring = FrameRing<VideoFrame>(slots: 4, policy: .newestWins)
  private let pacer: Pacer
  private let looking: WorkerThread
  private let language: LanguageLink?

  init(_ setup: LineSetup, _ pacer: Pacer) {
    self.pacer = pacer
    let language = setup.languageLink
    self.language = language
    let stream = LiveStream(
      setup.parser, sink: setup.outlet, counters: setup.counters, clocks: setup.clocks, pulse: setup.pulse,
      news: { language?.take() })
    self.stream = stream
    looking = Self.startLooking(ring.makeReader(), stream, setup, language)
    pacer.add(stream)
  }

  func take(_ frame: consuming VideoFrame) -> Bool { ring.publish(frame) && stream.isOpen }

  func finish(_ reason: Event.EndReason) throws(Fault) {
    ring.end()
    looking.join()
    pacer.remove(stream)
    language?.stop()
    try stream.finish(reason)
  }

  private static func startLooking(
    _ cursor: RingReader<VideoFrame>, _ stream: LiveStream, _ setup: LineSetup, _ language: LanguageLink?
  ) -> WorkerThread {
    WorkerThread(name: "look-\(setup.pipeline.name)") { look(cursor, stream, setup, language) }
  }

  /// The body of the looking thread.
  private static func look(
    _ cursor: RingReader<VideoFrame>, _ stream: LiveStream, _ setup: LineSetup, _ language: LanguageLink?
  ) {
    let filler = PeripheralFiller(masks: setup.pipeline.source.masks)
    var encoder = setup.pipeline.encoder
    encoder.budget = encoder.budget ?? setup.fairShare
    var eye = Eye(encoder)
    let fovea = setup.fovealLink
    var complaints = Complaints(setup.logger)
    // Small backlogs are worked off, as each frame tells the tracker something. An old one is jumped over.
    let patience = 2 * TickGrid(rate: setup.pipeline.rate).period
    var isBehind = false
    func see(_ frame: borrowing VideoFrame, _ lapped: UInt64) {
      setup.counters.lapped.add(Int(lapped))
      do throws(Fault) {
        try stream.take(
          frame.info, with: &eye, answers: fovea?.take() ?? [], ask: { fovea?.ask($0, about: frame) },
          question: { language?.perform($0, with: frame) },
          fill: { picture throws(Fault) in try frame.fill(picture, with: filler) })
      } catch {
        setup.counters.unreadable.add()
        complaints.complain("a frame can't be looked at: \(error)", at: setup.clocks.monotonic())
      }
      setup.reader.setEffort(eye.economy.effort)
      setup.counters.smallestNoticed = eye.smallestNoticed
      isBehind = setup.clocks.monotonic() - frame.info.arrival > patience + frame.info.lag
    }
    while true {
      let reading = isBehind ? cursor.newest(see) : cursor.next(see)
      switch reading {
      case .frame, .timedOut, .woken: continue
      case .ended, .closed: return
      }
    }
  }
}

/// A recording that plays as if it were live: nothing is lost, the reader waits.
final class RecordedMode: LineMode {
  let isLive = false
  private let setup: LineSetup
  private let patience: Patience
  private let filler: PeripheralFiller
  private var stream: RecordedStream
  private var eye: Eye
  private let fovea: FovealLink?
  private let language: LanguageLink?
  private var pace = RealTimePace()
  private var complaints: Complaints
  private var failure: Fault?

  init(_ setup: LineSetup, _ patience: Patience) {
    self.setup = setup
    self.patience = patience
    filler = PeripheralFiller(masks: setup.pipeline.source.masks)
    stream = RecordedStream(
      setup.parser, sink: setup.outlet, counters: setup.counters, clocks: setup.clocks)
    eye = Eye(setup.pipeline.encoder)
    fovea = setup.fovealLink
    language = setup.languageLink
    complaints = Complaints(setup.logger)
  }

  func take(_ frame: consuming VideoFrame) -> Bool {
    begin()
    defer { setup.pulse.rest() }
    do throws(Fault) {
      for tick in stream.due(before: frame.info) {
        guard waits(for: tick) else {
          stream.giveBack(tick)
          return false
        }
        try stream.tell(tick)
      }
    } catch {
      failure = error
      return false
    }
    do throws(Fault) {
      try stream.observe(frame.info, with: &eye) { picture throws(Fault) in
        try frame.fill(picture, with: filler)
      }
      if let fovea, let request = stream.fovealRequest() {
        stream.take(fovea.wait(for: request, about: frame))
      }
      if let language {
        stream.take(language.take())
        language.perform(stream.questionOrders(), with: frame)
      }
    } catch {
      setup.counters.unreadable.add()
      complaints.complain("a frame can't be looked at: \(error)", at: setup.clocks.monotonic())
    }
    setup.reader.setEffort(eye.economy.effort)
    setup.counters.smallestNoticed = eye.smallestNoticed
    return !stream.scribe.isClosed
  }

  func finish(_ reason: Event.EndReason) throws(Fault) {
    language?.stop()
    if let failure { throw failure }
    begin()
    defer { setup.pulse.rest() }
    for tick in stream.rest() {
      if reason == .complete { _ = waits(for: tick) }
      try stream.tell(tick)
    }
    try stream.finish(reason)
  }

  private func begin() { setup.pulse.begin(at: setup.clocks.monotonic()) }

  private func waits(for tick: Int64) -> Bool {
    setup.pulse.rest()
    defer { begin() }
    return patience.wait(until: pace.due(stream.time(of: tick), now: setup.clocks.monotonic()))
  }
}

/// A log line for what may happen with every frame: at most one a second, with how many were swallowed.
struct Complaints {
  private let logger: Logger
  private var said: MonotonicTime?
  private var swallowed = 0

  init(_ logger: Logger) { self.logger = logger }

  mutating func complain(_ text: String, at now: MonotonicTime) {
    if let said, now - said < .seconds(1) {
      swallowed += 1
      return
    }
    logger.warning("\(text)", metadata: swallowed > 0 ? ["more_of_this": "\(swallowed)"] : [:])
    said = now
    swallowed = 0
  }
}
