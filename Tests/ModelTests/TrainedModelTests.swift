import Base
import Events
import Foundation
import Media
import ModelKit
import TestKit
import Testing
import VisionOpenVINO

/// The model that Tests/Models/train.py trained on rendered scenes, at scenes that it wasn't trained on.
@Suite("A trained detector", .enabled(if: Engine.isAsked, Engine.comment))
struct TrainedModelTests {
  private static let root = URL(fileURLWithPath: Engine.models).deletingLastPathComponent()
    .deletingLastPathComponent().path

  private static func sample(_ name: String) throws -> (clip: String, truth: [FrameTruth]) {
    let base = "\(root)/samples/\(name)"
    return (base + ".mp4", try TruthFile.read(base + ".truth.ndjson").frames)
  }

  @Test(arguments: ["crossing", "lobby"])
  func `finds most of what a picture shows, and little else`(_ name: String) throws {
    let (clip, truth) = try Self.sample(name)
    let detector = try Detector("\(Engine.models)/scenes.onnx", nil, Engine.options, Engine.runtime())
    let scaler = PartScaler()
    var (due, found, told, wrong, number) = (0, 0, 0, 0, 0)
    var failure: (any Error)?
    _ = try FrameReader(SourceConfiguration(url: clip), clocks: SystemClocks(), kind: .recording).run(
      deliver: { frame in
        number += 1
        guard number % 10 == 0, let seen = FrameTruth.nearest(to: frame.info.time.seconds, in: truth) else {
          return true
        }
        do {
          let part = try detector.detect(frame, scaler)[0]
          let boxes = part.detections.filter { $0.score >= 0.4 }.map {
            (detector.label($0.label), part.boxInFrame($0))
          }
          for thing in TruthDetector.detections(in: seen) where thing.box.height > 0.1 {
            due += 1
            found += boxes.contains { $0 == thing.label && $1.overlap(thing.box) > 0.5 } ? 1 : 0
          }
          told += boxes.count
          wrong += boxes.count { box in !seen.objects.contains { $0.box.overlap(box.1) > 0.2 } }
        } catch { failure = error }
        return failure == nil
      }, changed: { _ in })
    if let failure { throw failure }
    try #require(due > 50)
    #expect(Double(found) >= 0.95 * Double(due), "\(found) of \(due)")
    #expect(Double(wrong) <= 0.1 * Double(told), "\(wrong) of \(told)")
  }

  @Test func `names who walks through the picture, for a look in six frames at most`() async throws {
    let (clip, truth) = try Self.sample("crossing")
    let scratch = Scratch("trained")
    try """
    source: \(clip)
    detector: \(Engine.models)/scenes.onnx
    events:
      visitor: kind is person for 1 s
    """.write(toFile: scratch.file("a.yaml"), atomically: true, encoding: .utf8)
    let ended = try await RunningCommand(
      EngineCommandTests.saccade, ["analyze", "--pipeline", scratch.file("a.yaml")],
      environment: ["SACCADE_OPENVINO": try #require(Engine.folder) + "/openvino"]
    ).end(within: 120)
    #expect(ended.code == 0, "\(ended.error)")
    let (frames, events) = try Engine.records(ended.output)
    let visitors = events.count { $0.event.kind == "visitor" && $0.event.phase == .begin }
    let people = EveryFrame.ofTruth(truth).found.filter { $0.value.label == "person" }
    try #require(people.count > 1)
    let named = people.count { FrameTruth.told($0.key, "person", by: frames, truth) != nil }
    #expect(named == people.count)
    #expect(visitors == people.count)
    #expect(frames.count { $0.encoder.ran.contains("scenes") } * 6 <= frames.count)
  }
}
