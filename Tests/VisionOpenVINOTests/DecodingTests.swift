import Base
import Glibc
import TestKit
import Testing
import VisionOpenVINO

/// An output of a model, row by row.
struct Output {
  var name = "output"
  var shape: [Int]
  var values: [Float]
}

/// Decodes outputs as a model of 128 × 64 pixels gave them.
func decode(_ manifest: String, _ outputs: [Output], inputs: Int = 1) throws -> [Candidate] {
  let manifest = try DetectorManifest(manifest, at: "/m/a.json")
  let interface = ModelInterface(
    inputs: [.init("images", [1, 3, 64, 128])] + (inputs > 1 ? [.init("sizes", [1, 2])] : []),
    outputs: outputs.map { .init($0.name, $0.shape) })
  let layout = try #require(manifest.layout)
  let decoder = try DetectionDecoder(layout, manifest, interface, width: 128, height: 64, path: "/m/a.onnx")
  return views(outputs[...]) { decoder.candidates($0) }
}

private func views<R>(_ outputs: ArraySlice<Output>, _ seen: [TensorView] = [], _ body: ([TensorView]) -> R)
  -> R
{
  guard let first = outputs.first else { return body(seen) }
  return first.values.withUnsafeBufferPointer {
    views(outputs.dropFirst(), seen + [TensorView(shape: first.shape, values: $0)], body)
  }
}

func logit(_ p: Float) -> Float { logf(p / (1 - p)) }

