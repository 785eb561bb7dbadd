import Base
import Conditions
import Events
import Logging
import Media
import Pipelines
import Service
import TestKit
import Testing

/// A board whose outlets take nothing while they are held: what a stream meets whose client library, disk or
/// driver hangs.
private final class StuckBoard: StreamBoard {
  let isHeld = Monitor(true)

  func add(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64, setting: Setting
  ) -> any StreamOutlet {
    Outlet(gate: name == "stuck" ? isHeld : nil)
  }

  func release() {
    isHeld.withLock { isHeld, held in
      isHeld = false
      held.wakeAll()
    }
  }

  private final class Outlet: StreamOutlet {
    let gate: Monitor<Bool>?
    init(gate: Monitor<Bool>?) { self.gate = gate }
    var isClosed: Bool { false }

    func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
      gate?.withLock { isHeld, held in
        while isHeld { held.wait(&isHeld) }
      }
    }
    func late(from first: UInt64, count: UInt64) {}
    func flush() {}
    func update(state: StreamEntry.State, reason: String) {}
    func remove(reason: String) {}
  }
}

@Suite("The health of streams")
struct LineHealthTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func pipeline(_ name: String, _ url: String) -> Pipeline {
    Pipeline(name: name, source: SourceConfiguration(url: url))
  }

  @Test(
    "a stream that hangs is named, and the watchdog starves until it gets on",
    arguments: ["lavfi:testsrc2=s=320x180:r=30:d=60", "tcp://127.0.0.1:1"])
  func hanging(source: String) throws {
    let scratch = Scratch()
    let clocks = SystemClocks()
    let board = StuckBoard()
    let supervisor = Supervisor(
      [pipeline("stuck", source), pipeline("well", "lavfi:testsrc2=s=320x180:r=30:d=60")], clocks: clocks,
      logger: logger)
    let manager = try NotifyListener(scratch.file("notify"))
    let keeper = ServiceKeeper(
      try NotifySocket(manager.name), watchdog: .milliseconds(100), patience: .seconds(1), clocks: clocks,
      logger: logger, health: { ServiceHealth(streams: supervisor.health(at: $0)) })
    supervisor.start(on: board)
    keeper.ready()
    let told = try #require(manager.lines { $0.contains("hanging (stuck, for ") })
    #expect(told.first == "READY=1")
    #expect(told.contains("WATCHDOG=1"))
    // From here on only the words change, until the stream gets on.
    for _ in 0..<2 { #expect(manager.next()?.allSatisfy { $0.hasPrefix("STATUS=") } == true) }
    board.release()
    #expect(manager.lines { $0 == "WATCHDOG=1" } != nil)
    supervisor.stop()
    #expect(supervisor.wait() == nil)
    keeper.end()
    #expect(supervisor.health(at: clocks.monotonic()).allSatisfy { $0.behindSince == nil })
  }

  @Test("a camera that is gone and a recording that waits for its pace are no hanging streams")
  func waiting() throws {
    let clocks = SystemClocks()
    let supervisor = Supervisor(
      [pipeline("gone", "tcp://127.0.0.1:1"), pipeline("slow", "lavfi:testsrc2=s=320x180:r=1:d=60")],
      clocks: clocks, logger: logger)
    let board = CollectingBoard()
    supervisor.start(on: board)
    #expect(board["slow"].wait { $0.sink.frames.count >= 45 })
    let now = clocks.monotonic()
    let health = supervisor.health(at: now)
    #expect(health.map(\.name) == ["gone", "slow"])
    #expect(health.map(\.state) == [.lost, .running])
    #expect(health.allSatisfy { stream in stream.behindSince.map { now - $0 < .seconds(1) } ?? true })
    supervisor.stop()
    #expect(supervisor.wait() == nil)
  }
}
