import Base

/// A thing of a kind that a detector knows, where it saw one.
package struct Detection: Sendable, Hashable {
  /// 0…1 of the upright picture.
  package var box: Rect
  package var label: String
  /// 0…1, as the model gives it.
  package var score: Double

  package init(box: Rect, label: String, score: Double) {
    self.box = box
    self.label = label
    self.score = score
  }
}

/// A place that is looked at sharply, and why.
package struct Fixation: Sendable, Hashable {
  package enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The picture as a whole: at the start, after everything changed, and now and then.
    case whole
    /// Nothing is known yet of what is there.
    case new
    /// It doesn't look as it did: it grew, shrank, or came out of a crowd.
    case changed
    /// What was said of it so far is little, or contradicts itself.
    case doubtful
    /// Known well enough; looked at again now and then.
    case again
  }

  /// 0…1 of the upright picture.
  package var region: Rect
  package var reason: Reason

  package init(region: Rect, reason: Reason) {
    self.region = region
    self.reason = reason
  }

  package static let whole = Fixation(region: Rect(x: 0, y: 0, width: 1, height: 1), reason: .whole)
}

/// What a detector is asked about one frame: one input of the model, whole or packed from several places.
package struct FovealRequest: Sendable, Hashable {
  /// Counts from 1; answers bear it.
  package var number: Int
  /// Of the frame.
  package var time: MediaTime
  /// Either the whole picture, or up to `Fovea.tiles` places.
  package var fixations: [Fixation]

  package init(number: Int, time: MediaTime, fixations: [Fixation]) {
    self.number = number
    self.time = time
    self.fixations = fixations
  }
}

/// What came of a request. Each request gets one answer, sooner or later.
package struct FovealAnswer: Sendable {
  package var request: FovealRequest
  /// Nil when nothing was looked at: the detector failed, or had no time.
  package var detections: [Detection]?

  package init(_ request: FovealRequest, _ detections: [Detection]?) {
    self.request = request
    self.detections = detections
  }
}
