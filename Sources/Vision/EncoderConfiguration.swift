import Base
import Media

/// What the pipeline's `encoder` key sets.
package struct EncoderConfiguration: Sendable, Hashable {
  /// Side of the smallest object to report, as a share of the picture's height.
  package var minimumObject: Double
  /// The same in pixels of the decoded picture, where the pipeline says so: then `minimumObject` doesn't
  /// count.
  package var minimumObjectPixels: Int?
  /// 0…1; 0.5 suits most scenes. More finds fainter objects and more noise.
  package var sensitivity: Double
  /// Share of one core that analysing this stream may take before the gate leaves frames out; nil for no
  /// limit.
  package var budget: Double?
  /// Whether the gate may tell the decoder to leave out frames that no other frame needs while nothing
  /// moves.
  package var economy: Bool

  package init(
    minimumObject: Double = 0.028, sensitivity: Double = 0.5, budget: Double? = nil, economy: Bool = true
  ) {
    self.minimumObject = minimumObject
    self.sensitivity = sensitivity
    self.budget = budget
    self.economy = economy
  }

  /// Side of the smallest object to report, as a share of the height of this frame's upright picture.
  package func minimumObject(in info: FrameInfo) -> Double {
    let height = info.rotation.swapsSides ? info.width : info.height
    guard let pixels = minimumObjectPixels, height > 0 else { return minimumObject }
    return min(1, Double(pixels) / Double(height))
  }
}
