import Base
import Media

/// A stream's way to a detector that it shares with others: frames go in from the analysis thread, answers come back
/// on the device's thread.
package final class DetectorLane: @unchecked Sendable {
  // Safety: detector and scaler are used only by the queue's one thread, in the looks that it runs; `lanes`
  // takes the detector from whoever made it.
  private let detector: Detector
  private let scaler: PartScaler
  private let queue: DetectorQueue
  private let lane: DetectorQueue.Lane
  private let clocks: any Clocks
  /// Of the detector, as it stands in records.
  package let name: String
  /// What a label of the detector is called.
  let labels: @Sendable (Int) -> String

  /// Lanes for all streams that share a detector.
  ///
  /// - Parameters:
  ///   - detector: Handed over: from now on only the queue's thread uses it.
  ///   - streams: Their names, and what nobody may see of each.
  package static func lanes(
    of detector: sending Detector, on queue: DetectorQueue, streams: [(name: String, masks: [Polygon])],
    clocks: any Clocks
  ) -> [DetectorLane] {
    let shared = detector
    return streams.map { DetectorLane(shared, queue, $0.name, $0.masks, clocks) }
  }

  private init(
    _ detector: Detector, _ queue: DetectorQueue, _ stream: String, _ masks: [Polygon], _ clocks: any Clocks
  ) {
    self.detector = detector
    self.queue = queue
    self.clocks = clocks
    name = detector.name
    let names = detector.labels
    labels = { Detector.label($0, among: names) }
    scaler = PartScaler(masks: masks)
    lane = queue.join(stream)
  }

  deinit { queue.leave(lane) }

  package var stream: String { lane.stream }
  /// Frames that were handed in but not looked at, as a newer one came before their turn.
  package var dropped: UInt64 { lane.dropped.value }
  /// Frames that were looked at.
  package var looked: UInt64 { lane.done.value }
  /// Those of them that shared an inference with another stream's.
  package var joined: UInt64 { lane.joined.value }

  /// Hands in a frame, to be looked at as a whole or in parts. Returns at once.
  ///
  /// - Parameters:
  ///   - frame: A reference to the decoder's pixels (`VideoFrame.copy`), of which none are copied here. At most
  ///     two of a stream are held: one that waits, one that is looked at.
  ///   - regions: As `Detector.detect` takes them.
  ///   - answer: Called on the device's thread, which it must not block. Not called for a frame that is dropped.
  package func look(
    at frame: consuming VideoFrame, in regions: [Rect] = [],
    _ answer: @escaping @Sendable (Result<DetectorAnswer, Fault>) -> Void
  ) {
    queue.submit(lane, DetectorLook(frame, regions, detector, scaler, clocks, answer))
  }
}

/// What a detector saw in a frame.
package struct DetectorAnswer: Sendable {
  /// Of the frame that was looked at.
  package var info: FrameInfo
  /// One for each region that was asked for, or one for the whole frame.
  package var parts: [RegionDetections]
  /// From the beginning of its turn to the answer: scaling, the model, decoding.
  package var took: Nanoseconds

  package init(info: FrameInfo, parts: [RegionDetections], took: Nanoseconds) {
    self.info = info
    self.parts = parts
    self.took = took
  }
}
