import Base
import TestKit
import Testing

@Suite struct ScorerTests {
  private static let frames = 300
  private static let clip = ClipTruth(
    name: "made", seed: 1, width: 1280, height: 720, rate: 30, frames: frames, warmUp: 0, disturbances: [],
    health: [HealthTruth("covered", begin: 4, full: 4.3, end: 8, over: 8.4)], unscored: [])

  private static func box(_ id: Int, _ frame: Int) -> Rect {
    // Two that pass each other, in the middle of the clip.
    let t = Double(frame) / Double(frames)
    return Rect(x: id == 1 ? 0.05 + 0.8 * t : 0.85 - 0.8 * t, y: 0.4, width: 0.06, height: 0.2)
  }

  /// Objects 1 and 2, from 1 s to 9 s; the second is hidden by the first while they cross.
  private static let truth: [FrameTruth] = (0..<frames).map { i in
    let crossing = box(1, i).overlap(box(2, i)) > 0.4
    let objects = (1...2).map { id in
      ObjectTruth(
        id: id, kind: "person", box: box(id, i), full: box(id, i), visible: id == 2 && crossing ? 0.2 : 1,
        contrast: 50, latent: false)
    }
    return FrameTruth(number: i + 1, time: Double(i) / 30, objects: i >= 30 && i < 270 ? objects : [])
  }

  private static func reported(_ change: (Int, inout [Reported.Found]) -> Void = { _, _ in }) -> Reported {
    Reported(
      frames: truth.indices.map { i in
        var found = truth[i].objects.map { Reported.Found(id: $0.id + 10, box: $0.box) }
        change(i, &found)
        return Reported.Frame(time: Double(i) / 30, objects: found)
      })
  }

  @Test func whoReportsTheTruthScoresOne() {
    let score = TrackScorer.score(Self.clip, Self.truth, Self.reported())
    #expect(score.recall == 1 && score.precision == 1 && score.mota == 1)
    #expect(score.switches == 0 && score.fragments == 0 && score.crossings == 1)
    #expect(score.objects == 2 && score.neverKnown == 0 && score.falseTracks == 0)
    #expect(score.knownAfter == [0, 0])
    #expect(score.endedAfter.isEmpty, "both left within the last second and a half")
  }

  @Test func whoReportsNothingHasNoRecallAndNothingFalse() {
    let score = TrackScorer.score(Self.clip, Self.truth, Self.reported { _, found in found = [] })
    #expect(score.recall == 0 && score.precision == 1)
    #expect(score.neverKnown == 2)
  }

  @Test func idsThatChangeOverAtACrossingAreTwoSwitchesOfIt() {
    let score = TrackScorer.score(
      Self.clip, Self.truth,
      Self.reported { i, found in
        if i > 150 { for k in found.indices { found[k].id = 23 - found[k].id } }
      })
    #expect(score.switches == 2 && score.crossingSwitches == 2)
    #expect(score.recall == 1)
  }

  @Test func aBoxWithNothingUnderItIsFalseAndSoIsItsTrackAndItsEvent() {
    let ghost = Rect(x: 0.4, y: 0.05, width: 0.05, height: 0.1)
    var reported = Self.reported { i, found in
      if i >= 60 && i < 120 { found.append(Reported.Found(id: 99, box: ghost)) }
    }
    reported.events = [
      Reported.Told(id: "a", kind: "object", phase: "begin", time: 2, objects: [99]),
      Reported.Told(id: "b", kind: "object", phase: "begin", time: 2, objects: [11]),
    ]
    let score = TrackScorer.score(Self.clip, Self.truth, reported)
    #expect(score.falseBoxes == 60 && score.falseTracks == 1 && score.falseEvents == 1)
    #expect(score.recall == 1)
  }

  @Test func aBoxFarTooLargeIsNoMatch() {
    let score = TrackScorer.score(
      Self.clip, Self.truth,
      Self.reported { _, found in
        for k in found.indices {
          let r = found[k].box
          found[k].box = Rect(x: r.x - r.width, y: r.y - r.height, width: r.width * 3, height: r.height * 3)
        }
      })
    #expect(score.recall == 0)
    #expect(score.falseBoxes > 400)
  }

