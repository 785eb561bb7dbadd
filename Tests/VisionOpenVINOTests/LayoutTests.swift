import Base
import Testing
import VisionOpenVINO

/// Shapes as exporters write them, for an input of 640 × 640 unless it says otherwise.
private func interface(_ outputs: [(String, [Int?])], inputs: Int = 1) -> ModelInterface {
  ModelInterface(
    inputs: [.init("images", [1, 3, 640, 640])]
      + (inputs > 1 ? [.init("orig_target_sizes", [1, 2])] : []),
    outputs: outputs.map { .init($0.0, $0.1) })
}

@Suite("The layout of a detector")
struct LayoutTests {
  private func guess(_ interface: ModelInterface, labels: Int = 0) throws(Fault) -> DetectorLayout {
    try LayoutGuess.layout(of: interface, width: 640, height: 640, labels: labels, path: "/m/a.onnx")
  }

  @Test(
    "is told from the shapes of its output",
    arguments: [
      ([1, 25200, 85], 0, .yolov5), ([1, 25200, 6], 0, .yolov5), ([1, 84, 8400], 0, .yolov8),
      ([1, 5, 8400], 0, .yolov8), ([1, 84, 8500], 0, .yolov8), ([1, 84, 34000], 0, .yolov8),
      ([1, 8400, 84], 80, .yolov8), ([1, 300, 6], 0, .yolov10), ([1, nil, 6], 0, .yolov10),
      ([1, 1, 200, 7], 0, .ssd), ([1, 1, nil, 7], 0, .ssd),
    ] as [([Int?], Int, DetectorLayout)])
  func told(_ shape: [Int?], _ labels: Int, _ layout: DetectorLayout) throws {
    #expect(try guess(interface([("output0", shape)]), labels: labels) == layout)
  }

  @Test func `is told from the names of two outputs`() throws {
    let boxes: [Int?] = [1, 300, 4]
    #expect(try guess(interface([("dets", boxes), ("labels", [1, 300, 91])])) == .rfDETR)
    #expect(try guess(interface([("logits", [1, 300, 80]), ("pred_boxes", boxes)])) == .dFINE)
  }

  @Test func `is told from three outputs and a second input`() throws {
    let outputs: [(String, [Int?])] = [
      ("labels", [1, 300]), ("boxes", [1, 300, 4]), ("scores", [1, 300]),
    ]
    #expect(try guess(interface(outputs, inputs: 2)) == .dFINEDecoded)
  }

  @Test(
    "that can't be told is asked for, with the shapes that were found",
    arguments: [
      ([1, 8400, 85], 80, "`yolox` or `yolox-decoded`"), ([1, 8400, 85], 0, "`yolov8` or `yolox`"),
      ([1, 8400, 6], 0, "`yolov8`"),
    ] as [([Int], Int, String)])
  func ambiguous(_ shape: [Int], _ labels: Int, _ names: String) {
    let model = interface([("output", shape)])
    let fault = #expect(throws: Fault.self) { try guess(model, labels: labels) }
    #expect(fault?.code == .configuration)
    #expect(fault?.what.contains(model.text) == true)
    #expect(fault?.cause?.contains(names) == true)
    #expect(fault?.advice?.contains("/m/a.json") == true)
  }

  @Test(
    "that none has is refused with all that is known",
    arguments: [
      [("prob", [1, 1000])], [("output", [1, 84, 8399])],
      [("a", [1, 300, 5]), ("b", [1, 300, 80])], [],
    ] as [[(String, [Int?])]])
  func unknown(_ outputs: [(String, [Int?])]) {
    let model = interface(outputs)
    let fault = #expect(throws: Fault.self) { try guess(model) }
    #expect(fault?.what.contains(model.text) == true)
    for layout in DetectorLayout.allCases {
      #expect(fault?.cause?.contains(layout.expectation) == true)
    }
  }

  @Test(
    "that the manifest says but the model hasn't is refused with both",
    arguments: [
      (#"{"layout": "yolov10"}"#, [("output", [1, 84, 8400])], "[1,N,6]"),
      (#"{"layout": "yolov8"}"#, [("a", [1, 300, 4]), ("b", [1, 300, 80])], "2 outputs"),
      (#"{"layout": "d-fine"}"#, [("output", [1, 84, 8400])], "two outputs"),
      (#"{"layout": "ssd"}"#, [("output", [1, 300, 6])], "[1,1,N,7]"),
      (#"{"layout": "yolox"}"#, [("output", [1, 8399, 85])], "N = 8400"),
      (#"{"layout": "yolov8", "labels": ["a", "b"]}"#, [("output", [1, 5, 8400])], "1 classes"),
      (#"{"layout": "yolov8", "class_offset": 80}"#, [("output", [1, 84, 8400])], "leaves none"),
      (#"{"layout": "yolov8", "objectness": true}"#, [("output", [1, 84, 8400])], "no objectness"),
      (#"{"layout": "yolov10", "activation": "softmax"}"#, [("output", [1, 300, 6])], "`softmax`"),
      (
        #"{"layout": "d-fine-decoded"}"#, [("labels", [1, 9]), ("boxes", [1, 9, 4]), ("scores", [1, 9])],
        "second input"
      ),
    ] as [(String, [(String, [Int?])], String)])
  func mismatch(_ text: String, _ outputs: [(String, [Int?])], _ cause: String) throws {
    let manifest = try DetectorManifest(text, at: "/m/a.json")
    let model = interface(outputs)
    let layout = try #require(manifest.layout)
    let fault = #expect(throws: Fault.self) {
      try DetectionDecoder(layout, manifest, model, width: 640, height: 640, path: "/m/a.onnx")
    }
    #expect(fault?.code == .configuration)
    #expect(fault?.what.contains(model.text) == true)
    #expect(fault?.cause?.contains(cause) == true)
  }

  @Test(
    "takes its picture in either order of the channels",
    arguments: [
      ([1, 3, 384, 640], PictureOrder.planar, 640, 384), ([1, 384, 640, 3], .packed, 640, 384),
      ([nil, 3, nil, nil], .planar, nil, nil),
    ] as [([Int?], PictureOrder, Int?, Int?)])
  func picture(_ shape: [Int?], _ order: PictureOrder, _ width: Int?, _ height: Int?) throws {
    let picture = try #require(
      PictureInput(ModelInterface(inputs: [.init("images", shape)], outputs: [])))
    #expect(picture.order == order)
    #expect(picture.width == width)
    #expect(picture.height == height)
  }

  @Test(arguments: [[1, 1, 28, 28], [1, 512], [1, 3, 640]] as [[Int?]])
  func `without a picture of three channels is none`(_ shape: [Int?]) {
    #expect(PictureInput(ModelInterface(inputs: [.init("x", shape)], outputs: [])) == nil)
  }
}
