import CFFmpeg

/// Notices when a broadcast goes on in another video stream, as when it changes its codec, without losing
/// the first packets of it.
struct StreamSuccessor: ~Copyable {
  /// Packets in a row of another stream, with none of ours between: streams side by side take turns.
  private static let enough = 12

  private var index: Int32 = -1
  private var waiting: [UnsafeMutablePointer<AVPacket>] = []
  private var isChosen = false

  deinit { for packet in waiting { Self.free(packet) } }

  /// Our stream is alive.
  mutating func forget() {
    if waiting.isEmpty { return }
    for packet in waiting { Self.free(packet) }
    waiting.removeAll(keepingCapacity: true)
  }

  /// A packet of another stream came. Returns that stream once it is the one to go on with.
  mutating func note(_ packet: UnsafeMutablePointer<AVPacket>) -> Int32? {
    if packet.pointee.stream_index != index { forget() }
    index = packet.pointee.stream_index
    if let kept = av_packet_clone(packet) { waiting.append(kept) }
    return waiting.count >= Self.enough ? choose() : nil
  }

  /// Nothing follows: what another stream sent last is the end of the video.
  mutating func atEnd() -> Int32? { waiting.isEmpty || isChosen ? nil : choose() }

  private mutating func choose() -> Int32 {
    isChosen = true
    return index
  }

  /// Moves the oldest kept packet of the chosen stream into `packet`; false when there is none.
  mutating func take(into packet: UnsafeMutablePointer<AVPacket>) -> Bool {
    guard isChosen else { return false }
    guard !waiting.isEmpty else {
      isChosen = false
      return false
    }
    let first = waiting.removeFirst()
    av_packet_move_ref(packet, first)
    Self.free(first)
    return true
  }

  private static func free(_ packet: UnsafeMutablePointer<AVPacket>) {
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&packet)
  }
}
