import Base
import CFFmpeg

/// The encoded packets of the last seconds, whole groups of pictures, to decode again when somebody asks.
///
/// Written by the reader's thread, read by any. Packets share FFmpeg's buffers, nothing is copied.
package final class PacketHistory: Sendable {
  /// At 4 Mbit/s 12 s and a group of pictures.
  package static let usualBytes = 8 << 20
  /// What is kept at least, where the bytes allow it.
  package static let reach: Nanoseconds = .seconds(10)

  let limit: Int
  let kept = Monitor(PacketStore())

  package init(bytes: Int) { limit = bytes }

  /// Packets dropped because the bytes didn't allow to keep them for as long as `reach`.
  package var dropped: UInt64 { kept.withLock { (store: inout PacketStore, _) in store.dropped } }
  /// Bytes held now.
  package var bytes: Int { kept.withLock { (store: inout PacketStore, _) in store.bytes } }
  /// Media times that can be asked for; nil before the first frame.
  package var range: ClosedRange<MediaTime>? {
    kept.withLock { (store: inout PacketStore, _) in store.range }
  }

  /// A stream begins: packets from here on are for these parameters.
  func begin(_ parameters: UnsafePointer<AVCodecParameters>, timeBase: AVRational) {
    if limit == 0 { return }
    let codec = CodecSetup(parameters, timeBase)
    kept.withLock { (store: inout PacketStore, _) in store.begin(codec) }
  }

  func append(_ packet: UnsafePointer<AVPacket>, mark: Int64, isKey: Bool) {
    if limit == 0 { return }
    kept.withLock { (store: inout PacketStore, _) in
      store.append(packet, mark: mark, isKey: isKey, limit: limit, reach: Self.reach)
    }
  }

  /// The frame of this packet was decoded.
  func decoded(mark: Int64, _ info: FrameInfo) {
    if limit == 0 { return }
    kept.withLock { (store: inout PacketStore, _) in store.decoded(mark, info) }
  }
}
