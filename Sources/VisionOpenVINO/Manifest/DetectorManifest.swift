import Base

/// What a file beside a model says of it: `model.json` beside `model.onnx` or `model.xml`. Every key may be left
/// out; what can be told from the model's shapes is told from them.
package struct DetectorManifest: Sendable, Hashable {
  package var layout: DetectorLayout?
  /// Width and height in pixels.
  package var input: Size?
  package var fit: DetectorFit?
  package var channels: ChannelOrder?
  /// Three values each, or none.
  package var mean: [Float]?
  package var scale: [Float]?
  package var activation: Activation?
  package var hasObjectness: Bool?
  /// Classes of the model that come before the first label.
  package var classOffset = 0
  /// Empty where nobody names them.
  package var labels: [String] = []
  /// What scores less isn't told, 0…1.
  package var score = DetectorManifest.usualScore
  /// Of two boxes of a class that overlap more (intersection over union), the better one is kept.
  package var overlap = DetectorManifest.usualOverlap

  package struct Size: Sendable, Hashable {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// What Ultralytics' and YOLOX's own tools take when nothing is said.
  package static let usualScore = 0.25
  package static let usualOverlap = 0.5
  /// Sides of an input, in pixels: below, no grid of 32 pixels has a cell; above, one inference takes seconds.
  package static let sides = 32...4096
  /// Names that a manifest or a labels file may give.
  static let mostLabels = 10_000

  package init() {}

  /// Reads the manifest of a model; without one, an empty manifest.
  ///
  /// - Throws: `configuration`, naming file and key, where it is wrong; `noInput` where its labels file is missing.
  package init(beside model: String) throws(Fault) {
    let path = Self.path(beside: model)
    guard let text = try TextFile.readIfThere(path, limit: LabelFile.longest, code: .configuration) else {
      self.init()
      return
    }
    try self.init(text, at: path)
  }

  /// `model.json` for `model.onnx`.
  package static func path(beside model: String) -> String {
    let name = model.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return model + ".json" }
    return String(model[..<dot]) + ".json"
  }

  /// - Parameter path: Of the manifest: a labels file lies relative to its folder.
  package init(_ text: String, at path: String) throws(Fault) {
    self.init()
    var reader = try ManifestReader(text, at: path)
    layout = try reader.word("layout")
    input = try reader.size("input", Self.sides)
    fit = try reader.word("fit")
    channels = try reader.word("channels")
    mean = try reader.channels("mean")
    scale = try reader.channels("scale", isPositive: true)
    activation = try reader.word("activation")
    hasObjectness = try reader.flag("objectness")
    classOffset = try reader.whole("class_offset", 0...1000) ?? 0
    labels = try reader.labels("labels", atMost: Self.mostLabels) ?? []
    score = try reader.share("score") ?? Self.usualScore
    overlap = try reader.share("iou") ?? Self.usualOverlap
    try reader.refuseOthers()
  }

  /// How the model wants its picture.
  package func preparation(for layout: DetectorLayout) -> DetectorPreparation {
    var result = DetectorPreparation(layout)
    if let fit { result.fit = fit }
    if let channels { result.channels = channels }
    if let mean { result.mean = mean }
    if let scale { result.scale = scale }
    if let activation { result.activation = activation }
    if let hasObjectness { result.hasObjectness = hasObjectness }
    return result
  }
}
