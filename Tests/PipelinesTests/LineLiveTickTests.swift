import Base
import Pipelines
import Testing

/// Runs the ticks of a live stream on a line of time: `frames` are (media time, moment of pickup) in
/// milliseconds. Between them the machine is advanced every millisecond, as an ideal pacer would.
private struct Bench {
  struct Told: Equatable {
    var tick: Int64
    /// Milliseconds since the start.
    var at: Double
    /// Newest frame then, from 1; 0 for none.
    var frame: Int
  }

  var machine: LiveTicks
  var told: [Told] = []
  var late: [Int64] = []
  var now = MonotonicTime(nanoseconds: 5_000_000_000)
  let begun = MonotonicTime(nanoseconds: 5_000_000_000)
  private(set) var observed = 0

  init(rate: Int = 30) { machine = LiveTicks(TickGrid(rate: rate), started: begun) }

  private mutating func perform(_ plan: LiveTicks.Plan) {
    if plan.late > 0 { late.append(plan.late) }
    for tick in plan.due { tell(tick) }
  }

  private mutating func tell(_ tick: Int64) {
    told.append(Told(tick: tick, at: (now - begun).inMilliseconds, frame: observed))
  }

  mutating func run(until milliseconds: Double) {
    let end = begun + .seconds(milliseconds / 1000)
    while now < end {
      now = min(end, now + .milliseconds(1))
      perform(machine.advance(to: now))
    }
  }

  /// Time passes while nobody looks.
  mutating func suspend(until milliseconds: Double) { now = begun + .seconds(milliseconds / 1000) }

  /// - Parameter lag: Milliseconds for which it lay unread.
  mutating func frame(_ media: Double, segment: Int = 1, lag: Double = 0) {
    perform(
      machine.arrive(
        MediaTime(seconds: media / 1000), segment: segment, seen: now, lag: .seconds(lag / 1000)))
    observed += 1
    if let tick = machine.observed() { tell(tick) }
  }

  /// The first frames of a camera that sends thirty a second, each in its time.
  mutating func play(frames: Int) {
    for i in 0..<frames {
      run(until: Double(i) * 100 / 3)
      frame(Double(i) * 100 / 3)
    }
  }
}

@Suite("Ticks of a live stream")
struct LineLiveTickTests {
  @Test("before the first frame they come at the rate, at media time 0")
  func starting() {
    var bench = Bench()
    bench.run(until: 1000)
    #expect(bench.told.count == 30)
    #expect(bench.machine.time(of: 17) == .zero)
    #expect(bench.late.isEmpty)
  }

