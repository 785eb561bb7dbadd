import Base

/// What happens to a source besides its frames; told on the reader's thread.
package enum SourceEvent: Sendable {
  case opening
  /// Open, nothing decoded yet.
  case opened(SourceDescription)
  /// The first frame since the source was opened has been decoded.
  case playing
  /// A live source was lost, or couldn't be opened. `segment` goes up with the next frame.
  case lost(Fault, retryIn: Nanoseconds)
  /// The next frame starts this segment.
  case discontinuity(segment: Int, Discontinuity)
  /// Something works, but not as asked for. Without credentials.
  case warning(String)
  /// A finite source starts again.
  case looped(pass: Int)
}

/// Why a segment ended.
package enum Discontinuity: String, Sendable, Hashable, CaseIterable {
  case reconnected
  case looped
  /// The source's times went back.
  case timeWentBack = "time_went_back"
  /// The source's times went further ahead than time did.
  case timeJumped = "time_jumped"
  case sizeChanged = "size_changed"
  case codecChanged = "codec_changed"
}

/// What an open source turned out to be.
package struct SourceDescription: Sendable, Hashable {
  package var container: String
  package var codec: String
  package var width: Int
  package var height: Int
  package var pixelFormat: String?
  /// As the container says; nobody relies on it.
  package var declaredRate: Double?
  package var duration: Nanoseconds?
  package var rotation: Rotation
  package var isLive: Bool
  /// UTC at which the container says it was recorded.
  package var created: WallTime?
  /// Of hardware decoding; nil when the CPU decodes.
  package var hardware: SourceConfiguration.Hardware?
}

package enum ReaderState: String, Sendable, Hashable {
  /// `run` hasn't been called.
  case idle
  case opening
  /// Open, no frame decoded yet.
  case waiting
  case playing
  /// A live source is gone; the reader waits to try again.
  case lost
  case ended
  case stopped
}

/// What the decoder may leave out.
package enum DecodeEffort: UInt8, Sendable, Hashable {
  case everyFrame
  /// Frames that no other frame refers to may stay undecoded.
  case referencedFrames
}

/// How a reader's counts stand. Each only goes up.
package struct ReaderCounts: Sendable, Hashable {
  /// Video packets read.
  package var packets: UInt64 = 0
  package var bytes: UInt64 = 0
  /// Frames decoded and handed on.
  package var decoded: UInt64 = 0
  /// Packets that didn't decode.
  package var corruptPackets: UInt64 = 0
  /// Frames that decoded with errors in them; they are handed on.
  package var damagedFrames: UInt64 = 0
  /// Packets before the first key frame, which nothing can be made of.
  package var discarded: UInt64 = 0
  /// Packets passed over up to a key frame, as decoding had fallen behind a live source.
  package var passedOver: UInt64 = 0
  /// Frames that stayed undecoded to save time.
  package var leftOut: UInt64 = 0
  package var reconnects: UInt64 = 0
  package var discontinuities: UInt64 = 0
  /// Frames without a time, with the last one's time, or a little before it; their time was made up.
  package var madeUpTimes: UInt64 = 0

  package init() {}
}
