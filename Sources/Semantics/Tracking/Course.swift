import Base
import Conditions

/// Where a thing was at a time, and how it went.
struct Passage: Sendable {
  var point: Point
  var velocity: (x: Double, y: Double)
  var time: MediaTime

  var speed: Double { (velocity.x * velocity.x + velocity.y * velocity.y).squareRoot() }

  /// Seconds for which a thing is taken to go on as it went.
  static let persistence = 3.0

  /// Where it is if it went on so.
  func later(at time: MediaTime) -> Passage {
    let passed = (time - self.time).inSeconds
    let point = Point(x: point.x + velocity.x * passed, y: point.y + velocity.y * passed)
    return Passage(point: point, velocity: velocity, time: time)
  }

  /// How far a place is from where a thing that is `narrow` would be had it gone on so, by the way to there, 0…1; nil where
  /// that says nothing.
  func strays(to place: Point, narrow: Double, at time: MediaTime) -> Double? {
    guard (time - self.time).inSeconds < Self.persistence else { return nil }
    let expected = later(at: time).point
    let way = distance(point, expected)
    guard way > 0.3 * narrow else { return nil }
    return min(1, distance(place, expected) / (0.02 + 1.5 * way))
  }
}

/// How a thing goes while it is seen by itself.
struct Course: Sendable {
  /// A step of somebody who walks, in seconds.
  static let stride = 0.5
  /// From so many picture heights a second on it goes somewhere.
  private static let slowest = 0.03

  /// Over a step: the feet make its box come to a stand and hurry on.
  private(set) var velocity = (x: 0.0, y: 0.0)
  /// When it was last seen as a whole. What slides behind something shows less and less of itself, and its middle seems to
  /// come to a stand.
  private(set) var lastWhole: Passage?

  mutating func follow(_ velocity: (x: Double, y: Double), looks: Int, after dt: Double) {
    let step = max(1 - exp2(-dt / Self.stride), 1 / Double(looks))
    self.velocity.x += (velocity.x - self.velocity.x) * step
    self.velocity.y += (velocity.y - self.velocity.y) * step
  }

  mutating func noteWhole(at point: Point, time: MediaTime) {
    lastWhole = Passage(point: point, velocity: velocity, time: time)
  }

  /// Where it is if it went on as it did as a whole; nil where that is too long ago, or it stood.
  func onward(at time: MediaTime) -> Passage? {
    guard let lastWhole, lastWhole.speed > Self.slowest,
      (time - lastWhole.time).inSeconds < Passage.persistence
    else { return nil }
    return lastWhole.later(at: time)
  }
}
