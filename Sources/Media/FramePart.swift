import Base

/// A part of an upright frame in whole pixels: at least one, cut at the frame's edges.
package struct FramePart: Sendable, Hashable {
  /// 0…1 of the upright frame.
  package let rect: Rect
  /// In pixels of the upright frame.
  package let width: Int
  package let height: Int
}

extension VideoFrame {
  /// The smallest part in whole pixels around `rect`, 0…1; without one the whole frame.
  package borrowing func part(_ rect: Rect? = nil) -> FramePart {
    let crop = PixelCrop(rect, self)
    return FramePart(rect: crop.rect, width: crop.width, height: crop.height)
  }
}
