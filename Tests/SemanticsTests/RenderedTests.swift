import Base
import Events
import TestKit
import Testing

/// The whole line, from the decoder to the record, on scenes of which everything is known.
@Suite("rendered scenes", .serialized)
struct RenderedTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var seconds: Double
    /// Floors, a little below what is reached; they only ever go up.
    var recall: Double
    var precision: Double
    /// Events of objects that aren't there, at most.
    var falseEvents: Int
    var testDescription: String { name }
  }

  @Test(
    "are reported as they are: who is there, where, and under one id",
    arguments: [
      Example(name: "base-lobby", seconds: 12, recall: 0.92, precision: 0.88, falseEvents: 4),
      Example(name: "base-plaza", seconds: 12, recall: 0.92, precision: 0.9, falseEvents: 1),
      Example(name: "base-street", seconds: 12, recall: 0.95, precision: 0.95, falseEvents: 1),
      Example(name: "crossings-hall", seconds: 14, recall: 0.89, precision: 0.95, falseEvents: 1),
    ])
  func scored(example: Example) throws {
    let scene = try #require(Catalogue.scene(example.name, seed: 1))
    let score = try Clip(scene, seconds: example.seconds).score
    #expect(score.objects >= 2 && score.required > 200)
    #expect(score.recall >= example.recall)
    #expect(score.precision >= example.precision)
    #expect(score.neverKnown == 0)
    #expect(score.falseEvents <= example.falseEvents)
    #expect(score.switches <= 3)
  }

  @Test(
    "without anybody begin no object, in any weather",
    arguments: ["rain-empty", "clouds-empty", "snow-empty"])
  func empty(name: String) throws {
    let scene = try #require(Catalogue.scene(name, seed: 1))
    let clip = try Clip(scene, seconds: 10)
    #expect(clip.records.count >= 299)
    #expect(clip.events.filter { $0.event.kind == "object" }.isEmpty)
    #expect(clip.records.allSatisfy { $0.objects.isEmpty && $0.scene.state == .ok })
  }

  @Test(
    "take who stands there from the first frame on for background, and its place for none once it leaves"
  )
  func latent() throws {
    let place = Place(.lobby)
    var scene = Scene("latent", seed: 5, place: place, seconds: 14)
    var traffic = Traffic(place, seed: 5)
    var path = Path(from: 500, 420, at: -1, in: place.perspective)
    path.wait(7)
    path.walk(to: -120, 420, pace: 1.6)
    scene.actors = [Actor(traffic.person(), path)]
    let clip = try Clip(scene, seconds: 14)
    let gone = try #require(clip.frames.last { !$0.objects.isEmpty }?.time)
    #expect(gone < 12)
    let objects = clip.events.filter { $0.event.kind == "object" }
    #expect(objects.filter { $0.mediaTime < 6 }.isEmpty)
    #expect(objects.contains { $0.event.phase == .begin })
    #expect(clip.records.filter { $0.mediaTime > gone + 1 }.allSatisfy { $0.objects.isEmpty })
    #expect(clip.score.recall > 0.8)
  }

  @Test(
    "of a camera with a trouble tell it", arguments: ["health-frozen-empty", "health-covered-hand-empty"])
  func health(name: String) throws {
    let scene = try #require(Catalogue.scene(name, seed: 1))
    let clip = try Clip(scene, seconds: 16)
    let score = clip.score
    #expect(
      score.health.due == 1 && score.health.found == 1 && score.health.wrong == 0, "\(score.health.notes)")
    #expect(clip.events.filter { $0.event.kind == "object" }.isEmpty)
  }
}
