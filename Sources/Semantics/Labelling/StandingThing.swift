import Base
import Vision

/// A thing that only the detector knows of: it has stood there since before the background was learnt, or is one with
/// another to the embedded encoder.
struct StandingThing: Sendable {
  /// Given once it is believed; 0 before.
  var id: UInt64 = 0
  /// 0…1 of the upright picture.
  var box: Rect
  var belief = LabelBelief()
  /// Tracks by their serials in whose place it is, and that were seen beside it in the same look: it isn't theirs.
  private(set) var others: Set<UInt64>
  /// Whether something that moves was there when it was first seen.
  private let beganMoving: Bool
  let firstSeen: MediaTime
  var lastSeen: MediaTime
  /// Looks at its place, one after the other, that didn't see it; and since when.
  private(set) var misses = 0
  private(set) var missedSince: MediaTime?

  /// Looks after which it is believed where they were this sure; where not, one more, over so long: what a part of somebody
  /// is taken for goes on with him.
  private static let enough = 2
  private static let sure = 0.6
  /// The same among others: what a model sees where two meet is often neither.
  private static let sureAmongOthers = 0.8
  private static let lasting = Nanoseconds.milliseconds(500)
  /// Looks in vain after which it is gone, which must lie this far apart: somebody may have stood before it.
  private static let tooMany = 3
  private static let patience = Nanoseconds.seconds(1)

  init(_ detection: Detection, beside others: Set<UInt64>, beganMoving: Bool, at time: MediaTime) {
    box = detection.box
    self.others = others
    self.beganMoving = beganMoving
    firstSeen = time
    lastSeen = time
    belief.look(detection.label, score: detection.score, box: detection.box, at: time)
  }

  private var isAmongOthers: Bool { beganMoving || !others.isEmpty }

  var isBelieved: Bool {
    guard let told = belief.told, belief.looks >= Self.enough else { return false }
    if isAmongOthers, told.score < Self.sure { return false }
    return told.score >= (isAmongOthers ? Self.sureAmongOthers : Self.sure)
      || belief.looks > Self.enough && lastSeen - firstSeen >= Self.lasting
  }
  /// It was never believed and isn't seen any more, or was missed too often.
  func isGone(at time: MediaTime) -> Bool {
    guard let missedSince else { return false }
    return id == 0 || misses >= Self.tooMany && time - missedSince >= Self.patience
  }

  mutating func see(_ detection: Detection, beside others: Set<UInt64>, at time: MediaTime) {
    self.others.formUnion(others)
    // Its box is the mean of the last looks, as it doesn't move.
    func mean(_ old: Double, _ new: Double) -> Double { old + 0.4 * (new - old) }
    let new = detection.box
    box = Rect(
      x: mean(box.x, new.x), y: mean(box.y, new.y), width: mean(box.width, new.width),
      height: mean(box.height, new.height))
    belief.look(detection.label, score: detection.score, box: box, at: time)
    lastSeen = max(lastSeen, time)
    misses = 0
    missedSince = nil
  }

  /// Its place was looked at sharply, and it wasn't there. A look at the whole picture may overlook it: `isSharp` is false.
  mutating func miss(isSharp: Bool, at time: MediaTime) {
    if missedSince == nil { missedSince = time }
    guard isSharp else { return }
    misses += 1
  }

  /// Why its place should be looked at now.
  func wish(at time: MediaTime) -> Fixation.Reason? {
    guard let lookedAt = belief.lookedAt else { return .new }
    let since = time - max(lookedAt, missedSince ?? lookedAt)
    if id == 0 { return since >= .milliseconds(belief.looks < Self.enough ? 60 : 250) ? .new : nil }
    return missedSince != nil && since >= .milliseconds(400 * Int64(misses + 1)) ? .doubtful : nil
  }
}
