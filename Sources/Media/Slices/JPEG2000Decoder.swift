import CFFmpeg

/// Decodes JPEG 2000 frames of one channel through libavcodec, with the sign and the precision that they have: the
/// decoders move signed samples up by half their range and narrow ones to the left. Used by one thread.
struct JPEG2000Decoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let isOpenJPEG: Bool
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>

  private init(_ context: UnsafeMutablePointer<AVCodecContext>) {
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      fatalError("out of memory for a decoder")
    }
    self.context = context
    isOpenJPEG = String(cString: context.pointee.codec.pointee.name) == "libopenjpeg"
    self.packet = packet
    self.frame = frame
  }

  static func open() throws(DicomLibrary.Refusal) -> JPEG2000Decoder {
    AVFault.logIsOurs
    // OpenJPEG gives lossy frames as other DICOM software does; FFmpeg's own decoder may differ by one.
    guard
      let codec = avcodec_find_decoder_by_name("libopenjpeg") ?? avcodec_find_decoder(AV_CODEC_ID_JPEG2000)
    else { throw DicomLibrary.Refusal(text: "is JPEG 2000, which this FFmpeg doesn't decode") }
    guard let context = avcodec_alloc_context3(codec) else { fatalError("out of memory for a decoder") }
    let decoder = JPEG2000Decoder(context)
    context.pointee.thread_count = 1
    do { try AVFault.check(avcodec_open2(context, codec, nil)) } catch {
      throw DicomLibrary.Refusal(text: "is JPEG 2000, whose decoder doesn't open (\(error.description))")
    }
    return decoder
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&context)
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&packet)
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    av_frame_free(&frame)
  }

  /// Fills `values`, width × height of them, with sample × slope + intercept.
  ///
  /// - Parameter isSigned: What the DICOM header says. Where the codestream says otherwise, the header is right about
  ///   what its bits mean, as pydicom and others have found.
  func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, width: Int, height: Int, isSigned: Bool, slope: Double,
    intercept: Double,
    into values: UnsafeMutablePointer<Float>
  ) throws(DicomLibrary.Refusal) {
    let stream = try Codestream(bytes)
    guard stream.width == width, stream.height == height else {
      throw DicomLibrary.Refusal(
        text: "has a frame of \(stream.width) × \(stream.height) where its header says \(width) × \(height)")
    }
    guard stream.channels == 1, (2...16).contains(stream.precision) else {
      throw DicomLibrary.Refusal(
        text:
          "has a JPEG 2000 frame of \(stream.channels) channels and \(stream.precision) bits, which isn't read"
      )
    }
    // In what narrower formats FFmpeg 5.1 puts OpenJPEG's samples wrongly.
    context.pointee.pix_fmt = stream.precision > 8 ? AV_PIX_FMT_GRAY16LE : AV_PIX_FMT_GRAY8
    do throws(AVFault) { try run(bytes) } catch {
      let said = error.logged.isEmpty ? error.description : error.logged
      throw DicomLibrary.Refusal(text: "has a JPEG 2000 frame that doesn't decode (\(said))")
    }
    defer { av_frame_unref(frame) }
    guard let description = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)),
      description.pointee.nb_components == 1, frame.pointee.width == Int32(width),
      frame.pointee.height == Int32(height), let data = frame.pointee.data.0
    else { throw DicomLibrary.Refusal(text: "has a JPEG 2000 frame that decodes to another picture") }

    let depth = Int(description.pointee.comp.0.depth)
    // Bytes of OpenJPEG's are the one thing that FFmpeg doesn't align to the left; what is added to signed samples is half
    // the format's range all the same.
    let isAligned = depth > 8 || !isOpenJPEG
    let shift = isAligned ? Int32(max(0, depth - stream.precision)) : 0
    let offset = stream.isSigned ? Int32(1) << (isAligned ? stream.precision - 1 : 7) : 0
    // Into the low bits, then back with the sign that the header gives them.
    let unused = Int32(32 - stream.precision)
    for y in 0..<height {
      let row = data + y * Int(frame.pointee.linesize.0)
      let out = values + y * width
      for x in 0..<width {
        let raw =
          depth > 8
          ? Int32(
            UInt16(littleEndian: UnsafeRawPointer(row).loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self)))
          : Int32(row[x])
        let bits = ((raw >> shift) - offset) << unused
        let sample = isSigned ? Double(bits >> unused) : Double(UInt32(bitPattern: bits) >> UInt32(unused))
        out[x] = Float(sample * slope + intercept)
      }
    }
  }

  private func run(_ bytes: UnsafeBufferPointer<UInt8>) throws(AVFault) {
    _ = AVFault.takeLog()
    avcodec_flush_buffers(context)
    guard let source = bytes.baseAddress, bytes.count < Int(Int32.max) - 64 else {
      throw AVFault(code: SACCADE_AVERROR_INVALIDDATA, logged: "")
    }
    try AVFault.check(av_new_packet(packet, Int32(bytes.count)))
    defer { av_packet_unref(packet) }
    packet.pointee.data.update(from: source, count: bytes.count)
    try AVFault.check(avcodec_send_packet(context, packet))
    try AVFault.check(avcodec_receive_frame(context, frame))
  }
}

/// What a codestream's first marker segment says (ITU-T T.800, A.5.1). One whose tile parts aren't all there is
/// refused: decoders fill the rest in.
private struct Codestream {
  let width: Int
  let height: Int
  let channels: Int
  let precision: Int
  let isSigned: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(DicomLibrary.Refusal) {
    // Some files wrap it in the boxes of a JP2 file, which come to a few hundred bytes.
    let start: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51]
    guard
      let at = (0..<max(0, min(bytes.count - 43, 4096))).first(where: { at in
        (0..<4).allSatisfy { bytes[at + $0] == start[$0] }
      })
    else { throw DicomLibrary.Refusal(text: "has a frame that isn't JPEG 2000") }
    func number(_ offset: Int, _ size: Int) -> Int {
      (0..<size).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    width = number(at + 8, 4) - number(at + 16, 4)
    height = number(at + 12, 4) - number(at + 20, 4)
    channels = number(at + 40, 2)
    precision = Int(bytes[at + 42] & 0x7F) + 1
    isSigned = bytes[at + 42] & 0x80 != 0

    // Marker segments up to the first tile part, then from tile part to tile part (A.4.2).
    var next = at + 2
    let (tilePart, end) = (0xFF90, 0xFFD9)
    while next + 4 <= bytes.count, number(next, 2) != tilePart { next += 2 + max(2, number(next + 2, 2)) }
    while next + 12 <= bytes.count, number(next, 2) == tilePart {
      let length = number(next + 6, 4)
      // The last may leave its length open: up to the end marker, before some padding.
      if length == 0 { next = (next..<(bytes.count - 1)).last { number($0, 2) == end } ?? bytes.count + 1 }
      next += length
    }
    guard next <= bytes.count else {
      throw DicomLibrary.Refusal(
        text: "has a truncated JPEG 2000 frame: \(bytes.count) bytes of at least \(next)")
    }
  }
}
