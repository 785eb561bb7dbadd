import Base
import CFFmpeg

/// A part of an upright picture in whole pixels, at least one.
struct PixelCrop {
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  private let full: (width: Int, height: Int)

  init(_ rect: Rect?, _ frame: borrowing VideoFrame) {
    full = (frame.uprightWidth, frame.uprightHeight)
    let rect = rect ?? Rect(x: 0, y: 0, width: 1, height: 1)
    func span(_ from: Double, _ to: Double, _ size: Int) -> (Int, Int) {
      let start = Int((max(0, min(1, from)) * Double(size)).rounded(.down))
      let end = Int((max(0, min(1, to)) * Double(size)).rounded(.up))
      let first = min(start, size - 1)
      return (first, max(1, end - first))
    }
    (x, width) = span(rect.x, rect.maxX, full.width)
    (y, height) = span(rect.y, rect.maxY, full.height)
  }

  /// As a part of the upright picture, 0…1.
  var rect: Rect {
    Rect(
      x: Double(x) / Double(full.width), y: Double(y) / Double(full.height),
      width: Double(width) / Double(full.width), height: Double(height) / Double(full.height))
  }

  /// Makes the frame, as decoded, show only this part. No pixel is copied.
  func apply(to frame: UnsafeMutablePointer<AVFrame>, _ rotation: Rotation) {
    let (right, bottom) = (full.width - x - width, full.height - y - height)
    let (left, top, fromRight, fromBottom) =
      switch rotation {
      case .none: (x, y, right, bottom)
      case .quarter: (y, right, bottom, x)
      case .half: (right, bottom, x, y)
      case .threeQuarters: (bottom, x, y, right)
      }
    frame.pointee.crop_left = left
    frame.pointee.crop_top = top
    frame.pointee.crop_right = fromRight
    frame.pointee.crop_bottom = fromBottom
    // Fails only for formats that can't be cropped in place, such as a hardware's; those don't come here.
    av_frame_apply_cropping(frame, Int32(AV_FRAME_CROP_UNALIGNED))
  }
}
