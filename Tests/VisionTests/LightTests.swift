import Base
import Testing
import Vision

@Suite("light")
struct LightTests {
  struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var gain: @Sendable (_ x: Int, _ y: Int) -> Double
  }

  @Test(
    "that changes over the whole picture makes no region, but is told",
    arguments: [
      Change(testDescription: "down by a third") { _, _ in 0.67 },
      Change(testDescription: "up by a quarter") { _, _ in 1.25 },
      Change(testDescription: "brighter to the right") { x, _ in 1.1 + 0.2 * Double(x) / 320 },
      Change(testDescription: "darker to the bottom") { _, y in 0.9 - 0.2 * Double(y) / 180 },
    ])
  func global(change: Change) {
    let sitting = Sitting()
    sitting.settle()
    #expect(sitting.see().scene.lightShare < 0.05)
    let seen = sitting.watch(2) { s, _ in s.see(light: change.gain) }
    #expect(seen.allSatisfy { $0.regions.isEmpty })
    #expect((seen.first?.scene.lightShare ?? 0) > 0.5)
    let gain = seen.first?.scene.lightGain ?? 0
    #expect(abs(gain - change.gain(160, 90)) < 0.05)
  }

  @Test("that changed is learnt, and isn't told for ever")
  func learnt() {
    let sitting = Sitting()
    sitting.settle()
    _ = sitting.watch(6) { s, _ in s.see { _, _ in 0.7 } }
    let seen = sitting.see { _, _ in 0.7 }
    #expect(seen.scene.lightShare < 0.05)
    #expect(seen.regions.isEmpty)
  }

  @Test(
    "that is taken by a shadow shows the background's texture, a thing shows its own", arguments: [0.5, 0.6])
  func shadow(depth: Double) throws {
    let sitting = Sitting()
    sitting.settle()
    // It passes, so that it isn't learnt, and has a soft edge.
    let shade = sitting.watch(3) { s, t in
      s.see { x, y in
        let inside = min(Double(x) - 60 * t, 60 * t + 50 - Double(x), Double(y - 60), Double(110 - y))
        return 1 - (1 - depth) * min(1, max(0, inside / 6))
      }
    }
    let shadow = 50.0 * 50 / Double(Camera.width * Camera.height)
    #expect(shade.allSatisfy { $0.regions.reduce(0) { $0 + $1.area } < 0.5 * shadow })
    let regions = shade.flatMap(\.regions)
    let lit = regions.reduce(0) { $0 + $1.area * max($1.litness, $1.shadow) }
    #expect(lit > 0.5 * regions.reduce(0) { $0 + $1.area })

    let passes = sitting.watch(3) { s, t in
      s.see([Camera.Thing(x: Int(60 * t), y: 60, width: 50, height: 50, level: 55)])
    }
    for observation in passes {
      let region = try #require(observation.regions.max { $0.area < $1.area })
      #expect(region.litness < 0.2 && region.shadow < 0.2)
    }
  }

  @Test("is told from a thing by the background's texture in it, where a shadow has a hard edge")
  func litness() {
    let sitting = Sitting()
    sitting.settle()
    let shade = sitting.watch(1) { s, t in
      let columns = Int(60 * t)..<(Int(60 * t) + 50)
      return s.see { x, y in columns.contains(x) && (60..<110).contains(y) ? 0.6 : 1 }
    }
    #expect(shade.flatMap(\.regions).count { $0.litness > 0.4 } > 5)
  }

  @Test("that changes doesn't hide a thing")
  func thingInNewLight() throws {
    let sitting = Sitting()
    sitting.settle()
    let thing = Camera.Thing(x: 117, y: 41, width: 24, height: 50, level: 190)
    for _ in 0..<15 {
      let seen = sitting.see([thing]) { _, _ in 0.7 }
      let region = try #require(seen.regions.first)
      #expect(seen.regions.count == 1 && region.box.overlap(thing.box) > 0.8)
    }
  }
}
