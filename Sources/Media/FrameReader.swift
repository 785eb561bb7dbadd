import Base
import Synchronization

/// Reads one source: opens it, decodes its video, puts every frame on the media clock, and comes back to a
/// live source that was lost.
///
/// `run` blocks a thread of its own. Everything else may be called from any thread at any time.
package final class FrameReader: Sendable {
  /// How a source's end is taken.
  package enum Kind: String, Sendable, Hashable {
    /// Never ends: it is lost and comes back.
    case live
    /// Ends, or starts again with `loop`.
    case recording
  }

  /// How `run` came to its end.
  package enum Ending: Sendable, Hashable {
    /// A recording had no more frames.
    case finished
    /// `stop` was called, or `deliver` asked for it.
    case stopped
  }

  package let configuration: SourceConfiguration
  /// The encoded packets of the last seconds.
  package let history: PacketHistory
  let clocks: any Clocks
  let kind: Kind?
  let start: WallTime?
  let interrupt: Interrupt
  let shared: Monitor<Shared>
  let wantedEffort = Atomic<UInt8>(DecodeEffort.everyFrame.rawValue)

  struct Shared {
    var state = ReaderState.idle
    var counts = ReaderCounts()
    var warnings: [String] = []
    var isLive: Bool
    var description: SourceDescription?
    var measuredRate: Double?
  }

  /// - Parameters:
  ///   - kind: Nil finds out: cameras and network streams without a duration are live.
  ///   - start: UTC of a recording's first frame; nil takes the container's, else the time of `run`.
  ///   - historyBytes: Bound of the packets kept for looking back; 0 keeps none.
  package init(
    _ configuration: SourceConfiguration, clocks: any Clocks, kind: Kind? = nil, start: WallTime? = nil,
    historyBytes: Int = PacketHistory.usualBytes
  ) {
    self.configuration = configuration
    self.clocks = clocks
    self.kind = kind
    self.start = start
    interrupt = Interrupt(clocks)
    history = PacketHistory(bytes: historyBytes)
    let looksLive = SourceLocation(configuration.url).looksLive
    shared = Monitor(Shared(isLive: kind.map { $0 == .live } ?? looksLive))
  }

  /// Reads until a recording ends or `stop` is called.
  ///
  /// - Parameters:
  ///   - deliver: Gets each frame, on this thread; while it blocks nothing is read. Returns false to stop.
  ///   - changed: Gets what happens besides, on this thread, before the frames that it is about.
  /// - Throws: When a recording can't be read. A live source's faults come by `changed`.
  package func run(
    deliver: (consuming VideoFrame) -> Bool, changed: (SourceEvent) -> Void
  ) throws(Fault) -> Ending {
    let session = ReaderSession(self)
    do {
      let ending = try session.run(deliver, changed)
      update { $0.state = ending == .finished ? .ended : .stopped }
      return ending
    } catch {
      update { $0.state = .ended }
      throw error
    }
  }

  /// Ends `run`, also while it blocks in opening, reading or waiting. For good.
  ///
  /// A `deliver` that blocks must be woken by its owner.
  package func stop() { interrupt.stop() }

  /// Tries a lost source again now, and not when its backoff is over. False when it isn't waiting for that.
  package func retry() -> Bool { interrupt.hurry() }

  /// What the decoder may leave out from the next packet on.
  package func setEffort(_ effort: DecodeEffort) {
    wantedEffort.store(effort.rawValue, ordering: .relaxed)
  }

  package var counts: ReaderCounts { read { $0.counts } }
  package var state: ReaderState { read { $0.state } }
  /// What works, but not as asked for; each once, without credentials.
  package var warnings: [String] { read { $0.warnings } }
  /// A guess from the URL until the source was open once.
  package var isLive: Bool { read { $0.isLive } }
  /// Of the source as it was opened last; nil before.
  package var description: SourceDescription? { read { $0.description } }
  /// Frames a second by their own times; nil before there were two.
  package var measuredRate: Double? { read { $0.measuredRate } }

  private func read<R>(_ body: (Shared) -> R) -> R {
    shared.withLock { (shared: inout Shared, _) in body(shared) }
  }

  func update(_ body: (inout Shared) -> Void) {
    shared.withLock { (shared: inout Shared, _) in body(&shared) }
  }
}