@Suite("Boxes of a detector")
struct DecodingTests {
  private func expect(_ found: [Candidate], _ wanted: [Candidate], _ place: SourceLocation = #_sourceLocation)
  {
    #expect(found.count == wanted.count, sourceLocation: place)
    for (a, b) in zip(found, wanted) {
      #expect(a.label == b.label, sourceLocation: place)
      for (x, y) in [
        (a.left, b.left), (a.top, b.top), (a.right, b.right), (a.bottom, b.bottom), (a.score, b.score),
      ] {
        #expect(abs(x - y) < 1e-4, "\(a) and \(b)", sourceLocation: place)
      }
    }
  }

  private let one = Candidate(left: 20, top: 10, right: 60, bottom: 30, label: 1, score: 0.8)
  private let two = Candidate(left: 70, top: 20, right: 90, bottom: 60, label: 0, score: 0.5)

  @Test func `of YOLOv5 score by their class and by whether there is anything`() throws {
    let rows: [Float] =
      [40, 20, 40, 20, 0.9, 0.1, 0.8 / 0.9] + [80, 40, 20, 40, 0.5, 1, 0]
      + [1, 1, 9, 9, 0.2, 1, 1]
    try expect(
      decode(#"{"layout": "yolov5"}"#, [Output(shape: [1, 3, 7], values: rows)]), [one, two])
  }

  @Test func `of YOLOv8 come channel by channel or row by row`() throws {
    let rows: [[Float]] = [
      [40, 20, 40, 20, 0.1, 0.8], [80, 40, 20, 40, 0.5, 0.4], [9, 9, 3, 3, 0.1, 0.2], [9, 9, 3, 3, 0, 0],
      [9, 9, 3, 3, 0, 0], [9, 9, 3, 3, 0, 0], [9, 9, 3, 3, 0, 0],
    ]
    let turned = (0..<6).flatMap { channel in rows.map { $0[channel] } }
    try expect(
      decode(#"{"layout": "yolov8"}"#, [Output(shape: [1, 6, 7], values: turned)]), [one, two])
    try expect(
      decode(#"{"layout": "yolov8"}"#, [Output(shape: [1, 7, 6], values: rows.flatMap(\.self))]), [one, two])
  }

  @Test(arguments: ["sigmoid", "softmax"])
  func `of YOLOv8 that gives logits are the same either way they come`(_ activation: String) throws {
    var random = SplitMix(state: 7)
    let rows = (0..<40).map { _ in
      (0..<4).map { _ in Float.random(in: 5...60, using: &random) }
        + (0..<5).map { _ in Float.random(in: -4...4, using: &random) }
    }
    let turned = (0..<9).flatMap { channel in rows.map { $0[channel] } }
    let manifest = #"{"layout": "yolov8", "activation": "\#(activation)", "class_offset": 1}"#
    let a = try decode(manifest, [Output(shape: [1, 9, 40], values: turned)])
    let b = try decode(manifest, [Output(shape: [1, 40, 9], values: rows.flatMap(\.self))])
    #expect(!a.isEmpty)
    expect(a, b)
    #expect(a.allSatisfy { (0..<4).contains($0.label) && $0.score <= 1 })
  }

  @Test func `of YOLOv10 come as corners, with nothing to suppress`() throws {
    let rows: [Float] = [
      20, 10, 60, 30, 0.8, 1, 21, 10, 60, 30, 0.7, 1, 70, 20, 90, 60, 0.5, 0, 0, 0, 0, 0, 0, 0,
    ]
    var near = one
    (near.left, near.score) = (21, 0.7)
    try expect(
      decode(#"{"layout": "yolov10"}"#, [Output(shape: [1, 4, 6], values: rows)]), [one, near, two])
  }

  @Test func `of YOLOX are told by cell, or in pixels`() throws {
    // Cells of 8, 16 and 32 pixels: 16 × 8, 8 × 4, 4 × 2.
    var rows = [Float](repeating: 0, count: 168 * 7)
    func set(_ index: Int, _ values: [Float]) {
      for (i, v) in values.enumerated() { rows[index * 7 + i] = v }
    }
    // (40,20) lies half a cell behind the third column of the second row of 16 pixels, a quarter below its top.
    set(128 + 8 + 2, [0.5, 0.25, logf(40.0 / 16), logf(20.0 / 16), 1, 0, 0.8])
    set(160 + 4 + 2, [0.5, 0.25, logf(20.0 / 32), logf(40.0 / 32), 1, 0.5, 0])
    try expect(decode(#"{"layout": "yolox"}"#, [Output(shape: [1, 168, 7], values: rows)]), [one, two])
    set(128 + 8 + 2, [40, 20, 40, 20])
    set(160 + 4 + 2, [80, 40, 20, 40])
    try expect(
      decode(#"{"layout": "yolox-decoded"}"#, [Output(shape: [1, 168, 7], values: rows)]), [one, two])
  }

  @Test func `of DETR's kind are shares, and logits beside them`() throws {
    let boxes = Output(
      name: "dets", shape: [1, 2, 4],
      values: [80 / 128, 40 / 64, 20 / 128, 40 / 64, 40 / 128, 20 / 64, 40 / 128, 20 / 64])
    let classes = Output(
      name: "labels", shape: [1, 2, 3], values: [9, logit(0.5), logit(0.1), 9, logit(0.1), logit(0.8)])
    try expect(decode(#"{"layout": "rf-detr", "class_offset": 1}"#, [boxes, classes]), [one, two])
    // Two classes of which one has all: e^a / (e^a + e^b).
    let soft = Output(name: "labels", shape: [1, 2, 3], values: [9, 0, 0, 9, 0, logf(4)])
    try expect(
      decode(#"{"layout": "rf-detr", "class_offset": 1, "activation": "softmax"}"#, [boxes, soft]),
      [one, two])
  }

  @Test func `of D-FINE come in any order of the outputs, also with four classes`() throws {
    let boxes = Output(name: "pred_boxes", shape: [1, 1, 4], values: [40 / 128, 20 / 64, 40 / 128, 20 / 64])
    let classes = Output(name: "logits", shape: [1, 1, 4], values: [-9, logit(0.8), -9, -9])
    try expect(decode(#"{"layout": "d-fine"}"#, [classes, boxes]), [one])
    try expect(decode(#"{"layout": "d-fine"}"#, [boxes, classes]), [one])
  }

  @Test func `of D-FINE as its authors export it come with their labels`() throws {
    let outputs = [
      Output(name: "scores", shape: [1, 2], values: [0.5, 0.8]),
      Output(name: "labels", shape: [1, 2], values: [0, 1]),
      Output(name: "boxes", shape: [1, 2, 4], values: [70, 20, 90, 60, 20, 10, 60, 30]),
    ]
    try expect(decode(#"{"layout": "d-fine-decoded"}"#, outputs, inputs: 2), [one, two])
  }

  @Test func `of SSD end where the picture is below 0`() throws {
    let rows: [[Float]] = [
      [0, 2, 0.8, 20 / 128, 10 / 64, 60 / 128, 30 / 64], [0, 1, 0.5, 70 / 128, 20 / 64, 90 / 128, 60 / 64],
      [0, 0, 0.9, 0, 0, 1, 1], [-1, 1, 0.9, 0, 0, 1, 1], [0, 1, 0.9, 0, 0, 1, 1],
    ]
    // Class 0 is the background here.
    try expect(
      decode(
        #"{"layout": "ssd", "class_offset": 1}"#, [Output(shape: [1, 1, 5, 7], values: rows.flatMap(\.self))]),
      [one, two])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `that are no numbers are left out`(_ odd: Float) throws {
    for column in 0..<6 {
      var row: [Float] = [20, 10, 60, 30, 0.8, 1]
      row[column] = odd
      let found = try decode(#"{"layout": "yolov10"}"#, [Output(shape: [1, 1, 6], values: row)])
      #expect(found.allSatisfy { column == 4 && odd == .infinity && $0.isSound })
      var turned: [Float] = [40, 20, 40, 20, 0.8, 0.1]
      turned[column] = odd
      let padded = turned.flatMap { [$0] + [Float](repeating: 0, count: 6) }
      let rows = try decode(#"{"layout": "yolov8"}"#, [Output(shape: [1, 6, 7], values: padded)])
      #expect(rows.allSatisfy { $0.isSound })
    }
  }

  @Test func `without any candidate are none`() throws {
    #expect(try decode(#"{"layout": "yolov10"}"#, [Output(shape: [1, 0, 6], values: [])]).isEmpty)
    #expect(try decode(#"{"layout": "ssd"}"#, [Output(shape: [1, 1, 0, 7], values: [])]).isEmpty)
  }
}

@Suite("Suppression")
struct SuppressionTests {
  private func box(_ left: Float, _ score: Float, label: Int = 0) -> Candidate {
    Candidate(left: left, top: 0, right: left + 10, bottom: 10, label: label, score: score)
  }

  @Test func `keeps the best of what overlaps, class by class`() {
    let kept = Suppression.keepBest(
      [box(0, 0.5), box(1, 0.9), box(2, 0.6), box(1, 0.4, label: 1), box(30, 0.3)], overlap: 0.5)
    #expect(kept == [box(1, 0.9), box(1, 0.4, label: 1), box(30, 0.3)])
  }

  @Test func `compares only with what was kept`() {
    // The second is covered by the first and would have covered the third.
    let kept = Suppression.keepBest([box(0, 0.9), box(3, 0.8), box(6, 0.7)], overlap: 0.5)
    #expect(kept == [box(0, 0.9), box(6, 0.7)])
  }

  @Test func `keeps an overlap of just the limit`() {
    // 5 of 15.
    #expect(Suppression.keepBest([box(0, 0.9), box(5, 0.8)], overlap: 1.0 / 3).count == 2)
    #expect(Suppression.keepBest([box(0, 0.9), box(5, 0.8)], overlap: 0.33).count == 1)
  }

  @Test func `takes the best when there are too many, and the earlier of equals`() {
    let many = (0..<3000).map { box(Float($0) * 20, $0 < 1500 ? 0.5 : 0.6) }
    let kept = Suppression.keepBest(many, overlap: 0.5)
    #expect(kept.count == Suppression.most)
    #expect(kept == Array(many[1500..<2500]))
  }
}
