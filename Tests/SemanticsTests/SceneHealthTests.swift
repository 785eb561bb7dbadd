import Base
import Events
import Semantics
import TestKit
import Testing
import Vision

/// What is told of the scene as a whole, from its measures alone.
@Suite("scene health")
struct SceneHealthTests {
  struct Ill: Sendable, CustomTestStringConvertible {
    /// The event's kind.
    var kind: String
    var phase = Event.Phase.begin
    /// How long it lasts.
    var seconds = 6.0
    /// What the measures are, by the seconds since it began.
    var change: @Sendable (inout SceneMeasures, Double) -> Void
    var testDescription: String { kind }
  }

  private static let start = 5.0
  /// All that is told of the scene but motion.
  private static let kinds = [
    "frozen", "dark", "bright", "covered", "defocused", "moved", "mode_change", "light_change", "signal_lost",
  ]

  private static let ills = [
    Ill(kind: "frozen") { m, _ in m.change = 0 },
    Ill(kind: "dark") { m, _ in
      m.luma = 0.03
      m.darkShare = 1
      m.contrast = 0.05
      m.detail = 0.05
      m.edgeLikeness = 0.2
    },
    Ill(kind: "bright") { m, _ in
      m.luma = 0.97
      m.brightShare = 0.9
      m.detail = 0.1
      m.edgeLikeness = 0.3
    },
    Ill(kind: "covered") { m, t in
      m.isUpset = t < 0.3
      m.isRelearnt = t >= 0.3 && t < 0.33
      m.luma = 0.4
      m.detail = 0.1
      m.likeness = 0.1
      m.edgeLikeness = 0
    },
    Ill(kind: "defocused") { m, _ in
      m.detail = 0.2
      m.likeness = 0.97
      m.edgeLikeness = 0.6
      m.contrast = 0.95
    },
    Ill(kind: "moved") { m, t in
      m.isUpset = t < 0.4
      m.isRelearnt = t >= 0.4 && t < 0.43
      m.likeness = 0.1
      m.edgeLikeness = 0.1
    },
    Ill(kind: "mode_change", phase: .point, seconds: 60) { m, t in
      m.isUpset = t < 0.3
      m.isRelearnt = t >= 0.3 && t < 0.33
      m.colour = 0.3
      m.usualColour = t < 0.33 ? 8 : 0.3
    },
    Ill(kind: "light_change", phase: .point, seconds: 60) { m, t in
      m.luma = 0.35
      m.lightShare = max(0, 0.9 - t / 3)
      m.lightGain = 1 - 0.3 * max(0, 1 - t / 3)
      m.contrast = 0.7
      m.detail = 0.7
    },
    // Over half of a plain room, where the texture doesn't tell light from things.
    Ill(kind: "light_change", phase: .point, seconds: 60) { m, t in m.luma = 0.43 },
  ]

  private static func play(_ stage: Stage, _ seconds: Double, _ change: (inout SceneMeasures, Double) -> Void)
  {
    var random = SceneRandom(seed: 11)
    stage.play(
      seconds,
      measures: { t in
        var m = Stage.calm
        m.luma += random.between(-0.01, 0.01)
        m.detail += random.between(-0.05, 0.05)
        m.likeness -= random.between(0, 0.03)
        m.edgeLikeness -= random.between(0, 0.05)
        m.change += random.between(-0.1, 0.1)
        m.lightGain += random.between(-0.02, 0.02)
        change(&m, t)
        return m
      }, things: { _ in [] })
  }

  @Test("tells each trouble once, within a second, and once that it is over", arguments: ills)
  func ill(ill: Ill) throws {
    let stage = Stage()
    let end = Self.start + ill.seconds
    Self.play(stage, 20) { m, t in if t >= Self.start && t < end { ill.change(&m, t - Self.start) } }
    let told = stage.told.filter { Self.kinds.contains($0.event.kind) }
    #expect(told.allSatisfy { $0.event.kind == ill.kind })
    let first = try #require(told.first)
    #expect(first.event.phase == ill.phase)
    #expect(first.time >= Self.start && first.time < Self.start + 1)
    // A point is where it is told; a state says since when it holds, from its first sign.
    #expect(abs(first.event.since - Self.start) < (ill.phase == .point ? 0.6 : 0.1))
    guard ill.phase == .begin else {
      #expect(told.count == 1)
      return
    }
    let last = try #require(told.last)
    #expect(told.count == 2)
    #expect(last.event.phase == .end && last.event.id == first.event.id && last.event.reason == .condition)
    #expect(last.time > end && last.time < end + 1)
    #expect(abs(last.event.lastSeen - end) < 0.2, "\(last.event.lastSeen)")
    for (time, tick) in stage.ticks {
      #expect((tick.scene.state.rawValue == ill.kind) == (time >= first.time && time < last.time))
    }
  }

