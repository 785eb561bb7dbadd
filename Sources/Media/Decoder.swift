import Base
import CFFmpeg

/// A decoder of one video stream. Used by one thread.
struct Decoder: ~Copyable {
  let context: UnsafeMutablePointer<AVCodecContext>
  /// The pixel format that hardware decoding gives; nil when the CPU decodes.
  let hardwareFormat: AVPixelFormat?
  private let scratch: UnsafeMutablePointer<AVFrame>

  private init(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ hardwareFormat: AVPixelFormat?
  ) {
    self.context = context
    self.hardwareFormat = hardwareFormat
    guard let scratch = av_frame_alloc() else { fatalError("out of memory for a frame") }
    self.scratch = scratch
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&context)
    var scratch: UnsafeMutablePointer<AVFrame>? = scratch
    av_frame_free(&scratch)
  }

  struct Settings {
    var threads = 1
    var loopFilter = false
    /// Also gives frames that the decoder thinks are incomplete, as those after a key frame that isn't a
    /// fresh start for everything.
    var showsAll = false
    var isLive = false
    var hardware = SourceConfiguration.Hardware.none

    init() {}

    init(_ configuration: SourceConfiguration, isLive: Bool) {
      threads = max(1, configuration.decodeThreads)
      loopFilter = configuration.loopFilter
      hardware = configuration.hardware
      self.isLive = isLive
    }
  }

  static func open(
    _ parameters: UnsafePointer<AVCodecParameters>, timeBase: AVRational, _ settings: Settings
  ) throws(AVFault) -> Decoder {
    guard let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw AVFault(code: SACCADE_AVERROR_DECODER_NOT_FOUND, logged: "")
    }
    guard let context = avcodec_alloc_context3(codec) else { fatalError("out of memory for a decoder") }
    let hardware = HardwareDecoding.find(settings.hardware, for: codec)
    let decoder = Decoder(context, hardware?.format)
    try AVFault.check(avcodec_parameters_to_context(context, parameters))
    context.pointee.pkt_timebase = timeBase
    context.pointee.thread_count = Int32(settings.threads)
    // Threads that take a frame each hold it back for as many frames: not where latency counts.
    if settings.isLive { context.pointee.thread_type = FF_THREAD_SLICE }
    if !settings.loopFilter {
      context.pointee.skip_loop_filter = AVDISCARD_ALL
      // Short cuts that bend the standard: nothing that a fourth of the size would show.
      context.pointee.flags2 |= AV_CODEC_FLAG2_FAST
    }
    if settings.showsAll { context.pointee.flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT }
    saccade_mark_enable(context)
    hardware?.use(in: context)
    try AVFault.check(avcodec_open2(context, codec, nil))
    return decoder
  }

  var codecID: AVCodecID { context.pointee.codec_id }

  /// What the decoder may leave out; takes effect with the next packet.
  func setEffort(_ effort: DecodeEffort) {
    context.pointee.skip_frame = effort == .everyFrame ? AVDISCARD_DEFAULT : AVDISCARD_NONREF
  }

  /// - Parameter packet: Nil at the end: what is still inside comes out.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?, mark: Int64) throws(AVFault) {
    if let packet { saccade_mark_packet(context, packet, mark) }
    try AVFault.check(avcodec_send_packet(context, packet))
  }

  /// The next decoded frame into `frame`, in memory that the CPU reads. Returns false when more packets are
  /// needed, and at the end.
  func receive(_ frame: UnsafeMutablePointer<AVFrame>) throws(AVFault) -> Bool {
    let result = avcodec_receive_frame(context, frame)
    if result == AVFault.isAgain || result == SACCADE_AVERROR_EOF { return false }
    try AVFault.check(result)
    if let hardwareFormat, frame.pointee.format == hardwareFormat.rawValue {
      try AVFault.check(av_hwframe_transfer_data(scratch, frame, 0))
      try AVFault.check(av_frame_copy_props(scratch, frame))
      av_frame_unref(frame)
      av_frame_move_ref(frame, scratch)
    }
    return true
  }

  /// Forgets what it has seen: the next packet should be a key frame's.
  func flush() { avcodec_flush_buffers(context) }

  /// As `receive`, passing over what doesn't decode.
  func receiveAny(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    for _ in 0..<Self.mostFaults {
      do { return try receive(frame) } catch { continue }
    }
    return false
  }

  /// Faults in a row after which a decoder is taken to have nothing more.
  static let mostFaults = 32
}
