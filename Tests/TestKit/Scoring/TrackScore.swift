/// How well a tracker did on one clip or several: CLEAR-MOT (Bernardin and Stiefelhagen 2008) at IoU 0.3,
/// with what truth doesn't ask for left out, and the times that Saccade promises.
package struct TrackScore: Sendable {
  package var clips = 1
  /// Required objects, summed over frames, and how many were matched.
  package var required = 0
  package var matched = 0
  /// Reported objects that match nothing, required or not.
  package var falseBoxes = 0
  /// A required object is matched by another id than when it was matched last.
  package var switches = 0
  /// Pairs of objects that passed each other in the picture, and the switches then and 1.5 s after.
  package var crossings = 0
  package var crossingSwitches = 0
  /// An object is found again after it was lost though required.
  package var fragments = 0
  /// Objects that were to be known, and those that never were.
  package var objects = 0
  package var neverKnown = 0
  /// Seconds from being half visible to being matched first, for each known object.
  package var knownAfter: [Double] = []
  /// Seconds from its last sight until its id is gone, for each object that left.
  package var endedAfter: [Double] = []
  /// Ids of which more than half the boxes are false.
  package var falseTracks = 0
  /// Events `object` that began with nothing of the truth under them.
  package var falseEvents = 0
  package var health = HealthScore()

  package init() {}

  package var recall: Double { required > 0 ? Double(matched) / Double(required) : 1 }
  package var precision: Double {
    matched + falseBoxes > 0 ? Double(matched) / Double(matched + falseBoxes) : 1
  }
  /// Multiple object tracking accuracy: 1 − (missed + false + switches) / required.
  package var mota: Double {
    required > 0 ? 1 - Double(required - matched + falseBoxes + switches) / Double(required) : 1
  }

  package static func += (a: inout TrackScore, b: TrackScore) {
    a.clips += b.clips
    a.required += b.required
    a.matched += b.matched
    a.falseBoxes += b.falseBoxes
    a.switches += b.switches
    a.crossings += b.crossings
    a.crossingSwitches += b.crossingSwitches
    a.fragments += b.fragments
    a.objects += b.objects
    a.neverKnown += b.neverKnown
    a.knownAfter += b.knownAfter
    a.endedAfter += b.endedAfter
    a.falseTracks += b.falseTracks
    a.falseEvents += b.falseEvents
    a.health += b.health
  }

  /// The value below which the share `p` of the values lies; nil of none.
  package static func percentile(_ values: [Double], _ p: Double) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return sorted[min(max(Int((Double(sorted.count) * p).rounded(.up)) - 1, 0), sorted.count - 1)]
  }
}

/// The health events of a clip against those due.
package struct HealthScore: Sendable {
  package var due = 0
  /// Told from the beginning of the state until 1 s after it was complete.
  package var found = 0
  /// Told later, but while it lasted.
  package var late = 0
  /// Of a health kind, with none due or allowed; or told a second time.
  package var wrong = 0
  /// Seconds from completeness to the event, below 0 when it was told before.
  package var delays: [Double] = []
  /// Seconds between when it began and was gone and when its event says so (`since`, `last_seen`).
  package var beginErrors: [Double] = []
  package var endErrors: [Double] = []
  /// What was missed, late or wrong, for people.
  package var notes: [String] = []

  package init() {}

  package static func += (a: inout HealthScore, b: HealthScore) {
    a.due += b.due
    a.found += b.found
    a.late += b.late
    a.wrong += b.wrong
    a.delays += b.delays
    a.beginErrors += b.beginErrors
    a.endErrors += b.endErrors
    a.notes += b.notes
  }
}
