import Base
import Events
import Media
import TestKit
import Vision

/// A detector that knows the truth of its clip: it sees what shows by half and is large enough, where it looks.
package final class TruthDetector: FovealEncoder {
  package let name = "truth"
  private let frames: [FrameTruth]
  private let note: @Sendable () -> Void

  /// - Parameter note: Called at each look, which is one input of a model.
  package init(_ frames: [FrameTruth], _ note: @escaping @Sendable () -> Void = {}) {
    self.frames = frames
    self.note = note
  }

  package func look(
    at frame: consuming VideoFrame, _ request: FovealRequest,
    _ answer: @escaping @Sendable (Result<[Detection], Fault>) -> Void
  ) {
    note()
    let seen = Self.detections(in: FrameTruth.nearest(to: request.time.seconds, in: frames)).filter { found in
      request.fixations.contains { $0.region.intersection(found.box) > 0.7 * found.box.area }
    }
    answer(.success(seen))
  }

  /// What a look at the whole of a frame sees.
  package static func detections(in truth: FrameTruth?) -> [Detection] {
    (truth?.objects ?? []).filter {
      $0.visible >= 0.5 && $0.box.height >= 0.05 && $0.contrast >= TrackScorer.leastContrast
    }.map { Detection(box: $0.box, label: $0.kind, score: 0.5 + 0.4 * $0.visible) }
  }
}

/// When each thing of the truth was first found by detections of every frame: in three frames in a row, as one proves
/// nothing.
package struct EveryFrame: Sendable {
  package struct Found: Sendable, Hashable {
    /// Seconds of the clip.
    package var time: Double
    package var label: String
  }

  /// By the truth's id.
  package private(set) var found: [Int: Found] = [:]
  private var rows: [Int: Int] = [:]

  private static let inARow = 3
  private static let alike = 0.5

  package init() {}

  package static func ofTruth(_ frames: [FrameTruth]) -> EveryFrame {
    var every = EveryFrame()
    for frame in frames { every.take(TruthDetector.detections(in: frame), frame) }
    return every
  }

  package mutating func take(_ detections: [Detection], _ truth: FrameTruth) {
    for object in truth.objects {
      let isSeen = detections.contains {
        $0.label == object.kind && $0.box.overlap(object.box) >= Self.alike
      }
      rows[object.id] = isSeen ? rows[object.id, default: 0] + 1 : 0
      if rows[object.id] == Self.inARow, found[object.id] == nil {
        found[object.id] = Found(time: truth.time, label: object.kind)
      }
    }
  }
}

extension FrameTruth {
  /// Of frames in the order of their times.
  package static func nearest(to time: Double, in frames: [FrameTruth]) -> FrameTruth? {
    var (low, high) = (0, frames.count)
    while low < high {
      let middle = (low + high) / 2
      if frames[middle].time < time { low = middle + 1 } else { high = middle }
    }
    return frames[max(0, low - 1)..<min(frames.count, low + 1)].min {
      abs($0.time - time) < abs($1.time - time)
    }
  }

  /// Media time of the first record, from `start` on, that says what a thing is where it is; nil when none does.
  package static func told(
    _ id: Int, _ label: String, by records: [FrameRecord], from start: Double = 0, _ frames: [FrameTruth]
  ) -> Double? {
    records.first { record in
      record.mediaTime >= start
        && nearest(to: record.mediaTime, in: frames)?.isTold(id, label, record) ?? false
    }?.mediaTime
  }

  private func isTold(_ id: Int, _ label: String, _ record: FrameRecord) -> Bool {
    guard let thing = objects.first(where: { $0.id == id && $0.kind == label }) else { return false }
    return record.objects.contains {
      let box = Rect(x: $0.box.x, y: $0.box.y, width: $0.box.width, height: $0.box.height)
      return $0.label == label && box.overlap(thing.box) >= TrackScorer.overlap
    }
  }
}
