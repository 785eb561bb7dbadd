import Base
import Events
import Journal
import Language
import Logging
import Media
import Service
import Synchronization
import Vision

/// Runs many lines side by side until all have ended. No line waits for another, nor any for its camera.
package final class Supervisor: Sendable {
  private struct State {
    var lines: [Line] = []
    var journal: EventJournal?
    var running = 0
    var fault: Fault?
    var isStopping = false
    var isReloading = false
    var surroundings: Line.Surroundings?
    var pacing: WorkerThread?

    /// Streams that were halted may be wanted back, so the daemon waits for that.
    var isHeld: Bool { !isStopping && lines.contains(where: \.isHalted) }
    var isBusy: Bool { running > 0 || isReloading || isHeld }
  }

  private let pipelines: [Pipeline]
  private let clocks: any Clocks
  private let logger: Logger
  private let cores: Int
  private let pacer: Pacer
  private let state = Monitor(State())
  let process = ProcessGauge()

  /// Of the machine's cores, what all streams together may take for looking; the rest decodes.
  private static let lookingShare = 0.6

  /// - Parameter cores: Shared out evenly among the streams whose pipelines set no budget.
  package init(
    _ pipelines: [Pipeline], clocks: any Clocks, logger: Logger, cores: Int = ProcessorCount.online
  ) {
    self.pipelines = pipelines
    self.cores = cores
    self.clocks = clocks
    self.logger = logger
    pacer = Pacer(clocks: clocks)
  }

  /// Starts a line for each pipeline and returns. Call once.
  ///
  /// - Parameters:
  ///   - journal: Where events are kept before they are told; open until `wait` has returned.
  ///   - detector: Asked for each pipeline as its line begins, also after a reload; as is `language`.
  package func start(
    on board: any StreamBoard, journal: EventJournal? = nil,
    detector: @escaping @Sendable (Pipeline) -> (any FovealEncoder)? = { _ in nil },
    language: @escaping @Sendable (Pipeline) -> LanguageCore? = { _ in nil },
    makeEpoch: @escaping @Sendable () -> String = {
      var random = SystemRandomNumberGenerator()
      return Epoch.make(using: &random)
    }
  ) {
    let surroundings = Line.Surroundings(
      board: board, pacer: pacer, clocks: clocks, logger: logger, fairShare: fairShare(of: pipelines.count),
      journal: journal, detector: detector, language: language, makeEpoch: makeEpoch)
    let lines = pipelines.map { makeLine($0, surroundings) }
    let pacer = pacer
    let pacing = WorkerThread(name: "pacer") { pacer.run() }
    let isStopping = state.withLock { state, _ in
      state.surroundings = surroundings
      state.lines = lines
      state.journal = journal
      state.running = lines.count
      state.pacing = pacing
      return state.isStopping
    }
    for line in lines { line.start() }
    if isStopping { stop() }
  }

  private func fairShare(of count: Int) -> Double? {
    let share = Self.lookingShare * Double(cores) / Double(max(1, count))
    return share < 1 ? share : nil
  }

  private func makeLine(_ pipeline: Pipeline, _ surroundings: Line.Surroundings) -> Line {
    Line(pipeline, surroundings) { [self] ending in note(ending) }
  }

  /// Blocks until every line has ended; returns the first fault of one.
  ///
  /// - Parameters:
  ///   - settling: After this time, by which lines have found their stride, `tidy` is called for the first time, on this thread.
  ///   - tidying: After each such time, it is called again.
  package func wait(
    settling: Nanoseconds = .seconds(10), tidying: Nanoseconds = .seconds(60), _ tidy: (() -> Void)? = nil
  ) -> Fault? {
    if let tidy {
      var next = clocks.monotonic() + settling
      while !hasEnded(by: next) {
        tidy()
        next = clocks.monotonic() + tidying
      }
    }
    let (lines, fault, pacing) = state.withLock { state, held in
      while state.isBusy { held.wait(&state) }
      let pacing = state.pacing
      state.pacing = nil
      return (state.lines, state.fault, pacing)
    }
    for line in lines { line.join() }
    pacer.stop()
    pacing?.join()
    return fault
  }

  private func hasEnded(by deadline: MonotonicTime) -> Bool {
    state.withLock { state, held in
      while state.isBusy {
        if !held.wait(&state, until: deadline) { return !state.isBusy }
      }
      return true
    }
  }

  /// Asks every line to end in order. Any thread; returns at once, `wait` returns when it is done.
  package func stop() {
    let lines = state.withLock { state, held in
      state.isStopping = true
      held.wakeAll()
      return state.lines
    }
    for line in lines { line.stop() }
  }

  private func note(_ ending: Line.Ending) {
    state.withLock { state, held in
      state.running -= 1
      if case .failed(let fault) = ending, state.fault == nil { state.fault = fault }
      held.wakeAll()
    }
  }

  /// What a reload did, by the names of the streams.
  package struct Reload: Sendable, Equatable {
    package var kept: [String] = []
    package var added: [String] = []
    package var restarted: [String] = []
    package var removed: [String] = []
  }

  /// Goes on with other pipelines. A stream whose pipeline is the same runs on undisturbed, unless it had failed
  /// or was halted; one that changed ends and begins anew, and one whose pipeline is gone ends. Blocks while streams end. For one
  /// caller at a time, after `start`; returns nil when everything ends anyhow.
  package func reload(_ next: [Pipeline]) -> Reload? {
    let wanted = Dictionary(next.map { ($0.name, $0) }) { first, _ in first }
    let begun: (lines: [Line], surroundings: Line.Surroundings)? = state.withLock { state, _ in
      guard let surroundings = state.surroundings, !state.isStopping, state.running > 0 || state.isHeld else {
        return nil
      }
      state.isReloading = true
      return (state.lines, surroundings)
    }
    guard var (old, surroundings) = begun else { return nil }
    // A stream keeps the share that it began with.
    surroundings.fairShare = fairShare(of: next.count)
    func stays(_ line: Line) -> Bool {
      guard let pipeline = wanted[line.pipeline.name] else { return false }
      return line.pulse.state != .failed && !line.isHalted && line.pipeline.makesSameStream(as: pipeline)
    }
    let kept = old.filter(stays)
    old.removeAll(where: stays)
    for line in old { line.stop() }
    for line in old { line.join() }
    for line in old where wanted[line.pipeline.name] == nil { line.remove() }
    let keptNames = Set(kept.map(\.pipeline.name))
    let oldNames = Set(old.map(\.pipeline.name))
    let fresh = next.filter { !keptNames.contains($0.name) }.map { makeLine($0, surroundings) }
    let isStopping = state.withLock { state, held in
      state.lines = kept + fresh
      state.running += fresh.count
      state.isReloading = false
      if !fresh.isEmpty { state.fault = nil }
      held.wakeAll()
      return state.isStopping
    }
    for line in fresh { line.start() }
    if isStopping { stop() }
    return Reload(
      kept: kept.map(\.pipeline.name),
      added: fresh.map(\.pipeline.name).filter { !oldNames.contains($0) },
      restarted: fresh.map(\.pipeline.name).filter { oldNames.contains($0) },
      removed: old.map(\.pipeline.name).filter { wanted[$0] == nil })
  }

  var lines: [Line] { state.withLock { state, _ in state.lines } }

  /// How each stream does. Any thread; doesn't block.
  package func health(at now: MonotonicTime) -> [StreamHealth] {
    lines.map { $0.pulse.health($0.pipeline.name, at: now) }
  }

  /// Nil without a journal.
  var journalStatus: JournalStatus? { state.withLock { state, _ in state.journal }?.status }

  /// Of what this program consists.
  func versions(saccade: String?) -> [(name: String, version: String)] {
    (saccade.map { [("saccade", $0)] } ?? []) + MediaVersions.all
      + (JournalVersions.sqlite.map { [("sqlite", $0)] } ?? []) + [("swift", SwiftVersion.text)]
  }

  /// For the answer to `status`. Any thread; doesn't block.
  ///
  /// - Parameter saccade: The version of the program.
  package func status(saccade: String? = nil) -> ServerStatus {
    let (lines, journal) = state.withLock { state, _ in (state.lines, state.journal) }
    var streams: [String: [JSON.Field]] = [:]
    let now = clocks.monotonic()
    for line in lines { streams[line.pipeline.name] = line.status(at: now) }
    var fields = process.figures(at: now).json
    fields.append(
      .init("versions", .object(versions(saccade: saccade).map { .init($0.name, .text($0.version)) })))
    if let journal { fields.append(.init("journal", journal.status.json)) }
    return ServerStatus(fields: fields, streams: streams)
  }
}

extension JournalStatus {
  fileprivate var json: JSON {
    .object([
      .init("failing", .flag(trouble != nil)), .init("fault", trouble.map { .text($0) } ?? .null),
      .init("written", .integer(Int64(clamping: written))),
      .init("lost", .integer(Int64(clamping: lost))), .init("expired", .integer(Int64(clamping: expired))),
      .init("waiting", .integer(Int64(waiting))),
    ])
  }
}
