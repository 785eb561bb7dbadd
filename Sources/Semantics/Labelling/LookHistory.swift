import Base

/// Where things were in the last few seconds: an answer of the detector is about a frame that has long passed.
struct LookHistory: Sendable {
  struct Place: Sendable {
    /// The track's serial.
    var serial: UInt64
    /// 0…1 of the upright picture.
    var box: Rect
    /// What is seen where it is, shared with others; nil where it is seen by itself.
    var region: Rect?
    /// It was seen there by itself.
    var isAlone: Bool
    /// It was known to be a thing.
    var isKnown: Bool
  }

  private var looks: [(time: MediaTime, places: [Place])] = []
  /// Answers that are older come too late.
  private static let reach = Nanoseconds.seconds(4)
  private static let most = 240

  mutating func add(_ places: [Place], at time: MediaTime) {
    let old = looks.prefix { time - $0.time > Self.reach }.count
    looks.removeFirst(max(old, looks.count - Self.most + 1))
    looks.append((time, places))
  }

  /// Nil when it isn't remembered any more.
  func places(at time: MediaTime) -> [Place]? { looks.last { $0.time == time }?.places }

  mutating func forget() { looks.removeAll() }
}
