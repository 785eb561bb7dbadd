import Base
import Conditions
import Events
import Foundation
import Logging
import Media
import Pipelines
import Synchronization
import TestKit
import Testing

/// A board that keeps what is put up on it.
final class CollectingBoard: StreamBoard {
  struct Place: Sendable {
    var name: String
    var kind: StreamEntry.Kind
    var epoch: String
    var outlet: CollectingOutlet
  }

  private let kept = Monitor<[Place]>([])
  var places: [Place] { kept.withLock { places, _ in places } }

  func add(
    name: String, kind: StreamEntry.Kind, rate: Int, epoch: String, firstSeq: UInt64, setting: Setting
  ) -> any StreamOutlet {
    let outlet = CollectingOutlet()
    kept.withLock { places, _ in
      places.append(Place(name: name, kind: kind, epoch: epoch, outlet: outlet))
    }
    return outlet
  }

  subscript(name: String) -> CollectingOutlet { places.last { $0.name == name }!.outlet }
}

final class CollectingOutlet: StreamOutlet {
  let sink = CollectingSink()
  private let news = Monitor<[StreamEntry.State]>([])
  private let changed = Monitor(0)

  var states: [StreamEntry.State] { news.withLock { states, _ in states } }
  var isClosed: Bool { false }

  func update(state: StreamEntry.State, reason: String) {
    news.withLock { states, _ in states.append(state) }
    note()
  }
  func remove(reason: String) {
    news.withLock { states, _ in states.append(.removed) }
    note()
  }
  func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
    sink.write(frame, events)
    note()
  }
  func late(from first: UInt64, count: UInt64) {
    sink.late(from: first, count: count)
    note()
  }
  func flush() {}

  private func note() {
    changed.withLock { n, held in
      n += 1
      held.wakeAll()
    }
  }

  /// Waits until `condition` holds; false after 20 s.
  func wait(until condition: (CollectingOutlet) -> Bool) -> Bool {
    let clocks = SystemClocks()
    let limit = clocks.monotonic() + .seconds(20)
    while true {
      let seen = changed.withLock { n, _ in n }
      if condition(self) { return true }
      let isInTime = changed.withLock { n, held in
        while n == seen {
          if !held.wait(&n, until: limit) { return false }
        }
        return true
      }
      if !isInTime { return condition(self) }
    }
  }
}

