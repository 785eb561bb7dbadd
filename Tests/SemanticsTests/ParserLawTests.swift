import Base
import Conditions
import Events
import Semantics
import TestKit
import Testing
import Vision

/// What holds whatever is seen.
@Suite("the parser, whatever it sees")
struct ParserLawTests {
  private static let seeds = Array(1...24 as ClosedRange<UInt64>)

  /// Twenty seconds in which things come, wander, stop and go, pictures fail and frames are missing.
  private static func play(seed: UInt64) -> Stage {
    var random = SceneRandom(seed: seed)
    let half = Polygon([Point(x: 0.4, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0.4, y: 1)])
    let stage = Stage(rate: random.pick([10, 15, 25, 30]), zones: [Zone(name: "right", polygon: half)])
    var actors: [(thing: Stage.Thing, vx: Double, vy: Double)] = []
    let frames = Int(20 * stage.rate)
    while stage.frame < frames {
      if random.chance(1.5 / stage.rate) && actors.count < 9 {
        let fromLeft = random.chance(0.5)
        actors.append(
          (
            Stage.Thing(
              x: fromLeft ? -0.1 : 1, y: random.between(-0.2, 0.9), width: random.between(0.005, 0.2),
              height: random.between(0.01, 0.4), shade: random.whole(0, 7)),
            random.between(0.02, 0.6) * (fromLeft ? 1 : -1), random.between(-0.2, 0.2)
          ))
        actors[actors.count - 1].thing.litness = random.pick([0, 0, 0, 0.3, 0.9])
        actors[actors.count - 1].thing.contrast = random.between(0.5, 8)
      }
      for i in actors.indices {
        if random.chance(0.02) { actors[i].vx = random.between(-0.4, 0.4) * (random.chance(0.3) ? 0 : 1) }
        if random.chance(0.02) { actors[i].vy = random.between(-0.3, 0.3) }
        actors[i].thing.box.x += actors[i].vx / stage.rate
        actors[i].thing.box.y += actors[i].vy / stage.rate
      }
      actors.removeAll { _ in random.chance(0.1 / stage.rate) }
      var m = Stage.calm
      if random.chance(0.01) { m.isUpset = true }
      if random.chance(0.003) { m.isRelearnt = true }
      if random.chance(0.1) { m.change = 0 }
      if (100..<130).contains(stage.frame) {
        m.luma = 0.01
        m.darkShare = 1
      }
      if random.chance(0.002) {
        stage.wait(random.between(0.1, 4))
      } else {
        stage.see(random.chance(0.05) ? nil : stage.observation(actors.map(\.thing), m))
      }
    }
    stage.finish()
    return stage
  }

  @Test("says the same to the same", arguments: seeds.prefix(6))
  func deterministic(seed: UInt64) {
    let (one, two) = (Self.play(seed: seed), Self.play(seed: seed))
    #expect(one.told.map(\.event) == two.told.map(\.event))
    #expect(one.ticks.map(\.tick.objects) == two.ticks.map(\.tick.objects))
    #expect(one.ticks.map(\.tick.scene) == two.ticks.map(\.tick.scene))
  }

  @Test("ends what it began, once, and changes only what is open", arguments: seeds)
  func lives(seed: UInt64) {
    let stage = Self.play(seed: seed)
    #expect(!stage.events("object").isEmpty)
    var open: [String: Event] = [:]
    var seen = Set<String>()
    for event in stage.told.map(\.event) {
      switch event.phase {
      case .begin, .point:
        #expect(seen.insert(event.id).inserted)
        if event.phase == .begin { open[event.id] = event }
      case .update:
        #expect(open[event.id]?.kind == event.kind && !event.changed.isEmpty)
      case .end:
        #expect(event.reason != nil)
        let begun = open.removeValue(forKey: event.id)
        #expect(begun?.kind == event.kind && begun?.objects == event.objects && begun?.since == event.since)
      }
      #expect((event.reason != nil) == (event.phase == .end))
      #expect(event.changed.isEmpty == (event.phase != .update))
      #expect((event.mergedInto != nil) == (event.reason == .merged))
      if let into = event.mergedInto { #expect(open[into] != nil) }
    }
    #expect(open.isEmpty)
  }

  @Test("numbers its events in order, and tells those of a tick by their ids", arguments: seeds)
  func order(seed: UInt64) {
    let stage = Self.play(seed: seed)
    let begun = stage.told.map(\.event).filter { $0.phase == .begin || $0.phase == .point }.map(\.id)
    #expect(zip(begun, begun.dropFirst()).allSatisfy { $0 < $1 })
    #expect(begun.allSatisfy { $0.hasPrefix("lobby-k3f9-") && $0.count == 17 })
    for (_, tick) in stage.ticks {
      #expect(zip(tick.events, tick.events.dropFirst()).allSatisfy { $0.id <= $1.id })
    }
  }

  @Test("keeps boxes in the picture, scores and times in their ranges", arguments: seeds)
  func ranges(seed: UInt64) {
    let stage = Self.play(seed: seed)
    for (time, tick) in stage.ticks {
      #expect(Set(tick.objects.map(\.id)).count == tick.objects.count)
      for o in tick.objects {
        #expect(o.box.x >= 0 && o.box.y >= 0 && o.box.width > 0 && o.box.height > 0)
        #expect(o.box.x + o.box.width <= 1 + 1e-9 && o.box.y + o.box.height <= 1 + 1e-9)
        #expect(o.score > 0 && o.score <= 1)
        #expect(o.age >= 0 && o.age <= time + 1e-9 && o.still >= 0 && o.still <= time + 1e-9)
        #expect(o.velocityX.isFinite && o.velocityY.isFinite)
      }
    }
    for (time, event) in stage.told.map({ ($0.time, $0.event) }) {
      #expect(event.since <= event.lastSeen + 1e-9 && event.lastSeen <= time + 1e-9)
      #expect(event.score >= 0 && event.score <= 1)
    }
  }

  @Test("lists an object only between its begin and its end", arguments: seeds)
  func listed(seed: UInt64) {
    let stage = Self.play(seed: seed)
    var open = Set<UInt64>()
    for (_, tick) in stage.ticks {
      for event in tick.events where event.kind == "object" {
        if event.phase == .begin { open.formUnion(event.objects) }
        if event.phase == .end { open.subtract(event.objects) }
      }
      #expect(open.isSuperset(of: tick.objects.map(\.id)))
    }
  }
}
