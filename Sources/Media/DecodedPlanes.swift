import CFFmpeg

/// The planes of a frame as its decoder left them, for those that take them so. Valid only within the call
/// that hands them out; nobody writes to them.
package struct DecodedPlanes {
  package enum Format: Sendable, Hashable {
    /// Luma; blue and red differences in pairs, of half the width and height.
    case nv12
    /// Luma; blue differences; red differences, each of half the width and height.
    case i420
  }

  package struct Plane {
    package let bytes: UnsafePointer<UInt8>
    package let bytesPerRow: Int
    /// In use.
    package let rowBytes: Int
    package let rows: Int
  }

  package let format: Format
  /// In pixels; even.
  package let width: Int
  package let height: Int
  package let planes: [Plane]
}

extension VideoFrame {
  /// Of what `withPlanes` would hand out; nil where it wouldn't.
  package var planeFormat: DecodedPlanes.Format? {
    guard info.rotation == .none, info.width % 2 == 0, info.height % 2 == 0 else { return nil }
    // What says nothing is taken for BT.601, as swscale does.
    let matrix = raw.pointee.colorspace
    let isUsual =
      matrix == AVCOL_SPC_UNSPECIFIED || matrix == AVCOL_SPC_BT470BG || matrix == AVCOL_SPC_SMPTE170M
    guard isUsual, raw.pointee.color_range != AVCOL_RANGE_JPEG else { return nil }
    switch format {
    case AV_PIX_FMT_NV12: return .nv12
    case AV_PIX_FMT_YUV420P: return .i420
    default: return nil
    }
  }

  /// Hands out the planes of an upright frame in 8 bits 4:2:0, limited range, BT.601, with even sides; nil for
  /// any other, without a call.
  package borrowing func withPlanes<R>(_ body: (DecodedPlanes) throws -> R) rethrows -> R? {
    guard let format = planeFormat else { return nil }
    let (width, height) = (info.width, info.height)
    let shapes: [(rowBytes: Int, rows: Int)] =
      format == .nv12
      ? [(width, height), (width, height / 2)]
      : [(width, height), (width / 2, height / 2), (width / 2, height / 2)]
    let planes = shapes.enumerated().map { index, shape in
      DecodedPlanes.Plane(
        // Safety: a decoded frame of this format has these planes.
        bytes: raw.planes[index]!, bytesPerRow: Int(raw.lineSizes[index]), rowBytes: shape.rowBytes,
        rows: shape.rows)
    }
    return try body(DecodedPlanes(format: format, width: width, height: height, planes: planes))
  }
}
