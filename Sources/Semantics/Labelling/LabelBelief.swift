import Base
import Vision

/// What a detector said of one thing, over all looks at it, and how much that is still worth.
struct LabelBelief: Sendable {
  /// The label that is told, and how sure it is now, 0…1.
  struct Told: Sendable, Hashable {
    var label: String
    var score: Double
  }

  /// Scores by label: of each look, the one that was given, the others 0; older looks count less.
  private var scores: [String: Double] = [:]
  private(set) var looks = 0
  /// Of these, those at its very place.
  private var sharpLooks = 0
  /// Of these, those that say something.
  private var telling = 0
  /// Whether one of them saw it whole.
  private var wasWhole = false
  private(set) var lookedAt: MediaTime?
  /// Looks in a row that said what was believed, and those that said other, since two in a row agreed.
  private var agreeing = 0
  private var contradictions = 0
  /// Looks in a row in which nothing was seen in its place.
  private(set) var inVain = 0
  /// Its box in the last look, and whether that was all of it.
  private var lookedBox: Rect?
  private var lookedWhole = false
  /// Seconds since the last look for which it wasn't seen by itself: it may have become another.
  private var unseen = 0.0
  private var shown: String?
  /// Seconds since it was last seen by itself, how many of them at the last look, and looks in that time.
  private var crowded = 0.0
  private var crowdedAtLook = 0.0
  private var crowdLooks = 0

  /// The share that the newest look has, the first one at the whole of a thing, as half of somebody may have been taken for
  /// something else, and the first one that saw anything.
  private static let newest = 0.5
  private static let firstWhole = 0.6
  private static let firstSeen = 0.65
  /// Seconds out of sight or in a crowd after which what was said is worth half.
  private static let halfLife = 4.0
  /// A label is told from the first score on, and no more below the second.
  private static let enough = 0.4
  private static let tooLittle = 0.2

  /// It was looked at, in a picture taken at `time`. `label` is nil when nothing was seen in its place, which says nothing
  /// of what only shows in part, as it comes into the picture: `isWhole` is false. `isSharp`: it was looked at by
  /// itself, and not with the whole picture.
  mutating func look(
    _ label: String?, score: Double, box: Rect, isWhole: Bool = true, isSharp: Bool = true, at time: MediaTime
  ) {
    looks += 1
    if isSharp { sharpLooks += 1 }
    lookedAt = max(lookedAt ?? time, time)
    let shownBefore = shareShown(of: box)
    (lookedBox, lookedWhole) = (box, isWhole)
    inVain = label == nil ? inVain + 1 : 0
    guard label != nil || isWhole else { return }
    telling += 1
    // The first look says all that is known, the second half of it.
    let isFirstWhole = isWhole && label != nil && !wasWhole
    if isFirstWhole { wasWhole = true }
    var share = max(isFirstWhole ? Self.firstWhole : Self.newest, 1 / Double(telling))
    if label != nil {
      if scores.isEmpty { share = max(share, Self.firstSeen) }
      // What was said of a small part is worth little beside what is said of a large one.
      share /= share + (1 - share) * shownBefore * shownBefore
    }
    let before = best?.label
    agreeing = label != nil && label == before ? agreeing + 1 : 0
    if agreeing >= 2 { contradictions = 0 }
    for (key, value) in scores { scores[key] = value * (1 - share) }
    if let label {
      if let before, label != before { contradictions += 1 }
      scores[label, default: 0] += share * score
    }
    unseen = 0
    choose()
  }

  /// Time passed. `isAlone`: it was seen by itself.
  mutating func pass(_ seconds: Double, isAlone: Bool) {
    if isAlone {
      (crowded, crowdedAtLook, crowdLooks) = (0, 0, 0)
    } else {
      unseen += seconds
      crowded += seconds
    }
    choose()
  }

  /// Its place was looked at, whatever was seen there.
  mutating func noteLook() {
    guard crowded > 0 else { return }
    crowdedAtLook = crowded
    crowdLooks += 1
  }

  /// It is one of several that are seen as one, among whom others may have come: from now and then to seldom, as long as it
  /// goes on.
  var mayHideOthers: Bool {
    crowded > 0
      && crowded - crowdedAtLook >= Self.crowd * exp2(Double(min(crowdLooks, 20)) * Self.crowdGrowth)
  }

  /// No look has said what it is, or that nothing is there.
  var isUntold: Bool { telling == 0 }