private func pipeline(_ name: String, _ url: String) -> Pipeline {
  var source = SourceConfiguration(url: url)
  source.timeout = .seconds(5)
  return Pipeline(name: name, source: source)
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A recording of a second, small and quick to play.
private let second = "lavfi:testsrc2=s=320x180:r=30:d=1"

@Suite("A daemon's streams")
struct LineSupervisorTests {
  @Test("a recording that plays at its own pace tells the same as its analysis, and then is done")
  func paced() throws {
    let clocks = SystemClocks()
    let board = CollectingBoard()
    let supervisor = Supervisor([pipeline("clip", second)], clocks: clocks, logger: quiet)
    let begun = clocks.monotonic()
    supervisor.start(on: board, makeEpoch: { "test" })
    #expect(supervisor.wait() == nil)
    #expect(clocks.monotonic() - begun > .milliseconds(900))

    let analysed = CollectingSink()
    _ = try Analysis(pipeline("clip", second), epoch: "test", sink: analysed, clocks: clocks).run()
    func plain(_ entries: [CollectingSink.Entry]) -> [CollectingSink.Entry] {
      entries.map { entry in
        switch entry {
        case .frame(var record):
          record.time = Timestamp(milliseconds: 0)
          record.encoder.milliseconds = 0
          return .frame(record)
        case .event(var record):
          record.time = Timestamp(milliseconds: 0)
          return .event(record)
        case .late: return entry
        }
      }
    }
    #expect(plain(board["clip"].sink.entries) == plain(analysed.entries))
    #expect(board["clip"].states == [.running, .ended])
    #expect(board.places.map(\.kind) == [.recording])
  }

  @Test("one that can't be reached costs the others nothing, and none waits for it")
  func deadBesideHealthy() throws {
    let board = CollectingBoard()
    let supervisor = Supervisor(
      [
        pipeline("dead", "tcp://127.0.0.1:1"), pipeline("deaf", "rtsp://192.0.2.1/none"),
        pipeline("clip", second),
      ], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    #expect(board["clip"].wait { $0.states.last == .ended })
    #expect(board["clip"].sink.frames.count == 30)
    for name in ["dead", "deaf"] {
      let outlet = board[name]
      // A second at the rate, and what a loaded machine adds.
      #expect(outlet.sink.frames.count >= 25)
      #expect(outlet.sink.frames.allSatisfy { $0.scene == .starting && $0.frame == 0 })
      #expect(outlet.sink.firstBrokenSeq == nil)
    }
    #expect(board["dead"].states == [.lost])
    let asked = SystemClocks().monotonic()
    supervisor.stop()
    #expect(supervisor.wait() == nil)
    #expect(SystemClocks().monotonic() - asked < .seconds(1))
    #expect(board["dead"].states == [.lost, .ended])
  }

  @Test("one that fails is told; the rest plays on, and the end names it")
  func failure() throws {
    let board = CollectingBoard()
    let supervisor = Supervisor(
      [pipeline("gone", "/nowhere/at-all.mp4"), pipeline("clip", second)], clocks: SystemClocks(),
      logger: quiet)
    supervisor.start(on: board)
    let fault = supervisor.wait()
    #expect(fault?.code == .noInput)
    #expect(board["gone"].states == [.failed])
    #expect(board["clip"].sink.frames.count == 30)
  }

  @Test("a recording with `loop` starts again in a new segment, its time goes on, until it is stopped")
  func loop() throws {
    let scratch = Scratch("loop")
    let path = scratch.file("clip.mp4")
    _ = try Analysis(
      pipeline("x", "lavfi:testsrc2=s=320x180:r=30:d=0.4"), epoch: "test", sink: CollectingSink(),
      clocks: SystemClocks(), overlay: path
    ).run()
    var looped = pipeline("clip", path)
    looped.source.loop = true
    let board = CollectingBoard()
    let supervisor = Supervisor([looped], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    let outlet = board["clip"]
    #expect(outlet.wait { ($0.sink.frames.last?.segment ?? 0) >= 3 })
    supervisor.stop()
    #expect(supervisor.wait() == nil)
    let frames = outlet.sink.frames
    for (a, b) in zip(frames, frames.dropFirst()) {
      #expect(abs(b.mediaTime - a.mediaTime - 1 / 30) < 1e-6)
      #expect(b.segment - a.segment <= 1 && b.segment >= a.segment)
      #expect(b.freshness == .fresh)
    }
    #expect(outlet.states == [.running, .ended])
    #expect(outlet.sink.firstBrokenSeq == nil)
  }

  @Test("a live source is found, lost and found again, in a new segment of the same epoch")
  func reconnects() throws {
    let scratch = Scratch("live")
    let path = scratch.file("clip.ts")
    let server = try OneShotServer(serving: try mpegts(path), times: 2)
    let board = CollectingBoard()
    let supervisor = Supervisor(
      [pipeline("camera", "tcp://127.0.0.1:\(server.port)")], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    let outlet = board["camera"]
    #expect(outlet.wait { ($0.sink.frames.last?.segment ?? 0) == 2 && $0.states.suffix(1) == [.lost] })
    supervisor.stop()
    #expect(supervisor.wait() == nil)
    let status = supervisor.status()

    #expect(board.places.map(\.kind) == [.live])
    #expect(outlet.states.prefix(4) == [.running, .lost, .running, .lost])
    let frames = outlet.sink.frames.drop { $0.frame == 0 }
    // All two seconds come in one burst: which of their frames is looked at first depends on the machine.
    #expect(frames.first?.mediaTime ?? 9 < 2)
    for (a, b) in zip(frames, frames.dropFirst()) {
      #expect(b.mediaTime > a.mediaTime)
      #expect(b.segment >= a.segment)
    }
    // About the first backoff of a second lies between them, and is told.
    let between = frames.filter { $0.segment == 1 && $0.freshness == .stale }
    #expect(between.count >= 20)
    #expect(outlet.sink.firstBrokenSeq == nil)

    let counters = try #require(status.streams["camera"]?.first { $0.key == "counters" }?.value)
    #expect(counters["reconnects"]?.integer ?? 0 >= 1)
    #expect(
      counters["frames_decoded"]?.integer
        == (counters["frames_looked_at"]?.integer ?? 0) + (counters["frames_lapped"]?.integer ?? 0))
    #expect(status.fields.first { $0.key == "memory" }?.value["pss_bytes"]?.integer ?? 0 > 1_000_000)
  }

  @Test("a recording behind an address that looks live is played as what it is")
  func turnsOutRecorded() throws {
    // Over http it could be either: an address doesn't tell.
    let scratch = Scratch("turn")
    let path = scratch.file("clip.mp4")
    _ = try Analysis(
      pipeline("x", second), epoch: "test", sink: CollectingSink(), clocks: SystemClocks(), overlay: path
    ).run()
    let server = try OneShotServer(http: try Data(contentsOf: URL(fileURLWithPath: path)))
    let board = CollectingBoard()
    let supervisor = Supervisor(
      [pipeline("clip", "http://127.0.0.1:\(server.port)/clip")], clocks: SystemClocks(), logger: quiet)
    supervisor.start(on: board)
    #expect(supervisor.wait() == nil)
    #expect(board.places.map(\.kind) == [.live, .recording])
    #expect(Set(board.places.map(\.epoch)).count == 2)
    #expect(board["clip"].sink.frames.map(\.seq).first == 1)
    #expect((29...30).contains(board["clip"].sink.frames.count))
    #expect(board["clip"].states == [.running, .ended])
  }

  private func mpegts(_ path: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=2", "-c:v",
      "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "15", path,
    ]
    try process.run()
    process.waitUntilExit()
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }
}
