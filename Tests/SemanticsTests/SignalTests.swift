import Base
import Events
import Semantics
import Testing

@Suite("the signal")
struct SignalTests {
  private func walker(_ t: Double) -> [Stage.Thing] {
    t < 2 ? [] : [Stage.Thing(x: 0.1 + 0.05 * (t - 2), y: 0.4)]
  }

  @Test(
    "is lost after as long without a frame as the pipeline says, and objects end then", arguments: [1, 2, 5])
  func lost(seconds: Int) throws {
    let stage = Stage(signalLostAfter: .seconds(Double(seconds)))
    stage.play(5, things: walker)
    let last = stage.time - 1 / stage.rate
    stage.wait(8)
    let end = try #require(stage.events("object", .end).first)
    #expect(end.event.reason == .signalLost)
    #expect(abs(end.event.lastSeen - last) < 0.01)
    let loss = try #require(stage.events("signal_lost", .begin).first)
    #expect(abs(loss.time - last - Double(seconds)) < 0.05)
    #expect(abs(loss.event.since - last) < 0.01)
    #expect(stage.events("motion", .end).map(\.event.reason) == [.signalLost])
    for (time, tick) in stage.ticks where time > last {
      #expect((tick.scene.state == .signalLost) == (time - last > Double(seconds) - 0.001))
      #expect(tick.objects.allSatisfy { $0.seen == .predicted || time - last < 0.02 })
      if time - last > Double(seconds) { #expect(tick.objects.isEmpty) }
    }
    #expect(stage.events("signal_lost").count == 1)
  }

  @Test("that comes back ends the loss with its first frame, and who is there then has another id")
  func back() throws {
    let stage = Stage()
    stage.play(5, things: walker)
    stage.wait(6)
    let first = stage.time
    stage.play(4, things: walker)
    let loss = stage.events("signal_lost")
    #expect(loss.map(\.event.phase) == [.begin, .end])
    #expect(Set(loss.map(\.event.id)).count == 1)
    #expect(loss.last?.time == first && loss.last?.event.reason == .condition)
    #expect(stage.ticks.filter { $0.time >= first }.allSatisfy { $0.tick.scene.state == .ok })
    let ids = stage.events("object", .begin).flatMap(\.event.objects)
    #expect(ids.count == 2 && Set(ids).count == 2)
  }

  @Test("isn't lost by frames in which nothing changed")
  func skipped() {
    let stage = Stage()
    stage.play(3) { _ in [] }
    for _ in 0..<300 { stage.see(nil) }
    #expect(stage.told.isEmpty)
    #expect(stage.ticks.allSatisfy { $0.tick.scene.state == .ok })
  }

  @Test("isn't lost by frames that come late, and later and later")
  func late() {
    let stage = Stage()
    stage.play(5, things: walker)
    stage.lag = { ($0 - 5) / 2 }
    stage.play(10) { walker(5 + ($0 - 5) / 2) }
    #expect(stage.events("signal_lost").isEmpty)
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).isEmpty)
    // Five seconds late at last, it says that this isn't what is seen now.
    let after = stage.ticks.filter { $0.time > 5.5 }.flatMap(\.tick.objects)
    #expect(!after.isEmpty)
    #expect(after.allSatisfy { $0.seen == .predicted })
    stage.wait(3)
    #expect(stage.events("signal_lost", .begin).count == 1)
  }

  @Test("that never came is lost all the same, with a scene of which nothing is known")
  func never() {
    let stage = Stage()
    stage.wait(5)
    #expect(stage.events("signal_lost", .begin).count == 1)
    #expect(stage.ticks.first?.tick.scene == .starting)
    let last = stage.ticks.last?.tick.scene
    #expect(last?.state == .signalLost && last?.luma == nil && last?.mode == nil)
  }

  @Test("lost for less leaves objects their ids", arguments: [0.2, 0.5])
  func hiccup(seconds: Double) {
    let stage = Stage()
    stage.play(5, things: walker)
    stage.wait(seconds)
    stage.play(3, things: walker)
    #expect(stage.events("object", .begin).count == 1)
    #expect(stage.events("object", .end).isEmpty)
  }
}
