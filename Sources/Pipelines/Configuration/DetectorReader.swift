import Base
import Vision
import Yams

/// Reads the `detector` key: a model's file, or a mapping with `model` and how it is used. Whether the model can be had is
/// found out when it is loaded.
struct DetectorReader {
  private let draft: Draft
  private let document: Document
  private let values: Values

  static let keys = ["model", "engine", "device", "threads", "preprocessing", "looks", "whole", "score"]

  init(_ reader: PipelineReader) {
    draft = reader.draft
    document = reader.document
    values = reader.values
  }

  /// Nil, with a fault noted, without a model.
  func detector(_ entry: Section.Entry) -> DetectorSetting? {
    guard case .mapping = entry.value else { return path(entry).map { DetectorSetting(model: $0) } }
    let section = Section(
      entry.value, keys: Self.keys, elsewhere: PipelineReader.places(outside: "under `detector`"),
      document: document, draft: draft)
    guard let model = section["model"] else {
      draft.fault(
        at: entry.key, "`detector` has no `model`",
        advice: "add `model:` with an ONNX file or an OpenVINO .xml")
      return nil
    }
    guard let path = path(model) else { return nil }
    var detector = DetectorSetting(model: path)
    detector.engine = section["engine"].flatMap { self.path($0) }
    if let entry = section["device"] {
      detector.device = values.text(entry, takes: "a device's name, such as `CPU`") ?? detector.device
    }
    if let entry = section["threads"] { detector.threads = values.whole(entry, 1...64) ?? detector.threads }
    if let entry = section["preprocessing"] {
      detector.preprocessing = values.choice(entry) ?? detector.preprocessing
    }
    if let entry = section["looks"] { looks(entry, &detector.fovea) }
    if let entry = section["whole"] {
      detector.fovea.wholeEvery =
        values.duration(entry, .milliseconds(100) ... .seconds(3600)) ?? detector.fovea.wholeEvery
    }
    if let entry = section["score"] {
      detector.fovea.leastScore = values.number(entry, 0...1) ?? detector.fovea.leastScore
    }
    return detector
  }

  private func looks(_ entry: Section.Entry, _ fovea: inout FovealConfiguration) {
    let what = "how often it may look, such as `4 1/s`"
    guard let (value, _) = values.quantity(entry, takes: what, units: ["1/s"]) else { return }
    guard (0.1...120).contains(value) else {
      draft.fault(at: entry.value, "`looks` takes 0.1 1/s to 120 1/s")
      return
    }
    fovea.looksPerSecond = value
  }

  private func path(_ entry: Section.Entry) -> String? {
    guard let text = values.text(entry, takes: "a path") else { return nil }
    return text.hasPrefix("/") ? text : draft.folder + text
  }
}
