import Base
import CFFmpeg

/// Turns whole frames upright, for stills and overlays. Used by one thread.
final class UprightFrame {
  private let converter = FrameConverter()
  private let colours = ColourConverter()
  private var turned: UnsafeMutablePointer<AVFrame>?

  deinit { av_frame_free(&turned) }

  /// The frame upright in RGB24, GBRP or planes of 4:2:0, `width` × `height`; valid until the next call,
  /// and may be written to.
  func make(
    _ source: UnsafeMutablePointer<AVFrame>, _ rotation: Rotation, to format: AVPixelFormat, width: Int32,
    height: Int32, isFullRange: Bool = false
  ) throws(Fault) -> UnsafeMutablePointer<AVFrame> {
    let swaps = rotation.swapsSides
    let (columns, rows) = swaps ? (height, width) : (width, height)
    let lying =
      format == AV_PIX_FMT_GBRP
      ? try colours.convert(source, width: columns, height: rows)
      : try converter.convert(source, to: format, width: columns, height: rows, isFullRange: isFullRange)
    if rotation == .none { return lying }
    av_frame_free(&turned)
    guard let result = av_frame_alloc() else { fatalError("out of memory for a frame") }
    turned = result
    result.pointee.format = format.rawValue
    result.pointee.width = width
    result.pointee.height = height
    guard av_frame_get_buffer(result, 0) >= 0 else { fatalError("out of memory for a frame") }
    let isPacked = format == AV_PIX_FMT_RGB24
    let isSubsampled = format != AV_PIX_FMT_GBRP
    for plane in 0..<(isPacked ? 1 : 3) {
      let half = isSubsampled && plane > 0 ? 1 : 0
      turn(
        lying, result, plane, rotation, columns: (Int(width) + half) >> half,
        rows: (Int(height) + half) >> half,
        bytes: isPacked ? 3 : 1)
    }
    return result
  }

  private func turn(
    _ source: UnsafeMutablePointer<AVFrame>, _ result: UnsafeMutablePointer<AVFrame>, _ plane: Int,
    _ rotation: Rotation, columns: Int, rows: Int, bytes: Int
  ) {
    // Safety: both frames were made with these planes.
    let from = source.destinationPlanes[plane]!
    let to = result.destinationPlanes[plane]!
    let fromStride = Int(source.lineSizes[plane])
    let toStride = Int(result.lineSizes[plane])
    let (start, right, down) =
      switch rotation {
      case .none: (0, bytes, fromStride)
      case .quarter: ((columns - 1) * fromStride, -fromStride, bytes)
      case .half: ((rows - 1) * fromStride + (columns - 1) * bytes, -bytes, -fromStride)
      case .threeQuarters: ((rows - 1) * bytes, fromStride, -bytes)
      }
    for y in 0..<rows {
      var at = start + y * down
      for x in 0..<columns {
        for byte in 0..<bytes { to[y * toStride + x * bytes + byte] = from[at + byte] }
        at += right
      }
    }
  }
}
