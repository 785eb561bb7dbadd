import Base
import CFFmpeg
import Glibc

/// An open source: a container or a connection, and the one video stream of it that is read.
struct Demuxer: ~Copyable {
  let context: UnsafeMutablePointer<AVFormatContext>
  private(set) var streamIndex: Int32 = -1
  private var successor = StreamSuccessor()
  private let pipe: PipeInput?
  private let interrupt: Interrupt
  /// Options that FFmpeg didn't know.
  let ignoredOptions: [String]
  let location: SourceLocation

  private init(
    _ context: UnsafeMutablePointer<AVFormatContext>, _ location: SourceLocation, _ pipe: PipeInput?,
    _ interrupt: Interrupt, _ ignoredOptions: [String]
  ) {
    self.context = context
    self.location = location
    self.pipe = pipe
    self.interrupt = interrupt
    self.ignoredOptions = ignoredOptions
  }

  /// Opens the source and finds its video. Blocks until `interrupt` ends it at the latest.
  static func open(_ configuration: SourceConfiguration, _ interrupt: Interrupt) throws(Fault) -> Demuxer {
    AVFault.logIsOurs
    _ = AVFault.takeLog()
    let location = SourceLocation(configuration.url)
    try look(at: location, configuration)
    var demuxer: Demuxer
    do {
      let pipe: PipeInput? =
        switch location {
        case .standardInput: try PipeInput(path: nil, interrupt: interrupt)
        case .pipe(let path): try PipeInput(path: path, interrupt: interrupt)
        default: nil
        }
      var ignored: [String] = []
      let context = try context(location, configuration, pipe, interrupt, &ignored)
      demuxer = Demuxer(context, location, pipe, interrupt, ignored)
    } catch let fault as AVFault {
      throw Self.fault(fault, "can't open the source", configuration, interrupt)
    } catch {
      throw error as! Fault  // Safety: `context` throws nothing else.
    }
    do {
      try demuxer.findVideo()
    } catch {
      throw Self.fault(error, "can't find video in the source", configuration, interrupt)
    }
    try demuxer.check(configuration)
    return demuxer
  }

  private mutating func findVideo() throws(AVFault) {
    // A device tells its format at once; looking for it would spin until the first frame.
    if case .camera = location {} else { try AVFault.check(avformat_find_stream_info(context, nil)) }
    streamIndex = try AVFault.check(av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
    let isBroadcast = String(cString: context.pointee.iformat.pointee.name) == "mpegts"
    for index in 0..<Int(context.pointee.nb_streams) where index != Int(streamIndex) {
      // A broadcast may go on in another stream; elsewhere another stream is another picture.
      if isBroadcast && isVideo(Int32(index)) { continue }
      context.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
    }
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&context)
  }

  var stream: UnsafeMutablePointer<AVStream> {
    // Safety: `streamIndex` was found in this context, which never drops a stream.
    context.pointee.streams[Int(streamIndex)]!
  }
  var parameters: UnsafeMutablePointer<AVCodecParameters> { stream.pointee.codecpar }

  /// Reads the next packet of the video into `packet`. Blocks until there is one; throws at the end, on an
  /// error, when stopped and when the deadline of `interrupt` passed.
  mutating func read(_ packet: UnsafeMutablePointer<AVPacket>) throws(AVFault) {
    while !successor.take(into: packet) {
      let result = av_read_frame(context, packet)
      if result == AVFault.isAgain {
        // Only a camera, which is opened without blocking, says so.
        if interrupt.shouldEnd { throw AVFault(code: SACCADE_AVERROR_EXIT, logged: "") }
        _ = Glibc.poll(nil, 0, Self.cameraSlice)
        continue
      }
      if result == SACCADE_AVERROR_EOF, let index = successor.atEnd() {
        streamIndex = index
        continue
      }
      try AVFault.check(result)
      if packet.pointee.stream_index == streamIndex {
        successor.forget()
        return
      }
      if isVideo(packet.pointee.stream_index), let index = successor.note(packet) { streamIndex = index }
      av_packet_unref(packet)
    }
  }

  /// Milliseconds between looks at a camera that had nothing yet.
  private static let cameraSlice: Int32 = 3

  private func isVideo(_ index: Int32) -> Bool {
    context.pointee.streams[Int(index)]?.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
  }
}
