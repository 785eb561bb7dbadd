import Base
import Conditions
import Events
import Semantics
import Testing

@Suite("one thing or two")
struct WholeTests {
  @Test("what comes in over the border in two pieces is told of once")
  func piecesAtTheBorder() {
    let stage = Stage()
    // The belt is as the wall: head and legs show apart until the whole is in.
    stage.play(5) { t in
      guard t > 1.5 else { return [] }
      let x = -0.1 + 0.2 * (t - 1.5)
      let gap = x < -0.03 ? 0.09 : 0
      return [
        Stage.Thing(x: x, y: 0.4, width: 0.1, height: 0.18 - gap / 2),
        Stage.Thing(x: x - 0.005, y: 0.58 + gap / 2, width: 0.1, height: 0.18 - gap / 2),
      ]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.ids.count == 1)
  }

  @Test("who comes out of a door beside another and walks with him stays somebody")
  func beside() throws {
    let stage = Stage()
    // For a moment there is light between them, then they go as one blob for a second and a half.
    func other(_ t: Double) -> Stage.Thing {
      let apart = t < 5.4 ? 0.058 : t < 7 ? 0.045 : 0.045 + 0.08 * (t - 7)
      return Stage.Thing(x: 0.1 + 0.06 * t - apart, y: 0.43, shade: 2)
    }
    stage.play(9) { t in
      let known = Stage.Thing(x: 0.1 + 0.06 * t, y: 0.4, shade: 6)
      return t < 5 ? [known] : [known, other(t)]
    }
    let begins = stage.events("object", .begin)
    #expect(begins.count == 2)
    #expect(stage.events("object", .end).isEmpty)
    let late = other(8.9).box.centre
    let told = try #require(stage.object(at: late.x, late.y, time: 8.9))
    #expect(told == begins.last?.event.objects.first)
  }

  @Test("a long thing that a post cuts in two stays one", arguments: [(0.11, 0.035), (0.15, 0.05)])
  func post(length: Double, shadow: Double) {
    let stage = Stage()
    stage.pillar = Rect(x: 0.5, y: 0, width: 0.04, height: 1)
    stage.play(4.4) { t in
      let x = -0.2 + 0.32 * t
      // The shadow behind it grows short as it comes to the post.
      let tail = max(0, min(shadow, shadow - 0.7 * (x + length - 0.5)))
      return [Stage.Thing(x: x - tail, y: 0.5, width: length + tail, height: 0.1)]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.ids.count == 1)
  }

  @Test("who walks off leaves the hole in the background behind, and whoever passes it stays himself")
  func hole() throws {
    let stage = Stage()
    func walker(_ t: Double) -> Stage.Thing {
      Stage.Thing(x: 0.6 - 0.06 * max(0, t - 2), y: 0.4, shade: 6)
    }
    func other(_ t: Double) -> Stage.Thing { Stage.Thing(x: 0.12 * t - 0.1, y: 0.42, shade: 1) }
    stage.play(8) { t in
      var things = [walker(t), other(t)]
      guard t > 2 else { return [things[1]] }
      // Where he stood before, nothing stirs.
      var hole = Stage.Thing(x: 0.6, y: 0.4, shade: 4)
      (hole.ghost, hole.stir) = (0.72, 0)
      things.append(hole)
      return things
    }
    for t in stride(from: 3.2, through: 3.8, by: 0.2) {
      #expect(try #require(stage.overlap(with: walker(t).box, time: t)) > 0.7, "at \(t) s")
    }
    let centre = { (thing: Stage.Thing) in thing.box.centre }
    let one = try #require(stage.object(at: centre(walker(3.6)).x, centre(walker(3.6)).y, time: 3.6))
    let two = try #require(stage.object(at: centre(other(3.6)).x, centre(other(3.6)).y, time: 3.6))
    #expect(one != two)
    #expect(stage.object(at: centre(walker(7)).x, centre(walker(7)).y, time: 7) == one)
    #expect(stage.object(at: centre(other(7)).x, centre(other(7)).y, time: 7) == two)
  }

  @Test(
    "two who go the same way, one behind the other for a while, keep their ids",
    arguments: [(0.06, 0.04, 0.0), (0.08, 0.055, 0), (0.11, 0.09, 0.01)])
  func overtake(fast: Double, slow: Double, lower: Double) throws {
    let stage = Stage()
    func x(_ speed: Double, _ t: Double) -> Double { 0.45 + speed * (t - 5) }
    stage.play(10) { t in
      [
        Stage.Thing(x: x(fast, t), y: 0.4, shade: 6, red: 0.15),
        Stage.Thing(x: x(slow, t), y: 0.4 + lower, shade: 1, red: -0.1),
      ]
    }
    let one = try #require(stage.object(at: x(fast, 1.2) + 0.025, 0.5, time: 1.2))
    let two = try #require(stage.object(at: x(slow, 1.2) + 0.025, 0.5, time: 1.2))
    #expect(one != two)
    #expect(stage.object(at: x(fast, 8.5) + 0.025, 0.5, time: 8.5) == one)
    #expect(stage.object(at: x(slow, 8.5) + 0.025, 0.5, time: 8.5) == two)
    #expect(stage.events("object", .begin).count == 2)
  }
}