  @Test("a steady camera's tick leaves with its frame")
  func steady() {
    var bench = Bench()
    bench.run(until: 310)
    let before = bench.told.count
    for i in 0..<60 {
      bench.run(until: 310 + Double(i) * 100 / 3)
      bench.frame(Double(i) * 100 / 3)
    }
    let told = bench.told.dropFirst(before)
    #expect(told.map(\.tick) == Array(0..<60))
    #expect(told.map(\.frame) == Array(1...60))
    for (i, tick) in told.enumerated() { #expect(abs(tick.at - 310 - Double(i) * 100 / 3) < 0.01) }
  }

  @Test("jitter of the network makes no tick stale")
  func jitter() {
    var bench = Bench()
    let delays = [0.0, 9, 3, 12, 1, 14, 7, 0, 5, 11]
    for i in 0..<300 {
      bench.run(until: Double(i) * 100 / 3 + delays[i % 10])
      bench.frame(Double(i) * 100 / 3)
    }
    #expect(bench.told.map(\.tick) == Array(0..<300))
    #expect(bench.told.map(\.frame) == Array(1...300))
  }

  @Test("any camera gives thirty a second, evenly", arguments: [1, 5, 15, 20, 25, 29.97, 50, 60])
  func cadence(fps: Double) {
    var bench = Bench()
    let frames = Int(20 * fps)
    for i in 0..<frames {
      bench.run(until: Double(i) / fps * 1000)
      bench.frame(Double(i) / fps * 1000)
    }
    let told = bench.told
    #expect(told.map(\.tick) == Array(0..<Int64(told.count)))
    #expect(abs(Double(told.count) - Double(frames - 1) / fps * 30) <= 2)
    // Once two frames have told the camera's rate, no silence is longer than a tick and a half.
    let known = told.filter { $0.frame > 2 }
    let silences = zip(known, known.dropFirst()).map { $1.at - $0.at }
    #expect(silences.max()! <= 51)
    #expect(bench.late.isEmpty)
  }

  @Test("at 60 fps a tick waits for the second of its frames")
  func sixty() {
    var bench = Bench()
    for i in 0..<240 {
      bench.run(until: Double(i) * 50 / 3)
      bench.frame(Double(i) * 50 / 3)
    }
    for told in bench.told.dropFirst(2).dropLast() { #expect(told.frame == Int(told.tick) * 2 + 1) }
  }

  @Test("when frames stop they go on at the rate")
  func stall() {
    var bench = Bench()
    bench.play(frames: 30)
    bench.run(until: 11_000)
    #expect(bench.told.map(\.tick) == Array(0..<330))
    let silences = zip(bench.told, bench.told.dropFirst()).map { $1.at - $0.at }
    #expect(silences.max()! <= 68)
  }

  @Test("after a loss the camera's frames are told at once again, and no tick twice")
  func found() {
    var bench = Bench()
    bench.play(frames: 30)
    // Gone for five seconds; media time was estimated 60 ms too early when it came back.
    for i in 0..<150 {
      bench.run(until: 6000 + Double(i) * 100 / 3)
      bench.frame(5940 + Double(i) * 100 / 3, segment: 2)
    }
    #expect(bench.told.map(\.tick) == Array(0..<Int64(bench.told.count)))
    let last = bench.told.suffix(60)
    for told in last { #expect(abs(told.at - 60 - Double(told.tick) * 100 / 3) < 34) }
    let stale = zip(last, last.dropFirst()).filter { $0.frame == $1.frame }.count
    #expect(stale == 0)
  }

  @Test("a burst of held frames at the start doesn't make every later one late")
  func burst() {
    var bench = Bench()
    // A server sends the half second that it holds, then goes on live.
    for i in 0..<15 {
      bench.run(until: Double(i) * 2)
      bench.frame(Double(i) * 100 / 3)
    }
    for i in 15..<90 {
      bench.run(until: 30 + Double(i - 15) * 100 / 3)
      bench.frame(Double(i) * 100 / 3)
    }
    #expect(bench.told.map(\.tick) == Array(0..<90))
    #expect(bench.told.map(\.frame) == Array(1...90))
  }

  @Test("a clock that is wrong by a tenth is followed", arguments: [0.84, 0.9, 1.1])
  func wrongClock(speed: Double) {
    var bench = Bench()
    for i in 0..<900 {
      bench.run(until: Double(i) * 100 / 3 / speed)
      bench.frame(Double(i) * 100 / 3)
    }
    #expect(bench.told.map(\.tick) == Array(0..<Int64(bench.told.count)))
    let last = bench.told.suffix(300)
    for told in last { #expect(abs(Double(told.tick) - Double(told.frame - 1)) <= 10) }
  }

  @Test("what nobody told in time is left out, and counted", arguments: [false, true])
  func late(withFrame: Bool) {
    var bench = Bench()
    bench.play(frames: 30)
    bench.suspend(until: 10_000)
    if withFrame { bench.frame(10_000) }
    bench.run(until: 10_200)
    let missed = bench.late.reduce(0, +)
    #expect(missed > 255 && missed < 270)
    // Every tick was told or left out, once.
    #expect(Int64(bench.told.count) + missed == bench.told.last!.tick + 1)
    #expect(Set(bench.told.map(\.tick)).count == bench.told.count)
  }

  @Test("a short hiccup leaves nothing out")
  func hiccup() {
    var bench = Bench()
    bench.play(frames: 30)
    bench.suspend(until: 1_170)
    bench.run(until: 1_500)
    #expect(bench.late.isEmpty)
    #expect(bench.told.map(\.tick) == Array(0..<45))
  }

  @Test("a machine that is too slow by a quarter keeps the cadence")
  func overload() {
    var bench = Bench()
    bench.play(frames: 60)
    // Four frames in the time of five, from the beginning of a group of pictures until the next one has come.
    var media = 2_000.0
    var now = 2_000.0
    while now < 12_000 {
      bench.run(until: now)
      bench.frame(media, lag: now - media)
      now += 125.0 / 3
      media += 100.0 / 3
      if now - media > 400 { media = now }
    }
    #expect(bench.late.isEmpty)
    #expect(bench.told.map(\.tick) == Array(0..<Int64(bench.told.count)))
    #expect(abs(bench.told.count - 360) <= 1)
    let silences = zip(bench.told, bench.told.dropFirst()).map { $1.at - $0.at }
    #expect(silences.max()! <= 68)
    // What it has time for is told: 24 frames a second.
    let fresh = zip(bench.told, bench.told.dropFirst()).filter { $0.frame != $1.frame }.count
    #expect(fresh > 60 + 235)
  }

  @Test("the ticks follow a camera's drifting clock by no more than 500 ppm")
  func drift() {
    var bench = Bench()
    // 100 ppm slow for ten minutes: 60 ms in all.
    for i in 0..<18_000 {
      bench.run(until: Double(i) * 100 / 3 * 1.0001)
      bench.frame(Double(i) * 100 / 3)
    }
    #expect(bench.told.map(\.frame) == Array(1...18_000))
  }
}
