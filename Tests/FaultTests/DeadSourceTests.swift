import Base
import Events
import Foundation
import Glibc
import Media
import Pipelines
import Semantics
import Synchronization
import TestKit
import Testing

/// An hour with eight dead cameras of sixteen, on a clock of the test's own. What they cost is measured by
/// `bench/dead.sh`.
@Suite("Eight dead cameras")
struct DeadSourceTests {
  private static let hour: Nanoseconds = .seconds(3600)

  /// Counts records; looks at each.
  private final class Tally: RecordSink {
    let frames = Counter()
    let others = Counter()
    private let last = Mutex<UInt64>(0)
    var isClosed: Bool { false }

    func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
      guard let frame, events.isEmpty, frame.scene == .starting, frame.freshness == .stale else {
        return others.add()
      }
      frames.add()
      last.withLock {
        if frame.seq != $0 + 1 { others.add() }
        $0 = frame.seq
      }
    }
    func late(from first: UInt64, count: UInt64) { others.add() }
    func flush() {}
  }

  @Test("are each tried about once a minute, and no oftener")
  func attempts() async throws {
    // Nobody listens there.
    let refused = "rtsp://127.0.0.1:\(LocalPort.free())/cam"
    let attempts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { await onThread { Self.attempts(at: refused) } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    // 1, 2, 4 … 32 s are six; then 59 a minute apart, each up to a fifth sooner or later.
    #expect(attempts.allSatisfy { (54...82).contains($0) }, "\(attempts)")
  }

  /// How often a reader tries in an hour, which passes while it waits.
  private static func attempts(at url: String) -> Int {
    let clocks = ManualClocks()
    let end = clocks.monotonic() + hour
    let reader = FrameReader(SourceConfiguration(url: url), clocks: clocks)
    var attempts = 0
    _ = try? reader.run(
      deliver: { _ in true },
      changed: { event in
        guard case .lost(_, let delay) = event else { return }
        attempts += 1
        clocks.advance(by: delay)
        if clocks.monotonic() >= end { reader.stop() }
      })
    return attempts
  }

  @Test("still give thirty records a second, each saying that there is nothing yet")
  func records() {
    let clocks = ManualClocks()
    let pacer = Pacer(clocks: clocks)
    let tallies = (0..<8).map { _ in Tally() }
    for (number, tally) in tallies.enumerated() {
      pacer.add(
        LiveStream(
          ParserConfiguration(stream: "dead\(number)", epoch: "test", rate: 30), sink: tally,
          counters: StreamCounters(), clocks: clocks))
    }
    let end = clocks.monotonic() + Self.hour
    while clocks.monotonic() < end {
      let next = pacer.step(at: clocks.monotonic())
      clocks.advance(by: min(next, end) - clocks.monotonic())
    }
    _ = pacer.step(at: clocks.monotonic())
    for tally in tallies {
      #expect(tally.frames.value == 108_000)
      #expect(tally.others.value == 0)
    }
  }
}
