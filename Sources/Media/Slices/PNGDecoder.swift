import Base
import CFFmpeg

/// libavcodec's decoder of PNG, fed with the bytes of files. Used by one thread.
struct PNGDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>

  private init(_ context: UnsafeMutablePointer<AVCodecContext>) {
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      fatalError("out of memory for a packet")
    }
    self.context = context
    self.packet = packet
    self.frame = frame
  }

  static func open() throws(Fault) -> PNGDecoder {
    AVFault.logIsOurs
    guard let codec = avcodec_find_decoder(AV_CODEC_ID_PNG) else {
      throw Fault(.unavailable, "this FFmpeg has no decoder for PNG")
    }
    guard let context = avcodec_alloc_context3(codec) else { fatalError("out of memory for a decoder") }
    let decoder = PNGDecoder(context)
    context.pointee.thread_count = 1
    context.pointee.max_pixels = Int64(RawVolumeHeader.mostPixels)
    context.pointee.err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE
    if avcodec_open2(context, codec, nil) < 0 {
      throw Fault(.unavailable, "FFmpeg's decoder for PNG can't be opened", cause: AVFault.takeLog())
    }
    return decoder
  }

  deinit {
    var parts: (UnsafeMutablePointer<AVCodecContext>?, UnsafeMutablePointer<AVPacket>?) = (context, packet)
    avcodec_free_context(&parts.0)
    av_packet_free(&parts.1)
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    av_frame_free(&frame)
  }

  /// Decodes a whole file into `pixels`, which has room for what its header says.
  func decode(
    _ file: borrowing SliceFile, _ format: PictureFormat, into pixels: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    defer {
      av_packet_unref(packet)
      av_frame_unref(frame)
    }
    guard file.size <= Int(Int32.max) / 2, av_new_packet(packet, Int32(file.size)) == 0 else {
      throw Fault(.data, "this PNG is too large", at: file.path, cause: "\(file.size) bytes")
    }
    // Without it the decoder adds the picture before.
    packet.pointee.flags |= AV_PKT_FLAG_KEY
    let bytes = UnsafeMutableRawBufferPointer(start: packet.pointee.data, count: file.size)
    let got = try file.read(into: bytes, at: 0)
    guard got == file.size else {
      throw Fault(.data, "\(got) of \(file.size) bytes came, as the file has become shorter", at: file.path)
    }
    _ = AVFault.takeLog()
    do {
      try AVFault.check(avcodec_send_packet(context, packet))
      try AVFault.check(avcodec_receive_frame(context, frame))
    } catch {
      avcodec_flush_buffers(context)
      throw broken(file.path, error.logged.isEmpty ? error.description : error.logged)
    }
    // A picture that ends early comes as a frame too, and only the log tells.
    let logged = AVFault.takeLog()
    if !logged.isEmpty { throw broken(file.path, logged) }
    try copy(format, at: file.path, into: pixels)
  }

  private func broken(_ path: String, _ cause: String) -> Fault {
    Fault(.data, "this PNG can't be decoded", at: path, cause: cause)
  }

  private func copy(
    _ format: PictureFormat, at path: String, into pixels: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    let wanted = format.sample.bytes == 2 ? AV_PIX_FMT_GRAY16BE : AV_PIX_FMT_GRAY8
    guard frame.pointee.format == wanted.rawValue, Int(frame.pointee.width) == format.width,
      Int(frame.pointee.height) == format.height, let source = frame.planes[0]
    else {
      let name = av_get_pix_fmt_name(AVPixelFormat(frame.pointee.format)).map { String(cString: $0) }
      throw broken(
        path,
        "it holds \(frame.pointee.width) × \(frame.pointee.height) of \(name ?? "unknown"), not grey alone")
    }
    let row = format.width * format.sample.bytes
    for y in 0..<format.height {
      let from = UnsafeRawBufferPointer(start: source + y * Int(frame.lineSizes[0]), count: row)
      UnsafeMutableRawBufferPointer(rebasing: pixels[(y * row)..<((y + 1) * row)]).copyMemory(from: from)
    }
  }
}
