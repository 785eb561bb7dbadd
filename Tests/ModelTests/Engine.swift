import Base
import Events
import Foundation
import Media
import TestKit
import Testing
import VisionOpenVINO

/// OpenVINO and ONNX Runtime as `make test-models` installed them. Its tests don't run without: the engines take a
/// download of 90 MB.
enum Engine {
  /// Has `openvino`, as `saccade setup` installs it, and `python` with packages; nil under `make test`.
  static let folder = ProcessInfo.processInfo.environment["SACCADE_MODEL_TESTS"]
  static let isAsked = folder != nil
  static let comment: Comment = "runs by `make test-models`, which installs OpenVINO and ONNX Runtime"

  private static let started = Result { () throws(Fault) in
    try OpenVINORuntime(OpenVINOSearch(path: (folder ?? "") + "/openvino", environment: [:]))
  }

  /// Throws what is wrong with the installation.
  static func runtime() throws(Fault) -> OpenVINORuntime { try started.get() }

  /// Beside this file's folder.
  static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Models").path

  static func model(_ name: String) -> String { "\(models)/\(name).onnx" }

  /// Exact numbers: without it, a processor with bf16 would round.
  static let options = DetectorOptions(threads: 1, precision: "f32")

  static func detector(_ name: String, _ manifest: String? = nil) throws(Fault) -> Detector {
    let manifest = try DetectorManifest(
      manifest ?? Self.manifest(name), at: "\(models)/\(name).json")
    return try Detector(model(name), manifest, options, runtime())
  }

  /// What the shapes of a model don't tell.
  static func manifest(_ name: String) -> String {
    switch name {
    case "yolov8-turned": #"{"labels": ["red", "blue"]}"#
    case "yolov8-open": #"{"input": [160, 96], "labels": ["red", "blue"]}"#
    case "yolox", "yolox-decoded": #"{"layout": "\#(name)", "labels": ["red", "blue"]}"#
    case "rf-detr": #"{"class_offset": 1, "labels": ["red", "blue"]}"#
    default: #"{"labels": ["red", "blue"]}"#
    }
  }

  /// What `saccade analyze` printed.
  static func records(_ output: String) throws -> (frames: [FrameRecord], events: [EventRecord]) {
    var all: (frames: [FrameRecord], events: [EventRecord]) = ([], [])
    for line in output.split(separator: "\n") {
      switch try RecordReader.read(line.utf8) {
      case .frame(let record): all.frames.append(record)
      case .event(let record): all.events.append(record)
      default: break
      }
    }
    return all
  }

  /// Runs a script of Tests/Models.
  static func python(_ arguments: [String]) async throws -> String {
    let folder = try #require(folder)
    let process = try RunningCommand(
      "/usr/bin/env", ["python3", "-B"] + arguments,
      environment: [
        "PYTHONPATH": folder + "/python",
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      ])
    let ended = await process.end(within: 300)
    try #require(ended.code == 0, "python3 \(arguments.joined(separator: " ")): \(ended.error)")
    return ended.output
  }
}

/// What ONNX Runtime found.
struct Reference: Decodable {
  var label: Int
  var score: Double
  /// Corners in pixels of the picture.
  var box: [Double]

  /// In one picture, by model.
  static func find(_ models: [String], in picture: String) async throws -> [String: [Reference]] {
    let text = try await Engine.python(
      [Engine.models + "/reference.py", picture] + models.map { Engine.model($0) })
    return try JSONDecoder().decode([String: [Reference]].self, from: Data(text.utf8))
  }
}

/// A picture with red and blue things on grey.
struct Scene {
  struct Thing {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// 0 red, 1 blue.
    var label: Int
  }

  var width: Int
  var height: Int
  var things: [Thing]

  /// Rows of red, green, blue. A thing gets brighter to the right and below, so that no two cells see the same.
  var pixels: [UInt8] {
    var pixels = [UInt8](repeating: 90, count: width * height * 3)
    for thing in things {
      for y in thing.y..<(thing.y + thing.height) {
        for x in thing.x..<(thing.x + thing.width) {
          let at = (y * width + x) * 3
          let shade = UInt8(200 + (x - thing.x) * 40 / thing.width + (y - thing.y) * 15 / thing.height)
          pixels[at] = thing.label == 0 ? shade : 20
          pixels[at + 1] = 20
          pixels[at + 2] = thing.label == 0 ? 30 : shade
        }
      }
    }
    return pixels
  }

  func write(to path: String) throws {
    try Data("P6\n\(width) \(height)\n255\n".utf8 + pixels).write(to: URL(fileURLWithPath: path))
  }

  /// Share of a thing's box that a box has in common with it.
  func overlap(_ thing: Thing, _ box: Rect) -> Double {
    Rect(
      x: Double(thing.x) / Double(width), y: Double(thing.y) / Double(height),
      width: Double(thing.width) / Double(width), height: Double(thing.height) / Double(height)
    ).overlap(box)
  }
}

/// Reads the first frame of a file.
func withFrame(_ path: String, _ body: (borrowing VideoFrame) throws -> Void) throws {
  let reader = FrameReader(SourceConfiguration(url: path), clocks: SystemClocks())
  var failure: (any Error)?
  var frames = 0
  _ = try reader.run(
    deliver: { frame in
      frames += 1
      do { try body(frame) } catch { failure = error }
      return false
    },
    changed: { _ in })
  if let failure { throw failure }
  try #require(frames == 1, "no frame in \(path)")
}
