import Base
import Media

/// One look at one frame: what was seen, or why nothing was looked at.
package struct Look: Sendable {
  package var info: FrameInfo
  /// Nil when the gate skipped the frame.
  package var observation: Observation?
  /// Names of the encoders that ran.
  package var ran: [String]
  /// Why work was skipped: `unchanged`, `budget`, …; nil when nothing was.
  package var skipped: String?

  package init(info: FrameInfo, observation: Observation?, ran: [String], skipped: String?) {
    self.info = info
    self.observation = observation
    self.ran = ran
    self.skipped = skipped
  }
}

/// What the parser asks of the encoder for the next frames.
package struct Attention: Sendable {
  /// Known objects: where the background must not learn, as it would absorb them.
  package var held: [Rect] = []
  /// The known things one by one: what is alone is remembered, what isn't is searched for.
  package var known: [Known] = []
  /// Places that turned out to be empty: the background is taken anew there, once.
  package var emptied: [Rect] = []
  /// Something is open (an object, a candidate, a health doubt): no frame may be skipped.
  package var isAwake = false
  /// The descriptors of the patches are wanted, which cost a little at each frame.
  package var wantsGrid = false

  package init() {}
}

/// What the gate asks of the decoder.
package enum DecodeEconomy: Sendable, Hashable {
  case everyFrame
  /// Frames that no other frame refers to may be left undecoded.
  case referencedFrames
}
