import Base
import Events
import Synchronization

/// What happened to one stream since its start, and how it stands, for `status`. Any thread may write and
/// read.
package final class StreamCounters: Sendable {
  /// As of the last tick.
  package struct Standing: Sendable, Hashable {
    package var scene = SceneReport.State.starting
    package var objects = 0
    package var openEvents = 0
    /// What looked at the newest frame, and why work on it was left out.
    package var ran: [String] = []
    package var skipped: String?
  }

  /// Frames that analysis took in.
  package let frames = Counter()
  /// Frame records.
  package let ticks = Counter()
  /// Frame records without a new frame.
  package let staleTicks = Counter()
  package let events = Counter()
  /// Ticks that nobody told in time.
  package let lateTicks = Counter()
  /// Decoded frames that analysis was too slow to see.
  package let lapped = Counter()
  /// Frames that the gate passed over, wholly or in part.
  package let skipped = Counter()
  /// Of these, for lack of budget.
  package let skippedForBudget = Counter()
  /// Frames that could not be looked at.
  package let unreadable = Counter()
  /// Answers of the detector, and looks that failed.
  package let looks = Counter()
  package let looksFailed = Counter()
  /// Questions to language models, the calls that they shared, how many had an answer and how many none; pictures for them
  /// that were left out.
  package let asked = Counter()
  package let calls = Counter()
  package let answered = Counter()
  package let unanswered = Counter()
  package let picturesDropped = Counter()
  /// From the arrival of a frame's last packet to its record in the sink; live streams only.
  package let latency = LatencyHistogram()

  private let last = Mutex(Standing())
  private let kinds = Mutex<[String: UInt64]>([:])
  private let noticed = Atomic<UInt64>(0)
  private let short = Atomic<Int>(0)
  private let late = Atomic<Int>(0)

  package init() {}

  func count(_ event: Event) {
    events.add()
    guard event.phase == .begin || event.phase == .point else { return }
    kinds.withLock { $0[event.kind, default: 0] += 1 }
  }

  /// Events that began or happened, by kind.
  package var begun: [(kind: String, count: UInt64)] {
    kinds.withLock { kinds in kinds.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  func note(_ counts: (short: Int, late: Int)) {
    short.store(counts.short, ordering: .relaxed)
    late.store(counts.late, ordering: .relaxed)
  }

  /// Frames in which something was to be looked at by the detector and had to wait.
  package var looksShort: UInt64 { UInt64(short.load(ordering: .relaxed)) }
  /// Answers about frames that were no longer remembered.
  package var looksLate: UInt64 { UInt64(late.load(ordering: .relaxed)) }

  package var standing: Standing {
    get { last.withLock { $0 } }
    set { last.withLock { $0 = newValue } }
  }

  /// Side of the smallest object that would be noticed now, as a share of the picture's height; 0 before
  /// anything was looked at.
  package var smallestNoticed: Double {
    get { Double(bitPattern: noticed.load(ordering: .relaxed)) }
    set { noticed.store(newValue.bitPattern, ordering: .relaxed) }
  }
}
