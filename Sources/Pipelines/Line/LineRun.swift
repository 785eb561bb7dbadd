import Base
import Events
import Journal
import Logging
import Media
import Semantics

/// The part of a line that is different for live sources and recordings. `take` and `finish` are called by
/// the reader's thread.
protocol LineMode: AnyObject {
  var isLive: Bool { get }
  /// Returns false to stop the reader.
  func take(_ frame: consuming VideoFrame) -> Bool
  /// Tells what is left and ends open events. The reader has returned.
  func finish(_ reason: Event.EndReason) throws(Fault)
}

/// One run of a line: what belongs to its reader's thread.
final class LineRun: @unchecked Sendable {
  // Safety: made by the thread that starts the line, then handed over to the reader's thread alone.
  private let pipeline: Pipeline
  private let reader: FrameReader
  private let counters: StreamCounters
  private let pulse: Pulse
  private let surroundings: Line.Surroundings
  private let patience: Patience
  private let logger: Logger
  private(set) var outlet: any StreamOutlet
  private var mode: any LineMode
  private var state = StreamEntry.State.starting
  private var hasFrames = false

  init(
    _ pipeline: Pipeline, _ reader: FrameReader, _ counters: StreamCounters, _ pulse: Pulse,
    _ surroundings: Line.Surroundings, _ patience: Patience
  ) {
    self.pipeline = pipeline
    self.reader = reader
    self.counters = counters
    self.pulse = pulse
    self.surroundings = surroundings
    self.patience = patience
    var logger = surroundings.logger
    logger[metadataKey: "stream"] = "\(pipeline.name)"
    self.logger = logger
    (outlet, mode) = Self.enter(
      isLive: reader.isLive, pipeline, reader, counters, pulse, surroundings, patience, logger)
  }

  /// Puts the stream up: under a new epoch, or where the journal says that it goes on.
  private static func enter(
    isLive: Bool, _ pipeline: Pipeline, _ reader: FrameReader, _ counters: StreamCounters, _ pulse: Pulse,
    _ surroundings: Line.Surroundings, _ patience: Patience, _ logger: Logger
  ) -> (any StreamOutlet, any LineMode) {
    let entry = surroundings.journal?.enter(pipeline.name, makeEpoch: surroundings.makeEpoch)
    let start = entry?.start ?? JournalStart(epoch: surroundings.makeEpoch())
    let epoch = start.epoch
    var outlet = surroundings.board.add(
      name: pipeline.name, kind: isLive ? .live : .recording, rate: pipeline.rate, epoch: epoch,
      firstSeq: start.aborted.first?.seq ?? start.next.seq, setting: pipeline.setting)
    if let entry, let journal = surroundings.journal {
      if !start.aborted.isEmpty {
        do throws(Fault) { try outlet.write(nil, start.aborted) } catch {
          logger.error("the ends of earlier events can't be told", metadata: ["fault": "\(error.line)"])
        }
      }
      outlet = JournalledOutlet(outlet, entry.stream, journal, surroundings.clocks, setting: pipeline.setting)
    }
    let setup = LineSetup(
      pipeline: pipeline, fairShare: surroundings.fairShare, epoch: epoch, outlet: outlet,
      fovea: surroundings.detector(pipeline), language: surroundings.language(pipeline), reader: reader,
      origin: StreamOrigin(
        start, isLive: isLive, rate: pipeline.rate, now: surroundings.clocks.wall()),
      counters: counters, pulse: pulse,
      clocks: surroundings.clocks, logger: logger)
    return isLive
      ? (outlet, LiveMode(setup, surroundings.pacer)) : (outlet, RecordedMode(setup, patience))
  }

  func take(_ frame: consuming VideoFrame) -> Bool {
    hasFrames = true
    return mode.take(frame)
  }

  func note(_ event: SourceEvent) {
    switch event {
    case .opening: pulse.retry()
    case .opened(let description):
      logger.info("the source is open", metadata: Self.metadata(description))
      if description.isLive != mode.isLive, !hasFrames { turn(toLive: description.isLive) }
    case .playing: show(.running, state == .lost ? "the source is back" : "the first frame was decoded")
    case .lost(let fault, let delay):
      logger.warning(
        "the source is lost", metadata: ["fault": "\(fault.line)", "retry_in_ms": "\(delay / 1_000_000)"])
      show(.lost, fault.line)
      pulse.show(.lost, retryAt: surroundings.clocks.monotonic() + delay)
    case .discontinuity(let segment, let why):
      logger.debug("a new segment", metadata: ["segment": "\(segment)", "why": "\(why.rawValue)"])
    case .warning(let text): logger.warning("\(text)")
    case .looped(let pass): logger.debug("the recording starts again", metadata: ["pass": "\(pass)"])
    }
  }

  /// The reader has returned: everything that is open ends.
  func finish(_ ending: Line.Ending) -> Line.Ending {
    var ending = ending
    let reason: Event.EndReason =
      switch ending {
      case .complete: .complete
      case .stopped: .stopped
      case .failed: .aborted
      }
    do {
      try mode.finish(reason)
    } catch {
      if case .failed = ending {} else { ending = .failed(error) }
    }
    switch ending {
    case .complete: show(.ended, "the recording is done")
    case .stopped: show(.ended, "told to stop")
    case .failed(let fault):
      logger.error("the stream failed", metadata: ["fault": "\(fault.line)"])
      show(.failed, fault.line)
    }
    return ending
  }

  /// What a URL looks like and what it is are two things: a recording behind http, say.
  private func turn(toLive isLive: Bool) {
    try? mode.finish(.stopped)
    (outlet, mode) = Self.enter(
      isLive: isLive, pipeline, reader, counters, pulse, surroundings, patience, logger)
    state = .starting
    pulse.show(.starting)
  }

  private func show(_ next: StreamEntry.State, _ reason: String) {
    guard next != state else { return }
    state = next
    pulse.show(next)
    outlet.update(state: next, reason: reason)
  }

  private static func metadata(_ description: SourceDescription) -> Logger.Metadata {
    [
      "codec": "\(description.codec)", "size": "\(description.width)x\(description.height)",
      "container": "\(description.container)", "live": "\(description.isLive)",
    ]
  }
}

extension Fault {
  /// What happened and why, for logs and records, where one line is one thing.
  fileprivate var line: String { cause.map { "\(what): \($0)" } ?? what }
}
