/// How a detector gives its boxes. N candidates, C classes, input W × H pixels.
package enum DetectorLayout: String, Sendable, Hashable, CaseIterable {
  /// YOLOv5 to v7: [1,N,5+C]: centre and size in pixels, objectness, classes; three candidates a cell.
  case yolov5
  /// YOLOv8, 9, 11: [1,4+C,N] or [1,N,4+C]: centre and size in pixels, classes; one candidate a cell.
  case yolov8
  /// YOLOv10, YOLO26, without suppression: [1,N,6]: corners in pixels, score, class.
  case yolov10
  /// YOLOX as its authors export it: [1,N,5+C]: place in its cell, size as a logarithm, objectness, classes.
  case yolox
  /// YOLOX that decodes itself: the same in pixels.
  case yoloxDecoded = "yolox-decoded"
  /// RF-DETR: [1,N,4]: centre and size, 0…1; [1,N,C]: logits.
  case rfDETR = "rf-detr"
  /// D-FINE, RT-DETR and others of DETR's kind: the same, prepared otherwise.
  case dFINE = "d-fine"
  /// D-FINE as its authors export it: labels [1,N], boxes [1,N,4] with corners in pixels, scores [1,N].
  case dFINEDecoded = "d-fine-decoded"
  /// SSD: [1,1,N,7]: picture, class, score, corners 0…1; ends where the picture is below 0.
  case ssd

  /// Shapes of its outputs, for messages.
  package var expectation: String {
    switch self {
    case .yolov5: "one output [1,N,5+C]"
    case .yolov8: "one output [1,4+C,N] or [1,N,4+C]"
    case .yolov10: "one output [1,N,6]"
    case .yolox, .yoloxDecoded: "one output [1,N,5+C], N cells of 8, 16 and 32 pixels"
    case .rfDETR, .dFINE: "two outputs, [1,N,4] and [1,N,C]"
    case .dFINEDecoded: "three outputs: `labels` [1,N], `boxes` [1,N,4] and `scores` [1,N]"
    case .ssd: "one output [1,1,N,7]"
    }
  }

  /// Whether a value apart says how likely there is anything at all.
  var mayHaveObjectness: Bool { self == .yolov5 || self == .yolox || self == .yoloxDecoded }

  /// Whether one thing gets several boxes, of which the best is to be kept.
  var needsSuppression: Bool {
    switch self {
    case .yolov5, .yolov8, .yolox, .yoloxDecoded: true
    case .yolov10, .rfDETR, .dFINE, .dFINEDecoded, .ssd: false
    }
  }

  /// Whether it gives all classes' scores, not the best one's.
  var givesAllScores: Bool {
    switch self {
    case .yolov5, .yolov8, .yolox, .yoloxDecoded, .rfDETR, .dFINE: true
    case .yolov10, .dFINEDecoded, .ssd: false
    }
  }
}

/// How a picture that has another form than the input gets into it.
package enum DetectorFit: String, Sendable, Hashable, CaseIterable {
  /// Whole, in its own proportions, grey around it.
  case letterbox
  /// Pulled to the input's proportions.
  case stretch
}

package enum ChannelOrder: String, Sendable, Hashable, CaseIterable { case rgb, bgr }

/// What makes scores of a model's values.
package enum Activation: String, Sendable, Hashable, CaseIterable {
  /// They are scores.
  case none
  case sigmoid
  /// Over all classes from `class_offset` on.
  case softmax
}

/// How a model wants its picture, and what its values mean.
package struct DetectorPreparation: Sendable, Hashable {
  package var fit: DetectorFit
  package var channels: ChannelOrder
  /// Of 0…255, in the order of the channels; a value becomes (value - mean) / scale.
  package var mean: [Float]
  package var scale: [Float]
  package var activation: Activation
  package var hasObjectness: Bool

  /// As the authors of the layout train and export it; what differs stands in the manifest.
  package init(_ layout: DetectorLayout) {
    fit = .letterbox
    channels = .rgb
    mean = [0, 0, 0]
    scale = [255, 255, 255]
    activation = .none
    hasObjectness = layout.mayHaveObjectness
    switch layout {
    case .yolov5, .yolov8, .yolov10: break
    case .yolox, .yoloxDecoded:
      channels = .bgr
      scale = [1, 1, 1]
    case .rfDETR:
      fit = .stretch
      // The means and deviations of ImageNet's pixels (torchvision's documentation), times 255.
      mean = [123.675, 116.28, 103.53]
      scale = [58.395, 57.12, 57.375]
      activation = .sigmoid
    case .dFINE:
      fit = .stretch
      activation = .sigmoid
    case .dFINEDecoded: fit = .stretch
    case .ssd:
      fit = .stretch
      channels = .bgr
      scale = [1, 1, 1]
    }
  }
}
