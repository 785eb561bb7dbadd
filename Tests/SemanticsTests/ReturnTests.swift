import Base
import Events
import Semantics
import Testing

/// What is seen anew is told as what it is: known before, or a part of what is known.
@Suite("an object seen anew")
struct ReturnTests {
  @Test("beyond a pillar before which another hid it keeps its id")
  func behindBoth() throws {
    let stage = Stage()
    stage.pillar = Rect(x: 0.47, y: 0, width: 0.1, height: 1)
    // When the nearer one has passed, the other is behind the pillar.
    func far(_ t: Double) -> Double { 0.36 + 0.09 * (t - 4) }
    func near(_ t: Double) -> Double { 0.54 - 0.2 * (t - 4) }
    stage.play(8) { t in
      [
        Stage.Thing(x: far(t), y: 0.42, width: 0.03, height: 0.12, shade: 6, red: 0.1),
        Stage.Thing(x: 0.37, y: near(t), width: 0.1, height: 0.3, shade: 2),
      ]
    }
    let one = try #require(stage.object(at: far(3.5) + 0.015, 0.48, time: 3.5))
    let two = try #require(stage.object(at: 0.42, near(3.5) + 0.15, time: 3.5))
    #expect(one != two)
    #expect(stage.object(at: far(7) + 0.015, 0.48, time: 7) == one)
    #expect(stage.object(at: 0.42, near(5.8) + 0.15, time: 5.8) == two)
    #expect(stage.events("object", .begin).count == 2)
  }

  @Test("beyond a pillar where it met another that came the other way it keeps its id", arguments: [2, 6])
  func bothWays(shade: Int) throws {
    let stage = Stage()
    stage.pillar = Rect(x: 0.47, y: 0, width: 0.04, height: 1)
    // One comes out where and when the other goes in.
    func right(_ t: Double) -> Double { 0.2 + 0.08 * t }
    func left(_ t: Double) -> Double { 0.51 - 0.08 * (t - 3.5) }
    stage.play(8) { t in
      [
        Stage.Thing(x: left(t), y: 0.4, width: 0.03, height: 0.16, shade: 2),
        Stage.Thing(x: right(t), y: 0.42, width: 0.03, height: 0.16, shade: shade),
      ]
    }
    let one = try #require(stage.object(at: right(2.5) + 0.015, 0.5, time: 2.5))
    let two = try #require(stage.object(at: left(2.5) + 0.015, 0.48, time: 2.5))
    #expect(one != two)
    for time in [4.7, 5, 5.5, 7] {
      #expect(stage.object(at: right(time) + 0.015, 0.5, time: time) == one, "\(time)")
      #expect(stage.object(at: left(time) + 0.015, 0.48, time: time) == two, "\(time)")
    }
    #expect(stage.events("object", .begin).count == 2)
  }

  @Test("as a whole after its pieces at the border is told of once")
  func pieces() {
    let stage = Stage()
    // A hand, a foot, and then all in between.
    stage.play(6) { t in
      guard t > 2 else { return [] }
      let x = 1 - 0.12 * (t - 2)
      let whole = Stage.Thing(x: x + 0.035, y: 0.35, width: 0.1, height: 0.35)
      return [
        Stage.Thing(x: x, y: 0.45, width: 0.06, height: 0.05),
        Stage.Thing(x: x + 0.005, y: 0.63, width: 0.06, height: 0.05), whole,
      ]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).isEmpty)
    #expect(stage.ticks.filter { $0.time > 3 }.allSatisfy { $0.tick.objects.count == 1 })
  }

  @Test("after it went along with another for seconds was no part of it", arguments: [0.05, 0.12])
  func alongside(height: Double) throws {
    let stage = Stage()
    // A dog, or a child, catches up, goes along in one blob, and runs ahead.
    func big(_ t: Double) -> Double { 0.1 * t }
    func small(_ t: Double) -> Double {
      big(t) + (t < 3.5 ? -0.12 * (3.5 - t) : t < 6.5 ? 0 : 0.12 * (t - 6.5))
    }
    stage.play(7.8) { t in
      [
        Stage.Thing(x: big(t), y: 0.35, width: 0.07, height: 0.3, shade: 6),
        Stage.Thing(x: small(t), y: 0.6, width: 0.05, height: height, shade: 1),
      ]
    }
    let one = try #require(stage.object(at: big(2) + 0.03, 0.45, time: 2))
    let two = try #require(stage.object(at: small(2) + 0.02, 0.61, time: 2))
    #expect(one != two)
    #expect(stage.events("object", .end).isEmpty)
    #expect(stage.object(at: small(7.6) + 0.02, 0.61, time: 7.6) == two)
  }

  @Test("and another like it that shows in the same look are two")
  func together() throws {
    let stage = Stage()
    stage.play(6) { t in
      if t < 3 { return [Stage.Thing(x: 0.1 + 0.1 * t, y: 0.4)] }
      guard t > 4 else { return [] }
      return [0.43, 0.54].map { Stage.Thing(x: $0 + 0.1 * (t - 4), y: 0.4) }
    }
    let lost = try #require(stage.object(at: 0.325, 0.5, time: 2))
    let shown = [0.555, 0.665].compactMap { stage.object(at: $0, 0.5, time: 5) }
    #expect(Set(shown).count == 2)
    #expect(shown.contains(lost))
  }
}
