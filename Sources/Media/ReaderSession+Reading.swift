import Base
import CFFmpeg
import CLinux

extension ReaderSession {
  /// A live stream that sends packets but nothing that decodes is given up after this: three long groups of
  /// pictures, or when it did decode before, the configuration's timeout.
  private static let undecodable: Nanoseconds = .seconds(30)

  /// Packet by packet to the end.
  func read(
    _ demuxer: inout Demuxer, _ first: consuming Decoder, _ deliver: Deliver, _ changed: Changed
  ) -> PassEnd {
    var decoder = first
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      fatalError("out of memory for a packet")
    }
    var spent: (UnsafeMutablePointer<AVPacket>?, UnsafeMutablePointer<AVFrame>?) = (packet, frame)
    defer {
      av_packet_free(&spent.0)
      av_frame_free(&spent.1)
    }
    let opened = clocks.monotonic()
    var hadKey = false
    var lastFrame = opened
    var framesThen = frames
    owed = Owed()
    backlog = Backlog()
    reader.history.begin(demuxer.parameters, timeBase: demuxer.stream.pointee.time_base)
    var source = FrameSource(demuxer, configuration)
    awaitsFirst = true
    let patience = self.patience()
    while true {
      interrupt.allow(patience)
      let (asked, waits) = (clocks.monotonic(), saccade_thread_waits())
      do {
        try demuxer.read(packet)
      } catch {
        if interrupt.isStopped { return .stopped }
        let end = readingEnd(error, changed)
        guard case .ended = end else { return end }
        // What the decoder still holds belongs to the stream.
        try? decoder.send(nil, mark: 0)
        guard receive(decoder, frame, source, deliver, changed) else { return .stopped }
        countLeftOut(heldBack: 0)
        return .ended
      }
      defer { av_packet_unref(packet) }
      let now = clocks.monotonic()
      let isKey = packet.pointee.flags & AV_PKT_FLAG_KEY != 0
      let wasPassingOver = backlog.isPassingOver
      let isInTime =
        !isLive
        || backlog.read(
          stamp: source.nanoseconds(packet.pointee.dts), isKey: isKey, at: now,
          waited: saccade_thread_waits() == waits ? 0 : now - asked)
      let arrival = now + -backlog.lag
      note(packet, arrival, isKey)
      if demuxer.parameters.pointee.codec_id != decoder.codecID {
        _ = try? decoder.send(nil, mark: 0)
        guard receive(decoder, frame, source, deliver, changed) else { return .stopped }
        do { decoder = try openDecoder(demuxer, changed) } catch { return .failed(error) }
        timeline?.change(.codecChanged)
        source = FrameSource(demuxer, configuration)
        reader.history.begin(demuxer.parameters, timeBase: demuxer.stream.pointee.time_base)
        hadKey = false
      }
      if !hadKey {
        hadKey = isKey || now - opened > Backlog.patience
        if !hadKey {
          reader.update { $0.counts.discarded += 1 }
          continue
        }
      }
      reader.history.append(packet, mark: packets, isKey: isKey)
      guard isInTime else {
        reader.update { $0.counts.passedOver += 1 }
        guard wasPassingOver || empty(decoder, frame, source, deliver, changed) else { return .stopped }
        lastFrame = now
        continue
      }
      follow(decoder)
      do {
        try decoder.send(packet, mark: packets)
        owed.frames += 1
      } catch {
        _ = AVFault.takeLog()
        reader.update { $0.counts.corruptPackets += 1 }
      }
      guard receive(decoder, frame, source, deliver, changed) else { return .stopped }
      countLeftOut(heldBack: Int(decoder.context.pointee.has_b_frames))
      if frames > framesThen {
        framesThen = frames
        lastFrame = now
      } else if isLive, now - lastFrame > (awaitsFirst ? Self.undecodable : configuration.timeout) {
        // What came last may be half a frame that FFmpeg held until it gave up waiting for the rest.
        if interrupt.isLate { return .failed(silence) }
        return .failed(
          Fault(
            .data, "the source sends packets, but no frame of them decodes", at: configuration.shownURL,
            advice: "restart the camera, or set it to another codec"))
      }
    }
  }

  /// Hands on what the decoder still holds, before packets are passed over. Returns false when stopped.
  private func empty(
    _ decoder: borrowing Decoder, _ frame: UnsafeMutablePointer<AVFrame>, _ source: FrameSource,
    _ deliver: Deliver, _ changed: Changed
  ) -> Bool {
    warn("this machine can't decode as much as comes: parts before key frames are passed over", changed)
    try? decoder.send(nil, mark: 0)
    guard receive(decoder, frame, source, deliver, changed) else { return false }
    decoder.flush()
    owed.frames = 0
    return true
  }

  private func readingEnd(_ fault: AVFault, _ changed: Changed) -> PassEnd {
    if fault.code == SACCADE_AVERROR_EOF { return .ended }
    // FFmpeg may first hand out what it still holds, and say so only in a later call.
    if interrupt.isLate || fault.code == SACCADE_AVERROR_EXIT {
      if isFollowed {
        warn("nothing was added to the file for \(configuration.timeout.inSeconds) s", changed)
        return .ended
      }
      return .failed(silence)
    }
    let said = Fault(fault, "reading failed", source: configuration)
    if isLive { return .failed(said) }
    // What there is of a damaged recording is used.
    warn("the recording ended early: \(said.cause ?? said.what)", changed)
    return .ended
  }

  private var silence: Fault {
    Fault(
      .unavailable, "nothing came for \(configuration.timeout.inSeconds) s", at: configuration.shownURL,
      advice: "check that the camera is on and reachable from here")
  }

  /// A file that is read while it is written: it is over when it has not grown for a while.
  private var isFollowed: Bool {
    if case .file = SourceLocation(configuration.url) { !isLive } else { false }
  }

  private func note(_ packet: UnsafeMutablePointer<AVPacket>, _ arrival: MonotonicTime, _ isKey: Bool) {
    packets += 1
    let bytes = Int(packet.pointee.size)
    reader.update {
      $0.counts.packets += 1
      $0.counts.bytes += UInt64(bytes)
    }
    marks.note(
      PacketMark(
        number: packets, arrival: arrival, lag: backlog.lag, bytes: bytes, isKey: isKey,
        sender: Self.senderTime(packet)))
  }

  private static func senderTime(_ packet: UnsafeMutablePointer<AVPacket>) -> WallTime? {
    let microseconds = saccade_packet_sender_time(packet)
    if microseconds == SACCADE_NOPTS { return nil }
    let (nanoseconds, isTooBig) = microseconds.multipliedReportingOverflow(by: 1000)
    return isTooBig ? nil : WallTime(nanoseconds: nanoseconds)
  }

  private func follow(_ decoder: borrowing Decoder) {
    let wanted = DecodeEffort(rawValue: reader.wantedEffort.load(ordering: .relaxed)) ?? .everyFrame
    guard wanted != effort else { return }
    effort = wanted
    decoder.setEffort(wanted)
    owed.isSaving = owed.isSaving || wanted != .everyFrame
    timeline?.learnsRate = wanted == .everyFrame
  }

  /// What was sent and neither came out nor can still be inside was left out, if anything may be.
  private func countLeftOut(heldBack: Int) {
    guard owed.isSaving, owed.frames > heldBack else { return }
    let leftOut = owed.frames - heldBack
    owed.frames = heldBack
    reader.update { $0.counts.leftOut += UInt64(leftOut) }
  }

  /// Hands on what is decoded. Returns false when stopped.
  private func receive(
    _ decoder: borrowing Decoder, _ frame: UnsafeMutablePointer<AVFrame>, _ source: FrameSource,
    _ deliver: Deliver, _ changed: Changed
  ) -> Bool {
    var faults = 0
    while faults < Decoder.mostFaults {
      do {
        guard try decoder.receive(frame) else { return true }
      } catch {
        faults += 1
        owed.frames -= 1
        reader.update { $0.counts.corruptPackets += 1 }
        continue
      }
      owed.frames -= 1
      if interrupt.isStopped {
        av_frame_unref(frame)
        return false
      }
      guard deliver(stamped(frame, source, changed)) else { return false }
    }
    return true
  }

  private func stamped(
    _ frame: UnsafeMutablePointer<AVFrame>, _ source: FrameSource, _ changed: Changed
  ) -> VideoFrame {
    let mark = marks.mark(saccade_mark_of_frame(frame))
    let arrival = mark?.arrival ?? clocks.monotonic()
    let size = (width: frame.pointee.width, height: frame.pointee.height)
    if let lastSize, lastSize != size { timeline?.change(.sizeChanged) }
    lastSize = size
    let rotation = source.rotation(of: frame)
    let pts = source.nanoseconds(frame.pointee.best_effort_timestamp)
    // Safety: `pass` made the timeline before any packet was read.
    let stamp = timeline!.stamp(pts: pts, arrival: arrival)
    frames += 1
    let rate = timeline!.estimate
    let isDamaged = saccade_frame_is_damaged(frame) != 0
    reader.update {
      $0.counts.decoded += 1
      if stamp.broke != nil { $0.counts.discontinuities += 1 }
      if stamp.isMadeUp { $0.counts.madeUpTimes += 1 }
      if isDamaged { $0.counts.damagedFrames += 1 }
      if rate.isMeasured { $0.measuredRate = rate.rate }
      if $0.state != .playing { $0.state = .playing }
    }
    if let why = stamp.broke { changed(.discontinuity(segment: stamp.segment, why)) }
    if awaitsFirst { changed(.playing) }
    awaitsFirst = false
    let info = FrameInfo(
      number: frames, segment: stamp.segment, time: stamp.time, arrival: arrival,
      wall: wall.wall(of: stamp, arrival: arrival, sender: mark?.sender), width: Int(size.width),
      height: Int(size.height), lag: mark?.lag ?? 0, rotation: rotation, packetBytes: mark?.bytes ?? 0,
      isKey: saccade_frame_is_key(frame) != 0)
    if let mark { reader.history.decoded(mark: mark.number, info) }
    return VideoFrame(moving: frame, info: info)
  }
}
