import Base
import Foundation
import Media
import Synchronization
import TestKit
import Testing
import VisionOpenVINO

@Suite("A detector and parts of frames", .enabled(if: Engine.isAsked, Engine.comment))
struct RegionModelTests {
  private let folder = Scratch("regions")
  /// Large, so that its things are lost in a look at the whole.
  private let scene = Scene(
    width: 1280, height: 720,
    things: [
      .init(x: 100, y: 100, width: 36, height: 40, label: 0),
      .init(x: 700, y: 500, width: 50, height: 44, label: 1),
      .init(x: 1200, y: 30, width: 30, height: 30, label: 0),
      .init(x: 400, y: 640, width: 40, height: 50, label: 1),
    ])

  private func region(around thing: Scene.Thing, _ margin: Int) -> Rect {
    Rect(
      x: Double(thing.x - margin) / 1280, y: Double(thing.y - margin) / 720,
      width: Double(thing.width + 2 * margin) / 1280, height: Double(thing.height + 2 * margin) / 720)
  }

  private func path() throws -> String {
    let path = folder.file("scene.ppm")
    try scene.write(to: path)
    return path
  }

  @Test func `finds things in crops, where they are in the frame`() throws {
    let detector = try Engine.detector("yolov8")
    let scaler = PartScaler()
    try withFrame(try path()) { frame in
      for thing in scene.things {
        let parts = try detector.detect(frame, in: [region(around: thing, 30)], scaler)
        try #require(parts.count == 1)
        let best = try #require(parts[0].detections.first, "\(thing)")
        #expect(best.label == thing.label)
        #expect(scene.overlap(thing, parts[0].boxInFrame(best)) > 0.85)
      }
    }
  }

  @Test(arguments: ["yolov8", "d-fine"])
  func `finds things in tiles of one picture, each in its own region`(_ model: String) throws {
    let detector = try Engine.detector(model)
    let scaler = PartScaler()
    try withFrame(try path()) { frame in
      let regions = scene.things.map { region(around: $0, 20) }
      let parts = try detector.detect(frame, in: regions, scaler)
      try #require(parts.count == regions.count)
      for (part, thing) in zip(parts, scene.things) {
        let best = try #require(part.detections.first, "\(thing)")
        #expect(best.label == thing.label)
        #expect(scene.overlap(thing, part.boxInFrame(best)) > 0.7)
        #expect(part.detections.allSatisfy { $0.label == thing.label })
      }
    }
  }

  @Test func `sees nothing where a mask is`() throws {
    let detector = try Engine.detector("yolov8")
    let thing = scene.things[0]
    let hidden = region(around: thing, 4)
    let mask = Polygon([
      Point(x: hidden.x, y: hidden.y), Point(x: hidden.maxX, y: hidden.y),
      Point(x: hidden.maxX, y: hidden.maxY),
      Point(x: hidden.x, y: hidden.maxY),
    ])
    try withFrame(try path()) { frame in
      let regions = [region(around: thing, 20), region(around: scene.things[1], 20)]
      let parts = try detector.detect(frame, in: regions, PartScaler(masks: [mask]))
      #expect(parts[0].detections.isEmpty)
      #expect(!parts[1].detections.isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `is shared by streams that wait for it, in one inference, each with its own answers`() async throws {
    let path = try path()
    let queue = DetectorQueue(name: "CPU")
    let detector = try Engine.detector("yolov8")
    let answers = Monitor([String: [Int]]())
    let streams = ["a", "b", "c", "d"]
    let lanes = DetectorLane.lanes(
      of: detector, on: queue, streams: (["first"] + streams).map { ($0, []) }, clocks: SystemClocks())
    let gate = Monitor(false)
    try withFrame(path) { frame in
      // Until all have asked, the device is busy: with the whole picture, which nothing can share.
      lanes[0].look(at: frame.copy()) { _ in
        gate.withLock { isOpen, held in while !isOpen { held.wait(&isOpen) } }
      }
      for (lane, thing) in zip(lanes.dropFirst(), scene.things) {
        lane.look(at: frame.copy(), in: [region(around: thing, 30)]) { answer in
          let labels = (try? answer.get())?.parts.flatMap { $0.detections.map(\.label) } ?? [-1]
          answers.withLock { answers, held in
            answers[lane.stream] = labels
            held.wakeAll()
          }
        }
      }
    }
    gate.withLock { isOpen, held in
      isOpen = true
      held.wakeAll()
    }
    let all = await onThread {
      answers.withLock { answers, held in
        while answers.count < 4 { held.wait(&answers) }
        return answers
      }
    }
    #expect(await onThread { queue.close() })
    for (stream, thing) in zip(streams, scene.things) { #expect(all[stream]?.first == thing.label) }
    #expect(lanes.allSatisfy { $0.looked == 1 && $0.dropped == 0 })
    // One inference for the four.
    #expect(lanes.map(\.joined) == [0, 0, 1, 1, 1])
  }
}
