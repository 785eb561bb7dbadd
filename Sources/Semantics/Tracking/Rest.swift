import Base

/// Since when a thing stands, as people are told: more carefully than `Track.movedAt`, which the tracker itself goes by.
struct Rest: Sendable {
  private(set) var since: MediaTime
  /// Where it stood when that began, by its box and by its middle, which is steadier.
  private(set) var box: Rect
  private var point: Point
  /// It stood long enough for its place to be measured anew: where it came to a stand, not where it last counted as moving.
  private var isSettled = false

  private static let settling = 0.3
  /// By how much of its lesser side it has to go; and where it isn't seen by itself and its place is a guess.
  private static let step = 0.14
  private static let guessedStep = 0.35

  init(in box: Rect, at time: MediaTime) {
    since = time
    self.box = box
    point = box.centre
  }

  /// It stands no longer when it went away by a part of its own size. Both its edges have to go: of what only grows, or
  /// loses its shadow, one does. At the border one edge stands still while it comes in.
  mutating func follow(
    _ now: Rect, middle: Point, side: Double, isGuess: Bool, isEntering: Bool, at time: MediaTime
  ) {
    let limit = max(0.012, (isGuess ? Self.guessedStep : Self.step) * side)
    guard distance(middle, point) > limit else {
      guard !isSettled, !isGuess, (time - since).inSeconds > Self.settling else { return }
      isSettled = true
      box = now
      point = middle
      return
    }
    if isEntering || isGuess || now.advance(from: box) > 0.3 * limit {
      since = time
      isSettled = false
    }
    box = now
    point = middle
  }

  /// It turned out to be more or less than was known, which is no move.
  mutating func turnOut(to now: Rect, middle: Point) {
    box = now
    point = middle
  }

  /// It stood there already then.
  mutating func began(_ time: MediaTime) { since = min(since, time) }

  /// Lost and found in one place, it stood there meanwhile.
  mutating func goOn(from before: Rest) {
    if box.overlap(before.box) > 0.5 { since = before.since }
  }
}

extension Rect {
  /// How far both opposite edges went the same way.
  func advance(from place: Rect) -> Double {
    func both(_ a: Double, _ b: Double) -> Double { a * b > 0 ? min(abs(a), abs(b)) : 0 }
    return max(both(x - place.x, maxX - place.maxX), both(y - place.y, maxY - place.maxY))
  }
}