  /// Halves with time in which it could have been exchanged for another; while it is followed in plain sight, a thing
  /// stays what it is.
  var trust: Double { exp2(-unseen / Self.halfLife) }

  /// The best label, by what it is worth now.
  var best: Told? {
    // In the order of names where two are alike, so that the same looks give the same label.
    let top = scores.max { ($0.value, $1.key) < ($1.value, $0.key) }
    return top.map { Told(label: $0.key, score: min(1, $0.value * trust)) }
  }

  /// What records say; nil while nothing is sure enough.
  var told: Told? { shown.map { Told(label: $0, score: min(1, scores[$0, default: 0] * trust)) } }

  /// Why it should be looked at now; nil when there is no reason. `isAlone`: it is seen by itself;
  /// `isWhole`: no part of it is outside the picture.
  func wish(
    _ box: Rect, isAlone: Bool, isWhole: Bool, isStill: Bool, at time: MediaTime
  ) -> Fixation.Reason? {
    guard let lookedAt else { return .new }
    let since = (time - lookedAt).inSeconds
    // What comes into view shows more of itself with each frame.
    if telling == 0 {
      let late = Double(min(20, max(0, looks - Self.entries)))
      let pause = late == 0 ? Self.entering : min(Self.longestDoubt, Self.soonest * exp2(late - 1))
      return since >= pause ? .new : nil
    }
    if isWhole, isAlone, !wasWhole, inVain == 0, since >= Self.entering { return .changed }
    if agreeing == 0, contradictions > 0, inVain == 0,
      since >= min(Self.longestDoubt, Self.entering * exp2(Double(min(contradictions, 20) - 1)))
    {
      return .changed
    }
    // What was said of a part, and twice, may still be wrong of the whole.
    let pause =
      wasWhole ? min(Self.longestChanged, Self.soonest * exp2(Double(min(agreeing, 20)))) : Self.growing
    let isDoubted = trust < Self.doubtedBelow
    let isDue = since >= (isDoubted ? min(pause, Self.doubted) : pause)
    if isAlone, isDue, isDoubted || hasChanged(box) { return .changed }
    let isKnown = best.map { $0.score >= Self.sure } ?? false
    let first = isKnown ? Self.firstAgain : Self.soonest
    let most = isKnown ? (isStill ? Self.longestStill : Self.longest) : Self.longestDoubt
    // Looks at the whole don't settle what is doubtful.
    let had = isKnown ? looks : sharpLooks
    let wait = min(most, first * exp2(Double(min(had, 20) - 1)))
    return since >= wait ? (isKnown ? .again : .doubtful) : nil
  }

  /// Seconds between looks: of what is unknown and of what is known at first, then twice as long each time.
  private static let soonest = 0.3
  /// Seconds between looks at those who are seen as one, and how fast they become more: by twos, a look.
  private static let crowd = 0.25
  private static let crowdGrowth = 0.25
  private static let entering = 0.09
  /// The same of what was seen in part, while more of it shows.
  private static let growing = 0.2
  /// At most so long until somebody who was out of sight is looked at again.
  private static let doubted = 0.6
  /// Looks at what comes into view, until half of a slow walker does.
  private static let entries = 8
  /// A thing that looks said the same of each time it changed is looked at this seldom where it goes on changing.
  private static let longestChanged = 2.4
  private static let firstAgain = 2.0
  private static let longest = 30.0
  private static let longestStill = 120.0
  private static let longestDoubt = 10.0
  /// As after 0.1 s in a crowd: whoever comes out of it may be another.
  private static let doubtedBelow = 0.985
  /// What is known with this much is known.
  private static let sure = 0.6

  private func hasChanged(_ box: Rect) -> Bool {
    guard let lookedBox, lookedBox.area > 0 else { return false }
    let ratio = box.area / lookedBox.area
    return ratio > 1.35 || ratio < 0.6
  }

  /// 0…1: how much of what shows now showed in the last look; 1 unless it comes into the picture.
  private func shareShown(of box: Rect) -> Double {
    guard let lookedBox, !lookedWhole, box.area > 0 else { return 1 }
    return min(1, lookedBox.area / box.area)
  }

  private mutating func choose() {
    guard let best else { return }
    if best.score >= Self.enough {
      shown = best.label
    } else if best.label != shown || best.score < Self.tooLittle {
      shown = nil
    }
  }
}
