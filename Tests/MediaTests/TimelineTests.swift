import Base
import Media
import Testing

/// A run of frames: PTS and arrivals in milliseconds (nil: no PTS), and what the clock makes of them.
struct TimeCase: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var isLive = false
  /// Milliseconds; arrivals equal PTS where not given.
  var pts: [Double?]
  var arrivals: [Double]?
  var expected: [Double]
  var segments: [Int]?
  var reasons: [Discontinuity] = []
}

@Suite("the media clock")
struct TimelineTests {
  static let cases: [TimeCase] = [
    TimeCase(
      testDescription: "starts at 0 whatever the first PTS is", pts: [90_000, 90_040, 90_080],
      expected: [0, 40, 80]),
    TimeCase(testDescription: "negative PTS", pts: [-80, -40, 0, 40], expected: [0, 40, 80, 120]),
    TimeCase(
      testDescription: "variable rate is kept", pts: [0, 33, 100, 1100, 1116, 6116],
      expected: [0, 33, 100, 1100, 1116, 6116]),
    TimeCase(
      testDescription: "a missing PTS is one usual interval on, and shifts nothing after it",
      pts: [0, 40, 80, nil, 160, 200], expected: [0, 40, 80, 120, 160, 200]),
    TimeCase(
      testDescription: "a repeated PTS is a microsecond on", pts: [0, 40, 40, 80],
      expected: [0, 40, 40.001, 80]),
    TimeCase(
      testDescription: "PTS that stand still are not believed from the fourth on",
      pts: [0, 40, 40, 40, 40, 40, 40], expected: [0, 40, 40.001, 40.002, 40.003, 80.003, 120.003]),
    TimeCase(
      testDescription: "two frames in a wrong order never go back", pts: [0, 40, 120, 80, 160],
      expected: [0, 40, 120, 120.001, 160]),
    TimeCase(
      testDescription: "times that go back are a new segment, one interval on",
      pts: [5000, 5040, 5080, 0, 40],
      expected: [0, 40, 80, 120, 160], segments: [1, 1, 1, 2, 2], reasons: [.timeWentBack]),
    TimeCase(
      testDescription: "a small jump back that lasts is found at the fourth frame",
      pts: [0, 100, 200, 300, 400, 250, 260, 270, 280, 290, 390],
      expected: [0, 100, 200, 300, 400, 400.001, 400.002, 400.003, 500.003, 510.003, 610.003],
      segments: [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2], reasons: [.timeWentBack]),
    TimeCase(
      testDescription: "a recording's pause of nine seconds is time", pts: [0, 40, 80, 9080, 9120],
      expected: [0, 40, 80, 9080, 9120]),
    TimeCase(
      testDescription: "a recording's jump of an hour is a new segment, one interval on",
      pts: [0, 40, 80, 3_600_000, 3_600_040], expected: [0, 40, 80, 120, 160], segments: [1, 1, 1, 2, 2],
      reasons: [.timeJumped]),
    TimeCase(
      testDescription: "a frame a minute is a rate, not a row of jumps",
      pts: [0, 60_000, 120_000, 180_000], expected: [0, 60_000, 120_000, 180_000]),
    TimeCase(
      testDescription: "live, a gap in which time passed is time", isLive: true,
      pts: [0, 40, 80, 6080, 6120],
      expected: [0, 40, 80, 6080, 6120]),
    TimeCase(
      testDescription: "live, a jump ahead goes on by the time that passed", isLive: true,
      pts: [0, 40, 80, 900_000, 900_040], arrivals: [0, 40, 80, 170, 210], expected: [0, 40, 80, 170, 210],
      segments: [1, 1, 1, 2, 2], reasons: [.timeJumped]),
    TimeCase(
      testDescription: "live, times that go back go on by the time that passed", isLive: true,
      pts: [80_000, 80_040, 3, 43], arrivals: [0, 40, 1540, 1580], expected: [0, 40, 1540, 1580],
      segments: [1, 1, 2, 2], reasons: [.timeWentBack]),
    TimeCase(
      testDescription: "live, a burst after a stall keeps its own times", isLive: true,
      pts: [0, 40, 80, 120, 160, 200], arrivals: [0, 40, 3000, 3001, 3002, 3003],
      expected: [0, 40, 80, 120, 160, 200]),
    TimeCase(
      testDescription: "live, frames that a stall swallowed leave a gap", isLive: true,
      pts: [0, 40, 80, 3080, 3120], arrivals: [0, 40, 3500, 3501, 3502], expected: [0, 40, 80, 3080, 3120]),
    TimeCase(
      testDescription: "live, without any PTS the arrivals count", isLive: true, pts: [nil, nil, nil, nil],
      arrivals: [500, 540, 575, 700], expected: [0, 40, 75, 200]),
    TimeCase(
      testDescription: "a first PTS after frames without one is taken up where the clock is",
      pts: [nil, nil, 7000, 7040], expected: [0, 40, 80, 120]),
  ]

