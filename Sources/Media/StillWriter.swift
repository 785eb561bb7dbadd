import Base
import CFFmpeg
import Glibc

/// Makes JPEG or PNG pictures of frames: upright, masked, whole or a part. Used by one thread.
package final class StillWriter {
  package enum Format: String, Sendable, Hashable, CaseIterable { case jpeg, png }

  private let masks: [Polygon]
  private let upright = UprightFrame()
  private let toJPEG = FrameConverter()

  /// - Parameter masks: Polygons of the upright picture that come out black.
  package init(masks: [Polygon] = []) { self.masks = masks }

  /// The bytes of a picture file.
  ///
  /// - Parameters:
  ///   - crop: Part of the upright picture, 0…1; cut at the picture's edges, at least a pixel.
  ///   - longestSide: In pixels; larger parts are scaled down to it.
  package func encode(
    _ frame: borrowing VideoFrame, crop: Rect? = nil, longestSide: Int? = nil, as format: Format = .jpeg
  ) throws(Fault) -> [UInt8] {
    let part = PixelCrop(crop, frame)
    guard let view = av_frame_clone(frame.raw) else { fatalError("out of memory for a frame") }
    var owned: UnsafeMutablePointer<AVFrame>? = view
    defer { av_frame_free(&owned) }
    part.apply(to: view, frame.info.rotation)
    let scale = longestSide.map { min(1, Double($0) / Double(max(part.width, part.height))) } ?? 1
    let width = Int32(max(1, Double(part.width) * scale))
    let height = Int32(max(1, Double(part.height) * scale))
    let picture = try upright.make(
      view, frame.info.rotation, to: AV_PIX_FMT_RGB24, width: width, height: height)
    if !masks.isEmpty {
      HiddenPixels(masks, width: Int(width), height: Int(height), part: part.rect).paint(picture)
    }
    switch format {
    case .png: return try encode(picture, AV_CODEC_ID_PNG)
    case .jpeg:
      let frame = try toJPEG.convert(picture, to: AV_PIX_FMT_YUVJ420P, isFullRange: true)
      frame.pointee.color_range = AVCOL_RANGE_JPEG
      return try encode(frame, AV_CODEC_ID_MJPEG)
    }
  }

  /// Writes a picture file. It appears whole or not at all.
  package func write(
    _ frame: borrowing VideoFrame, crop: Rect? = nil, longestSide: Int? = nil, as format: Format = .jpeg,
    to path: String
  ) throws(Fault) {
    let bytes = try encode(frame, crop: crop, longestSide: longestSide, as: format)
    let unfinished = path + ".part"
    let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw Self.fault(path) }
    var at = 0
    while at < bytes.count {
      let written = bytes.withUnsafeBytes {
        // Safety: a picture has bytes.
        Glibc.write(descriptor, $0.baseAddress! + at, bytes.count - at)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        let fault = Self.fault(path)
        close(descriptor)
        unlink(unfinished)
        throw fault
      }
      at += written
    }
    close(descriptor)
    guard rename(unfinished, path) == 0 else { throw Self.fault(path) }
  }

  private static func fault(_ path: String) -> Fault {
    Fault(
      .cannotCreate, "can't write the picture", at: path, cause: String(cString: strerror(errno)),
      advice: "check that the folder exists and may be written to")
  }

  /// Of JPEG; 2 is the best, 31 the worst.
  private static let quality: Int32 = 3

  private func encode(_ frame: UnsafeMutablePointer<AVFrame>, _ codec: AVCodecID) throws(Fault) -> [UInt8] {
    guard let encoder = avcodec_find_encoder(codec) else {
      throw Fault(.unavailable, "this FFmpeg has no encoder for \(String(cString: avcodec_get_name(codec)))")
    }
    var context = avcodec_alloc_context3(encoder)
    var packet = av_packet_alloc()
    defer {
      avcodec_free_context(&context)
      av_packet_free(&packet)
    }
    guard let context, let packet else { fatalError("out of memory for an encoder") }
    context.pointee.width = frame.pointee.width
    context.pointee.height = frame.pointee.height
    context.pointee.pix_fmt = AVPixelFormat(frame.pointee.format)
    context.pointee.time_base = AVRational(num: 1, den: 25)
    context.pointee.color_range = frame.pointee.color_range
    context.pointee.flags |= AV_CODEC_FLAG_QSCALE
    context.pointee.global_quality = Self.quality * FF_QP2LAMBDA
    frame.pointee.quality = context.pointee.global_quality
    frame.pointee.pts = 0
    do {
      try AVFault.check(avcodec_open2(context, encoder, nil))
      try AVFault.check(avcodec_send_frame(context, frame))
      try AVFault.check(avcodec_receive_packet(context, packet))
    } catch {
      throw Fault(.software, "can't encode a picture", cause: error.description)
    }
    return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
  }
}
