import Base
import CFFmpeg
import Glibc

/// Finds out what a source is. Used on a thread that may block.
package struct Probe: ~Copyable {
  private let configuration: SourceConfiguration
  private let clocks: any Clocks
  private let interrupt: Interrupt
  /// Enough frames to tell rate, order and cost.
  private static let frames = 150

  package init(_ configuration: SourceConfiguration, clocks: any Clocks) {
    self.configuration = configuration
    self.clocks = clocks
    interrupt = Interrupt(clocks)
  }

  /// Opens the source and decodes its first frames, for at most `patience` after opening.
  ///
  /// Throws when there is no such source or no video in it; what can't be decoded is in the report.
  package func run(patience: Nanoseconds = .seconds(5)) throws(Fault) -> ProbeReport {
    interrupt.allow(configuration.timeout)
    var demuxer = try Demuxer.open(configuration, interrupt)
    interrupt.allow(patience)
    var report = ProbeReport(source: describe(demuxer))
    report.unknownOptions = demuxer.ignoredOptions
    let settings = Decoder.Settings(configuration, isLive: report.source.isLive)
    let decoder: Decoder
    do {
      decoder = try Decoder.open(demuxer.parameters, timeBase: demuxer.stream.pointee.time_base, settings)
    } catch {
      report.trouble =
        error.code == SACCADE_AVERROR_DECODER_NOT_FOUND
        ? "this FFmpeg has no decoder for \(report.source.codec)" : error.description
      return report
    }
    read(&demuxer, decoder, &report)
    return report
  }

  private func describe(_ demuxer: borrowing Demuxer) -> SourceDescription {
    demuxer.describe(rotation: configuration.rotation, isLive: nil, hardware: nil)
  }

  private func read(_ demuxer: inout Demuxer, _ decoder: borrowing Decoder, _ report: inout ProbeReport) {
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      fatalError("out of memory for a packet")
    }
    var spent: (UnsafeMutablePointer<AVPacket>?, UnsafeMutablePointer<AVFrame>?) = (packet, frame)
    defer {
      av_packet_free(&spent.0)
      av_frame_free(&spent.1)
    }
    var tally = ProbeTally(FrameSource(demuxer, configuration), clocks)
    while tally.frames < Self.frames {
      var atEnd = false
      do { try demuxer.read(packet) } catch { atEnd = true }
      if !atEnd { tally.read(packet) }
      let before = Self.threadTime()
      do {
        try decoder.send(atEnd ? nil : packet, mark: 1)
        while try decoder.receive(frame) { tally.decoded(frame) }
      } catch {
        if !atEnd { tally.corrupt += 1 }
        report.trouble = error.description
      }
      tally.decodeTime += Self.threadTime() - before - tally.takeFillTime()
      av_packet_unref(packet)
      if atEnd { break }
    }
    tally.report(into: &report)
  }

  static func threadTime() -> Nanoseconds {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// What a probe counts.
struct ProbeTally {
  private let source: FrameSource
  private let clocks: any Clocks
  private let filler = PeripheralFiller()
  private let picture = PeripheralPicture()
  private var fillTime: Nanoseconds = 0
  private var fillTimeTaken: Nanoseconds = 0
  private var fills = 0
  private var packets = 0
  private var bytes = 0
  private var sinceKey: Int?
  private var longestGroup: Int?
  private var times: [Nanoseconds] = []
  private var lastPacketTime: Nanoseconds?
  private var isReordered = false
  private var last: (format: String, width: Int, height: Int)?
  var frames = 0
  var corrupt = 0
  var decodeTime: Nanoseconds = 0

  init(_ source: FrameSource, _ clocks: any Clocks) {
    self.source = source
    self.clocks = clocks
  }

  mutating func read(_ packet: UnsafeMutablePointer<AVPacket>) {
    packets += 1
    bytes += Int(packet.pointee.size)
    if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 {
      if let group = sinceKey { longestGroup = max(longestGroup ?? 0, group) }
      sinceKey = 0
    }
    sinceKey = sinceKey.map { $0 + 1 }
    if let time = source.nanoseconds(packet.pointee.pts) {
      if let lastPacketTime, time < lastPacketTime { isReordered = true }
      lastPacketTime = time
    }
  }

  mutating func decoded(_ frame: UnsafeMutablePointer<AVFrame>) {
    frames += 1
    if let time = source.nanoseconds(frame.pointee.best_effort_timestamp) { times.append(time) }
    let info = FrameInfo(
      number: UInt64(frames), segment: 1, time: .zero, arrival: clocks.monotonic(), wall: clocks.wall(),
      width: Int(frame.pointee.width), height: Int(frame.pointee.height))
    let whole = VideoFrame(moving: frame, info: info)
    last = (whole.pixelFormat, info.width, info.height)
    let before = Probe.threadTime()
    if (try? whole.fill(picture, with: filler)) != nil { fills += 1 }
    fillTime += Probe.threadTime() - before
  }

  /// Time spent on small copies since the last call.
  mutating func takeFillTime() -> Nanoseconds {
    defer { fillTimeTaken = fillTime }
    return fillTime - fillTimeTaken
  }

  func report(into report: inout ProbeReport) {
    report.packets = packets
    report.corruptPackets = corrupt
    report.groupLength = longestGroup
    let sorted = times.sorted()
    if let first = sorted.first, let end = sorted.last, end > first {
      report.bitRate = Double(bytes * 8) / (end - first).inSeconds
    }
    guard frames > 0, let last else {
      report.trouble = report.trouble ?? "no frame came"
      return
    }
    report.trouble = nil
    let steps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.filter { $0 > 0 }.sorted()
    let usual = steps.isEmpty ? nil : steps[steps.count / 2]
    report.decoding = ProbeReport.Decoding(
      frames: frames, measuredRate: usual.map { 1 / $0.inSeconds },
      isVariableRate: usual.map { usual in steps.contains { abs($0 - usual) > usual / 2 } } ?? false,
      hasBFrames: isReordered, pixelFormat: last.format, width: last.width, height: last.height,
      decodeMilliseconds: decodeTime.inMilliseconds / Double(frames),
      fillMilliseconds: fillTime.inMilliseconds / Double(max(1, fills)), peripheralWidth: picture.width,
      peripheralHeight: picture.height)
  }
}
