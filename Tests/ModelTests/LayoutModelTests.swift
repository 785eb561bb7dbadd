import Base
import Foundation
import Media
import TestKit
import Testing
import VisionOpenVINO

@Suite("A detector beside ONNX Runtime", .enabled(if: Engine.isAsked, Engine.comment))
struct LayoutModelTests {
  static let layouts: [(String, DetectorLayout)] = [
    ("yolov5", .yolov5), ("yolov8", .yolov8), ("yolov8-turned", .yolov8), ("yolov8-open", .yolov8),
    ("yolov10", .yolov10), ("yolox", .yolox), ("yolox-decoded", .yoloxDecoded), ("rf-detr", .rfDETR),
    ("d-fine", .dFINE), ("d-fine-decoded", .dFINEDecoded), ("ssd", .ssd),
  ]

  static let scenes = [
    // Of the model's own size.
    Scene(
      width: 160, height: 96,
      things: [
        .init(x: 20, y: 20, width: 18, height: 19, label: 0),
        .init(x: 100, y: 44, width: 37, height: 34, label: 1),
        .init(x: 140, y: 5, width: 12, height: 14, label: 0),
      ]),
    // To be scaled, into a letterbox with grey left and right where it isn't stretched.
    Scene(
      width: 320, height: 240,
      things: [
        .init(x: 40, y: 40, width: 46, height: 40, label: 0),
        .init(x: 200, y: 130, width: 60, height: 56, label: 1),
      ]),
    // Scaled up, grey above and below.
    Scene(
      width: 128, height: 48,
      things: [
        .init(x: 12, y: 10, width: 15, height: 16, label: 0),
        .init(x: 80, y: 12, width: 26, height: 25, label: 1),
      ]),
  ]

  private let folder = Scratch("models")

  @Test("finds the same, whatever the layout", arguments: scenes.indices)
  func same(_ scene: Int) async throws {
    let scene = Self.scenes[scene]
    let path = folder.file("scene.ppm")
    try scene.write(to: path)
    let expected = try await Reference.find(Self.layouts.map(\.0), in: path)
    for (name, layout) in Self.layouts {
      let detector = try Engine.detector(name)
      #expect(detector.layout == layout)
      #expect(detector.width == 160)
      #expect(detector.height == 96)
      var found: [RegionDetections] = []
      try withFrame(path) { frame in found = try detector.detect(frame, PartScaler()) }
      try #require(found.count == 1)
      #expect(found[0].region == Rect(x: 0, y: 0, width: 1, height: 1))
      try compare(name, found[0].detections, #require(expected[name]), scene)
      // And what is there to be found is.
      for thing in scene.things {
        let boxes = found[0].detections.filter { $0.label == thing.label }.map(\.box)
        #expect(
          boxes.contains { scene.overlap(thing, $0) > 0.75 }, "\(name): \(thing) in \(found[0].detections)")
      }
    }
  }

  private func compare(_ name: String, _ found: [ClassDetection], _ expected: [Reference], _ scene: Scene) {
    // Of a picture that isn't scaled. Otherwise swscale and NumPy round to 8 bits each in its own way.
    let tolerance = scene.width == 160 && scene.height == 96 ? 1e-3 : 3e-3
    #expect(found.count == expected.count, "\(name): \(found) and \(expected)")
    var rest = found
    for wanted in expected {
      let index = rest.firstIndex { detection in
        let box = detection.box
        let corners = [
          box.x * Double(scene.width), box.y * Double(scene.height), box.maxX * Double(scene.width),
          box.maxY * Double(scene.height),
        ]
        return detection.label == wanted.label && abs(detection.score - wanted.score) < tolerance
          && zip(corners, wanted.box).allSatisfy { abs($0 - $1) < 1 }
      }
      #expect(index != nil, "\(name): nothing like \(wanted) in \(rest)")
      if let index { rest.remove(at: index) }
    }
  }

  @Test func `has models that their script makes, byte for byte`() async throws {
    _ = try await Engine.python([Engine.models + "/make.py", folder.path])
    for (name, _) in Self.layouts {
      let made = try Data(contentsOf: URL(fileURLWithPath: folder.file(name + ".onnx")))
      let kept = try Data(contentsOf: URL(fileURLWithPath: Engine.model(name)))
      #expect(made == kept, "\(name)")
    }
  }
}
