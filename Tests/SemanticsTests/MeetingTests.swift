import Base
import Conditions
import Events
import Glibc
import Semantics
import Testing

@Suite("several objects")
struct MeetingTests {
  @Test(
    "that cross keep their ids",
    arguments: [(0.16, -0.16), (0.2, -0.12), (0.25, -0.3)], [0.0, 0.03])
  func cross(speeds: (Double, Double), lower: Double) throws {
    let stage = Stage()
    // They meet in the middle at 5 s.
    func x(_ v: Double, _ t: Double) -> Double { 0.475 + v * (t - 5) }
    stage.play(8) { t in
      [
        Stage.Thing(x: x(speeds.0, t), y: 0.4, shade: 6, red: 0.15),
        Stage.Thing(x: x(speeds.1, t), y: 0.4 + lower, height: 0.22, shade: 1, red: -0.1),
      ]
    }
    let before = 5 - 0.22 / abs(speeds.0 - speeds.1) * 2
    let after = 5 + 0.22 / abs(speeds.0 - speeds.1) * 2
    let one = try #require(stage.object(at: x(speeds.0, before) + 0.025, 0.5, time: before))
    let two = try #require(stage.object(at: x(speeds.1, before) + 0.025, 0.5, time: before))
    #expect(one != two)
    #expect(stage.object(at: x(speeds.0, after) + 0.025, 0.5, time: after) == one)
    #expect(stage.object(at: x(speeds.1, after) + 0.025, 0.5, time: after) == two)
    #expect(stage.events("object", .begin).count == 2)
  }

  @Test("that meet and turn back keep their ids, by their looks")
  func turnBack() throws {
    let stage = Stage()
    stage.play(8) { t in
      let x = 0.475 - max(0.01, 0.16 * abs(t - 5))
      return [
        Stage.Thing(x: x, y: 0.4, shade: 6, red: 0.15),
        Stage.Thing(x: 0.95 - x, y: 0.4, shade: 1, red: -0.1),
      ]
    }
    let left = try #require(stage.object(at: 0.26, 0.5, time: 3.5))
    let right = try #require(stage.object(at: 0.74, 0.5, time: 3.5))
    #expect(left != right)
    #expect(stage.object(at: 0.26, 0.5, time: 6.5) == left)
    #expect(stage.object(at: 0.74, 0.5, time: 6.5) == right)
  }

  @Test("that walk through each other keep their ids, though their boxes swing with their steps")
  func steps() throws {
    let stage = Stage()
    // Bodies go evenly, boxes by what the feet add behind.
    func body(_ v: Double, _ t: Double) -> Double { 0.475 + v * (t - 5) }
    func box(_ v: Double, _ t: Double) -> (x: Double, width: Double) {
      let swing = 0.5 - 0.5 * cos(2 * .pi * (t - 4.5))
      let width = 0.05 + 0.04 * swing
      return (body(v, t) - (v > 0 ? 0.04 * swing : 0), width)
    }
    stage.play(8) { t in
      [(0.16, 6), (-0.16, 5)].map { v, shade in
        let (x, width) = box(v, t)
        return Stage.Thing(x: x, y: 0.4, width: width, height: 0.22, shade: shade)
      }
    }
    let one = try #require(stage.object(at: body(0.16, 3.5) + 0.025, 0.5, time: 3.5))
    let two = try #require(stage.object(at: body(-0.16, 3.5) + 0.025, 0.5, time: 3.5))
    #expect(one != two)
    #expect(stage.object(at: body(0.16, 6.5) + 0.025, 0.5, time: 6.5) == one)
    #expect(stage.object(at: body(-0.16, 6.5) + 0.025, 0.5, time: 6.5) == two)
    #expect(stage.events("object", .begin).count == 2)
  }

  @Test("are boxed where they are while one hides a part of the other")
  func boxes() throws {
    let stage = Stage()
    func x(_ v: Double, _ t: Double) -> Double { 0.475 + v * (t - 5) }
    stage.play(7) { t in
      [
        Stage.Thing(x: x(0.12, t), y: 0.4, shade: 6), Stage.Thing(x: x(-0.12, t), y: 0.52, shade: 1),
      ]
    }
    for t in stride(from: 4.6, through: 5.4, by: 0.2) {
      for (v, y) in [(0.12, 0.4), (-0.12, 0.52)] {
        let due = Rect(x: x(v, t), y: y, width: 0.05, height: 0.2)
        #expect(try #require(stage.overlap(with: due, time: t)) > 0.5, "at \(t) s")
      }
    }
  }

