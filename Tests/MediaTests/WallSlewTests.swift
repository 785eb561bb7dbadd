import Base
import Media
import Testing

@Suite("wall time of a live stream")
struct WallSlewTests {
  /// UTC minus monotonic of an imaginary machine.
  private let utc: Nanoseconds = .seconds(1_800_000_000)

  /// Runs a stream of 25 frames a second and returns each frame's wall time minus its true one, in seconds.
  private func run(
    seconds: Int, delay: (Double) -> Double, clock: (Double) -> Double = { _ in 0 }, rate: Double = 1,
    sender: (Double) -> Double? = { _ in nil }
  ) -> [Double] {
    var slew = WallSlew()
    return (0..<(seconds * 25)).map { index in
      let made = Double(index) / 25
      let arrival = MonotonicTime(nanoseconds: .seconds(made + delay(made)))
      let wall = slew.wall(
        of: MediaTime(seconds: made * rate), arrival: arrival, wallMinusMono: utc + .seconds(clock(made)),
        sender: sender(made).map { WallTime(nanoseconds: utc + .seconds(made + $0)) })
      return (wall.nanoseconds - utc - .seconds(made)).inSeconds
    }
  }

  @Test func `the least delayed frame wins over a jittering network`() {
    var random = SystemRandomNumberGenerator()
    let errors = run(seconds: 60) { _ in 0.05 + Double.random(in: 0...0.2, using: &random) }
    #expect(errors.suffix(25 * 50).allSatisfy { abs($0 - 0.05) < 0.02 })
  }

  @Test func `a stall delays frames, not their times`() {
    let errors = run(seconds: 30) { $0 > 10 && $0 < 14 ? 14 - $0 : 0.02 }
    #expect(errors.allSatisfy { abs($0 - 0.02) < 0.001 })
  }

  @Test func `a burst at the start is settled at once`() {
    // Ten seconds of older frames within the first half a second, then live.
    let errors = run(seconds: 30) { $0 < 10 ? (10 - $0) * 0.95 + 0.05 : 0.05 }
    #expect(errors.suffix(25 * 19).allSatisfy { abs($0 - 0.05) < 0.005 })
  }

  @Test(arguments: [-300e-6, 300e-6]) func `a camera's clock that runs wrong is followed`(drift: Double) {
    let errors = run(seconds: 3600, delay: { _ in 0.02 }, rate: 1 + drift)
    #expect(errors.allSatisfy { abs($0 - 0.02) < 0.02 })
  }

  @Test func `nothing moves faster than 500 ppm once settled`() {
    var random = SystemRandomNumberGenerator()
    let errors = run(seconds: 120, delay: { _ in Double.random(in: 0...0.5, using: &random) })
    for (a, b) in zip(errors.dropFirst(60), errors.dropFirst(61)) { #expect(abs(b - a) <= 0.04 * 501e-6) }
  }

  @Test func `this machine's clock being set is taken over at once`() {
    let errors = run(seconds: 20, delay: { _ in 0.02 }, clock: { $0 < 10 ? 0 : 3600 })
    #expect(abs(errors[200] - 0.02) < 0.001)
    #expect(abs(errors[260] - 3600.02) < 0.001)
  }

  @Test func `a camera at five sixths of its declared rate doesn't run away`() {
    let errors = run(seconds: 600, delay: { _ in 0.02 }, rate: 21.0 / 25)
    #expect(errors.allSatisfy { abs($0) < 9 })
  }

  @Test func `the sender's clock is taken when it is plausible`() {
    let good = run(seconds: 900, delay: { _ in 0.3 }, sender: { $0 > 5 ? 0 : nil })
    #expect(abs(good[100] - 0.3) < 0.001)
    // 0.3 s at 500 ppm take 600 s.
    #expect(abs(good.last! - 0) < 0.001)
    let wrong = run(seconds: 60, delay: { _ in 0.3 }, sender: { _ in -86_400 })
    #expect(abs(wrong.last! - 0.3) < 0.001)
  }
}

@Suite("coming back to a lost source")
struct ReconnectionTests {
  @Test func `waits 1, 2, 4 … 60 s, and starts over with the first decoded frame`() {
    var reconnection = Reconnection()
    let waits = (0..<9).map { _ in reconnection.failed(chance: 0.5).inSeconds }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    reconnection.decoded()
    #expect(reconnection.failed(chance: 0.5).inSeconds == 1)
  }

  @Test(arguments: zip([0.0, 0.25, 1.0], [0.8, 0.9, 1.2])) func `chance spreads the waits by a fifth`(
    chance: Double, wait: Double
  ) {
    var reconnection = Reconnection()
    #expect(abs(reconnection.failed(chance: chance).inSeconds - wait) < 1e-9)
  }

  @Test func `an hour of failures is one attempt a minute`() {
    var reconnection = Reconnection()
    for _ in 0..<100 { _ = reconnection.failed(chance: 0.5) }
    #expect(reconnection.failed(chance: 1).inSeconds == 72)
    #expect(reconnection.failures == 101)
  }
}

@Suite("credentials in texts")
struct URLScrubberTests {
  @Test(arguments: [
    ("rtsp://admin:secret@10.0.0.2/s", "rtsp://***@10.0.0.2/s"),
    ("opening 'http://u:p@a@host/x' failed", "opening 'http://***@host/x' failed"),
    ("rtsp://host/path", "rtsp://host/path"),
    ("mail me@here.example", "mail me@here.example"),
    ("two: rtsp://a:b@c and rtsp://d:e/f@g", "two: rtsp://***@c and rtsp://***@g"),
  ]) func `are cut out`(text: String, shown: String) {
    #expect(URLScrubber.scrub(text) == shown)
  }
}
