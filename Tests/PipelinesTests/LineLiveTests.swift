import Base
import Events
import Pipelines
import Testing

@Suite("A live stream")
struct LineLiveTests {
  @Test("before the first frame it says so thirty times a second")
  func starting() throws {
    let bench = LiveBench()
    bench.run(until: 2)
    #expect(bench.sink.frames.count == 60)
    for record in bench.sink.frames {
      #expect(record.scene == .starting)
      #expect(record.frame == 0)
      #expect(record.segment == 0)
      #expect(record.mediaTime == 0)
      #expect(record.freshness == .stale)
    }
    try bench.play(1)
    let fresh = bench.sink.frames.drop { $0.frame == 0 }
    #expect(fresh.first?.mediaTime == 0)
    #expect(fresh.first?.freshness == .fresh)
    #expect(bench.sink.firstBrokenSeq == nil)
  }

  @Test("each record bears its frame, tick and time")
  func records() throws {
    let bench = LiveBench()
    try bench.play(3)
    let frames = bench.sink.frames
    #expect(frames.count == 90)
    for (i, record) in frames.enumerated() {
      #expect(record.frame == UInt64(i + 1))
      #expect(abs(record.mediaTime - Double(i) / 30) < 1e-9)
      #expect(record.freshness == .fresh)
      #expect(record.ageMilliseconds == 0)
      #expect(record.segment == 1)
      #expect(record.time.milliseconds == 1_795_441_520_000 + Int64(Double(i) / 30 * 1000))
    }
    #expect(bench.sink.firstBrokenSeq == nil)
  }

  @Test("a stalled source gives stale records without a break, then the signal is lost, then it is back")
  func stall() throws {
    let bench = LiveBench()
    try bench.play(3)
    bench.run(until: 8)
    bench.segment = 2
    try bench.play(2)
    let frames = bench.sink.frames
    #expect(abs(frames.count - 300) <= 2)
    for (a, b) in zip(frames, frames.dropFirst()) { #expect(abs(b.mediaTime - a.mediaTime - 1 / 30) < 1e-6) }
    let during = frames.filter { $0.mediaTime > 3.01 && $0.mediaTime < 7.95 }
    #expect(during.allSatisfy { $0.freshness == .stale && $0.segment == 1 && $0.frame == 90 })
    #expect(during.last!.ageMilliseconds > 4_800)
    #expect(during.filter { $0.mediaTime > 5.1 }.allSatisfy { $0.scene.state == .signalLost })
    #expect(during.filter { $0.mediaTime < 4.9 }.allSatisfy { $0.scene.state != .signalLost })
    let after = frames.filter { $0.mediaTime > 8.1 }
    #expect(after.allSatisfy { $0.segment == 2 && $0.freshness == .fresh && $0.ageMilliseconds < 34 })
    #expect(after.allSatisfy { $0.scene.state == .ok })
    let lost = bench.sink.events.filter { $0.event.kind == "signal_lost" }
    #expect(lost.map(\.event.phase) == [.begin, .end])
    #expect(bench.sink.firstBrokenSeq == nil)
  }

  @Test("ticks that a frozen process missed are one gap, and time has gone on", arguments: [0.1, 5, 3_600])
  func frozen(seconds: Double) throws {
    let bench = LiveBench()
    try bench.play(2)
    bench.freeze(until: 2 + seconds)
    try bench.play(2)
    let told = bench.sink.frames.count + Int(bench.sink.lateTicks)
    #expect(abs(Double(told) - (4 + seconds) * 30) <= 2)
    if seconds < 0.2 {
      #expect(bench.sink.lateTicks == 0)
    } else {
      #expect(abs(Double(bench.sink.lateTicks) - seconds * 30) < 10)
      #expect(bench.counters.lateTicks.value == bench.sink.lateTicks)
    }
    #expect(abs(bench.sink.frames.last!.mediaTime - 4 - seconds) < 0.07)
    #expect(bench.sink.firstBrokenSeq == nil)
  }

  @Test("stopping ends every open event once, with its reason, and nothing follows")
  func stops() throws {
    let bench = LiveBench()
    try bench.play(3)
    bench.camera.isCovered = true
    try bench.play(3)
    try bench.stream.finish(.stopped)
    let after = bench.sink.entries.count
    try bench.stream.finish(.stopped)
    try bench.play(1)
    #expect(bench.sink.entries.count == after)
    var open: [String: Int] = [:]
    for record in bench.sink.events {
      switch record.event.phase {
      case .begin: open[record.event.id, default: 0] += 1
      case .end: open[record.event.id, default: 0] -= 1
      case .update, .point: break
      }
    }
    #expect(!open.isEmpty, "a lens that was covered began no event")
    #expect(open.values.allSatisfy { $0 == 0 })
    #expect(bench.sink.events.last?.event.phase == .end)
    #expect(bench.sink.events.last?.event.reason == .stopped)
    #expect(bench.sink.firstBrokenSeq == nil)
  }

  @Test("a sink that nobody reads any more closes the stream")
  func closes() throws {
    let bench = LiveBench()
    try bench.play(1)
    #expect(bench.stream.isOpen)
    bench.sink.close()
    try bench.play(0.1)
    #expect(!bench.stream.isOpen)
  }

  @Test("latency is counted from a frame's arrival")
  func latency() throws {
    let bench = LiveBench()
    try bench.play(2)
    // The clocks stand still while a frame is looked at.
    #expect(bench.counters.latency.percentile(0.99)! <= .milliseconds(1))
    #expect(bench.counters.frames.value == 60)
    #expect(bench.counters.ticks.value == 60)
  }
}

@Suite("Latencies")
struct LineLatencyTests {
  @Test("a percentile is right to a fifth", arguments: [0.3, 1, 2.5, 7, 16, 33, 100, 250, 1_000, 9_000])
  func percentile(milliseconds: Double) {
    let histogram = LatencyHistogram()
    for _ in 0..<99 { histogram.add(.milliseconds(0)) }
    #expect(histogram.percentile(0.5) == 100_000)
    for _ in 0..<200 { histogram.add(.seconds(milliseconds / 1000)) }
    let found = histogram.percentile(0.99)!.inMilliseconds
    #expect(found >= milliseconds && found <= milliseconds * 1.26)
  }

  @Test("of nothing there is none")
  func none() { #expect(LatencyHistogram().percentile(0.5) == nil) }
}
