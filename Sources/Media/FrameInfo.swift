import Base

/// What is known of a decoded frame besides its pixels.
package struct FrameInfo: Sendable, Hashable {
  /// Decoded frames of the stream, from 1.
  package var number: UInt64
  /// From 1; goes up by one at each discontinuity of the source.
  package var segment: Int
  /// On the stream's media clock.
  package var time: MediaTime
  /// When its last packet had arrived: live, by the source's time stamps if reading has fallen behind.
  package var arrival: MonotonicTime
  /// How long its packet then lay unread as this machine was too slow.
  package var lag: Nanoseconds
  /// UTC of the frame.
  package var wall: WallTime
  /// Of the decoded picture, before rotation.
  package var width: Int
  package var height: Int
  /// Clockwise turn that shows it upright.
  package var rotation: Rotation
  /// Bytes of its encoded packet.
  package var packetBytes: Int
  package var isKey: Bool

  package init(
    number: UInt64, segment: Int, time: MediaTime, arrival: MonotonicTime, wall: WallTime, width: Int,
    height: Int, lag: Nanoseconds = 0, rotation: Rotation = .none, packetBytes: Int = 0, isKey: Bool = false
  ) {
    self.number = number
    self.segment = segment
    self.time = time
    self.arrival = arrival
    self.lag = lag
    self.wall = wall
    self.width = width
    self.height = height
    self.rotation = rotation
    self.packetBytes = packetBytes
    self.isKey = isKey
  }
}

/// A clockwise turn by quarter circles.
package enum Rotation: Int, Sendable, Hashable, CaseIterable {
  case none = 0
  case quarter = 90
  case half = 180
  case threeQuarters = 270
}
