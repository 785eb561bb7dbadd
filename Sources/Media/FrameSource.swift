import Base
import CFFmpeg

/// What a frame's own fields mean in the stream that it came from.
struct FrameSource {
  private let timeBase: AVRational
  private let ownRotation: Rotation
  private let forced: Rotation?

  init(_ demuxer: borrowing Demuxer, _ configuration: SourceConfiguration) {
    timeBase = demuxer.stream.pointee.time_base
    ownRotation = demuxer.rotation
    forced = configuration.rotation
  }

  func nanoseconds(_ time: Int64) -> Nanoseconds? {
    time == SACCADE_NOPTS ? nil : av_rescale_q(time, timeBase, AVRational(num: 1, den: 1_000_000_000))
  }

  /// What the user says, else the frame, else the container.
  func rotation(of frame: UnsafeMutablePointer<AVFrame>) -> Rotation {
    if let forced { return forced }
    guard let matrix = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX) else { return ownRotation }
    return Rotation(displayMatrix: matrix.pointee.data, bytes: matrix.pointee.size) ?? ownRotation
  }
}

extension Demuxer {
  /// By the container's metadata.
  var rotation: Rotation {
    var size = 0
    guard let data = saccade_stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size) else { return .none }
    return Rotation(displayMatrix: data, bytes: size) ?? .none
  }

  /// UTC that the container says it was made at.
  var created: WallTime? {
    let found =
      av_dict_get(context.pointee.metadata, "creation_time", nil, 0)
      ?? av_dict_get(stream.pointee.metadata, "creation_time", nil, 0)
    var microseconds: Int64 = 0
    guard let found, saccade_parse_date(found.pointee.value, &microseconds) >= 0 else { return nil }
    // Some writers leave 1904 or 1970 there.
    return microseconds > 0 ? WallTime(nanoseconds: microseconds * 1000) : nil
  }

  var duration: Nanoseconds? {
    let duration = context.pointee.duration
    return duration == SACCADE_NOPTS || duration <= 0 ? nil : duration * 1000
  }

  var declaredRate: Double? {
    let rate =
      stream.pointee.avg_frame_rate.num > 0 ? stream.pointee.avg_frame_rate : stream.pointee.r_frame_rate
    return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : nil
  }
}

extension Rotation {
  /// The nearest quarter turn of a display matrix, nine 32-bit numbers; nil when it isn't one.
  init?(displayMatrix data: UnsafePointer<UInt8>, bytes: Int) {
    guard bytes >= 36 else { return nil }
    let degrees = data.withMemoryRebound(to: Int32.self, capacity: 9) { av_display_rotation_get($0) }
    guard degrees.isFinite else { return nil }
    // FFmpeg counts the turn anticlockwise.
    let quarters = Int((-degrees / 90).rounded()) & 3
    self.init(rawValue: quarters * 90)
  }
}