  @Test func whatIsKnownLateIsMissedAfterTheGraceAndItsDelayIsTold() {
    let score = TrackScorer.score(
      Self.clip, Self.truth, Self.reported { i, found in if i < 60 { found = [] } })
    // 1 s late; 0.3 s of it are free: 21 frames of 2 objects are missed.
    #expect(score.required - score.matched == 42)
    #expect(score.knownAfter == [1, 1])
  }

  @Test func whoIsLostAndFoundAgainIsAFragment() {
    let score = TrackScorer.score(
      Self.clip, Self.truth,
      Self.reported { i, found in if (200..<210).contains(i) { found.removeAll { $0.id == 11 } } })
    #expect(score.fragments == 1 && score.switches == 0)
    #expect(score.required - score.matched == 10)
  }

  @Test func anIdThatStaysOnAfterItsObjectLeftIsTimedAndFalseAfterASecond() {
    var truth = Self.truth
    for i in 150..<Self.frames { truth[i].objects.removeAll { $0.id == 1 } }
    let score = TrackScorer.score(
      Self.clip, truth,
      Self.reported { i, found in
        found.removeAll { $0.id == 11 && i > 195 }
        if i > 150 { for k in found.indices where found[k].id == 11 { found[k].box.y = 0.05 } }
      })
    #expect(score.endedAfter.count == 1)
    #expect(abs((score.endedAfter.first ?? 0) - 46.0 / 30) < 0.001)
    #expect(score.falseBoxes == 16)
  }

  @Test(arguments: [
    // kind, when told: found, late, wrong
    ("covered", 4.2, 1, 0, 0), ("covered", 5.3, 1, 0, 0), ("covered", 5.5, 0, 1, 0),
    ("covered", 3.5, 0, 0, 1),
    ("dark", 5, 0, 0, 1), ("motion", 5, 0, 0, 0),
  ])
  func healthIsDueWithinASecond(kind: String, told: Double, found: Int, late: Int, wrong: Int) {
    let score = HealthScorer.score(
      Self.clip, [Reported.Told(id: "h", kind: kind, phase: "begin", time: told)])
    #expect(score.due == 1 && score.found == found && score.late == late && score.wrong == wrong)
  }

  @Test(arguments: [
    // since when, last seen, why it ended: how far that is from the truth
    (4.1, 8.2, "condition", [0] as [Double], [0] as [Double]), (3.95, 7.9, "condition", [0.05], [0.1]),
    (4.5, 8.9, "condition", [0.2], [0.5]), (4.1, 8.2, "complete", [0], []),
  ])
  func healthSaysWhenItBeganAndWasOver(
    since: Double, lastSeen: Double, reason: String, begins: [Double], ends: [Double]
  ) throws {
    var begin = Reported.Told(id: "h", kind: "covered", phase: "begin", time: 4.8)
    begin.since = since
    var end = Reported.Told(id: "h", kind: "covered", phase: "end", time: 9.2)
    (end.lastSeen, end.reason) = (lastSeen, reason)
    let score = HealthScorer.score(Self.clip, [begin, end])
    #expect(score.beginErrors.count == 1 && score.endErrors.count == ends.count)
    for (a, b) in zip(score.beginErrors + score.endErrors, begins + ends) { #expect(abs(a - b) < 1e-9) }
    #expect(TruthFile.line(Self.clip).contains(#""end":8.0,"over":8.4,"#))
    #expect(ScoreReport.health(score)?.contains("begins 1 of 1 within 0.3 s") == true)
  }

  @Test(arguments: [
    ([[3.0, 2], [2, 0.5]], [1, 0] as [Int?]),
    ([[1.0, 0], [5, 4]], [0, 1]),
    ([[0.0, 0]], [nil]),
    ([[1.0], [2]], [nil, 0]),
    ([[0.9, 0.8, 0], [0.8, 0, 0], [0, 0.7, 0.1]], [2, 0, 1] as [Int?]),
  ])
  func theBestAssignmentIsBestInSum(gain: [[Double]], expected: [Int?]) {
    let answer = Assignment.best(gain)
    func worth(_ columns: [Int?]) -> Double {
      var sum = 0.0
      for (row, column) in zip(gain, columns) { if let column { sum += row[column] } }
      return sum
    }
    #expect(worth(answer) >= worth(expected) - 1e-12)
    #expect(Set(answer.compactMap { $0 }).count == answer.compactMap { $0 }.count)
    for (row, column) in zip(gain, answer) { if let column { #expect(row[column] > 0) } }
  }
}
