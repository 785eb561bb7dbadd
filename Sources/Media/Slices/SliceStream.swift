import Base
import CFFmpeg

/// The frames of a video file as slices need them: all of them counted, and none that is made up.
final class SliceStream {
  private var demuxer: Demuxer
  private let decoder: Decoder
  private let interrupt: Interrupt
  private let packet: UnsafeMutablePointer<AVPacket>
  private let storage: UnsafeMutablePointer<AVFrame>
  private var tally = FrameTally()
  private var packets: Int64 = 0
  private var hasFrame = false
  private var isDraining = false
  /// Frames come in the order of their packets, each with its own.
  private let keepsOrder: Bool
  /// What follows builds on a frame that isn't what was recorded, up to the next key frame.
  private var isBroken = false
  private let path: String
  private var readProblem: String?

  /// As FFmpeg names it: `ffv1`.
  let codecName: String
  /// Its codec may have changed the values.
  let isLossy: Bool
  /// Frames, where the container says.
  let count: Int?
  /// Frames that should have come before `frame`, or at the end, and didn't.
  private(set) var lost = 0
  /// What FFmpeg said last about a packet that doesn't decode.
  private(set) var problem: String?
  /// Why `frame` isn't what was recorded.
  private(set) var frameProblem: String?

  init(_ path: String) throws(Fault) {
    self.path = path
    interrupt = Interrupt(NoClocks())
    let configuration = SourceConfiguration(url: path)
    demuxer = try Demuxer.open(configuration, interrupt)
    let format = String(cString: demuxer.context.pointee.iformat.pointee.name)
    if format.hasSuffix("_pipe") || format == "image2" {
      throw Fault(
        .data, "this is one picture of a kind that is not read", at: path, cause: "FFmpeg says \(format)",
        advice: "slices are DICOM, PNG, TIFF or PGM")
    }
    let parameters = demuxer.parameters
    let properties = avcodec_descriptor_get(parameters.pointee.codec_id)?.pointee.props ?? 0
    keepsOrder = properties & AV_CODEC_PROP_REORDER == 0
    isLossy = properties & AV_CODEC_PROP_LOSSY != 0
    codecName = String(cString: avcodec_get_name(parameters.pointee.codec_id))
    count = demuxer.stream.pointee.nb_frames > 0 ? Int(demuxer.stream.pointee.nb_frames) : nil
    var settings = Decoder.Settings()
    settings.loopFilter = true
    do {
      decoder = try Decoder.open(parameters, timeBase: demuxer.stream.pointee.time_base, settings)
    } catch { throw Fault(error, "the video can't be decoded", source: configuration) }
    decoder.context.pointee.err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      fatalError("out of memory for a packet")
    }
    self.packet = packet
    storage = frame
  }

  deinit {
    var spent: (UnsafeMutablePointer<AVPacket>?, UnsafeMutablePointer<AVFrame>?) = (packet, storage)
    av_packet_free(&spent.0)
    av_frame_free(&spent.1)
  }

  /// The frame that `next` found, until `letGo`.
  var frame: UnsafeMutablePointer<AVFrame>? { hasFrame ? storage : nil }

  func letGo() {
    av_frame_unref(storage)
    hasFrame = false
  }

  func takeLost() -> Int {
    defer { lost = 0 }
    return lost
  }

  /// Why the file could not be read to its end; told once.
  func takeReadProblem() -> String? {
    defer { readProblem = nil }
    return readProblem
  }

  /// Goes to the next frame. Returns false at the end.
  func next() throws(Fault) -> Bool {
    while true {
      var isThere = false
      do { isThere = try decoder.receive(storage) } catch { note(error) }
      if isThere {
        hasFrame = true
        lost += tally.came(keepsOrder ? saccade_mark_of_frame(storage) : storage.pointee.pts)
        frameProblem = damage()
        return true
      }
      if isDraining {
        lost += tally.left
        tally = FrameTally()
        return false
      }
      try feed()
    }
  }

  private func feed() throws(Fault) {
    do {
      try demuxer.read(packet)
    } catch {
      if error.code != SACCADE_AVERROR_EOF { readProblem = text(error) }
      isDraining = true
      do { try decoder.send(nil, mark: 0) } catch { note(error) }
      return
    }
    defer { av_packet_unref(packet) }
    packets += 1
    if packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0 { tally.sent(try time()) }
    _ = AVFault.takeLog()
    do { try decoder.send(packet, mark: packets) } catch { note(error) }
  }

  /// What orders packets as their frames will be shown.
  private func time() throws(Fault) -> Int64 {
    if keepsOrder { return packets }
    guard packet.pointee.pts != SACCADE_NOPTS else {
      throw Fault(
        .data, "the frames of this video have no times, so none can be missed", at: path,
        cause: "packet \(packets) has no time",
        advice: "put it into a container: `ffmpeg -i IN -c copy OUT.mkv`")
    }
    return packet.pointee.pts
  }

  private func damage() -> String? {
    let logged = AVFault.takeLog()
    if saccade_frame_is_damaged(storage) != 0 || keepsOrder && !logged.isEmpty {
      isBroken = true
      return "parts of it are damaged" + (logged.isEmpty ? "" : ": \(logged)")
    }
    if saccade_frame_is_key(storage) != 0 { isBroken = false }
    return isBroken ? "it builds on a frame that is damaged or missing" : nil
  }

  private func note(_ fault: AVFault) {
    problem = text(fault)
    isBroken = true
  }

  private func text(_ fault: AVFault) -> String { fault.logged.isEmpty ? fault.description : fault.logged }
}

/// A file has no deadlines.
private struct NoClocks: Clocks {
  func monotonic() -> MonotonicTime { MonotonicTime(nanoseconds: 0) }
  func wall() -> WallTime { WallTime(nanoseconds: 0) }
}
