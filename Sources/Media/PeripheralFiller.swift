import Base
import CFFmpeg
import CKernels

/// Makes the small upright copies of frames that the peripheral encoder looks at. Owned by one analysis
/// thread; after the first frame of a size it allocates nothing.
///
/// A sample is the mean of its box of source samples, rounded to 8 bits, straight from the decoder's planes.
/// Values stay as they are coded: limited range stays 16…235, full range 0…255, deeper samples are divided
/// by the same power of two as their depth, so that 8, 10, 12 and 16 bits of one scene give the same
/// picture. Formats that aren't Y, Cb, Cr become limited-range 4:2:0 by swscale first.
package final class PeripheralFiller {
  private let masks: [Polygon]
  private var mask: PrivacyMask?
  private let converter = FrameConverter()
  /// The picture before its turn.
  private let lying = PeripheralPicture()
  private var layout: (format: Int32, layout: PlaneLayout?)?

  /// - Parameter masks: Polygons of the upright picture that nobody may see: they come out black.
  package init(masks: [Polygon] = []) { self.masks = masks }

  /// Fills the picture from the frame: scaled, turned, masked.
  package func fill(_ picture: PeripheralPicture, from frame: borrowing VideoFrame) throws(Fault) {
    let format = frame.raw.pointee.format
    if layout?.format != format { layout = (format, PlaneLayout(frame.format)) }
    let (width, height) = (frame.info.width, frame.info.height)
    let scale = min(PeripheralPicture.scale(forWidth: width, height: height), width, height)
    let rotation = frame.info.rotation
    let flat = rotation == .none ? picture : lying
    flat.resize(width: width / scale, height: height / scale)
    flat.scale = scale
    if let layout = layout?.layout, layout.fits(scale) {
      average(frame.raw, layout, flat, rotation)
    } else {
      let converted = try converter.convert(frame.raw, to: AV_PIX_FMT_YUV420P)
      // Safety: 4:2:0 has a layout.
      average(converted, PlaneLayout(AV_PIX_FMT_YUV420P)!, flat, rotation)
    }
    flat.coveredX = Double(flat.width * scale) / Double(width)
    flat.coveredY = Double(flat.height * scale) / Double(height)
    if rotation != .none { picture.turn(flat, by: rotation) }
    if masks.isEmpty { return }
    if mask?.fits(picture) != true { mask = PrivacyMask(masks, for: picture) }
    mask?.paint(picture)
  }

  private func average(
    _ frame: UnsafeMutablePointer<AVFrame>, _ layout: PlaneLayout, _ out: PeripheralPicture,
    _ rotation: Rotation
  ) {
    let scale = out.scale
    // What the whole number of boxes leaves over lies right and below once the picture is upright.
    let fromRight = rotation == .half || rotation == .threeQuarters
    let fromBottom = rotation == .half || rotation == .quarter
    let left = fromRight ? Int(frame.pointee.width) - out.width * scale : 0
    let top = fromBottom ? Int(frame.pointee.height) - out.height * scale : 0
    var plane = frame.plane(layout.luma, shiftX: 0, shiftY: 0, left: left, top: top)
    saccade_box_average(
      &plane, Int32(scale), Int32(scale), layout.luma.shift, Int32(out.width), Int32(out.height),
      out.luma.baseAddress)
    guard let (cb, cr) = layout.chroma else {
      out.cb.update(repeating: 128)
      out.cr.update(repeating: 128)
      return
    }
    let (shiftX, shiftY) = (layout.chromaShiftX, layout.chromaShiftY)
    let (columns, rows) = (Int32(out.chromaWidth), Int32(out.chromaHeight))
    let (boxWidth, boxHeight) = (Int32((2 * scale) >> shiftX), Int32((2 * scale) >> shiftY))
    plane = frame.plane(cb, shiftX: shiftX, shiftY: shiftY, left: left, top: top)
    saccade_box_average(&plane, boxWidth, boxHeight, cb.shift, columns, rows, out.cb.baseAddress)
    plane = frame.plane(cr, shiftX: shiftX, shiftY: shiftY, left: left, top: top)
    saccade_box_average(&plane, boxWidth, boxHeight, cr.shift, columns, rows, out.cr.baseAddress)
  }
}

extension VideoFrame {
  /// Fills the picture from this frame; see `PeripheralFiller`.
  package borrowing func fill(_ picture: PeripheralPicture, with filler: PeripheralFiller) throws(Fault) {
    try filler.fill(picture, from: self)
  }
}

extension PlaneLayout {
  /// Whether a box of the chroma is a whole number of its samples.
  fileprivate func fits(_ scale: Int) -> Bool {
    chroma == nil || ((2 * scale) % (1 << chromaShiftX) == 0 && (2 * scale) % (1 << chromaShiftY) == 0)
  }
}
