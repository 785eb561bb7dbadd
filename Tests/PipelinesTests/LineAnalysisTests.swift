import Base
import Conditions
import Events
import Foundation
import Media
import Pipelines
import TestKit
import Testing

/// A pattern that FFmpeg draws, as a source.
private func graph(_ graph: String, named name: String = "clip") -> Pipeline {
  Pipeline(name: name, source: SourceConfiguration(url: "lavfi:" + graph))
}

private func analyse(_ pipeline: Pipeline) throws -> (CollectingSink, Analysis.Summary) {
  let sink = CollectingSink()
  let summary = try Analysis(pipeline, epoch: "test", sink: sink, clocks: SystemClocks()).run()
  return (sink, summary)
}

@Suite("An analysis")
struct LineAnalysisTests {
  struct Rate: Sendable, CustomTestStringConvertible {
    var rate: String
    var frames: Int
    var ticks: Int
    /// Frame that each of the first ticks rests on.
    var first: [UInt64]
    var testDescription: String { "\(rate) fps" }
  }

  @Test(
    "of any frame rate ticks thirty times a second, and looks at every frame",
    arguments: [
      Rate(rate: "10", frames: 20, ticks: 58, first: [1, 1, 1, 2, 2, 2, 3]),
      Rate(rate: "15", frames: 30, ticks: 59, first: [1, 1, 2, 2, 3]),
      Rate(rate: "25", frames: 50, ticks: 60, first: [1, 2, 3, 3, 4, 5, 6]),
      Rate(rate: "30000/1001", frames: 60, ticks: 60, first: [1, 2, 3, 4]),
      Rate(rate: "30", frames: 60, ticks: 60, first: [1, 2, 3, 4]),
      Rate(rate: "60", frames: 120, ticks: 60, first: [1, 3, 5, 7]),
    ])
  func rates(_ example: Rate) throws {
    let (sink, summary) = try analyse(graph("testsrc2=s=320x180:r=\(example.rate):d=2"))
    let frames = sink.frames
    #expect(summary.progress.frames == UInt64(example.frames))
    #expect(abs(frames.count - example.ticks) <= 1)
    #expect(frames.prefix(example.first.count).map(\.frame) == example.first)
    for (tick, record) in frames.enumerated() {
      #expect(abs(record.mediaTime - Double(tick) / 30) < 1e-9)
      #expect(record.ageMilliseconds >= 0)
      let isNew = tick == 0 || frames[tick - 1].frame < record.frame
      #expect(record.freshness == (isNew ? .fresh : .stale))
      #expect(record.encoder.ran.isEmpty == !isNew || record.encoder.skipped != nil)
    }
    #expect(frames.last?.frame == UInt64(example.frames))
    #expect(sink.firstBrokenSeq == nil)
  }

  @Test("of one frame is one record")
  func single() throws {
    let (sink, _) = try analyse(graph("testsrc2=s=320x180:r=30:d=0.03"))
    #expect(sink.frames.count == 1)
    #expect(sink.frames.first?.frame == 1)
  }

  @Test("of a recording with a gap goes on without frames, and says that the signal is lost")
  func gap() throws {
    let (sink, _) = try analyse(
      graph("testsrc2=s=320x180:r=30:d=6,select='not(between(t\\,1\\,5))'"))
    let frames = sink.frames
    #expect(frames.count == 180)
    let gap = frames.filter { $0.mediaTime > 1 && $0.mediaTime < 4.99 }
    #expect(gap.allSatisfy { $0.freshness == .stale })
    for record in gap {
      let age = record.mediaTime - 29.0 / 30
      #expect(abs(Double(record.ageMilliseconds) / 1000 - age) < 0.001)
      // One tick's tolerance around the two seconds.
      if age < 1.96 { #expect(record.scene.state != .signalLost) }
      if age > 2.04 { #expect(record.scene.state == .signalLost) }
    }
    #expect(frames.last?.scene.state != .signalLost)
    let lost = sink.events.filter { $0.event.kind == "signal_lost" }
    #expect(lost.map(\.event.phase) == [.begin, .end])
  }

  @Test("at another rate ticks at that")
  func otherRate() throws {
    var pipeline = graph("testsrc2=s=320x180:r=30:d=2")
    pipeline.rate = 10
    let (sink, summary) = try analyse(pipeline)
    #expect(summary.progress.frames == 60)
    #expect(sink.frames.map(\.mediaTime) == (0..<sink.frames.count).map { Double($0) / 10 })
    #expect((20...21).contains(sink.frames.count))
  }

  @Test("twice gives the same bytes but for time, epoch and encoder.ms")
  func sameBytes() throws {
    let scratch = Scratch("analysis")
    func run(_ file: String, epoch: String, at seconds: Int64) throws -> String {
      var pipeline = graph("testsrc2=s=640x360:r=25:d=5,noise=alls=12:allf=t:all_seed=7")
      pipeline.start = WallTime(nanoseconds: seconds * 1_000_000_000)
      let clocks = SystemClocks()
      let sink = try FileSink(path: scratch.file(file), clocks: clocks)
      _ = try Analysis(pipeline, epoch: epoch, sink: sink, clocks: clocks).run()
      return try scratch.read(file)
    }
    func plain(_ text: String, epoch: String) -> String {
      text.replacing(/"time":"[^"]*"/, with: "").replacing(/"ms":[0-9.]+/, with: "")
        .replacing("-\(epoch)-", with: "-")
    }
    let one = try run("one", epoch: "aaaa", at: 1_000_000)
    let two = try run("two", epoch: "zzzz", at: 2_000_000)
    #expect(one != two)
    #expect(one.contains("\"type\":\"event\""))
    #expect(plain(one, epoch: "aaaa") == plain(two, epoch: "zzzz"))
  }

  @Test("ends what is open as complete at the end, as stopped when it is stopped")
  func endReasons() throws {
    let moving = "testsrc2=s=640x360:r=30:d=4"
    let (whole, _) = try analyse(graph(moving))
    #expect(whole.events.contains { $0.event.phase == .end && $0.event.reason == .complete })

    let sink = CollectingSink()
    let analysis = Analysis(
      graph("testsrc2=s=640x360:r=30"), epoch: "test", sink: sink, clocks: SystemClocks())
    let summary = try analysis.run { if $0.frames > 60 { analysis.stop() } }
    #expect(summary.wasStopped)
    #expect(sink.events.contains { $0.event.phase == .end && $0.event.reason == .stopped })
    for records in [whole.events, sink.events] {
      let begun = records.filter { $0.event.phase == .begin }.map(\.event.id)
      let ended = records.filter { $0.event.phase == .end }.map(\.event.id)
      #expect(begun.sorted() == ended.sorted())
      #expect(Set(begun).count == begun.count)
    }
  }

  @Test("ends in peace when nobody reads its records any more")
  func closedPipe() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    let clocks = SystemClocks()
    let sink = FileSink(descriptor: ends[1], name: "pipe", closes: true, clocks: clocks)
    let summary = try Analysis(
      graph("testsrc2=s=320x180:r=30"), epoch: "test", sink: sink, clocks: clocks
    ).run()
    #expect(summary.wasStopped)
    #expect(sink.isClosed)
  }

  @Test("on a full disk is an error that names the file")
  func fullDisk() throws {
    let clocks = SystemClocks()
    let sink = try FileSink(path: "/dev/full", clocks: clocks)
    let fault = #expect(throws: Fault.self) {
      try Analysis(graph("testsrc2=s=320x180:r=30:d=9"), epoch: "test", sink: sink, clocks: clocks).run()
    }
    #expect(fault?.code == .io)
    #expect(fault?.place == "/dev/full")
  }

