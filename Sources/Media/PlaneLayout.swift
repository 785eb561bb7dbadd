import CFFmpeg
import CKernels

/// Where a pixel format keeps its luma and chroma, for the formats that are read as they are.
///
/// Those are all that have Y or Y, Cb, Cr in whole bytes: planar and semi-planar 4:2:0, 4:2:2, 4:4:4, packed
/// 4:2:2, grey, 8 to 16 bits.
struct PlaneLayout {
  struct Component {
    var plane = 0
    var offset = 0
    var step = 1
    /// Bits to drop for 8 of them.
    var shift: Int32 = 0
    var kind: Int32 = 0

    /// Whether its plane has bytes of nothing else.
    var isPlain: Bool { step == 1 && kind == 0 }

    /// Whether `saccade_box_average` has a fast way to boxes of this width.
    func isFast(_ boxWidth: Int) -> Bool {
      kind == 0 ? step == 1 || step == 2 && boxWidth % 2 == 0 : kind == 1 && step == 2
    }
  }

  var luma: Component
  /// Nil for grey.
  var chroma: (cb: Component, cr: Component)?
  /// Of the chroma's width and height against the luma's, as powers of two.
  let chromaShiftX: Int
  let chromaShiftY: Int

  /// Nil for a format that has to be converted first.
  init?(_ format: AVPixelFormat) {
    guard let description = av_pix_fmt_desc_get(format) else { return nil }
    let flags = description.pointee.flags
    let odd =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL
      | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER
    guard flags & UInt64(odd) == 0 else { return nil }
    let isBigEndian = flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
    let comps = description.pointee.comp
    guard let luma = Component(comps.0, isBigEndian) else { return nil }
    self.luma = luma
    chromaShiftX = Int(description.pointee.log2_chroma_w)
    chromaShiftY = Int(description.pointee.log2_chroma_h)
    if description.pointee.nb_components >= 3 {
      guard let cb = Component(comps.1, isBigEndian), let cr = Component(comps.2, isBigEndian) else {
        return nil
      }
      chroma = (cb, cr)
    }
  }
}

extension PlaneLayout.Component {
  fileprivate init?(_ source: AVComponentDescriptor, _ isBigEndian: Bool) {
    guard source.depth >= 8, source.depth + source.shift <= 16 else { return nil }
    plane = Int(source.plane)
    offset = Int(source.offset)
    step = Int(source.step)
    shift = source.depth - 8 + source.shift
    kind = source.depth + source.shift == 8 ? 0 : isBigEndian ? 2 : 1
  }
}

extension UnsafeMutablePointer<AVFrame> {
  /// One component from (left, top) of the luma on.
  func plane(
    _ component: PlaneLayout.Component, shiftX: Int, shiftY: Int, left: Int = 0, top: Int = 0
  ) -> saccade_plane {
    let (x, y) = (left >> shiftX, top >> shiftY)
    let stride = Int(lineSizes[component.plane])
    // Safety: a decoded frame of this format has this plane.
    let data = planes[component.plane]!
    let width = (Int(pointee.width) + (1 << shiftX) - 1) >> shiftX
    let height = (Int(pointee.height) + (1 << shiftY) - 1) >> shiftY
    return saccade_plane(
      data: data + y * stride + x * component.step, stride: stride, width: Int32(width - x),
      height: Int32(height - y), step: Int32(component.step), offset: Int32(component.offset),
      kind: component.kind)
  }
}
