import Base
import CFFmpeg

/// One `run` of a reader: what belongs to its thread alone.
final class ReaderSession {
  typealias Deliver = (consuming VideoFrame) -> Bool
  typealias Changed = (SourceEvent) -> Void

  /// Packets given to the decoder less frames that came out.
  struct Owed {
    var frames = 0
    /// The decoder may have left out some since the source was opened.
    var isSaving = false
  }

  enum PassEnd {
    case stopped
    case ended
    case failed(Fault)
  }

  let reader: FrameReader
  let clocks: any Clocks
  var timeline: Timeline?
  var wall: WallOfFrames
  private var reconnection = Reconnection()
  private var random = SystemRandomNumberGenerator()
  private var passes = 0

  // Of the frames so far, over all passes and connections.
  var frames: UInt64 = 0
  var packets: Int64 = 0
  var marks = PacketMarks()
  var lastSize: (width: Int32, height: Int32)?
  var effort = DecodeEffort.everyFrame
  var owed = Owed()
  var backlog = Backlog()
  /// Nothing has been decoded since the source was opened.
  var awaitsFirst = true

  var configuration: SourceConfiguration { reader.configuration }
  var interrupt: Interrupt { reader.interrupt }
  var isLive: Bool { timeline?.isLive ?? reader.isLive }

  init(_ reader: FrameReader) {
    self.reader = reader
    clocks = reader.clocks
    wall = WallOfFrames(start: reader.start, clocks: reader.clocks)
  }

  func run(_ deliver: Deliver, _ changed: Changed) throws(Fault) -> FrameReader.Ending {
    while true {
      if interrupt.isStopped { return .stopped }
      changed(.opening)
      reader.update { $0.state = .opening }
      let before = frames
      let end = pass(deliver, changed)
      if frames > before { reconnection.decoded() }
      switch end {
      case .stopped: return .stopped
      case _ where interrupt.isStopped: return .stopped
      case .failed(let fault) where !isLive: throw fault
      case .failed(let fault):
        guard waitAfter(fault, changed) else { return .stopped }
      case .ended where isLive:
        let fault = Fault(
          .unavailable, "the source ended", at: configuration.shownURL,
          advice: "check that the camera is on and reachable from here")
        guard waitAfter(fault, changed) else { return .stopped }
      case .ended:
        guard frames > before else {
          throw Fault(
            .data, "no frame of it could be decoded", at: configuration.shownURL,
            advice: "`saccade probe` tells what a source is")
        }
        guard configuration.loop else { return .finished }
        passes += 1
        timeline?.restart(.looped)
        changed(.looped(pass: passes + 1))
      }
    }
  }

  /// Returns false when stopped.
  private func waitAfter(_ fault: Fault, _ changed: Changed) -> Bool {
    let delay = reconnection.failed(chance: Double.random(in: 0...1, using: &random))
    let end = clocks.monotonic() + delay
    reader.update { $0.state = .lost }
    // Before anyone learns of it, so that whoever does can cut the wait short.
    interrupt.expectWait()
    changed(.lost(fault, retryIn: delay))
    guard interrupt.wait(until: end) else { return false }
    reader.update { $0.counts.reconnects += 1 }
    timeline?.restart(.reconnected)
    return true
  }

  /// Opens the source and reads it to its end.
  private func pass(_ deliver: Deliver, _ changed: Changed) -> PassEnd {
    interrupt.allow(patience())
    do {
      var demuxer = try Demuxer.open(configuration, interrupt)
      let decoder = try openDecoder(demuxer, changed)
      let description = demuxer.describe(
        rotation: configuration.rotation, isLive: reader.kind.map { $0 == .live },
        hardware: decoder.hardwareFormat == nil ? nil : configuration.hardware)
      if timeline == nil {
        let rate = description.declaredRate.map { Nanoseconds.seconds(1 / $0) }
        timeline = Timeline(isLive: description.isLive, declaredInterval: rate)
      }
      timeline?.isLive = description.isLive
      wall.opened(description)
      reader.update {
        $0.state = .waiting
        $0.isLive = description.isLive
        $0.description = description
      }
      changed(.opened(description))
      for option in demuxer.ignoredOptions { warn("option `\(option)` is unknown to this source", changed) }
      return read(&demuxer, decoder, deliver, changed)
    } catch {
      return interrupt.isStopped ? .stopped : .failed(error)
    }
  }

  /// How long the source may say nothing. Whoever writes to a pipe may take any time; others have the configuration's. Looks
  /// up what the source is.
  func patience() -> Nanoseconds? {
    switch SourceLocation(configuration.url) {
    case .standardInput, .pipe: nil
    default: configuration.timeout
    }
  }

  func warn(_ text: String, _ changed: Changed) {
    var isNew = false
    reader.update {
      isNew = !$0.warnings.contains(text) && $0.warnings.count < 32
      if isNew { $0.warnings.append(text) }
    }
    if isNew { changed(.warning(text)) }
  }

  func openDecoder(_ demuxer: borrowing Demuxer, _ changed: Changed) throws(Fault) -> Decoder {
    let settings = Decoder.Settings(configuration, isLive: isLive)
    let name = String(cString: avcodec_get_name(demuxer.parameters.pointee.codec_id))
    do {
      let decoder = try Decoder.open(
        demuxer.parameters, timeBase: demuxer.stream.pointee.time_base, settings)
      if settings.hardware != .none && decoder.hardwareFormat == nil {
        warn("no \(settings.hardware.rawValue) hardware decodes \(name) here, the CPU does", changed)
      }
      effort = .everyFrame
      return decoder
    } catch {
      if error.code == SACCADE_AVERROR_DECODER_NOT_FOUND {
        throw Fault(
          .unavailable, "this FFmpeg has no decoder for \(name)", at: configuration.shownURL,
          advice: "install an FFmpeg with one, or set the camera to H.264")
      }
      throw Fault(error, "the decoder for \(name) doesn't start", source: configuration)
    }
  }
}
