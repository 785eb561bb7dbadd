import Base

/// Rain, snow, insects: when far more small things begin than any scene has, what isn't clearly larger than they are
/// is taken for one of them.
struct Clutter: Sendable {
  /// Beginnings in the last second, newest last, with their sizes in picture heights and how they stand out.
  private var recent: [(time: MediaTime, size: Double, contrast: Double)] = []
  private(set) var isDense = false
  /// The size that nine in ten of them stay below.
  private(set) var size = 0.0
  /// How much nine in ten of them stand out at most.
  private(set) var contrast = 0.0

  /// Beginnings a second from which the air is full of something, and below which it is clear again.
  private static let dense = 25
  private static let clear = 10

  /// Whether most of what moves falls: then nothing small that falls is a thing.
  private(set) var falls = false
  /// The air is full of something small.
  var isFull: Bool { isDense || falls }
  private var courses: [(time: MediaTime, falls: Bool)] = []

  /// Falling things in four seconds from which it snows or rains, and below which it doesn't any more.
  private static let falling = 15
  private static let dry = 5

  /// Takes in how something new moves, once its speed is known: picture heights a second.
  mutating func note(velocityX: Double, velocityY: Double, at time: MediaTime) {
    if courses.count < 1000 { courses.append((time, velocityY > max(0.12, 0.7 * abs(velocityX)))) }
  }

  mutating func note(_ size: Double, contrast: Double, at time: MediaTime) {
    if recent.count < 400 { recent.append((time, size, contrast)) }
  }

  mutating func step(to time: MediaTime) {
    recent.removeAll { (time - $0.time).inSeconds > 1 }
    courses.removeAll { (time - $0.time).inSeconds > 4 }
    let fallen = courses.count { $0.falls }
    if fallen >= Self.falling && 2 * fallen > courses.count {
      falls = true
    } else if fallen < Self.dry {
      falls = false
    }
    if recent.count >= Self.dense {
      isDense = true
    } else if recent.count < Self.clear {
      isDense = false
    }
    guard isFull, !recent.isEmpty else {
      if !isFull { size = 0 }
      return
    }
    let sizes = recent.map(\.size).sorted()
    let now = sizes[sizes.count * 9 / 10]
    size = size == 0 ? now : max(now, size * 0.98)
    let contrasts = recent.map(\.contrast).sorted()
    contrast = contrasts[contrasts.count * 9 / 10]
  }
}
