import Base
import CFFmpeg

/// A stream's codec parameters, kept for as long as packets need them.
final class CodecSetup: @unchecked Sendable {
  // Safety: written in `init` only.
  let parameters: UnsafeMutablePointer<AVCodecParameters>
  let timeBase: AVRational

  init(_ source: UnsafePointer<AVCodecParameters>, _ timeBase: AVRational) {
    guard let parameters = avcodec_parameters_alloc(), avcodec_parameters_copy(parameters, source) >= 0 else {
      fatalError("out of memory for codec parameters")
    }
    self.parameters = parameters
    self.timeBase = timeBase
  }

  deinit {
    var parameters: UnsafeMutablePointer<AVCodecParameters>? = parameters
    avcodec_parameters_free(&parameters)
  }
}

/// A reference to an encoded packet.
final class KeptPacket: @unchecked Sendable {
  // Safety: the packet is never written to; `info` is read and written only under the history's lock.
  let raw: UnsafeMutablePointer<AVPacket>
  let mark: Int64
  let isKey: Bool
  /// Of its frame; nil while none was decoded from it.
  var info: FrameInfo?

  init(_ packet: UnsafePointer<AVPacket>, mark: Int64, isKey: Bool) {
    guard let raw = av_packet_clone(packet) else { fatalError("out of memory for a packet") }
    self.raw = raw
    self.mark = mark
    self.isKey = isKey
  }

  deinit {
    var raw: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&raw)
  }
}

/// A key frame and what follows it.
struct PictureGroup {
  var codec: CodecSetup
  var packets: [KeptPacket]
  var bytes = 0

  /// Whether pictures that are shown before the key frame come after it: they need the group before.
  var isOpen: Bool {
    guard let key = packets.first?.info?.time else { return false }
    return packets.contains { $0.info.map { $0.time < key } ?? false }
  }
  var firstTime: MediaTime? { packets.lazy.compactMap(\.info?.time).min() }
  var lastTime: MediaTime? { packets.lazy.compactMap(\.info?.time).max() }
}

/// The groups held, oldest first.
struct PacketStore {
  private(set) var groups: [PictureGroup] = []
  private(set) var bytes = 0
  private(set) var dropped: UInt64 = 0
  private var codec: CodecSetup?
  private var newest = MediaTime.zero
  /// The group in progress didn't fit: wait for the next key frame.
  private var skips = true

  var range: ClosedRange<MediaTime>? {
    guard let first = groups.lazy.compactMap(\.firstTime).first else { return nil }
    return first...max(first, newest)
  }

  mutating func begin(_ codec: CodecSetup) {
    self.codec = codec
    skips = true
  }

  mutating func append(
    _ packet: UnsafePointer<AVPacket>, mark: Int64, isKey: Bool, limit: Int, reach: Nanoseconds
  ) {
    guard let codec else { return }
    let size = Int(packet.pointee.size)
    if isKey {
      skips = false
      forget(before: newest.nanoseconds - reach)
    }
    if skips {
      dropped += 1
      return
    }
    while bytes + size > limit, !groups.isEmpty {
      // Half a group can't be decoded: the one in progress goes last, and then whole.
      let wasLast = groups.count == 1 && !isKey
      dropped += UInt64(groups[0].packets.count)
      removeFirst()
      if wasLast { skips = true }
    }
    guard !skips, size <= limit else {
      dropped += 1
      return
    }
    let kept = KeptPacket(packet, mark: mark, isKey: isKey)
    if isKey || groups.isEmpty { groups.append(PictureGroup(codec: codec, packets: [])) }
    groups[groups.count - 1].packets.append(kept)
    groups[groups.count - 1].bytes += size
    bytes += size
  }

  mutating func decoded(_ mark: Int64, _ info: FrameInfo) {
    newest = max(newest, info.time)
    // A decoder holds few packets back, so the search from the end is short.
    for group in groups.reversed() {
      guard let first = group.packets.first, mark >= first.mark else { continue }
      for packet in group.packets.reversed() where packet.mark <= mark {
        if packet.mark == mark { packet.info = info }
        return
      }
    }
  }

  /// The groups from which frames of these times can be decoded.
  func groups(from: MediaTime, to: MediaTime) -> ArraySlice<PictureGroup> {
    // Frames may be shown before the key frame that they were sent after, and then need the group before.
    var start = groups.lastIndex { $0.packets.first?.info.map { $0.time <= from } ?? false } ?? 0
    if start > 0, start < groups.count, groups[start].isOpen { start -= 1 }
    let end = groups.lastIndex { $0.firstTime.map { $0 <= to } ?? false } ?? groups.count - 1
    return start <= end ? groups[start...end] : []
  }

  /// Drops the groups after which another one still begins before `time`.
  private mutating func forget(before time: Nanoseconds) {
    while groups.count > 1, let second = groups[1].firstTime, second.nanoseconds <= time { removeFirst() }
  }

  private mutating func removeFirst() {
    bytes -= groups[0].bytes
    groups.removeFirst()
  }
}