  @Test("of whom one came in beside the other, and never apart from it, are two")
  func leftover() throws {
    let stage = Stage()
    // A door opens before somebody who turns back there; who comes out follows, on the same leash.
    stage.play(9) { t in
      let known = Stage.Thing(x: t < 5 ? 0.1 + 0.07 * t : 0.45 - 0.07 * (t - 5), y: 0.4, shade: 6)
      guard t > 5 else { return [known] }
      let other = Stage.Thing(x: 0.53 - 0.03 * (t - 5), y: 0.42, shade: 5)
      let leash = Stage.Thing(
        x: known.box.maxX, y: 0.5, width: other.box.x - known.box.maxX, height: 0.012)
      return [known, other, leash]
    }
    let known = try #require(stage.object(at: 0.335, 0.5, time: 3))
    let last = try #require(stage.ticks.last).tick
    #expect(last.objects.count == 2)
    #expect(stage.object(at: 0.45 - 0.28 + 0.025, 0.5, time: 9) == known)
    #expect(stage.object(at: 0.53 - 0.12 + 0.025, 0.52, time: 9) != nil)
  }

  @Test("that come as one and part are two, each with an id")
  func part() {
    let stage = Stage()
    stage.play(9) { t in
      guard t > 2 else { return [] }
      let x = -0.1 + 0.12 * (t - 2)
      let apart = max(0, 0.12 * (t - 5))
      return [
        Stage.Thing(x: x - apart, y: 0.4, shade: 6), Stage.Thing(x: x + 0.048 + apart, y: 0.4, shade: 2),
      ]
    }
    #expect(stage.ticks.filter { $0.time > 3.5 && $0.time < 5 }.allSatisfy { $0.tick.objects.count == 1 })
    let apart = stage.ticks.filter { $0.time > 6.5 && $0.time < 7 }
    #expect(apart.allSatisfy { Set($0.tick.objects.map(\.id)).count == 2 })
    #expect(stage.events("object", .begin).count == 2)
  }

  @Test("in pieces that go together are one")
  func pieces() {
    let stage = Stage()
    // Out of a door, in trousers like the ground: a trunk and, below a gap, shoes.
    stage.play(8) { t in
      guard t > 2 else { return [] }
      let x = 0.1 + 0.12 * (t - 2)
      return [
        Stage.Thing(x: x, y: 0.4, height: 0.16),
        Stage.Thing(x: x + 0.005, y: 0.585, width: 0.04, height: 0.03),
      ]
    }
    let middle = stage.ticks.filter { $0.time > 4 && $0.time < 7.5 }
    #expect(middle.allSatisfy { $0.tick.objects.count == 1 })
  }

  @Test("are updated when they enter and leave a zone, and only then")
  func zones() {
    let half = Polygon([Point(x: 0.5, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0.5, y: 1)])
    let stage = Stage(zones: [Zone(name: "right", polygon: half)])
    // In at the left, over the line at 4.625 s, back over it at 7.625 s.
    stage.play(9) { t in
      t < 2 ? [] : [Stage.Thing(x: t < 6.125 ? 0.2 * (t - 2) - 0.05 : 0.775 - 0.2 * (t - 6.125), y: 0.4)]
    }
    let updates = stage.events("object", .update)
    #expect(updates.map(\.event.changed) == [["zones"], ["zones"]])
    #expect(updates.map(\.event.zones) == [["right"], []])
    for (update, due) in zip(updates, [4.625, 7.625]) { #expect(abs(update.time - due) < 0.15) }
    #expect(stage.events("object", .begin).map(\.event.zones) == [[]])
    #expect(
      stage.ticks.filter { $0.time > 5 && $0.time < 7.3 }.allSatisfy {
        $0.tick.objects.first?.zones == ["right"]
      })
  }
}
