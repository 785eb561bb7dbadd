import Base
import TestKit
import Testing
import VisionOpenVINO

@Suite("A detector's manifest")
struct ManifestTests {
  private func read(_ text: String) throws(Fault) -> DetectorManifest {
    try DetectorManifest(text, at: "/models/a.json")
  }

  @Test(
    "lies beside the model",
    arguments: [
      ("/m/yolo.onnx", "/m/yolo.json"), ("yolo.v2.xml", "yolo.v2.json"), ("/m.d/yolo", "/m.d/yolo.json"),
      ("/m/.hidden", "/m/.hidden.json"),
    ])
  func place(_ model: String, _ manifest: String) {
    #expect(DetectorManifest.path(beside: model) == manifest)
  }

  @Test func `may be missing, and then says nothing`() throws {
    let folder = Scratch()
    #expect(try DetectorManifest(beside: folder.file("a.onnx")) == DetectorManifest())
  }

  @Test func `says how the model wants its picture and what it gives`() throws {
    let manifest = try read(
      """
      {"layout": "rf-detr", "input": [384, 256], "fit": "letterbox", "channels": "bgr", "mean": [1, 2.5, 3],
       "scale": 255, "activation": "softmax", "class_offset": 1, "labels": ["person", "cat"], "score": 0.4,
       "iou": 0.6}
      """)
    #expect(manifest.layout == .rfDETR)
    #expect(manifest.input == DetectorManifest.Size(width: 384, height: 256))
    #expect(manifest.classOffset == 1)
    #expect(manifest.labels == ["person", "cat"])
    #expect(manifest.score == 0.4)
    #expect(manifest.overlap == 0.6)
    let preparation = manifest.preparation(for: .rfDETR)
    #expect(preparation.fit == .letterbox)
    #expect(preparation.channels == .bgr)
    #expect(preparation.mean == [1, 2.5, 3])
    #expect(preparation.scale == [255, 255, 255])
    #expect(preparation.activation == .softmax)
    #expect(!preparation.hasObjectness)
  }

  @Test func `leaves what it doesn't say to the layout`() throws {
    let empty = try read("{}")
    #expect(empty.preparation(for: .yolov8).scale == [255, 255, 255])
    #expect(empty.preparation(for: .yolox).channels == .bgr)
    #expect(empty.preparation(for: .rfDETR).activation == .sigmoid)
    #expect(empty.preparation(for: .yolov5).hasObjectness)
    #expect(empty.score == DetectorManifest.usualScore)
  }

  @Test(
    "that is wrong is refused with its file, its key and what it takes",
    arguments: [
      (#"{"layout": "yolov9"}"#, "`layout`", "did you mean `yolov"),
      (#"{"layout": 8}"#, "`layout`", "`yolov8`"),
      (#"{"lables": ["a"]}"#, "unknown key `lables`", "did you mean `labels`?"),
      (#"{"input": [640]}"#, "`input`", "[640, 384]"),
      (#"{"input": [640, 16]}"#, "`input`", "from 32 to 4096"),
      (#"{"scale": 0}"#, "`scale`", "above 0"),
      (#"{"mean": [1, 2]}"#, "`mean`", "or three"),
      (#"{"score": 1.5}"#, "`score`", "from 0 to 1"),
      (#"{"iou": "high"}"#, "`iou`", "from 0 to 1"),
      (#"{"objectness": 1}"#, "`objectness`", "true or false"),
      (#"{"class_offset": -1}"#, "`class_offset`", "whole number"),
      (#"{"labels": []}"#, "`labels`", "these are 0"),
      (#"{"labels": ["a", 1]}"#, "`labels`", "in quotes"),
      (#"{"labels": 3}"#, "`labels`", "one a line"),
      (#"{"fit": "crop"}"#, "`fit`", "`letterbox`, `stretch`"),
      ("[1]", "the manifest isn't a JSON object", "detectors.md"),
      (#"{"score": 0.5"#, "the manifest isn't a JSON object", "detectors.md"),
    ])
  func wrong(_ text: String, _ what: String, _ more: String) {
    let fault = #expect(throws: Fault.self) { try read(text) }
    #expect(fault?.code == .configuration)
    #expect(fault?.description.hasPrefix("/models/a.json: ") == true)
    #expect(fault?.description.contains(what) == true)
    #expect(fault?.description.contains(more) == true)
  }

  @Test func `may name a file of labels in its own folder`() throws {
    let folder = Scratch()
    try folder.write("person\r\nstop sign\n\n", to: "coco.txt")
    try folder.write(#"{"labels": "coco.txt"}"#, to: "a.json")
    #expect(try DetectorManifest(beside: folder.file("a.onnx")).labels == ["person", "stop sign"])
  }

  @Test func `is refused where its file of labels is missing or has a hole`() throws {
    let folder = Scratch()
    try folder.write(#"{"labels": "none.txt"}"#, to: "a.json")
    var fault = #expect(throws: Fault.self) { try DetectorManifest(beside: folder.file("a.onnx")) }
    #expect(fault?.code == .noInput)
    #expect(fault?.place == folder.file("none.txt"))
    try folder.write("person\n\ncat\n", to: "none.txt")
    fault = #expect(throws: Fault.self) { try DetectorManifest(beside: folder.file("a.onnx")) }
    #expect(fault?.place == folder.file("none.txt") + ":2")
  }
}
