import Base
import Events
import Semantics
import TestKit
import Testing
import Vision

@Suite("no object")
struct NoObjectTests {
  @Test(
    "is begun by light that wanders, whatever its shape", arguments: [(0.05, 0.2), (0.3, 0.1), (0.1, 0.4)])
  func light(width: Double, height: Double) {
    let stage = Stage()
    stage.play(12) { t in
      var beam = Stage.Thing(x: 0.1 * (t - 2) - width, y: 0.3, width: width, height: height)
      beam.litness = 0.8
      return t < 2 ? [] : [beam]
    }
    #expect(stage.events().isEmpty)
    #expect(stage.ticks.allSatisfy { $0.tick.objects.isEmpty })
  }

  @Test("is begun by snow", arguments: 1...3 as ClosedRange<UInt64>)
  func snow(seed: UInt64) {
    let stage = Stage()
    var random = SceneRandom(seed: seed)
    let flakes = (0..<70).map { _ in
      (x: random.unit(), y: random.unit(), speed: random.between(0.3, 0.7), drift: random.between(0, 0.1))
    }
    stage.play(12) { t in
      flakes.map { f in
        let fallen = f.y + f.speed * t
        return Stage.Thing(
          x: (f.x + f.drift * t).truncatingRemainder(dividingBy: 1),
          y: fallen.truncatingRemainder(dividingBy: 1),
          width: 0.018, height: 0.035, shade: 7)
      }
    }
    #expect(stage.events().isEmpty)
  }

  @Test("is hidden by snow: a person in it is still known")
  func personInSnow() {
    let stage = Stage()
    var random = SceneRandom(seed: 4)
    let flakes = (0..<40).map { _ in (x: random.unit(), y: random.unit(), speed: random.between(0.3, 0.7)) }
    stage.play(12) { t in
      let snow = flakes.map { f in
        Stage.Thing(
          x: f.x, y: (f.y + f.speed * t).truncatingRemainder(dividingBy: 1), width: 0.012, height: 0.02,
          shade: 7)
      }
      return snow + (t > 5 ? [Stage.Thing(x: 0.12 * (t - 5) - 0.05, y: 0.4, width: 0.06, height: 0.3)] : [])
    }
    #expect(!stage.events("object", .begin).isEmpty)
    #expect(stage.events("object", .begin).count <= 2)
    #expect(stage.object(at: 0.53, 0.55, time: 9.6) != nil)
  }

  @Test("is hidden by flicker: what goes steadily through it is known, however faint")
  func faint() {
    let stage = Stage()
    var random = SceneRandom(seed: 6)
    stage.play(12) { t in
      // Edges that come and go in the lower half, each for a look or two.
      let flicker = (0..<6).map { _ in
        Stage.Thing(x: random.unit(), y: random.between(0.55, 0.95), width: 0.02, height: 0.04)
      }
      var cart = Stage.Thing(x: 0.08 * (t - 4), y: 0.3, width: 0.04, height: 0.07)
      cart.contrast = 1.35
      cart.ghost = 0.4
      return t < 4 ? flicker : flicker + [cart]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.object(at: 0.35, 0.33, time: 8.2) != nil)
  }

  @Test("is kept for long by its looks alone, where light is all that is left")
  func looksAlone() {
    let stage = Stage()
    let box = Rect(x: 0.4, y: 0.4, width: 0.06, height: 0.25)
    stage.play(5) { t in [Stage.Thing(x: min(0.4, 0.2 * (t - 1)), y: 0.4, width: 0.06, height: 0.25)] }
    let known = stage.object(at: 0.43, 0.5, time: 4.5)
    #expect(known != nil)
    for _ in 0..<300 {
      var shadow = Stage.Thing(x: 0.38, y: 0.38, width: 0.1, height: 0.3)
      shadow.litness = 0.8
      var seen = stage.observation([shadow])
      seen.sightings = [Sighting(id: known ?? 0, box: box, likeness: 0.7)]
      stage.see(seen)
    }
    #expect(stage.events("object", .end).count == 1)
    #expect((stage.events("object", .end).first?.time ?? 99) < 10)
  }

  @Test("is begun by leaves that stir in their place")
  func leaves() {
    let stage = Stage()
    var random = SceneRandom(seed: 5)
    stage.play(12) { _ in
      (0..<8).filter { _ in random.chance(0.5) }.map { i in
        var leaf = Stage.Thing(
          x: 0.3 + 0.05 * Double(i) + random.between(-0.004, 0.004), y: 0.3 + random.between(-0.006, 0.006),
          width: 0.03, height: 0.05)
        // Around each lie the edges of the leaves as they were learnt.
        leaf.contrast = 1.8
        leaf.ghost = 0.55
        return leaf
      }
    }
    #expect(stage.events().isEmpty)
  }

  @Test("is begun by what shows for a moment only")
  func flash() {
    let stage = Stage()
    stage.play(8) { t in
      t.truncatingRemainder(dividingBy: 1) < 0.1 ? [Stage.Thing(x: 0.1 * t, y: 0.4)] : []
    }
    #expect(stage.events().isEmpty)
  }
}
