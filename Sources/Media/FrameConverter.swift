import Base
import CFFmpeg
import CKernels

/// Converts frames to another pixel format or size by swscale, into one frame that it keeps. Used by one
/// thread.
final class FrameConverter {
  private var context: OpaquePointer?
  private var result: UnsafeMutablePointer<AVFrame>?

  deinit {
    sws_freeContext(context)
    av_frame_free(&result)
  }

  /// The converted frame, valid until the next call. Without a size, the source's own.
  ///
  /// - Parameter keepsCoding: Y, Cb, Cr mean what they do in the source, and are only scaled, to a step or so: that is
  ///   faster.
  func convert(
    _ source: UnsafeMutablePointer<AVFrame>, to format: AVPixelFormat, width: Int32? = nil,
    height: Int32? = nil, isFullRange: Bool = false, keepsCoding: Bool = false
  ) throws(Fault) -> UnsafeMutablePointer<AVFrame> {
    let width = width ?? source.pointee.width
    let height = height ?? source.pointee.height
    let from = AVPixelFormat(source.pointee.format)
    context = sws_getCachedContext(
      context, source.pointee.width, source.pointee.height, from, width, height, format,
      keepsCoding ? SWS_BILINEAR : SWS_BILINEAR | SWS_ACCURATE_RND, nil, nil, nil)
    guard let context else {
      let name = av_get_pix_fmt_name(from).map { String(cString: $0) } ?? "unknown"
      throw Fault(.unavailable, "FFmpeg can't convert the pixel format \(name)")
    }
    setRanges(context, source, from, isFullRange, keepsCoding)
    let frame = frame(format, width, height)
    let lines = sws_scale(
      context, source.planes, source.lineSizes, 0, source.pointee.height, frame.destinationPlanes,
      frame.lineSizes)
    if lines < 0 { throw Fault(.unavailable, "FFmpeg failed to convert a frame") }
    return frame
  }

  /// A plane of bytes in another size, as a grey frame that is valid until the next call.
  func scale(
    _ plane: saccade_plane, width: Int32, height: Int32
  ) throws(Fault) -> UnsafeMutablePointer<AVFrame> {
    guard let view = av_frame_alloc() else { fatalError("out of memory for a frame") }
    var owned: UnsafeMutablePointer<AVFrame>? = view
    defer { av_frame_free(&owned) }
    view.pointee.format = AV_PIX_FMT_GRAY8.rawValue
    view.pointee.width = plane.width
    view.pointee.height = plane.height
    // Safety: swscale only reads its source.
    view.pointee.data.0 = UnsafeMutablePointer(mutating: plane.data)
    view.pointee.linesize.0 = Int32(plane.stride)
    return try convert(view, to: AV_PIX_FMT_GRAY8, width: width, height: height, keepsCoding: true)
  }

  private func setRanges(
    _ context: OpaquePointer, _ source: UnsafeMutablePointer<AVFrame>, _ format: AVPixelFormat,
    _ isFullRange: Bool, _ keepsCoding: Bool
  ) {
    let isRGB = (av_pix_fmt_desc_get(format)?.pointee.flags ?? 0) & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
    let full: Int32 = isRGB || source.pointee.color_range == AVCOL_RANGE_JPEG ? 1 : 0
    let matrix = sws_getCoefficients(Int32(source.pointee.colorspace.rawValue))
    sws_setColorspaceDetails(
      context, matrix, full, keepsCoding ? matrix : sws_getCoefficients(SWS_CS_DEFAULT),
      keepsCoding ? full : isFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
  }

  /// The one that it keeps: to be filled, in place of a call of `convert`.
  func frame(
    _ format: AVPixelFormat, _ width: Int32, _ height: Int32
  ) -> UnsafeMutablePointer<AVFrame> {
    if let result, result.pointee.format == format.rawValue, result.pointee.width == width,
      result.pointee.height == height, av_frame_is_writable(result) > 0
    {
      return result
    }
    av_frame_free(&result)
    guard let frame = av_frame_alloc() else { fatalError("out of memory for a frame") }
    frame.pointee.format = format.rawValue
    frame.pointee.width = width
    frame.pointee.height = height
    guard av_frame_get_buffer(frame, 0) >= 0 else {
      fatalError("out of memory for a \(width)x\(height) frame")
    }
    result = frame
    return frame
  }
}
