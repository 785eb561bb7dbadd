import Base
import Pipelines
import Testing

@Suite("The detector of a pipeline file")
struct DetectorConfigurationTests {
  private func read(_ detector: String) throws -> Pipeline {
    try PipelineFiles.read(
      "source: a.mp4\ndetector: \(detector)\n", path: "cams/lobby.yaml", environment: [:])
  }

  @Test("is a file, from the pipeline's folder on")
  func file() throws {
    let detector = try #require(try read("models/yolox-nano.v2.onnx").detector)
    #expect(detector == DetectorSetting(model: "cams/models/yolox-nano.v2.onnx"))
    #expect(detector.fovea.encoder == "yolox-nano.v2")
    #expect(detector.device == "CPU" && detector.threads == 1 && detector.preprocessing == .swscale)
    #expect(try read("/models/a.xml").detector?.model == "/models/a.xml")
  }

  @Test("may be told how it is used")
  func all() throws {
    let detector = try #require(
      try read(
        "{model: a.onnx, engine: ov, device: GPU, threads: 2, preprocessing: graph, looks: 30 1/s, whole: 2 s, score: 0.6}"
      ).detector)
    #expect(detector.engine == "cams/ov" && detector.device == "GPU" && detector.threads == 2)
    #expect(detector.preprocessing == .graph)
    #expect(detector.fovea.looksPerSecond == 30 && detector.fovea.wholeEvery == .seconds(2))
    #expect(detector.fovea.leastScore == 0.6 && detector.fovea.encoder == "a")
  }

  static let faults: [(String, String, String?)] = [
    ("{threads: 2}", "2:1: `detector` has no `model`", "`model:`"),
    ("[a.onnx]", "2:11: `detector` takes a path", nil),
    ("{model: a.onnx, modle: b}", "2:27: unknown key `modle`", "`model`"),
    ("{model: a.onnx, threads: 0}", "2:36: `threads` takes a whole number from 1 to 64", nil),
    ("{model: a.onnx, preprocessing: grpah}", "2:42: `preprocessing` takes one of", "`graph`"),
    ("{model: a.onnx, looks: 4}", "2:34: `looks` takes", "1/s"),
    ("{model: a.onnx, looks: 0 1/s}", "2:34: `looks` takes 0.1 1/s to 120 1/s", nil),
    ("{model: a.onnx, whole: 1 ms}", "2:34: `whole` takes", nil),
    ("{model: a.onnx, score: 40}", "2:34: `score` takes a number from 0 to 1", nil),
  ]

  @Test("is refused where it is wrong", arguments: faults)
  func wrong(_ given: (String, String, String?)) {
    expectOneFault(given) { try read($0) }
  }
}
