import Base

/// What a source is, and what it would cost, found out by reading its first seconds.
package struct ProbeReport: Sendable, Hashable {
  package var source: SourceDescription
  /// Nil when none of the frames could be decoded; then `trouble` says why.
  package var decoding: Decoding?
  /// Why it can't be decoded.
  package var trouble: String?
  /// Packets read, and those of them that didn't decode.
  package var packets = 0
  package var corruptPackets = 0
  /// Frames from key frame to key frame, the longest seen; nil when fewer than two came.
  package var groupLength: Int?
  /// Bits a second over what was read.
  package var bitRate: Double?
  /// Options of the configuration that the source doesn't know.
  package var unknownOptions: [String] = []

  package struct Decoding: Sendable, Hashable {
    package var frames: Int
    /// Frames a second by their own times, the median; nil with fewer than two.
    package var measuredRate: Double?
    /// Whether the distance of frames changes by more than half of the usual.
    package var isVariableRate: Bool
    /// Whether frames come in another order than they are shown: adds latency.
    package var hasBFrames: Bool
    package var pixelFormat: String
    package var width: Int
    package var height: Int
    /// Processor time to decode a frame, with the settings of the configuration.
    package var decodeMilliseconds: Double
    /// Processor time to make its small copy.
    package var fillMilliseconds: Double
    /// Size of that copy.
    package var peripheralWidth: Int
    package var peripheralHeight: Int
  }
}