  @Test(arguments: cases) func `follows the source where it can`(_ test: TimeCase) {
    var timeline = Timeline(isLive: test.isLive, declaredInterval: .milliseconds(40))
    var times: [Double] = []
    var segments: [Int] = []
    var reasons: [Discontinuity] = []
    for (index, pts) in test.pts.enumerated() {
      let arrival = test.arrivals?[index] ?? pts ?? Double(index)
      let stamp = timeline.stamp(
        pts: pts.map { .seconds($0 / 1000) },
        arrival: MonotonicTime(nanoseconds: 1_000_000_000_000 + .seconds(arrival / 1000)))
      times.append((stamp.time.seconds * 1e6).rounded() / 1000)
      segments.append(stamp.segment)
      if let why = stamp.broke { reasons.append(why) }
    }
    #expect(times == test.expected)
    #expect(segments == test.segments ?? Array(repeating: 1, count: test.pts.count))
    #expect(reasons == test.reasons)
  }

  @Test func `goes on after a reconnection by the time that passed, after a loop by a frame`() {
    var timeline = Timeline(isLive: true)
    func at(_ ms: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: .milliseconds(ms)) }
    _ = timeline.stamp(pts: .milliseconds(70_000), arrival: at(0))
    _ = timeline.stamp(pts: .milliseconds(70_040), arrival: at(40))
    timeline.restart(.reconnected)
    let back = timeline.stamp(pts: .milliseconds(5), arrival: at(9040))
    #expect(back.time.seconds == 9.04)
    #expect(back.broke == .reconnected)
    #expect(back.segment == 2)
    timeline.isLive = false
    timeline.restart(.looped)
    let again = timeline.stamp(pts: 0, arrival: at(9041))
    #expect(again.time.seconds == 9.08)
    #expect(again.segment == 3)
  }

  @Test func `a change of size is a new segment on the same clock`() {
    var timeline = Timeline(isLive: false)
    _ = timeline.stamp(pts: 0, arrival: MonotonicTime(nanoseconds: 0))
    timeline.change(.sizeChanged)
    let next = timeline.stamp(pts: .milliseconds(250), arrival: MonotonicTime(nanoseconds: 0))
    #expect(next.time.seconds == 0.25)
    #expect(next.segment == 2)
    #expect(next.broke == .sizeChanged)
  }

  @Test func `never goes back, whatever the PTS are`() {
    var random = SystemRandomNumberGenerator()
    for isLive in [false, true] {
      var timeline = Timeline(isLive: isLive)
      var last: MediaTime?
      var segment = 1
      var arrival = MonotonicTime(nanoseconds: 0)
      for _ in 0..<20_000 {
        arrival = arrival + Int64.random(in: 0...100_000_000, using: &random)
        let wild =
          Int64.random(in: -(1 << 62)...(1 << 62), using: &random)
          / (1 << Int64.random(in: 0...40, using: &random))
        if Int.random(in: 0..<50, using: &random) == 0 { timeline.restart(.reconnected) }
        if Int.random(in: 0..<50, using: &random) == 0 { timeline.change(.sizeChanged) }
        let stamp = timeline.stamp(pts: Bool.random(using: &random) ? wild : nil, arrival: arrival)
        if let last, stamp.time <= last { Issue.record("\(stamp.time) after \(last)") }
        #expect(stamp.segment == segment + (stamp.broke == nil ? 0 : 1))
        segment = stamp.segment
        last = stamp.time
      }
    }
  }

  @Test func `the rate is what the frames say, not the container`() {
    var estimate = RateEstimate(declared: .milliseconds(40))
    #expect(estimate.rate == 25)
    for step in [48, 47, 48, 250, 48] as [Int64] { estimate.add(.milliseconds(step)) }
    #expect(abs(estimate.rate - 20.83) < 0.01)
    #expect(RateEstimate(declared: 11).interval == .seconds(1.0 / 30))
  }
}