  @Test("of what isn't there is an error, and makes no record")
  func missing() {
    let sink = CollectingSink()
    let fault = #expect(throws: Fault.self) {
      try Analysis(
        Pipeline(name: "x", source: SourceConfiguration(url: "/nowhere/at-all.mp4")), epoch: "test",
        sink: sink, clocks: SystemClocks()
      ).run()
    }
    #expect(fault?.code == .noInput)
    #expect(sink.entries.isEmpty)
  }

  @Test("shows in its overlay every frame once, at its time", arguments: ["15", "60"])
  func overlay(rate: String) throws {
    let scratch = Scratch("overlay")
    let path = scratch.file("seen.mp4")
    let clocks = SystemClocks()
    var pipeline = graph("testsrc2=s=640x360:r=\(rate):d=2")
    pipeline.setting.zones = [
      .init(name: "left", polygon: Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1)]))
    ]
    let seen = CollectingSink()
    let summary = try Analysis(pipeline, epoch: "test", sink: seen, clocks: clocks, overlay: path).run()

    let reader = FrameReader(SourceConfiguration(url: path), clocks: clocks)
    var times: [MediaTime] = []
    var marked = 0
    let picture = PeripheralPicture()
    let filler = PeripheralFiller()
    _ = try reader.run(
      deliver: { frame in
        times.append(frame.info.time)
        try? frame.fill(picture, with: filler)
        // The state of the scene stands in green letters on black in the top left corner.
        let corner = (0..<10).flatMap { y in (0..<24).map { x in picture.luma[y * picture.width + x] } }
        if corner.min()! < 60 && corner.max()! > 110 { marked += 1 }
        return true
      }, changed: { _ in })
    #expect(times.count == Int(summary.progress.frames))
    for (i, time) in times.enumerated() { #expect(abs(time.seconds - Double(i) / Double(rate)!) < 0.001) }
    #expect(marked == times.count)
  }

  @Test("tells how far it is")
  func progress() throws {
    let scratch = Scratch("progress")
    let clocks = ManualClocks()
    var seen: [Analysis.Progress] = []
    let path = scratch.file("clip.mp4")
    _ = try Analysis(
      graph("testsrc2=s=320x180:r=30:d=2"), epoch: "test", sink: CollectingSink(), clocks: SystemClocks(),
      overlay: path
    ).run()
    let analysis = Analysis(
      Pipeline(name: "clip", source: SourceConfiguration(url: path)), epoch: "test",
      sink: SlowSink(clocks), clocks: clocks)
    _ = try analysis.run { seen.append($0) }
    // Each of the ticks took 100 ms on the manual clock: reports come every third one.
    #expect((15...25).contains(seen.count))
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.done <= $1.done && $0.elapsed < $1.elapsed })
    let middle = seen[seen.count / 2]
    #expect(abs(middle.speed - 1 / 3.0) < 0.05)
    #expect(abs(middle.duration!.inSeconds - 2) < 0.1)
    #expect(abs(middle.remaining!.inSeconds - 3) < 0.6)
  }
}

/// Takes 100 ms for each tick.
private final class SlowSink: RecordSink {
  private let clocks: ManualClocks
  init(_ clocks: ManualClocks) { self.clocks = clocks }
  func write(_ frame: FrameRecord?, _ events: [EventRecord]) { clocks.advance(by: .milliseconds(100)) }
  func late(from first: UInt64, count: UInt64) {}
  func flush() {}
  var isClosed: Bool { false }
}
