import Base
import Events
import Glibc
import Semantics
import Testing
import Vision

@Suite("with a detector")
struct LabellingTests {
  private func box(_ x: Double, _ y: Double = 0.4, width: Double = 0.05, height: Double = 0.2) -> Rect {
    Rect(x: x, y: y, width: width, height: height)
  }

  private func thing(_ box: Rect, shade: Int = 6) -> Stage.Thing {
    Stage.Thing(x: box.x, y: box.y, width: box.width, height: box.height, shade: shade)
  }

  /// Somebody who comes in from the left after two seconds and walks through.
  private func walker(_ t: Double) -> Rect? { t < 2 ? nil : box(-0.05 + 0.2 * (t - 2)) }

  @Test("a thing has its label within 0.3 s of being known, and keeps it to its end")
  func labels() throws {
    let detector = Detector { t in walker(t).map { [Detection(box: $0, label: "person", score: 0.8)] } ?? [] }
    let stage = Stage(detector: detector)
    stage.play(8.5) { t in walker(t).map { [thing($0)] } ?? [] }
    let begin = try #require(stage.events("object", .begin).first)
    let objects = stage.ticks.flatMap { tick in tick.tick.objects.map { (time: tick.time, object: $0) } }
    let labelled = try #require(objects.first { $0.object.label == "person" })
    #expect(labelled.time - begin.time < 0.3)
    #expect(objects.filter { $0.time > labelled.time }.allSatisfy { $0.object.label == "person" })
    let score = try #require(objects.last { $0.time < 6.5 }?.object.labelScore)
    #expect(score > 0.7 && score <= 0.8)
    let end = try #require(stage.events("object", .end).first)
    #expect(end.event.text.hasPrefix("person 1 left"))
    #expect(end.event.attributes.contains(Attribute("label", .text("person"))))
  }

  @Test("looks are few: a twentieth of the frames where little happens, and none is over the allowance")
  func economy() {
    let detector = Detector { t in walker(t).map { [Detection(box: $0, label: "person", score: 0.8)] } ?? [] }
    let stage = Stage(detector: detector)
    stage.play(60) { t in walker(t).map { [thing($0)] } ?? [] }
    #expect(!detector.requests.isEmpty && detector.requests.count <= 60 * 30 / 20)

    // A crowd of strangers that no look makes known.
    let crowd = { (t: Double) in
      (0..<8).map { self.box(0.02 + 0.12 * Double($0), 0.3 + 0.02 * sin(t + Double($0))) }
    }
    let busy = Detector { _ in [] }
    busy.configuration.looksPerSecond = 2
    let square = Stage(detector: busy)
    square.play(20) { t in t < 2 ? [] : crowd(t).map { self.thing($0) } }
    #expect(busy.requests.count <= 2 * 20 + 3)
  }

  @Test("who stands there from the beginning is told, and is the same once it walks")
  func standing() throws {
    func place(_ t: Double) -> Rect { t < 6 ? box(0.5) : box(0.5 + 0.1 * (t - 6)) }
    let detector = Detector { t in t > 10 ? [] : [Detection(box: place(t), label: "person", score: 0.9)] }
    let stage = Stage(detector: detector)
    // It is a part of the background until it moves.
    stage.play(13) { t in t < 6 || t > 10 ? [] : [thing(place(t))] }
    let begin = try #require(stage.events("object", .begin).first)
    #expect(begin.time < 1 && begin.event.text == "person 1 appeared")
    let ids = Set(stage.ticks.filter { $0.time > 1 && $0.time < 10 }.flatMap { $0.tick.objects.map(\.id) })
    #expect(ids == [1])
    #expect(stage.events("object", .begin).count == 1)
    let walking = try #require(stage.ticks.last { $0.time < 9.5 }?.tick.objects.first)
    #expect(walking.label == "person" && walking.still < 1 && abs(walking.box.x - place(9.5).x) < 0.03)
    let end = try #require(stage.events("object", .end).first)
    #expect(end.time > 10 && end.event.reason == .left)
  }

  @Test("what a detector half believes to stand there is told only where it lasts")
  func fleeting() throws {
    for (lasts, isTold) in [(0.4, false), (5.0, true)] {
      let detector = Detector { t in
        t < lasts ? [Detection(box: self.box(0.5), label: "person", score: 0.5)] : []
      }
      let stage = Stage(detector: detector)
      stage.play(5) { _ in [] }
      #expect(stage.events("object", .begin).isEmpty == !isTold)
    }
  }

