import Base

/// Tells a layout from the shapes and names of a model's outputs.
///
/// Grid detectors betray themselves by the number of their candidates: one or three for each cell of 8, 16, 32
/// (and 4 or 64) pixels.
package enum LayoutGuess {
  /// - Parameters:
  ///   - path: Of the model, for messages.
  ///   - labels: How many names there are, which tells 4+C from 5+C; 0 for unknown.
  /// - Throws: `configuration` with the shapes found and what would do, where they fit no layout or several.
  package static func layout(
    of interface: ModelInterface, width: Int, height: Int, labels: Int, path: String
  ) throws(Fault) -> DetectorLayout {
    let outputs = interface.outputs
    switch outputs.count {
    case 1:
      let shape = outputs[0].shape
      if shape.count == 4, shape[1] == 1, shape[3] == 7 { return .ssd }
      if shape.count == 3 {
        let found = candidates(shape, width, height, labels)
        if found.count == 1 { return found[0] }
        if found.count > 1 { throw ambiguous(interface, found, path) }
      }
    case 2:
      if let boxes = outputs.firstIndex(where: { $0.isBoxes }), outputs[1 - boxes].shape.count == 3 {
        let names = outputs.map { $0.name.lowercased() }
        if names.contains("dets") { return .rfDETR }
        if names.contains("pred_boxes") || names.contains("logits") { return .dFINE }
        throw ambiguous(interface, [.rfDETR, .dFINE], path)
      }
    case 3:
      if outputs.contains(where: { $0.isBoxes }),
        outputs.filter({ $0.shape.count == 2 }).count == 2, interface.inputs.count == 2
      {
        return .dFINEDecoded
      }
    default: break
    }
    throw unknown(interface, path)
  }

  private static func candidates(
    _ shape: [Int?], _ width: Int, _ height: Int, _ labels: Int
  ) -> [DetectorLayout] {
    guard let second = shape[1], let third = shape[2] else {
      // Only what was suppressed inside has an open number.
      return shape[2] == 6 ? [.yolov10] : []
    }
    let cells = cells(width, height)
    let isGrid = { (count: Int) in cells.contains(count) || cells.contains { $0 * 3 == count } }
    // Channels first; fewer channels than candidates, or it would be the other way around.
    if cells.contains(third), second >= 5, second < third { return [.yolov8] }
    if cells.contains(where: { $0 * 3 == second }), third >= 6 { return [.yolov5] }
    if cells.contains(second), third >= 5 {
      if labels > 0, third == 4 + labels { return [.yolov8] }
      if labels > 0, third == 5 + labels { return [.yolox, .yoloxDecoded] }
      return [.yolov8, .yolox, .yoloxDecoded]
    }
    if third == 6, !isGrid(second) { return [.yolov10] }
    return []
  }

  /// How many cells there are, for the sets of cell sizes in use.
  static func cells(_ width: Int, _ height: Int) -> [Int] {
    [[8, 16, 32], [8, 16, 32, 64], [4, 8, 16, 32]].map { sizes in
      sizes.reduce(0) { $0 + (width / $1) * (height / $1) }
    }
  }

  private static func ambiguous(
    _ interface: ModelInterface, _ layouts: [DetectorLayout], _ path: String
  ) -> Fault {
    let names = layouts.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    return Fault(
      .configuration, "the model's shapes don't tell which layout it has: \(interface.text)", at: path,
      cause: "it may be \(names)",
      advice: "say which in \(DetectorManifest.path(beside: path)): {\"layout\": \"\(layouts[0].rawValue)\"}")
  }

  private static func unknown(_ interface: ModelInterface, _ path: String) -> Fault {
    let known = DetectorLayout.allCases.map { "\($0.rawValue): \($0.expectation)" }
    return Fault(
      .configuration, "the model's shapes are those of no known detector: \(interface.text)", at: path,
      cause: "expected " + known.joined(separator: "; "),
      advice:
        "if it is one of these, say so in \(DetectorManifest.path(beside: path)): {\"layout\": \"yolov8\"}")
  }
}

extension ModelInterface.Port {
  var isBoxes: Bool { shape.count == 3 && shape[2] == 4 }
}
