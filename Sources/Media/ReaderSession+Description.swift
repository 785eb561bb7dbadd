import Base
import CFFmpeg

extension Demuxer {
  /// - Parameter isLive: Nil decides by the kind of source and whether it has a duration.
  func describe(
    rotation: Rotation?, isLive: Bool?, hardware: SourceConfiguration.Hardware?
  ) -> SourceDescription {
    let parameters = parameters.pointee
    let isLive = isLive ?? isLiveByNature
    return SourceDescription(
      container: String(cString: context.pointee.iformat.pointee.name),
      codec: String(cString: avcodec_get_name(parameters.codec_id)), width: Int(parameters.width),
      height: Int(parameters.height),
      pixelFormat: av_get_pix_fmt_name(AVPixelFormat(parameters.format)).map { String(cString: $0) },
      declaredRate: declaredRate, duration: isLive ? nil : duration, rotation: rotation ?? self.rotation,
      isLive: isLive, created: created, hardware: hardware)
  }

  private var isLiveByNature: Bool {
    switch location {
    case .camera: true
    case .network: duration == nil
    default: false
    }
  }
}

/// UTC of frames: of a live stream by `WallSlew`, of a recording by its start.
struct WallOfFrames {
  private let clocks: any Clocks
  private let given: WallTime?
  private var start: WallTime?
  private var slew = WallSlew()
  private var isLive = false

  init(start: WallTime?, clocks: any Clocks) {
    given = start
    self.clocks = clocks
  }

  mutating func opened(_ description: SourceDescription) {
    isLive = description.isLive
    if isLive {
      slew.restart(arrival: clocks.monotonic())
    } else if start == nil {
      // A recording that starts again goes on from where it was.
      start = given ?? description.created ?? clocks.wall()
    }
  }

  mutating func wall(of stamp: Timeline.Stamp, arrival: MonotonicTime, sender: WallTime?) -> WallTime {
    if let start, !isLive { return start + stamp.time.nanoseconds }
    let difference = clocks.wall().nanoseconds - clocks.monotonic().nanoseconds
    return slew.wall(of: stamp.time, arrival: arrival, wallMinusMono: difference, sender: sender)
  }
}
