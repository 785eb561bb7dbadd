import Base

/// Something that a model found, by the number of its class; what lines get of it is a `Detection`.
package struct ClassDetection: Sendable, Hashable {
  /// 0…1 of the region that was looked at, cut at its edges.
  package var box: Rect
  /// Index among the labels.
  package var label: Int
  /// 0…1.
  package var score: Double

  package init(box: Rect, label: Int, score: Double) {
    self.box = box
    self.label = label
    self.score = score
  }
}

/// What was found in one region of a frame.
package struct RegionDetections: Sendable, Hashable {
  /// The part of the upright frame that was looked at, 0…1: the region asked for, in whole pixels.
  package var region: Rect
  /// By score, the best first.
  package var detections: [ClassDetection]

  package init(region: Rect, detections: [ClassDetection]) {
    self.region = region
    self.detections = detections
  }

  /// The box of a detection, 0…1 of the upright frame.
  package func boxInFrame(_ detection: ClassDetection) -> Rect {
    let box = detection.box
    return Rect(
      x: region.x + box.x * region.width, y: region.y + box.y * region.height,
      width: box.width * region.width, height: box.height * region.height)
  }
}

/// A box as a model gives it: corners in pixels of its input.
package struct Candidate: Sendable, Hashable {
  package var left: Float
  package var top: Float
  package var right: Float
  package var bottom: Float
  package var label: Int
  package var score: Float

  package init(left: Float, top: Float, right: Float, bottom: Float, label: Int, score: Float) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
    self.label = label
    self.score = score
  }

  package init(centreX: Float, centreY: Float, width: Float, height: Float, label: Int, score: Float) {
    self.init(
      left: centreX - width / 2, top: centreY - height / 2, right: centreX + width / 2,
      bottom: centreY + height / 2, label: label, score: score)
  }

  var area: Float { (right - left) * (bottom - top) }

  /// Intersection over union.
  func overlap(_ other: Candidate) -> Float {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0 else { return 0 }
    return width * height / (area + other.area - width * height)
  }

  /// A box with an inside, in numbers.
  package var isSound: Bool {
    left.isFinite && top.isFinite && right.isFinite && bottom.isFinite && right > left && bottom > top
  }
}
