import Base
import CFFmpeg

/// An MP4 being written: an encoder and a container.
struct Muxer: ~Copyable {
  let encoder: UnsafeMutablePointer<AVCodecContext>
  private let container: UnsafeMutablePointer<AVFormatContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let path: String
  private var last: Int64 = -1
  private var step: Int64 = 0

  /// Ticks a second: whole ticks for 24, 25, 30, 50, 60 and 29.97 frames, and few enough for MPEG-4.
  private static let ticks: Int32 = 60_000

  private init(
    _ encoder: UnsafeMutablePointer<AVCodecContext>, _ container: UnsafeMutablePointer<AVFormatContext>,
    _ path: String
  ) {
    self.encoder = encoder
    self.container = container
    self.path = path
    guard let packet = av_packet_alloc() else { fatalError("out of memory for a packet") }
    self.packet = packet
  }

  deinit {
    var encoder: UnsafeMutablePointer<AVCodecContext>? = encoder
    avcodec_free_context(&encoder)
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&packet)
    avio_closep(&container.pointee.pb)
    avformat_free_context(container)
  }

  /// Makes the file.
  static func create(_ path: String, width: Int32, height: Int32) throws(Fault) -> Muxer {
    AVFault.logIsOurs
    guard let codec = avcodec_find_encoder_by_name("libx264") ?? avcodec_find_encoder(AV_CODEC_ID_MPEG4)
    else {
      throw Fault(
        .unavailable, "this FFmpeg has no encoder for video", at: path,
        advice: "install Debian's package libavcodec-extra")
    }
    var context: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&context, nil, "mp4", "file:" + path) >= 0, let context,
      let encoder = avcodec_alloc_context3(codec)
    else { fatalError("out of memory for a file") }
    var muxer = Muxer(encoder, context, path)
    do {
      try muxer.start(codec, width, height)
    } catch {
      throw muxer.fault(error)
    }
    return muxer
  }

  private mutating func start(_ codec: UnsafePointer<AVCodec>, _ width: Int32, _ height: Int32)
    throws(AVFault)
  {
    encoder.pointee.width = width
    encoder.pointee.height = height
    encoder.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    encoder.pointee.time_base = AVRational(num: 1, den: Self.ticks)
    encoder.pointee.gop_size = 60
    encoder.pointee.max_b_frames = 0
    encoder.pointee.color_range = AVCOL_RANGE_MPEG
    if codec.pointee.id == AV_CODEC_ID_H264 {
      av_opt_set(encoder.pointee.priv_data, "preset", "veryfast", 0)
      av_opt_set(encoder.pointee.priv_data, "crf", "23", 0)
    } else {
      encoder.pointee.flags |= AV_CODEC_FLAG_QSCALE
      encoder.pointee.global_quality = 4 * FF_QP2LAMBDA
    }
    // MP4 keeps the parameter sets in its header.
    encoder.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    try AVFault.check(avcodec_open2(encoder, codec, nil))
    guard let stream = avformat_new_stream(container, nil) else { fatalError("out of memory for a stream") }
    try AVFault.check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder))
    stream.pointee.time_base = encoder.pointee.time_base
    try AVFault.check(avio_open(&container.pointee.pb, "file:" + path, AVIO_FLAG_WRITE))
    var options = Options()
    options.set("movflags", "+faststart")
    try AVFault.check(avformat_write_header(container, &options.raw))
  }

  /// Encodes a frame of the encoder's size. Times must not go back; equal ones are moved on by a tick.
  mutating func write(_ frame: UnsafeMutablePointer<AVFrame>, at time: MediaTime) throws(Fault) {
    let ticks = av_rescale_q(
      time.nanoseconds, AVRational(num: 1, den: 1_000_000_000), encoder.pointee.time_base)
    let time = max(ticks, last + 1)
    step = last < 0 ? Int64(Self.ticks) / 30 : time - last
    last = time
    frame.pointee.pts = last
    frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
    try encode(frame)
  }

  /// Completes the file.
  mutating func finish() throws(Fault) {
    try encode(nil)
    do {
      try AVFault.check(av_write_trailer(container))
    } catch {
      throw fault(error)
    }
  }

  private func encode(_ frame: UnsafeMutablePointer<AVFrame>?) throws(Fault) {
    do {
      try AVFault.check(avcodec_send_frame(encoder, frame))
      while true {
        let result = avcodec_receive_packet(encoder, packet)
        if result == AVFault.isAgain || result == SACCADE_AVERROR_EOF { return }
        try AVFault.check(result)
        // Safety: `start` made the one stream.
        av_packet_rescale_ts(
          packet, encoder.pointee.time_base, container.pointee.streams[0]!.pointee.time_base)
        packet.pointee.stream_index = 0
        // Without a duration players leave out the last frame.
        if packet.pointee.duration == 0 {
          packet.pointee.duration = av_rescale_q(
            step, encoder.pointee.time_base, container.pointee.streams[0]!.pointee.time_base)
        }
        try AVFault.check(av_interleaved_write_frame(container, packet))
      }
    } catch {
      throw fault(error)
    }
  }

  private borrowing func fault(_ error: AVFault) -> Fault {
    Fault(
      .cannotCreate, "can't write the video", at: path, cause: error.description,
      advice: "check that the folder exists, may be written to, and has room")
  }
}