  @Test("what stood there and is taken away while nobody sees it ends; an oversight ends nothing")
  func takenAway() throws {
    let detector = Detector { t in
      t < 12 ? [Detection(box: self.box(0.5), label: "bag", score: 0.7)] : []
    }
    var looks = 0
    detector.mood = { request, seen in
      looks += 1
      // Every third look overlooks it.
      return looks % 3 == 0 ? [] : seen
    }
    detector.configuration.wholeEvery = .seconds(2)
    let stage = Stage(detector: detector)
    stage.play(20) { _ in [] }
    #expect(stage.events("object", .begin).count == 1)
    let end = try #require(stage.events("object", .end).first)
    #expect(stage.events("object", .end).count == 1)
    #expect(end.time > 12 && end.time < 16 && end.event.text.hasPrefix("bag 1 left"))
  }

  @Test("an answer that comes late is about where things were")
  func late() throws {
    // Two who have changed places by the time that the answer is there.
    func left(_ t: Double) -> Rect { box(0.1 + 0.15 * (t - 1), 0.2, height: 0.15) }
    func right(_ t: Double) -> Rect { box(0.85 - 0.15 * (t - 1), 0.6, height: 0.15) }
    let detector = Detector { t in
      t < 1
        ? []
        : [
          Detection(box: left(t), label: "cat", score: 0.9),
          Detection(box: right(t), label: "dog", score: 0.9),
        ]
    }
    detector.delay = 60
    let stage = Stage(detector: detector)
    stage.play(6) { t in t < 1 ? [] : [thing(left(t)), thing(right(t))] }
    let last = try #require(stage.ticks.last).tick.objects
    #expect(last.count == 2)
    #expect(last.first { $0.box.y < 0.4 }?.label == "cat")
    #expect(last.first { $0.box.y > 0.5 }?.label == "dog")
  }

  @Test("what half of a thing was taken for as it came in gives way to what the whole is, within 0.3 s")
  func entering() throws {
    // Two seconds pass until all of it is in the picture.
    func car(_ t: Double) -> Rect? {
      let right = 0.15 * (t - 1)
      return t < 1.1 ? nil : Rect(x: max(0, right - 0.3), y: 0.4, width: min(0.3, right), height: 0.3)
    }
    let detector = Detector { t in
      car(t).map {
        $0.x > 0
          ? [Detection(box: $0, label: "car", score: 0.8)] : [Detection(box: $0, label: "crate", score: 0.6)]
      }
        ?? []
    }
    let stage = Stage(detector: detector)
    stage.play(6) { t in car(t).map { [thing($0)] } ?? [] }
    let objects = stage.ticks.flatMap { tick in tick.tick.objects.map { (time: tick.time, label: $0.label) } }
    #expect(objects.contains { $0.label == "crate" })
    #expect(objects.filter { $0.time > 3.4 }.allSatisfy { $0.label == "car" })
    #expect(objects.contains { $0.time > 5 })
  }

  @Test("what comes with another, as one blob with it, is named within half a second all the same")
  func companion() throws {
    func left(_ t: Double) -> Rect { box(0.1 + 0.06 * (t - 2)) }
    // It shows at the other's side from second 5 on, and never apart from him.
    func beside(_ t: Double) -> Rect? {
      t < 5 ? nil : box(left(t).maxX - 0.005, 0.5, width: 0.05, height: 0.1)
    }
    let detector = Detector { t in
      t < 2
        ? []
        : [Detection(box: left(t), label: "person", score: 0.8)]
          + (beside(t).map { [Detection(box: $0, label: "dog", score: 0.8)] } ?? [])
    }
    let stage = Stage(detector: detector)
    stage.play(8) { t in
      t < 2 ? [] : [thing(left(t))] + (beside(t).map { [thing($0, shade: 2)] } ?? [])
    }
    let named = try #require(stage.ticks.first { $0.tick.objects.contains { $0.label == "dog" } }?.time)
    #expect(named >= 5 && named < 5.5, "\(named)")
  }

  @Test(
    "what is said of much more of a thing stands at once against what was said, over and over, of a small part"
  )
  func growing() throws {
    // Four seconds pass until all of it is in the picture.
    func truck(_ t: Double) -> Rect? {
      t < 1.1 ? nil : Rect(x: 0, y: 0.4, width: min(0.6, 0.15 * (t - 1)), height: 0.3)
    }
    let turn = 3.0
    let detector = Detector { t in
      truck(t).map { [Detection(box: $0, label: t < turn ? "crate" : "truck", score: 0.8)] } ?? []
    }
    let stage = Stage(detector: detector)
    stage.play(4.9) { t in truck(t).map { [thing($0)] } ?? [] }
    let objects = stage.ticks.flatMap { tick in tick.tick.objects.map { (time: tick.time, label: $0.label) } }
    #expect(objects.contains { $0.time < turn && $0.label == "crate" })
    let look = try #require(detector.requests.map(\.time.seconds).first { $0 >= turn })
    let named = try #require(objects.first { $0.label == "truck" }?.time)
    #expect(named < look + 0.1, "\(named), looked at \(look)")
  }

