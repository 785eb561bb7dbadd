import Base

/// Makes detections of a model's outputs. A value: pure, for any thread.
package struct DetectionDecoder: Sendable {
  package let layout: DetectorLayout
  let width: Float
  let height: Float
  let score: Float
  let overlap: Float
  let activation: Activation
  let hasObjectness: Bool
  /// Classes before the first label.
  let offset: Int
  /// Which output has what.
  let roles: OutputRoles
  /// Of YOLOX.
  private let cells: GridCells

  /// - Parameters:
  ///   - width: Of the model's input, in pixels; `height` likewise.
  ///   - path: Of the model, for messages.
  /// - Throws: `configuration` with the shapes found and those expected, where the outputs don't fit the layout.
  package init(
    _ layout: DetectorLayout, _ manifest: DetectorManifest, _ interface: ModelInterface, width: Int,
    height: Int, path: String
  ) throws(Fault) {
    self.layout = layout
    self.width = Float(width)
    self.height = Float(height)
    score = Float(manifest.score)
    overlap = Float(manifest.overlap)
    let preparation = manifest.preparation(for: layout)
    activation = preparation.activation
    hasObjectness = preparation.hasObjectness
    offset = manifest.classOffset
    roles = try OutputRoles(layout, interface, path: path)
    cells = GridCells(width: layout == .yolox ? width : 0, height: height)
    try LayoutCheck.check(layout, manifest, interface, width: width, height: height, path: path)
  }

  /// Boxes above the score threshold, in pixels of the input, suppressed where the layout needs it; by score.
  ///
  /// - Parameter outputs: All outputs of one inference, in the model's order.
  package func candidates(_ outputs: [TensorView]) -> [Candidate] {
    var found: [Candidate] = []
    let add = { (candidate: Candidate) in if candidate.isSound { found.append(candidate) } }
    let main = outputs[roles.boxes]
    switch layout {
    case .yolov5: rowed(main, add) { box, _ in box }
    case .yolox: rowed(main, add) { box, index in cells.decode(box, at: index) }
    case .yoloxDecoded: rowed(main, add) { box, _ in box }
    case .yolov8: gridded(main, add)
    case .yolov10: suppressed(main, add)
    case .rfDETR, .dFINE: queried(main, outputs[roles.scores], add)
    case .dFINEDecoded: decoded(main, outputs[roles.scores], outputs[roles.labels], add)
    case .ssd: listed(main, add)
    }
    return layout.needsSuppression
      ? Suppression.keepBest(found, overlap: overlap) : Suppression.ranked(found)
  }

  /// The same, each in the region where its centre lies.
  ///
  /// - Parameter placements: At least one.
  package func detections(_ outputs: [TensorView], in placements: [Placement]) -> [RegionDetections] {
    var results = placements.map { RegionDetections(region: $0.region, detections: []) }
    for candidate in candidates(outputs) {
      let distances = placements.map { $0.distance(candidate) }
      // Safety: there is at least one placement.
      let nearest = distances.indices.min { distances[$0] < distances[$1] }!
      guard let box = placements[nearest].box(candidate) else { continue }
      results[nearest].detections.append(
        ClassDetection(box: box, label: candidate.label, score: Double(candidate.score)))
    }
    return results
  }
}

/// Which output has the boxes, scores and labels.
struct OutputRoles: Sendable, Hashable {
  var boxes = 0
  var scores = 0
  var labels = 0

  init(_ layout: DetectorLayout, _ interface: ModelInterface, path: String) throws(Fault) {
    let outputs = interface.outputs
    let wanted: Int
    switch layout {
    case .rfDETR, .dFINE:
      wanted = 2
      // Where there are as many classes as a box has numbers, the names tell.
      let named = outputs.firstIndex { $0.name.lowercased().contains("box") || $0.name == "dets" }
      if outputs.count == 2, let boxes = named ?? outputs.firstIndex(where: \.isBoxes) {
        self.boxes = boxes
        scores = 1 - boxes
        return
      }
    case .dFINEDecoded:
      wanted = 3
      let flat = outputs.indices.filter { outputs[$0].shape.count == 2 }
      if outputs.count == 3, flat.count == 2, let boxes = outputs.firstIndex(where: \.isBoxes),
        let labels = flat.first(where: { outputs[$0].name.lowercased().contains("label") })
      {
        self.boxes = boxes
        self.labels = labels
        scores = 3 - boxes - labels
        return
      }
    default:
      wanted = 1
      if outputs.count == 1 { return }
    }
    throw Fault(
      .configuration, "the model isn't of the layout `\(layout.rawValue)`: \(interface.text)", at: path,
      cause: outputs.count == wanted
        ? "expected \(layout.expectation)"
        : "it has \(outputs.count) outputs, expected \(layout.expectation)")
  }
}
