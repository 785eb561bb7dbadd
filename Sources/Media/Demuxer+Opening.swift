import Base
import CFFmpeg
import Glibc

extension Demuxer {
  /// What can be told without FFmpeg, which would say it less clearly.
  static func look(at location: SourceLocation, _ configuration: SourceConfiguration) throws(Fault) {
    let place = configuration.shownURL
    switch location {
    case .file(let path):
      guard let mode = SourceLocation.mode(of: path) else {
        let code = errno
        throw Fault(
          code == EACCES ? .noPermission : .noInput, "there is no such file", at: place,
          cause: String(cString: strerror(code)),
          advice: "check the path; it is relative to the working directory")
      }
      if mode == S_IFDIR {
        throw Fault(
          .noInput, "this is a folder, not a video", at: place,
          advice: "name a file in it, or pictures by a pattern such as `\(path)/*.png` or `\(path)/%03d.png`")
      }
      if access(path, R_OK) != 0 {
        throw Fault(
          .noPermission, "this file can't be read", at: place, cause: String(cString: strerror(errno)),
          advice: "check its owner and mode")
      }
    case .camera(let path):
      if SourceLocation.mode(of: path) == nil {
        throw Fault(
          .noInput, "there is no such camera", at: place, cause: String(cString: strerror(errno)),
          advice: "`ls /dev/video*` shows the cameras of this machine")
      }
      try loadDevices(place)
    case .graph:
      try loadDevices(place)
    default: break
    }
  }

  private static func loadDevices(_ place: String) throws(Fault) {
    guard saccade_load_devices() == 0 else {
      throw Fault(
        .unavailable, "FFmpeg's device library is not installed", at: place,
        cause: "libavdevice.so.\(SACCADE_LIBAVFORMAT_MAJOR) was not found",
        advice: "install Debian's package libavdevice\(SACCADE_LIBAVFORMAT_MAJOR)")
    }
  }

  static func context(
    _ location: SourceLocation, _ configuration: SourceConfiguration, _ pipe: PipeInput?,
    _ interrupt: Interrupt, _ ignored: inout [String]
  ) throws -> UnsafeMutablePointer<AVFormatContext> {
    guard var context = avformat_alloc_context() else { fatalError("out of memory for a source") }
    context.pointee.interrupt_callback = interrupt.callback
    var options = Options()
    var url = configuration.url
    var format = configuration.format
    switch location {
    case .standardInput, .pipe:
      context.pointee.pb = pipe?.context
      url = "pipe"
    case .file(let path):
      // A path may hold a colon, which FFmpeg would take for the end of a protocol's name.
      url = "file:" + path
    case .pictures(let pattern, let isGlob):
      url = pattern
      format = format ?? "image2"
      options.set("pattern_type", isGlob ? "glob" : "sequence")
    case .graph(let graph):
      url = graph
      format = "lavfi"
    case .camera:
      format = format ?? "video4linux2"
      context.pointee.flags |= AVFMT_FLAG_NONBLOCK
    case .network(let scheme, _):
      if location.looksLive {
        context.pointee.max_analyze_duration = Int64(liveProbe.inMilliseconds * 1000)
        // The rate is measured, so don't wait for frames to guess it from.
        context.pointee.fps_probe_size = 0
      }
      if scheme == "rtsp" || scheme == "rtsps" {
        options.set("rtsp_transport", configuration.transport.rawValue)
        options.set("allowed_media_types", "video")
      }
      if scheme == "udp" || scheme == "rtp" { options.set("overrun_nonfatal", "1") }
    }
    options.set(configuration.options)
    var input: UnsafePointer<AVInputFormat>?
    if let format {
      input = av_find_input_format(format)
      if input == nil {
        avformat_free_context(context)
        throw Fault(
          .configuration, "FFmpeg has no input format `\(format)`", at: configuration.shownURL,
          advice: "`ffmpeg -demuxers` lists them")
      }
    }
    var opened: UnsafeMutablePointer<AVFormatContext>? = context
    // FFmpeg frees the context when this fails.
    try AVFault.check(avformat_open_input(&opened, url, input, &options.raw))
    context = opened!  // Safety: set when opening succeeds.
    ignored = options.keys
    return context
  }

  /// How long to look into a live stream for its format.
  private static let liveProbe: Nanoseconds = .seconds(3)

  /// FFmpeg shows some text files as drawings made of letters. Nobody means that.
  private static let lettersAsPictures: Set<String> = ["tty", "bin", "xbin", "adf", "idf"]

  func check(_ configuration: SourceConfiguration) throws(Fault) {
    let name = String(cString: context.pointee.iformat.pointee.name)
    if configuration.format == nil, Self.lettersAsPictures.contains(name) {
      throw Fault(
        .data, "this is text, not a video", at: configuration.shownURL,
        advice: "`saccade probe` tells what a source is")
    }
    if stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 {
      throw Fault(
        .data, "there is sound but no video", at: configuration.shownURL,
        cause: "its only picture is a cover",
        advice: "name a source with video")
    }
  }

  /// The fault of opening, where a passed deadline or what FFmpeg found says more than the error's number.
  static func fault(
    _ fault: AVFault, _ what: String, _ configuration: SourceConfiguration, _ interrupt: Interrupt
  ) -> Fault {
    if !interrupt.isStopped, interrupt.isLate || fault.code == SACCADE_AVERROR_EXIT {
      return Fault(
        .unavailable, what, at: configuration.shownURL,
        cause: "no answer within \(configuration.timeout.inSeconds) s",
        advice: "check that the camera is on and reachable from here")
    }
    let isNetwork = if case .network = SourceLocation(configuration.url) { true } else { false }
    switch fault.code {
    case SACCADE_AVERROR_INVALIDDATA where isNetwork:
      return Fault(
        .unavailable, what, at: configuration.shownURL,
        cause: "it sends nothing, or nothing that FFmpeg knows",
        advice: "check the address; `saccade probe` tells what a source is")
    case SACCADE_AVERROR_STREAM_NOT_FOUND:
      return Fault(
        .data, "there is no video in it", at: configuration.shownURL, advice: "name a source with video")
    case SACCADE_AVERROR_EOF:
      return Fault(
        SourceLocation(configuration.url).looksLive ? .unavailable : .data, what, at: configuration.shownURL,
        cause: "it ended before any video came")
    default: return Fault(fault, what, source: configuration)
    }
  }
}
