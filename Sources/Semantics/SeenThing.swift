import Base
import Events

/// A thing in sight, as records and events tell of it. Points and boxes are 0…1 of the upright picture.
struct SeenThing: Sendable {
  var id: UInt64
  var box: Rect
  var firstSeen: MediaTime
  var lastSeen: MediaTime
  /// How likely it is there, 0…1.
  var score: Double
  /// Since when it hasn't moved.
  var stillSince: MediaTime
  /// Nil while a detector hasn't said anything, or there is none.
  var label: LabelBelief.Told?
  /// In picture heights, and a second.
  var pathLength = 0.0
  var topSpeed = 0.0
  /// Its middle at first and now.
  var first: Point
  var now: Point

  init(_ t: Track, _ label: LabelBelief.Told?, _ tracker: Tracker) {
    id = t.id
    box = tracker.toPicture(t.box)
    firstSeen = t.firstSeen
    lastSeen = t.lastSeen
    score = t.belief
    stillSince = t.rest.since
    self.label = label
    pathLength = t.pathLength
    topSpeed = t.topSpeed
    first = tracker.toPicture(t.firstBox).centre
    now = tracker.toPicture(t.centre)
  }

  init(_ thing: StandingThing) {
    id = thing.id
    box = thing.box
    firstSeen = thing.firstSeen
    lastSeen = thing.lastSeen
    label = thing.belief.told
    score = label?.score ?? 0
    stillSince = thing.firstSeen
    first = thing.box.centre
    now = thing.box.centre
  }

  /// As texts call it.
  var name: String { "\(label?.label ?? "object") \(id)" }

  var labelAttributes: [Attribute] {
    label.map { [Attribute("label", .text($0.label)), Attribute("label_score", .number($0.score))] } ?? []
  }
}
