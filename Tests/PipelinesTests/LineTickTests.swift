import Base
import Pipelines
import Testing

/// What a recording with frames at these times (milliseconds) tells: a tick, then the frame it rests on.
private func ticks(of frames: [Double], rate: Int = 30) -> [(tick: Int64, frame: Int)] {
  var machine = RecordingTicks(TickGrid(rate: rate))
  var told: [(Int64, Int)] = []
  var observed = 0
  for frame in frames {
    for tick in machine.arrive(MediaTime(seconds: frame / 1000)) { told.append((tick, observed)) }
    observed += 1
  }
  for tick in machine.finish() { told.append((tick, observed)) }
  return told
}

@Suite("Ticks of a recording")
struct LineRecordingTickTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var frames: [Double]
    /// For tick 0, 1, 2 …: the number of the newest frame, from 1.
    var newest: [Int]
  }

  @Test(
    "each takes the newest frame less than half a period after it",
    arguments: [
      Case(testDescription: "nothing", frames: [], newest: []),
      Case(testDescription: "one frame", frames: [0], newest: [1]),
      Case(testDescription: "30 fps", frames: [0, 33.3333, 66.6667, 100], newest: [1, 2, 3, 4]),
      Case(
        testDescription: "15 fps leaves every second tick without",
        frames: [0, 66.6667, 133.3333], newest: [1, 1, 2, 2, 3]),
      Case(
        testDescription: "60 fps brings two for each",
        frames: [0, 16.66667, 33.33333, 50, 66.66667, 83.33333], newest: [1, 3, 5, 6]),
      Case(
        testDescription: "25 fps", frames: [0, 40, 80, 120, 160, 200], newest: [1, 2, 3, 3, 4, 5, 6]),
      Case(testDescription: "a gap", frames: [0, 33, 300], newest: [1, 2, 2, 2, 2, 2, 2, 2, 2, 3]),
      Case(testDescription: "just before the half", frames: [0, 16.6], newest: [2]),
      Case(testDescription: "just after the half", frames: [0, 16.7], newest: [1, 2]),
      Case(testDescription: "repeated times", frames: [0, 0, 0, 33.3], newest: [3, 4]),
      Case(testDescription: "a burst, then nothing", frames: [0, 1, 2, 3, 100], newest: [4, 4, 4, 5]),
    ])
  func takesNewest(_ example: Case) {
    let told = ticks(of: example.frames)
    #expect(told.map(\.tick) == Array(0..<Int64(example.newest.count)))
    #expect(told.map(\.frame) == example.newest)
  }

  @Test func `one that is stopped leaves no tick out and tells none of a frame that was not observed`() {
    var machine = RecordingTicks(TickGrid(rate: 30))
    var told: [Int64] = []
    for frame in 0...9 {
      for tick in machine.arrive(MediaTime(seconds: Double(frame) / 30)) {
        // Stopped while it waits to tell that tick, after frame 5 and before frame 6.
        if tick == 5 {
          machine.giveBack(tick)
          told += machine.finish()
          #expect(told == [0, 1, 2, 3, 4, 5])
          #expect(machine.finish().isEmpty)
          return
        }
        told.append(tick)
      }
    }
    Issue.record("tick 5 never came")
  }

  @Test("times add up to no drift in a day", arguments: [1, 7, 25, 30, 60, 1000])
  func noDrift(rate: Int) {
    let grid = TickGrid(rate: rate)
    for second in [0, 1, 59, 3_600, 86_400, 86_400 * 366] as [Int64] {
      #expect(grid.time(of: second * Int64(rate)) == MediaTime(seconds: Double(second)))
      for k in [0, 1, Int64(rate) - 1] {
        let tick = second * Int64(rate) + k
        #expect(grid.tick(of: grid.time(of: tick)) == tick)
      }
    }
  }

  @Test("every frame of any rate falls within half a period before or after its tick")
  func nearest() {
    let grid = TickGrid(rate: 30)
    var time = MediaTime.zero
    // Steps of changing size: all phases to the grid.
    for i in 0..<20_000 as Range<Int64> {
      time = time + (1_000_003 * (i % 97) + 11)
      let distance = grid.time(of: grid.tick(of: time)) - time
      #expect(distance <= grid.period / 2 + 1_001)
      #expect(distance >= -grid.period / 2 - 1)
    }
  }
}
