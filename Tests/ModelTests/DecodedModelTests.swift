import Base
import Foundation
import Media
import TestKit
import Testing
import VisionOpenVINO

@Suite("A detector and frames as they are decoded", .enabled(if: Engine.isAsked, Engine.comment))
struct DecodedModelTests {
  private let folder = Scratch("decoded")
  /// Twice the models' size, but for what the letterbox adds.
  private let scene = Scene(
    width: 320, height: 160,
    things: [
      .init(x: 30, y: 20, width: 40, height: 44, label: 0),
      .init(x: 206, y: 72, width: 60, height: 56, label: 1),
    ])

  /// The scene in a form that decoders give, in a file that keeps every value.
  private func clip(_ format: String, _ scene: Scene) async throws -> String {
    let picture = folder.file("scene.ppm")
    try scene.write(to: picture)
    let path = folder.file(format + ".nut")
    let ffmpeg = try RunningCommand(
      "/usr/bin/ffmpeg",
      [
        "-nostdin", "-loglevel", "error", "-y", "-i", picture, "-vf",
        "scale=out_color_matrix=bt601:out_range=tv",
        "-pix_fmt", format, "-c:v", "rawvideo", "-colorspace", "smpte170m", "-color_range", "tv", path,
      ])
    let ended = await ffmpeg.end(within: 120)
    try #require(ended.code == 0, "\(ended.error)")
    return path
  }

  @Test(
    "finds the same when the graph prepares them as when swscale does",
    arguments: ["yuv420p", "nv12"], ["yolov8", "yolox", "rf-detr", "d-fine-decoded"])
  func same(_ format: String, _ model: String) async throws {
    let path = try await clip(format, scene)
    let (prepared, decoded) = (try Engine.detector(model), try Engine.detector(model))
    let planes: DecodedPlanes.Format = format == "nv12" ? .nv12 : .i420
    try decoded.compile(for: planes, width: 320, height: 160)
    try withFrame(path) { frame in
      #expect(frame.planeFormat == planes)
      let one = try prepared.detect(frame, PartScaler())
      let other = try decoded.detect(frame, PartScaler())
      #expect(one != other, "the graph wasn't used")
      for parts in [one, other] {
        try #require(parts.count == 1)
        for thing in scene.things {
          let boxes = parts[0].detections.filter { $0.label == thing.label }.map { parts[0].boxInFrame($0) }
          #expect(boxes.contains { scene.overlap(thing, $0) > 0.75 }, "\(thing) in \(parts[0].detections)")
        }
      }
      // The best box of each label, within a pixel of the model's input.
      for label in 0...1 {
        let a = try #require(one[0].detections.first { $0.label == label })
        let b = try #require(other[0].detections.first { $0.label == label })
        #expect(abs(a.score - b.score) < 0.1)
        for (x, y, size) in [
          (a.box.x, b.box.x, 160.0), (a.box.y, b.box.y, 96), (a.box.maxX, b.box.maxX, 160),
          (a.box.maxY, b.box.maxY, 96),
        ] {
          #expect(abs(x - y) * size < 1)
        }
      }
    }
  }

  @Test func `is compiled for the sizes that come, where the graph is to prepare them`() async throws {
    let manifest = try DetectorManifest(Engine.manifest("yolov8"), at: "yolov8.json")
    var options = Engine.options
    options.preprocessesInGraph = true
    let itself = try Detector(Engine.model("yolov8"), manifest, options, Engine.runtime())
    let told = try Engine.detector("yolov8")
    for (count, width) in [320, 640, 1280, 480].enumerated() {
      var scene = scene
      scene.width = width
      let path = try await clip("yuv420p", scene)
      if count < Detector.mostDecoded { try told.compile(for: .i420, width: width, height: 160) }
      // Beyond the most it is prepared before, as `told` does it.
      try withFrame(path) { frame in
        let (one, other) = (
          try itself.detect(frame, PartScaler()), try told.detect(frame, PartScaler())
        )
        #expect(one == other, "\(width)")
      }
    }
  }

  @Test func `takes rows with gaps between them`() async throws {
    // Decoders align their rows; 324 bytes aren't.
    var scene = scene
    scene.width = 324
    let path = try await clip("yuv420p", scene)
    let detector = try Engine.detector("yolov8")
    try detector.compile(for: .i420, width: 324, height: 160)
    try withFrame(path) { frame in
      let gaps = frame.withPlanes { $0.planes.contains { $0.bytesPerRow > $0.rowBytes } }
      let parts = try detector.detect(frame, PartScaler())
      for thing in scene.things {
        let boxes = parts[0].detections.filter { $0.label == thing.label }.map(\.box)
        #expect(boxes.contains { scene.overlap(thing, $0) > 0.75 }, "gaps: \(gaps ?? false)")
      }
    }
  }

  @Test func `prepares what has another form, something to hide, or regions`() async throws {
    let detector = try Engine.detector("yolov8")
    try detector.compile(for: .i420, width: 320, height: 160)
    let rest = Polygon([Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1), Point(x: 0, y: 1)])
    try withFrame(try await clip("yuv420p", scene)) { frame in
      let parts = try detector.detect(frame, PartScaler(masks: [rest]))
      #expect(!parts[0].detections.isEmpty)
      #expect(parts[0].detections.allSatisfy { $0.label == 1 })
      let half = Rect(x: 0, y: 0, width: 0.5, height: 1)
      let halves = try detector.detect(frame, in: [half], PartScaler())
      #expect(halves.first?.region == half)
    }
    try withFrame(try await clip("yuv422p", scene)) { frame in
      #expect(frame.planeFormat == nil)
      let parts = try detector.detect(frame, PartScaler())
      #expect(!parts[0].detections.isEmpty)
    }
  }

  @Test func `is compiled for a few sizes and no more`() throws {
    let detector = try Engine.detector("yolov8")
    for _ in 0..<2 {
      for width in [320, 640, 1280] { try detector.compile(for: .nv12, width: width, height: 360) }
    }
    let fault = #expect(throws: Fault.self) { try detector.compile(for: .i420, width: 320, height: 360) }
    #expect(fault?.code == .unavailable)
  }
}
