import Base
import Events
import Semantics
import Testing

@Suite("one object")
struct ObjectLifeTests {
  struct Course: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Where its box's top left is at the beginning, and its speed in picture sizes a second.
    var x: Double
    var y: Double
    var vx: Double
    var vy: Double
    var width = 0.05
    var height = 0.2
    /// Times at which it comes and goes.
    var come = 2.0
    var gone = 6.0

    func box(_ t: Double) -> Rect? {
      guard t >= come && t < gone else { return nil }
      return Rect(x: x + vx * (t - come), y: y + vy * (t - come), width: width, height: height)
    }
  }

  private static let courses = [
    Course(testDescription: "walks through from the left", x: -0.05, y: 0.4, vx: 0.25, vy: 0, gone: 6.2),
    Course(testDescription: "runs through from the right", x: 1, y: 0.3, vx: -0.6, vy: 0.02, gone: 3.75),
    Course(testDescription: "comes up from below", x: 0.5, y: 1, vx: 0.01, vy: -0.25, gone: 6.8),
    Course(testDescription: "comes out of a door and goes into another", x: 0.3, y: 0.4, vx: 0.1, vy: 0),
    Course(testDescription: "small and slow", x: 0.4, y: 0.5, vx: 0.06, vy: 0, width: 0.03, height: 0.06),
    Course(testDescription: "a car", x: -0.3, y: 0.5, vx: 0.4, vy: 0, width: 0.3, height: 0.25, gone: 5.25),
  ]

  @Test("has one id from its begin, within 0.3 s, to its end, within 1 s", arguments: courses)
  func life(course: Course) throws {
    let stage = Stage()
    stage.play(9) { t in course.box(t).map { [thing($0)] } ?? [] }
    let begin = try #require(stage.events("object", .begin).first)
    let end = try #require(stage.events("object", .end).first)
    #expect(stage.events("object", .begin).count == 1 && stage.events("object", .end).count == 1)
    #expect(begin.event.id == end.event.id && begin.event.objects == end.event.objects)
    // From when it shows by half.
    let shows = course.come + 0.5 * entry(course)
    #expect(begin.time > course.come && begin.time - shows < 0.3)
    #expect(begin.event.since >= course.come && begin.event.since <= begin.time)
    #expect(end.time > course.gone - entry(course) && end.time - course.gone < 1)
    #expect(end.event.reason == .left)
    #expect(abs(end.event.lastSeen - course.gone) < 0.2)
    #expect(Set(stage.ticks.flatMap { $0.tick.objects.map(\.id) }) == Set(begin.event.objects))
  }

  @Test("is told where it is", arguments: courses)
  func place(course: Course) throws {
    let stage = Stage()
    stage.play(9) { t in course.box(t).map { [thing($0)] } ?? [] }
    var told = 0
    for (time, tick) in stage.ticks {
      guard let box = course.box(time), box.x > 0, box.y > 0, box.maxX < 1, box.maxY < 1,
        let o = tick.objects.first
      else { continue }
      told += 1
      #expect(box.overlap(Rect(x: o.box.x, y: o.box.y, width: o.box.width, height: o.box.height)) > 0.6)
      #expect(o.seen == .observed)
      guard time > course.come + 1.2 else { continue }
      #expect(abs(o.velocityX - course.vx) < 0.05 && abs(o.velocityY - course.vy) < 0.05)
    }
    #expect(told > 15)
  }

  @Test("that stops stays known, is said to stand, and goes on under its id")
  func stops() throws {
    let stage = Stage()
    stage.play(40) { t in
      let x = t < 4 ? 0.2 * (t - 2) : t < 34 ? 0.4 : 0.4 + 0.2 * (t - 34)
      return t < 2 ? [] : [thing(Rect(x: x - 0.05, y: 0.4, width: 0.05, height: 0.2))]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).count == 1)
    let updates = stage.events("object", .update)
    #expect(updates.allSatisfy { $0.event.changed == ["still"] })
    #expect(updates.map(\.event.attributes) == [true, false].map { [Attribute("still", .flag($0))] })
    let standing = stage.ticks.filter { $0.time > 8 && $0.time < 33 }
    #expect(standing.allSatisfy { $0.tick.objects.count == 1 && $0.tick.objects[0].still > 3 })
    let motion = stage.events("motion")
    #expect(motion.map(\.event.phase) == [.begin, .end, .begin, .end])
  }

  @Test("keeps its id behind a pillar", arguments: [0.06, 0.09, 0.125])
  func pillar(width: Double) {
    let stage = Stage()
    stage.pillar = Rect(x: 0.5, y: 0, width: width, height: 1)
    // With a speed of 0.16 it is out of sight for 0.1, 0.3 and 0.5 s, and half of it for longer.
    stage.play(12) { t in
      t < 2 ? [] : [thing(Rect(x: 0.16 * (t - 2) - 0.05, y: 0.4, width: 0.045, height: 0.2))]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).count == 1)
    #expect(stage.object(at: 0.3, 0.5, time: 4) != nil)
    #expect(stage.object(at: 0.3, 0.5, time: 4) == stage.object(at: 0.8, 0.5, time: 7.3))
  }

  @Test("keeps its id when no look sees it for half a second")
  func gap() {
    let stage = Stage()
    stage.play(7) { t in
      t < 2 || (4..<4.5).contains(t)
        ? [] : [thing(Rect(x: 0.1 + 0.16 * (t - 2), y: 0.4, width: 0.05, height: 0.2))]
    }
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).isEmpty)
  }

  private func thing(_ box: Rect) -> Stage.Thing {
    Stage.Thing(x: box.x, y: box.y, width: box.width, height: box.height)
  }

  /// Seconds that it takes to come in over the border.
  private func entry(_ c: Course) -> Double {
    c.x < 0 || c.x >= 1 ? c.width / abs(c.vx) : c.y >= 1 ? c.height / abs(c.vy) : 0
  }
}