  @Test("of two things that are seen in one place, the surer is what stands there")
  func surer() {
    let detector = Detector { t in
      walker(t).map {
        [
          Detection(box: $0, label: "dog", score: 0.45),
          Detection(
            box: Rect(x: $0.x, y: $0.y, width: $0.width, height: 0.85 * $0.height), label: "person",
            score: 0.9),
        ]
      } ?? []
    }
    let stage = Stage(detector: detector)
    stage.play(6.5) { t in walker(t).map { [thing($0)] } ?? [] }
    #expect(Set(stage.ticks.flatMap { $0.tick.objects.map(\.label) }).subtracting(["moving"]) == ["person"])
  }

  @Test("who shows for a moment and then can't be told from the background is told of by the looks alone")
  func glimpse() throws {
    let place = box(0.5, height: 0.15)
    let detector = Detector { t in t < 3 ? [] : [Detection(box: place, label: "person", score: 0.9)] }
    let stage = Stage(detector: detector)
    stage.play(6) { t in t >= 3 && t < 3.06 ? [thing(place)] : [] }
    let named = try #require(stage.ticks.first { $0.tick.objects.contains { $0.label == "person" } }?.time)
    #expect(named < 3.5, "\(named)")
    let later = stage.ticks.filter { $0.time > 3.5 }.map(\.tick.objects.count)
    #expect(Set(later) == [1])
  }

  @Test("who comes from behind another, as one blob with him, is told of, and stays")
  func behind() throws {
    func front(_ t: Double) -> Rect { box(0.3, 0.4 + 0.01 * sin(3 * t), width: 0.08, height: 0.4) }
    // His head and shoulders show above the other's, from second 5 on.
    let back = box(0.31, 0.25, width: 0.06, height: 0.18)
    let detector = Detector { t in
      t < 2
        ? []
        : [Detection(box: front(t), label: "person", score: 0.9)]
          + (t < 5 ? [] : [Detection(box: back, label: "guard", score: 0.9)])
    }
    let stage = Stage(detector: detector)
    stage.play(9) { t in t < 2 ? [] : [thing(front(t))] + (t < 5 ? [] : [thing(back)]) }
    func shows(_ tick: (time: Double, tick: ParsedTick)) -> Bool {
      tick.tick.objects.contains { $0.label == "guard" }
    }
    let named = try #require(stage.ticks.first { shows($0) }?.time)
    #expect(named < 6, "\(named)")
    let after = stage.ticks.filter { $0.time > named + 0.1 }
    #expect(Double(after.count { shows($0) }) > 0.9 * Double(after.count))
  }

  @Test("one wrong word among many changes no label")
  func majority() {
    var looks = 0
    let detector = Detector { t in walker(t).map { [Detection(box: $0, label: "person", score: 0.7)] } ?? [] }
    detector.mood = { _, seen in
      looks += 1
      return seen.map { looks == 2 ? Detection(box: $0.box, label: "dog", score: 0.6) : $0 }
    }
    let stage = Stage(detector: detector)
    stage.play(6.5) { t in walker(t).map { [thing($0)] } ?? [] }
    #expect(looks > 2)
    #expect(Set(stage.ticks.flatMap { $0.tick.objects.map(\.label) }).subtracting(["moving"]) == ["person"])
  }

  @Test(
    "a label is worth less while its thing can't be told from another, and as much again once it is looked at"
  )
  func decay() throws {
    func left(_ t: Double) -> Rect { box(0.2 + 0.1 * (t - 2)) }
    func right(_ t: Double) -> Rect { box(0.7 - 0.1 * (t - 2), 0.42) }
    let detector = Detector { t in
      t < 2 ? [] : [left(t), right(t)].map { Detection(box: $0, label: "person", score: 0.8) }
    }
    let stage = Stage(detector: detector)
    stage.play(7) { t in t < 2 ? [] : [thing(left(t), shade: 6), thing(right(t), shade: 2)] }
    func least(_ times: ClosedRange<Double>) throws -> Double {
      let objects = stage.ticks.filter { times.contains($0.time) }.flatMap(\.tick.objects)
      return try #require(objects.compactMap(\.labelScore).min())
    }
    #expect(try least(3.5...3.9) > 0.79)
    #expect(try least(4.2...4.9) < 0.78)
    #expect(try least(6.5...6.9) > 0.79)
  }

  @Test("that never answers, or always fails, changes nothing else", arguments: [true, false])
  func dead(fails: Bool) {
    func play(_ detector: Detector?) -> Stage {
      let stage = Stage(detector: detector)
      stage.play(8) { t in walker(t).map { [thing($0)] } ?? [] }
      return stage
    }
    let detector = Detector { _ in [] }
    detector.delay = fails ? 3 : 100_000
    detector.mood = { _, _ in nil }
    let (with, without) = (play(detector), play(nil))
    #expect(with.ticks.map(\.tick.objects) == without.ticks.map(\.tick.objects))
    #expect(with.told.map(\.event) == without.told.map(\.event))
    #expect(fails ? detector.requests.count > 3 : detector.requests.count == 1)
  }
}
