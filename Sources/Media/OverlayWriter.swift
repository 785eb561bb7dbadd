import Base
import CFFmpeg

/// Writes frames with something drawn on them to an MP4. Used by one thread.
///
/// H.264 by libx264 where FFmpeg has it, else MPEG-4. The first frame decides the size; later ones of
/// another size are scaled to it. Times are the frames' media times.
package final class OverlayWriter {
  private let path: String
  private let masks: [Polygon]
  private let upright = UprightFrame()
  private var hidden: HiddenPixels?
  private var muxer: Muxer?
  private var size: (width: Int32, height: Int32) = (0, 0)

  /// - Parameter masks: Polygons of the upright picture that come out black.
  package init(path: String, masks: [Polygon] = []) {
    self.path = path
    self.masks = masks
  }

  /// Draws on a copy of the frame and encodes it. The file is made by the first call.
  package func write(_ frame: borrowing VideoFrame, _ draw: (borrowing Canvas) -> Void) throws(Fault) {
    if muxer == nil {
      // 4:2:0 is encoded in even sizes.
      size = (Int32(max(2, frame.uprightWidth & ~1)), Int32(max(2, frame.uprightHeight & ~1)))
      muxer = try Muxer.create(path, width: size.width, height: size.height)
      hidden = HiddenPixels(masks, width: Int(size.width), height: Int(size.height))
    }
    let picture = try upright.make(
      frame.raw, frame.info.rotation, to: AV_PIX_FMT_YUV420P, width: size.width, height: size.height)
    hidden?.paint(picture)
    let planes = picture.destinationPlanes
    let lines = picture.lineSizes
    draw(
      Canvas(
        // Safety: 4:2:0 has three planes.
        width: Int(size.width), height: Int(size.height), planes: (planes[0]!, planes[1]!, planes[2]!),
        strides: (Int(lines[0]), Int(lines[1]), Int(lines[2]))))
    try muxer?.write(picture, at: frame.info.time)
  }

  /// Completes the file. Without a frame there is none.
  package func finish() throws(Fault) {
    try muxer?.finish()
    muxer = nil
  }
}
