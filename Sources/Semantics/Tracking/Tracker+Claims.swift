import Base
import Vision

/// Which claims on the foreground stand: what was left behind, what fills the air, and who is a part of whom.
extension Tracker {
  /// What moves doesn't leave itself behind.
  func leaveResidue(
    _ foreground: inout Foreground, _ anchors: [Int], _ regions: [Region], at time: MediaTime
  ) {
    for b in foreground.blobs.indices where isResidue(regions[b]) || isHole(regions[b]) {
      let isGuess = isGuess(regions[b])
      for a in foreground.blobs[b].claims
      where isGuess || (time - tracks[anchors[a]].movedAt).inSeconds < 0.5 {
        foreground.withdraw(a, from: b)
      }
    }
  }

  /// What fills the air before and beside a thing is no part of it, and the thing is none of what fills the air.
  func leaveFlakes(_ foreground: inout Foreground, _ anchors: [Int]) {
    guard clutter.isFull else { return }
    for b in foreground.blobs.indices {
      let blob = foreground.blobs[b].box
      for a in foreground.blobs[b].claims {
        if areFlakeAndThing(blob, tracks[anchors[a]].expectedBox) { foreground.withdraw(a, from: b) }
      }
    }
  }

  /// Blocks that the claimants of a blob usually have, together.
  func mass(of claims: [Int], _ anchors: [Int]) -> Double {
    claims.reduce(0) { $0 + tracks[anchors[$1]].mass }
  }

  /// Where several tracks claim one blob: those that never showed to be things of their own are parts of the greatest
  /// of them. Returns the indices of the tracks that are given up.
  mutating func settle(_ foreground: inout Foreground, _ anchors: [Int], at time: MediaTime) -> Set<Int> {
    var absorbed = Set<Int>()
    for b in foreground.blobs.indices where foreground.blobs[b].isContested {
      let ranked = foreground.blobs[b].claims.sorted { isGreater(tracks[anchors[$0]], tracks[anchors[$1]]) }
      // Things fill their blob; where there is much more of it than of them, they are parts of what only now shows.
      let sum = mass(of: ranked, anchors)
      let blobMass = Double(foreground.blobs[b].mass)
      let needsAll = blobMass < 1.3 * sum && blobMass > 0.75 * sum
      let isThin = blobMass > 1.6 * sum
      for a in ranked { tracks[anchors[a]].thinSince = isThin ? tracks[anchors[a]].thinSince ?? time : nil }
      let isOne = ranked.allSatisfy { a in
        tracks[anchors[a]].thinSince.map { (time - $0).inSeconds > 0.3 } ?? false
      }
      var kept: [Int] = []
      for a in ranked {
        let host = kept.first { k in
          let (part, whole) = (tracks[anchors[a]], tracks[anchors[k]])
          guard part.stage == .confirmed else {
            if needsAll, isWhole(whole, without: part) { return false }
            return isOne
              || (needsAll ? !kinship.areIndependent(part, whole) : !kinship.areStrangers(part, whole))
          }
          return isTwin(part, whole, at: time) && (!part.isTold || cameAtOnce(part, whole))
            || (isOne && part.seenAlone < 2)
            || isPart(part, of: whole, isTight: blobMass < whole.mass + 0.5 * part.mass, at: time)
        }
        guard let host else {
          kept.append(a)
          continue
        }
        let part = tracks[anchors[a]]
        if part.stage == .confirmed {
          ended.append(Ended(track: part, mergedInto: tracks[anchors[host]].id))
          // The whole is larger than what was known of it, and that is no surprise.
          tracks[anchors[host]].isGrowing = true
          tracks[anchors[host]].firstSeen = min(part.firstSeen, tracks[anchors[host]].firstSeen)
        }
        absorbed.insert(anchors[a])
        foreground.withdraw(a)
      }
    }
    return absorbed
  }

  /// A known track goes along with another in one blob. The longer it was seen by itself, the longer it takes to make it a
  /// part of something; who was apart from the other is only hidden by him.
  private func isPart(_ part: Track, of whole: Track, isTight: Bool, at time: MediaTime) -> Bool {
    let patience = isLikeWhole(part, beside: whole) ? Self.abreast : 0.6
    if part.seenAlone < 0.8, !kinship.areStrangers(part, whole),
      keepPace(part, whole, for: patience, at: time)
    {
      return true
    }
    guard !kinship.areIndependent(part, whole) else { return false }
    return isTight && part.seenAlone < 4
      && keepPace(part, whole, for: max(patience, 0.6 * part.seenAlone), at: time)
      || part.mass < 0.35 * whole.mass && keepPace(part, whole, for: 1.2, at: time)
  }

  /// Seconds that it takes to make somebody who may walk beside another a part of him.
  static let abreast = 2.0

  /// Told of, and as upright as the other and not much less than it: somebody who walks beside him.
  func isLikeWhole(_ part: Track, beside whole: Track) -> Bool {
    part.isTold && part.mass > 0.4 * whole.mass && Belonging.isUpright(part.usualBox)
      && Belonging.isUpright(whole.usualBox)
  }

  /// Pieces of one thing come within so many seconds; those who walk together take longer.
  private static let atOnce = 0.35

  private func cameAtOnce(_ a: Track, _ b: Track) -> Bool {
    abs((a.firstSeen - b.firstSeen).inSeconds) < Self.atOnce
  }

  /// Seen long enough to know that it is complete without what has come to touch it: that is a thing, not a part.
  private func isWhole(_ whole: Track, without part: Track) -> Bool {
    whole.stage == .confirmed && whole.seenAlone > 1.5 && !whole.isGrowing && part.mass > 0.35 * whole.mass
      && part.usualBox.intersection(whole.usualBox) < 0.2 * part.usualBox.area
  }

  /// Both came at the same time from the same place, not long ago: the first of a thing that shows is often in pieces.
  func isTwin(_ a: Track, _ b: Track, at time: MediaTime) -> Bool {
    guard abs((a.firstSeen - b.firstSeen).inSeconds) < 1,
      (time - max(a.firstSeen, b.firstSeen)).inSeconds < 2.5
    else { return false }
    if min(a.hits, b.hits) > 8, Belonging.areTwo(a.usualBox, b.usualBox) { return false }
    let (p, q) = (a.firstBox, b.firstBox)
    let gap = p.gap(to: q)
    guard isAtBorder(p), isAtBorder(q) else { return gap < 0.06 }
    // Of something large near the camera a hand and a foot come first, far from each other.
    return gap < (abs((a.firstSeen - b.firstSeen).inSeconds) < 0.2 ? 0.3 : 0.2)
  }

  /// Both were in one blob for so many seconds and go the same way.
  private func keepPace(_ part: Track, _ whole: Track, for seconds: Double, at time: MediaTime) -> Bool {
    guard let since = part.mergedSince, (time - since).inSeconds > seconds,
      part.companions.contains(whole.serial)
    else { return false }
    let pace = 0.04 + 0.3 * whole.speed
    return abs(part.x.velocity - whole.x.velocity) < pace && abs(part.y.velocity - whole.y.velocity) < pace
  }

  private func isGreater(_ a: Track, _ b: Track) -> Bool {
    if (a.stage == .confirmed) != (b.stage == .confirmed) { return a.stage == .confirmed }
    if a.usualBox.area != b.usualBox.area { return a.usualBox.area > b.usualBox.area }
    return a.serial < b.serial
  }
}
