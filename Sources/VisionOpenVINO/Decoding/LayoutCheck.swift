import Base

/// Whether a model's outputs are those of the layout that the manifest says or the shapes told.
enum LayoutCheck {
  /// - Throws: `configuration` with the shapes found and those expected.
  static func check(
    _ layout: DetectorLayout, _ manifest: DetectorManifest, _ interface: ModelInterface, width: Int,
    height: Int, path: String
  ) throws(Fault) {
    guard let wrong = trouble(layout, manifest, interface, width, height) else { return }
    throw Fault(
      .configuration, "the model isn't of the layout `\(layout.rawValue)`: \(interface.text)", at: path,
      cause: wrong,
      advice: "check `layout`, `labels` and `class_offset` in \(DetectorManifest.path(beside: path))")
  }

  private static func trouble(
    _ layout: DetectorLayout, _ manifest: DetectorManifest, _ interface: ModelInterface, _ width: Int,
    _ height: Int
  ) -> String? {
    let shapes = interface.outputs.map(\.shape)
    let expected = "expected \(layout.expectation)"
    if manifest.hasObjectness == true, !layout.mayHaveObjectness { return "this layout has no objectness" }
    if manifest.activation == .softmax, !layout.givesAllScores {
      return "`softmax` needs the scores of all classes"
    }
    switch layout {
    case .yolov5, .yolov8, .yolox, .yoloxDecoded:
      guard shapes[0].count == 3, shapes[0][0] == 1 || shapes[0][0] == nil, let second = shapes[0][1],
        let third = shapes[0][2]
      else { return expected }
      let isTurned = layout == .yolov8 && second < third
      let head = manifest.preparation(for: layout).hasObjectness ? 5 : 4
      let classes = (isTurned ? second : third) - head
      if layout == .yolox {
        let cells = LayoutGuess.cells(width, height)[0]
        if second != cells { return expected + ", here N = \(cells) for an input of \(width)x\(height)" }
      }
      return classCount(classes, manifest, expected)
    case .yolov10: return shapes[0].count == 3 && shapes[0][2] == 6 ? nil : expected
    case .ssd: return shapes[0].count >= 2 && shapes[0].last == 7 ? nil : expected
    case .rfDETR, .dFINE:
      guard let boxes = shapes.first(where: { $0.count == 3 && $0[2] == 4 }),
        shapes.allSatisfy({ $0.count == 3 })
      else { return expected }
      let other = shapes.first { $0 != boxes } ?? boxes
      guard other[1] == boxes[1] else { return expected + " with one N" }
      guard let classes = other[2] else { return nil }
      return classCount(classes, manifest, expected)
    case .dFINEDecoded:
      return interface.inputs.count == 2
        ? nil : expected + " and a second input [1,2] for width and height"
    }
  }

  /// Labels beyond the model's classes can't be meant; classes without a label may be (RF-DETR's sparse numbers).
  private static func classCount(_ classes: Int, _ manifest: DetectorManifest, _ expected: String) -> String?
  {
    if classes < 1 { return expected }
    let named = classes - manifest.classOffset
    if named < 1 { return "it has \(classes) classes, and `class_offset` leaves none" }
    if manifest.labels.count > named {
      return "it has \(classes) classes, but there are \(manifest.labels.count) labels"
        + (manifest.classOffset > 0 ? " behind `class_offset`" : "")
    }
    return nil
  }
}