  @Test("tells no change of light by a beam at night")
  func beamAtNight() {
    let stage = Stage()
    Self.play(stage, 20) { m, t in
      m.luma = t >= Self.start && t < Self.start + 2 ? 0.17 : 0.14
      m.lightGain = 1
    }
    #expect(stage.told.isEmpty)
  }

  @Test("tells nothing of a calm scene")
  func calm() {
    let stage = Stage(rate: 15)
    Self.play(stage, 120) { _, _ in }
    #expect(stage.told.isEmpty)
    #expect(stage.ticks.allSatisfy { $0.tick.scene.state == .ok && $0.tick.scene.mode == .colour })
  }

  @Test(
    "tells nothing of what lasts a moment only",
    arguments: ills.filter { $0.phase == .begin && $0.kind != "frozen" })
  func moment(ill: Ill) {
    let stage = Stage()
    Self.play(stage, 12) { m, t in
      guard t >= Self.start && t < Self.start + 0.2 else { return }
      ill.change(&m, t - Self.start)
      m.isRelearnt = false
    }
    #expect(stage.told.isEmpty)
  }

  @Test("takes a key frame in a frozen picture for what it is")
  func keyFrames() {
    let stage = Stage()
    Self.play(stage, 20) { m, t in
      // It was quiet for a moment before, so that it takes more to believe that it is frozen.
      if t >= 3 && t < 3.4 { m.change = 0 }
      guard t >= Self.start && t < 15 else { return }
      m.change = (t - Self.start).truncatingRemainder(dividingBy: 2) < 0.03 ? 0.4 : 0
    }
    let frozen = stage.events("frozen")
    #expect(frozen.map(\.event.phase) == [.begin, .end])
    #expect((frozen.last?.time ?? 0) > 15)
  }

  @Test(
    "says that a picture is frozen since its noise began to go, as encoders take some frames to repeat it")
  func fading() throws {
    let stage = Stage()
    Self.play(stage, 12) { m, t in
      guard t >= Self.start else { return }
      let left = max(0, 0.5 - 1.2 * (t - Self.start))
      (m.change, m.stillChange) = (left, left)
    }
    let frozen = try #require(stage.events("frozen").first)
    #expect(abs(frozen.event.since - Self.start) < 0.1 && frozen.time < Self.start + 1)
  }

  @Test(
    "doesn't take a picture for frozen that has little noise since the light changed",
    arguments: [true, false])
  func quietLight(isSudden: Bool) {
    let stage = Stage()
    Self.play(stage, 12) { m, t in
      guard t >= Self.start else { return }
      (m.change, m.stillChange) = (0, 0)
      guard t < Self.start + 0.3 else { return }
      if isSudden { m.isUpset = true } else { (m.lightShare, m.lightGain) = (0.9, 0.5) }
    }
    #expect(stage.events("frozen").isEmpty)
  }

  @Test("doesn't take a scene for frozen that never has any noise")
  func noiseless() {
    let stage = Stage()
    Self.play(stage, 30) { m, _ in m.change = 0 }
    #expect(stage.told.isEmpty)
  }

  @Test("tells of the way back from infrared as well")
  func infrared() {
    let stage = Stage()
    Self.play(stage, 20) { m, t in if t >= 5 && t < 12 { m.colour = 0.3 } }
    let told = stage.events("mode_change")
    #expect(told.map(\.event.attributes) == ["infrared", "colour"].map { [Attribute("mode", .text($0))] })
    #expect(stage.ticks.filter { $0.time > 6 && $0.time < 12 }.allSatisfy { $0.tick.scene.mode == .infrared })
  }
}
