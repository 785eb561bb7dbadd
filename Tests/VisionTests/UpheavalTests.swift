import Base
import Testing
import Vision

/// What the encoder makes of a picture that changes as a whole.
@Suite("an upheaval")
struct UpheavalTests {
  /// Seconds of turmoil until the background was taken anew; nil if it never was.
  private static func settled(_ seen: [Observation], rate: Double = 30) -> Double? {
    seen.firstIndex { $0.scene.isRelearnt }.map { Double($0) / rate }
  }

  @Test("is waited out without regions, then the new picture is learnt and is quiet")
  func covered() throws {
    let sitting = Sitting()
    sitting.settle()
    let seen = sitting.watch(3) { s, _ in s.seeCovered() }
    #expect(seen.first?.scene.isUpset == true)
    let after = try #require(Self.settled(seen))
    #expect(after < 0.6)
    #expect(seen.count { $0.scene.isRelearnt } == 1)
    #expect(seen.allSatisfy { $0.regions.isEmpty })
    let last = try #require(seen.last)
    #expect(!last.scene.isUpset && last.scene.motion < 0.01)
    #expect(last.scene.detail < 0.4 && last.scene.edgeLikeness < 0.5, "it still isn't the usual scene")
  }

  @Test(
    "that ends with the usual scene brings the old background back, with whoever came meanwhile before it")
  func uncovered() throws {
    let sitting = Sitting()
    sitting.settle(6)
    _ = sitting.watch(3) { s, _ in s.seeCovered() }
    let thing = Camera.Thing(x: 117, y: 41, width: 24, height: 60)
    let seen = sitting.watch(2) { s, _ in s.see([thing]) }
    #expect(seen.first?.scene.isUpset == true)
    let after = try #require(Self.settled(seen))
    #expect(after < 0.6)
    let last = try #require(seen.last)
    #expect(last.regions.count == 1)
    #expect((last.regions.first?.box.overlap(thing.box) ?? 0) > 0.7)
    #expect(last.scene.edgeLikeness > 0.8)
  }

  @Test(
    "that ends the dark leaves no trace of who stood there then, once they have gone", arguments: [1, 4.0])
  func afterDark(stay: Double) throws {
    let sitting = Sitting()
    sitting.settle(6)
    let thing = Camera.Thing(x: 117, y: 41, width: 24, height: 60)
    // It falls slowly enough to be followed as light, and comes back at once.
    let dusk = sitting.watch(1) { s, t in s.see(light: { _, _ in 1 - 0.98 * t }) }
    let night = sitting.watch(6) { s, _ in s.see(light: { _, _ in 0.02 }) }
    #expect(!(dusk + night).contains { $0.scene.isRelearnt }, "the view is still the usual one")
    let seen = sitting.watch(0.5 + stay) { s, t in s.see([thing], light: { _, _ in min(1, 0.02 + 10 * t) }) }
    #expect(seen.contains { $0.scene.isRelearnt }, "the background had become dark")
    let gone = sitting.watch(1) { s, _ in s.see() }
    #expect(gone.allSatisfy { $0.regions.isEmpty })
  }

  @Test("of a camera that was turned ends in a new view, which is not the usual one")
  func turned() throws {
    let sitting = Sitting(rate: 15)
    sitting.settle(6)
    let elsewhere = Camera(seed: 99)
    let seen = sitting.watch(3) { s, _ in s.see(elsewhere) }
    let after = try #require(Self.settled(seen, rate: 15))
    #expect(after < 0.6)
    #expect((seen.last?.scene.edgeLikeness ?? 1) < 0.4)
    #expect(seen.allSatisfy { $0.regions.isEmpty })
  }

  @Test("of a camera that stays turned makes the new view the usual one after a while")
  func staysTurned() throws {
    let sitting = Sitting(rate: 15)
    sitting.settle(6)
    let elsewhere = Camera(seed: 99)
    let seen = sitting.watch(14) { s, _ in s.see(elsewhere) }
    #expect((seen.dropLast(60).last?.scene.edgeLikeness ?? 1) < 0.4, "not at once")
    #expect((seen.last?.scene.edgeLikeness ?? 0) > 0.9)
    let back = sitting.watch(1) { s, _ in s.see() }
    #expect((back.last?.scene.edgeLikeness ?? 1) < 0.4, "and the old view is the strange one")
  }

  @Test("that goes as it came leaves the background as it was")
  func blink() {
    let sitting = Sitting()
    sitting.settle()
    let seen = sitting.watch(0.2) { s, _ in s.seeCovered() }
    #expect(seen.allSatisfy { $0.scene.isUpset })
    let after = sitting.watch(1) { s, _ in s.see() }
    #expect(!after.contains { $0.scene.isRelearnt })
    #expect(after.allSatisfy { $0.regions.isEmpty && !$0.scene.isUpset })
  }

  @Test("isn't made by a large thing", arguments: [60, 120])
  func large(width: Int) {
    let sitting = Sitting()
    sitting.settle()
    let seen = sitting.watch(1) { s, _ in
      s.see([Camera.Thing(x: 90, y: 20, width: width, height: 130)])
    }
    #expect(!seen.contains { $0.scene.isUpset || $0.scene.isRelearnt })
  }
}
