import Base
import Media

/// Looks of all detectors of a device.
package typealias DetectorQueue = DeviceQueue<DetectorLook>

/// A stream's look at a frame, as it waits for its turn.
package final class DetectorLook: DeviceWork, @unchecked Sendable {
  // Safety: made by one thread and handed to the queue, whose thread alone uses it from then on.
  let frame: VideoFrame
  let regions: [Rect]
  let scaler: PartScaler
  private let detector: Detector
  private let clocks: any Clocks
  private let answer: @Sendable (Result<DetectorAnswer, Fault>) -> Void

  init(
    _ frame: consuming VideoFrame, _ regions: [Rect], _ detector: Detector, _ scaler: PartScaler,
    _ clocks: any Clocks, _ answer: @escaping @Sendable (Result<DetectorAnswer, Fault>) -> Void
  ) {
    self.frame = frame
    self.regions = regions
    self.detector = detector
    self.scaler = scaler
    self.clocks = clocks
    self.answer = answer
  }

  /// Parts share a picture; a whole frame has one for itself.
  package func admits(_ other: DetectorLook, beside joined: [DetectorLook]) -> Bool {
    guard other.detector === detector, !regions.isEmpty, !other.regions.isEmpty else { return false }
    return joined.reduce(regions.count + other.regions.count) { $0 + $1.regions.count }
      <= Detector.mostJoined
  }

  package func run(with joined: [DetectorLook]) {
    let all = [self] + joined
    let start = clocks.monotonic()
    do throws(Fault) {
      let parts = try detector.detect(all)
      let took = clocks.monotonic() - start
      for (look, parts) in zip(all, parts) {
        look.answer(.success(DetectorAnswer(info: look.frame.info, parts: parts, took: took)))
      }
    } catch {
      if joined.isEmpty { return answer(.failure(error)) }
      // It may be one stream's frames that can't be had: the others don't suffer for it.
      for look in all { look.run(with: []) }
    }
  }
}
