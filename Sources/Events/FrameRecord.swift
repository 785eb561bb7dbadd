/// The state of the scene at one tick of one stream. Sent for every tick, also with nothing in sight.
public struct FrameRecord: Hashable, Sendable {
  public enum Freshness: String, Hashable, Sendable, CaseIterable {
    /// A new frame for this tick.
    case fresh
    /// No new frame: the newest one known, `ageMilliseconds` old.
    case stale
  }

  public var stream: String
  public var seq: UInt64
  /// UTC of the frame that this record rests on.
  public var time: Timestamp
  /// Seconds on the stream's media clock: the tick k / rate.
  public var mediaTime: Double
  /// Goes up by one at each discontinuity of the source; 0 before the first frame.
  public var segment: Int
  /// Decoded frames from 1; 0 before the first.
  public var frame: UInt64
  public var freshness: Freshness
  /// The tick minus the frame, never below 0.
  public var ageMilliseconds: Int64
  public var encoder: EncoderReport
  public var scene: SceneReport
  public var objects: [ObjectReport]
  /// How many objects didn't fit into the line.
  public var objectsLeftOut: Int
  /// Which slice this is; only in a sweep.
  public var slice: SliceReport?
  /// True for a record that is older than the subscription's live point.
  public var replay: Bool

  public init(
    stream: String, seq: UInt64, time: Timestamp, mediaTime: Double, segment: Int, frame: UInt64,
    freshness: Freshness, ageMilliseconds: Int64, encoder: EncoderReport, scene: SceneReport,
    objects: [ObjectReport], objectsLeftOut: Int = 0, slice: SliceReport? = nil, replay: Bool = false
  ) {
    self.stream = stream
    self.seq = seq
    self.time = time
    self.mediaTime = mediaTime
    self.segment = segment
    self.frame = frame
    self.freshness = freshness
    self.ageMilliseconds = ageMilliseconds
    self.encoder = encoder
    self.scene = scene
    self.objects = objects
    self.objectsLeftOut = objectsLeftOut
    self.slice = slice
    self.replay = replay
  }
}

/// One slice of a sweep.
public struct SliceReport: Hashable, Sendable {
  /// From 0.
  public var index: Int
  /// Along the sweep's normal, in millimetres; nil where the sweep doesn't say.
  public var z: Double?
  /// Voxel sides in millimetres: across a row, down a column, from slice to slice; empty where unknown.
  public var spacing: [Double]
  /// The file or instance that it came from.
  public var source: String

  public init(index: Int, z: Double?, spacing: [Double], source: String) {
    self.index = index
    self.z = z
    self.spacing = spacing
    self.source = source
  }
}

/// Which encoders looked at this frame, and why the others did not.
public struct EncoderReport: Hashable, Sendable {
  public var ran: [String]
  /// Why the gate skipped work on this frame; nil when nothing was skipped.
  public var skipped: String?
  /// Time spent encoding, in milliseconds.
  public var milliseconds: Double

  public init(ran: [String], skipped: String?, milliseconds: Double) {
    self.ran = ran
    self.skipped = skipped
    self.milliseconds = milliseconds
  }
}

/// The scene as a whole.
public struct SceneReport: Hashable, Sendable {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case starting, ok
    case signalLost = "signal_lost"
    case frozen, dark, bright, covered, defocused, moved
  }
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    case colour, infrared
  }

  public var state: State
  public var mode: Mode?
  /// Share of the picture that moves, 0…1.
  public var motion: Double?
  /// Mean brightness, 0…1.
  public var luma: Double?
  /// Fine detail relative to what this scene usually shows, 0…1.
  public var sharpness: Double?

  public init(state: State, mode: Mode?, motion: Double?, luma: Double?, sharpness: Double?) {
    self.state = state
    self.mode = mode
    self.motion = motion
    self.luma = luma
    self.sharpness = sharpness
  }

  public static let starting = SceneReport(
    state: .starting, mode: nil, motion: nil, luma: nil, sharpness: nil)
}

/// One object in sight.
public struct ObjectReport: Hashable, Sendable {
  public enum Seen: String, Hashable, Sendable, CaseIterable {
    /// In this very frame.
    case observed
    /// Where its track says it is: hidden, merged with another, or the frame was skipped.
    case predicted
  }

  public var id: UInt64
  public var label: String
  public var score: Double
  public var box: Box
  /// Frame widths and heights a second.
  public var velocityX: Double
  public var velocityY: Double
  /// Seconds since it was first seen.
  public var age: Double
  /// Seconds since it last moved.
  public var still: Double
  public var zones: [String]
  public var seen: Seen
  /// Where a detector looks: how sure the label is, 0…1, and how many seconds ago it last looked at this object; nil while
  /// nothing is known.
  public var labelScore: Double?
  public var labelAge: Double?

  public init(
    id: UInt64, label: String, score: Double, box: Box, velocityX: Double, velocityY: Double, age: Double,
    still: Double, zones: [String], seen: Seen, labelScore: Double? = nil, labelAge: Double? = nil
  ) {
    self.id = id
    self.label = label
    self.score = score
    self.box = box
    self.velocityX = velocityX
    self.velocityY = velocityY
    self.age = age
    self.still = still
    self.zones = zones
    self.seen = seen
    self.labelScore = labelScore
    self.labelAge = labelAge
  }
}

/// An upright box, 0…1 of the picture after its declared rotation, origin top left.
public struct Box: Hashable, Sendable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}
