import Base
import CFFmpeg

/// Makes RGB pictures of parts of frames, in any size: upright, masked, whatever the pixel format, the colour
/// matrix and the range are. Used by one thread; one for each stream, as it keeps what swscale prepared.
package final class PartScaler {
  private let masks: [Polygon]
  private let upright = UprightFrame()
  /// For the part and size that came last: whole frames are all alike.
  private var hidden: (rect: Rect, pixels: HiddenPixels)?

  /// - Parameter masks: Polygons of the upright picture that come out black.
  package init(masks: [Polygon] = []) { self.masks = masks }

  /// Whether pixels must be hidden.
  package var hides: Bool { !masks.isEmpty }

  /// Writes `part` of the frame into memory, `width` × `height` pixels in three planes of bytes: red, green, blue.
  ///
  /// Bilinear, over all source pixels of a box where it gets smaller.
  ///
  /// - Parameters:
  ///   - part: As `VideoFrame.part` gave it for this frame.
  ///   - out: Of the first plane's upper left corner; `bytesPerRow` × `height` bytes from there, and as many every
  ///     `bytesPerPlane`, are writable.
  package func scale(
    _ frame: borrowing VideoFrame, _ part: FramePart, to out: UnsafeMutablePointer<UInt8>, bytesPerRow: Int,
    bytesPerPlane: Int, width: Int, height: Int
  ) throws(Fault) {
    guard let view = av_frame_clone(frame.raw) else { fatalError("out of memory for a frame") }
    var owned: UnsafeMutablePointer<AVFrame>? = view
    defer { av_frame_free(&owned) }
    PixelCrop(part.rect, frame).apply(to: view, frame.info.rotation)
    // Planes of their own are what most models take, and cost less to make than pixels of three bytes.
    let picture = try upright.make(
      view, frame.info.rotation, to: AV_PIX_FMT_GBRP, width: Int32(width), height: Int32(height))
    if hides { hide(picture, part.rect, width, height) }
    for (plane, colour) in [2, 0, 1].enumerated() {
      // Safety: GBRP has these three planes.
      let from = picture.destinationPlanes[colour]!
      let stride = Int(picture.lineSizes[colour])
      let to = out + plane * bytesPerPlane
      for y in 0..<height { (to + y * bytesPerRow).update(from: from + y * stride, count: width) }
    }
  }

  private func hide(_ picture: UnsafeMutablePointer<AVFrame>, _ rect: Rect, _ width: Int, _ height: Int) {
    if let hidden, hidden.rect == rect, hidden.pixels.width == width, hidden.pixels.height == height {
      return hidden.pixels.paint(picture)
    }
    let pixels = HiddenPixels(masks, width: width, height: height, part: rect)
    hidden = (rect, pixels)
    pixels.paint(picture)
  }
}
