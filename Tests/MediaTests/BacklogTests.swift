import Base
import Media
import Testing

/// A live source at 30 frames a second, and a reader that takes its time with each.
private struct Bench {
  var backlog = Backlog()
  /// When each packet came; the source's stamps begin elsewhere.
  var now: Nanoseconds = 0
  private(set) var decoded: [Int] = []
  private(set) var lags: [Nanoseconds] = []
  /// How late each was read in truth.
  private(set) var truths: [Nanoseconds] = []
  private(set) var number = 0
  var keyEvery = 60
  var stampsAt: Nanoseconds = .seconds(900)
  static let frame = Nanoseconds.seconds(1) / 30

  var passedOver: Int { number - decoded.count }

  /// Reads the next packet, which comes `delay` late, and decodes it in `work` unless it is passed over.
  mutating func read(work: Nanoseconds, delay: Nanoseconds = 0, blocked: Nanoseconds = 0) {
    let comes = Int64(number) * Self.frame + delay
    let waited = max(0, comes - now) + blocked
    now = max(now, comes) + blocked
    truths.append(now - comes)
    let isKey = number % keyEvery == 0
    if backlog.read(
      stamp: stampsAt + Int64(number) * Self.frame, isKey: isKey, at: MonotonicTime(nanoseconds: now),
      waited: waited)
    {
      decoded.append(number)
      now += work
    } else {
      now += 50_000
    }
    number += 1
    lags.append(backlog.lag)
  }

  mutating func play(_ seconds: Double, work: Nanoseconds) {
    for _ in 0..<Int(seconds * 30) { read(work: work) }
  }
}

@Suite("what lies unread")
struct BacklogTests {
  @Test func `who keeps up passes nothing over, and nothing lags`() {
    var bench = Bench()
    bench.play(60, work: .milliseconds(20))
    #expect(bench.passedOver == 0)
    #expect(bench.lags.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [35, 40, 60, 120])
  func `who is too slow stays near the present, and jumps to key frames only`(milliseconds: Int64) {
    var bench = Bench()
    bench.play(120, work: .milliseconds(milliseconds))
    let load = Double(milliseconds) / 1000 * 30
    // A jump can be no shorter than to the next key frame, 2 s apart.
    let bound = Backlog.bearable + .seconds(2 * (1 - 1 / load)) + 3 * Bench.frame
    #expect(bench.lags.max()! < bound)
    for (a, b) in zip(bench.decoded, bench.decoded.dropFirst()) where b != a + 1 { #expect(b % 60 == 0) }
    // Nearly all that there is time for gets decoded.
    #expect(Double(bench.decoded.count) > 120 * 30 / load * 0.93)
    #expect(bench.passedOver > 0)
  }

  @Test func `the lag is told as it is`() {
    var bench = Bench()
    bench.play(10, work: .milliseconds(5))
    bench.play(1, work: .milliseconds(40))
    for (lag, truth) in zip(bench.lags, bench.truths) { #expect(abs(lag - truth) < .milliseconds(1)) }
    #expect(bench.backlog.lag > .milliseconds(100))
  }

  @Test func `a hiccup is worked off without a loss`() {
    var bench = Bench()
    bench.play(10, work: .milliseconds(10))
    bench.read(work: .milliseconds(240))
    bench.play(10, work: .milliseconds(10))
    #expect(bench.passedOver == 0)
    #expect(bench.backlog.lag == 0)
  }

  @Test func `a way that grows longer, a burst and a slow clock are the source's doing`() {
    var bench = Bench()
    for i in 0..<900 { bench.read(work: .milliseconds(10), delay: i < 300 ? 0 : .seconds(3)) }
    #expect(bench.passedOver == 0)
    // Parts of 2 s that come at once, later and later: a clock that runs slow.
    var parts = Bench()
    for i in 0..<3_600 {
      let part = Int64(i / 60)
      parts.read(
        work: .milliseconds(5),
        delay: (part + 1) * .seconds(2) + part * .milliseconds(100) - Int64(i) * Bench.frame)
    }
    #expect(parts.passedOver == 0)
    #expect(parts.lags.allSatisfy { $0 == 0 })
  }

  @Test func `waits for a lock or a blocked sender don't hide it`() {
    var bench = Bench()
    for i in 0..<3_600 { bench.read(work: .milliseconds(40), blocked: i % 30 == 7 ? .milliseconds(30) : 0) }
    #expect(bench.passedOver > 500)
    #expect(bench.lags.max()! < .seconds(1))
  }

  @Test func `a source whose every frame is a key frame loses no more than it must`() {
    var bench = Bench()
    bench.keyEvery = 1
    bench.play(60, work: .milliseconds(50))
    #expect(bench.lags.max()! < Backlog.bearable + 2 * Bench.frame)
    #expect(Double(bench.decoded.count) > 60 * 20 * 0.95)
  }

  @Test func `where key frames are rare or unknown, hope ends at some point`() {
    var bench = Bench()
    bench.keyEvery = 100_000
    bench.play(60, work: .milliseconds(50))
    // It waits for a key frame in vain, then tries what comes.
    #expect(bench.passedOver > 0)
    #expect(bench.lags.max()! < Backlog.hopeless + .seconds(1))
    #expect(bench.decoded.last! > 1_500)
  }

  @Test func `stamps that are missing or jump say nothing`() {
    var backlog = Backlog()
    var now: Nanoseconds = 0
    for i in 0..<3_000 {
      now += .milliseconds(50)
      let stamp: Nanoseconds? = i % 3 == 0 ? nil : i % 3 == 1 ? Int64.max : Int64(i) * Bench.frame
      let isInTime = backlog.read(
        stamp: stamp, isKey: i % 60 == 0, at: MonotonicTime(nanoseconds: now), waited: 0)
      #expect(isInTime)
      #expect(backlog.lag == 0)
    }
    var bench = Bench()
    bench.play(10, work: .milliseconds(10))
    bench.stampsAt -= .seconds(400)
    bench.play(10, work: .milliseconds(10))
    bench.stampsAt += .seconds(90_000)
    bench.play(10, work: .milliseconds(10))
    #expect(bench.passedOver == 0)
    #expect(bench.lags.allSatisfy { $0 == 0 })
  }
}
