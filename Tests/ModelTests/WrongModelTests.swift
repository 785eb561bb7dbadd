import Base
import Foundation
import TestKit
import Testing
import VisionOpenVINO

@Suite("OpenVINO", .enabled(if: Engine.isAsked, Engine.comment))
struct WrongModelTests {
  private let folder = Scratch("wrong")

  @Test func `says its version and its devices`() throws {
    let runtime = try Engine.runtime()
    #expect(runtime.version.first?.isNumber == true)
    #expect(runtime.found.library.contains("libopenvino_c.so"))
    let devices = try runtime.devices()
    #expect(devices.contains { $0.name == "CPU" && !$0.fullName.isEmpty })
    try runtime.prove("CPU")
    let fault = #expect(throws: Fault.self) { try runtime.prove("GPU.7") }
    #expect(fault?.what.contains("GPU.7") == true)
  }

  @Test func `refuses what is no model, and a model that isn't there`() throws {
    let path = try folder.write("not a model", to: "a.onnx")
    var fault = #expect(throws: Fault.self) { try Detector(path, nil, Engine.options, Engine.runtime()) }
    #expect(fault?.code == .data)
    #expect(fault?.place == path)
    fault = #expect(throws: Fault.self) {
      try Detector(folder.file("b.onnx"), nil, Engine.options, Engine.runtime())
    }
    #expect(fault?.code == .noInput)
  }

  @Test(
    "refuses a manifest that the model doesn't fit, with the shapes",
    arguments: [
      ("yolov8", #"{"layout": "yolov10"}"#, "output0 [1,6,315]", "[1,N,6]"),
      ("yolox", "{}", "output [1,315,7]", "`yolox`"), ("yolov8-open", "{}", "[?,3,?,?]", "input"),
      ("yolov8", #"{"labels": ["a", "b", "c"]}"#, "output0 [1,6,315]", "3 labels"),
      ("d-fine", #"{"layout": "yolov8"}"#, "pred_boxes [1,315,4]", "2 outputs"),
    ])
  func mismatch(_ name: String, _ manifest: String, _ shapes: String, _ more: String) throws {
    let fault = #expect(throws: Fault.self) { try Engine.detector(name, manifest) }
    #expect(fault?.code == .configuration)
    #expect(fault?.description.contains(shapes) == true, "\(fault?.description ?? "")")
    #expect(fault?.description.contains(more) == true, "\(fault?.description ?? "")")
  }

  @Test func `refuses a device that isn't there`() throws {
    let fault = #expect(throws: Fault.self) {
      try Detector(
        Engine.model("yolov8"), DetectorManifest(), DetectorOptions(device: "GPU.7"), Engine.runtime())
    }
    #expect(fault?.what.contains("GPU.7") == true)
    #expect(fault?.cause?.isEmpty == false)
  }

  @Test func `takes the manifest beside the model`() throws {
    let path = folder.file("mine.onnx")
    try FileManager.default.copyItem(atPath: Engine.model("yolox"), toPath: path)
    try folder.write(#"{"layout": "yolox", "labels": "names.txt", "score": 0.9}"#, to: "mine.json")
    try folder.write("red\nblue\n", to: "names.txt")
    let detector = try Detector(path, nil, Engine.options, Engine.runtime())
    #expect(detector.name == "mine")
    #expect(detector.labels == ["red", "blue"])
    #expect(detector.label(1) == "blue")
    #expect(detector.label(2) == "class 2")
  }

  @Test func `takes an open model at any size that its manifest gives`() throws {
    for (width, height) in [(160, 96), (320, 192), (64, 64)] {
      let detector = try Engine.detector("yolov8-open", #"{"input": [\#(width), \#(height)]}"#)
      #expect(detector.width == width)
      #expect(detector.height == height)
    }
  }
}
