import Base
import CFFmpeg

/// Looking back. Decodes on the caller's thread, with a decoder of its own, in full quality; blocks for as
/// long as that takes (a group of pictures for a still), and slows nobody else down.
extension PacketHistory {
  /// The frame that was shown at this time, or the oldest held when that is gone.
  package func still(at time: MediaTime) throws(Fault) -> VideoFrame {
    var found: VideoFrame?
    try decode(from: time, to: time) { frame in
      if found == nil || frame.info.time <= time {
        let isLast = frame.info.time >= time
        found = consume frame
        return !isLast
      }
      return false
    }
    guard let found = found.take() else {
      throw Fault(
        .noInput, "no picture of \(time.seconds) s is held any more",
        advice: "ask within \(Self.reach.inSeconds) s")
    }
    return found
  }

  /// Every frame of these times that is held, in order. `body` returns false for no more.
  package func frames(
    from: MediaTime, to: MediaTime, _ body: (borrowing VideoFrame) -> Bool
  ) throws(Fault) {
    try decode(from: from, to: to) { frame in
      if frame.info.time < from { return true }
      return frame.info.time <= to && body(frame)
    }
  }

  /// What is needed of a packet once the lock is gone.
  private struct Held {
    let packet: KeptPacket
    let codec: CodecSetup
    let info: FrameInfo?
  }

  private func decode(
    from: MediaTime, to: MediaTime, _ body: (consuming VideoFrame) -> Bool
  ) throws(Fault) {
    let held = kept.withLock { (store: inout PacketStore, _) in
      store.groups(from: from, to: to).flatMap { group in
        group.packets.map { Held(packet: $0, codec: group.codec, info: $0.info) }
      }
    }
    guard let frame = av_frame_alloc() else { fatalError("out of memory for a frame") }
    var owned: UnsafeMutablePointer<AVFrame>? = frame
    defer { av_frame_free(&owned) }
    var first = 0
    while first < held.count {
      let codec = held[first].codec
      let end = held[first...].firstIndex { $0.codec !== codec } ?? held.count
      if try !decode(held[first..<end], codec, frame, body) { return }
      first = end
    }
  }

  /// Packets of one decoder. Returns false when `body` wants no more.
  private func decode(
    _ held: ArraySlice<Held>, _ codec: CodecSetup, _ frame: UnsafeMutablePointer<AVFrame>,
    _ body: (consuming VideoFrame) -> Bool
  ) throws(Fault) -> Bool {
    var settings = Decoder.Settings()
    settings.loopFilter = true
    settings.showsAll = true
    let decoder: Decoder
    do {
      decoder = try Decoder.open(codec.parameters, timeBase: codec.timeBase, settings)
    } catch {
      throw Fault(.unavailable, "a decoder for looking back doesn't start", cause: error.description)
    }
    for index in held.startIndex...held.endIndex {
      // A packet that doesn't decode was counted when it came; go on as the reader did.
      if index == held.endIndex {
        try? decoder.send(nil, mark: 0)
      } else {
        // Others may look back at the same time, and sending marks the packet.
        var packet = av_packet_clone(held[index].packet.raw)
        defer { av_packet_free(&packet) }
        try? decoder.send(packet, mark: Int64(index + 1))
      }
      while decoder.receiveAny(frame) {
        guard let info = Self.info(of: frame, held, codec) else {
          av_frame_unref(frame)
          continue
        }
        guard body(VideoFrame(moving: frame, info: info)) else { return false }
      }
    }
    return true
  }

  /// What the reader knew of the frame. Of one that it left out: as the next known one, at its own time.
  private static func info(
    of frame: UnsafeMutablePointer<AVFrame>, _ held: ArraySlice<Held>, _ codec: CodecSetup
  ) -> FrameInfo? {
    let index = Int(saccade_mark_of_frame(frame)) - 1
    guard held.indices.contains(index) else { return nil }
    if let info = held[index].info { return info }
    let pts = held[index].packet.raw.pointee.pts
    guard pts != SACCADE_NOPTS,
      let known = held[index...].first(where: { $0.info != nil && $0.packet.raw.pointee.pts != SACCADE_NOPTS }
      )
        ?? held[..<index].last(where: { $0.info != nil && $0.packet.raw.pointee.pts != SACCADE_NOPTS }),
      var info = known.info
    else { return nil }
    let distance = av_rescale_q(
      pts - known.packet.raw.pointee.pts, codec.timeBase, AVRational(num: 1, den: 1_000_000_000))
    info.time = info.time + distance
    info.wall = info.wall + distance
    info.isKey = false
    return info
  }
}
