import Base
import Events
import Journal
import Language
import Logging
import Media
import Synchronization
import Vision

/// The running line of one pipeline: from its source to its outlet.
///
/// Threads: `read-…` runs the reader. Of a live source it hands frames over by a ring to `look-…`, which
/// looks at them; of a recording it looks itself, at the recording's own pace. The pacer's thread tells live
/// ticks that got no frame.
package final class Line: Sendable {
  /// What a line needs of its surroundings.
  package struct Surroundings: Sendable {
    package var board: any StreamBoard
    package var pacer: Pacer
    package var clocks: any Clocks
    package var logger: Logger
    package var makeEpoch: @Sendable () -> String
    /// Budget of a live stream whose pipeline sets none, as a share of one core; nil for no limit.
    package var fairShare: Double?
    /// Where records are kept and numbers go on; nil for neither.
    package var journal: EventJournal?
    /// The detectors that pipelines ask for; nil for one that asks for none.
    package var detector: @Sendable (Pipeline) -> (any FovealEncoder)?
    /// Who answers a pipeline's questions; nil for one that asks none.
    package var language: @Sendable (Pipeline) -> LanguageCore?

    package init(
      board: any StreamBoard, pacer: Pacer, clocks: any Clocks, logger: Logger, fairShare: Double? = nil,
      journal: EventJournal? = nil,
      detector: @escaping @Sendable (Pipeline) -> (any FovealEncoder)? = { _ in nil },
      language: @escaping @Sendable (Pipeline) -> LanguageCore? = { _ in nil },
      makeEpoch: @escaping @Sendable () -> String
    ) {
      self.fairShare = fairShare
      self.journal = journal
      self.detector = detector
      self.language = language
      self.board = board
      self.pacer = pacer
      self.clocks = clocks
      self.logger = logger
      self.makeEpoch = makeEpoch
    }
  }

  /// How a line came to its end.
  package enum Ending: Sendable {
    /// A recording is done.
    case complete
    case stopped
    case failed(Fault)
  }

  package let pipeline: Pipeline
  package let counters = StreamCounters()
  package let pulse = Pulse()
  package let reader: FrameReader
  private let surroundings: Surroundings
  private let patience = Patience()
  private let ended: @Sendable (Ending) -> Void
  /// Where its records went, once it has ended.
  private let outlet = Mutex<(any StreamOutlet)?>(nil)
  private let halted = Atomic(false)
  private let thread = Mutex<WorkerThread?>(nil)

  /// `ended` is called once, on the line's own thread, as the last thing it does.
  package init(
    _ pipeline: Pipeline, _ surroundings: Surroundings, ended: @escaping @Sendable (Ending) -> Void
  ) {
    self.pipeline = pipeline
    self.surroundings = surroundings
    self.ended = ended
    reader = FrameReader(pipeline.source, clocks: surroundings.clocks, start: pipeline.start)
  }

  /// Puts the stream up and returns; nothing of the source is waited for. Call once.
  package func start() {
    let run = LineRun(pipeline, reader, counters, pulse, surroundings, patience)
    let (reader, ended) = (reader, ended)
    let own = WorkerThread(name: "read-\(pipeline.name)") { [self] in
      let ending: Ending
      do throws(Fault) {
        let end = try reader.run(deliver: { run.take($0) }, changed: { run.note($0) })
        ending = end == .finished ? .complete : .stopped
      } catch {
        ending = .failed(error)
      }
      let last = run.finish(ending)
      outlet.withLock { $0 = run.outlet }
      ended(last)
    }
    thread.withLock { $0 = own }
  }

  /// Takes the stream off the board. The line has been joined.
  func remove() { outlet.withLock { $0 }?.remove(reason: "its pipeline is gone") }

  /// As `stop`, by somebody who may want the stream back.
  func halt() {
    halted.store(true, ordering: .releasing)
    stop()
  }

  var isHalted: Bool { halted.load(ordering: .acquiring) }

  /// Ends the line in order; `ended` follows within the time of a frame. Any thread; returns at once.
  package func stop() {
    patience.callOff()
    reader.stop()
  }

  /// Waits for the line's threads, once it has ended.
  package func join() {
    let own = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    own?.join()
  }
}
