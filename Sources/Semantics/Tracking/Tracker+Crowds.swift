import Base
import Vision

/// Where those are who share their blob with others, known or not.
extension Tracker {
  /// Takes a track that makes one blob with something unknown: it keeps its size, and is where its silhouette fits.
  mutating func placeCrowded(
    _ t: Int, within box: Rect, of blob: Int, _ foreground: Foreground, at time: MediaTime
  ) {
    if tracks[t].crowdedSince == time { tracks[t].keepCourse() }
    fit([t], to: blob, foreground)
    keep(t, within: box)
    tracks[t].isObserved = true
    tracks[t].lastSeen = time
    tracks[t].hits += 1
    tracks[t].note(time)
  }

  /// Takes those of the claimants of a blob who are at home in it. All who claim it fill it.
  mutating func placeCrowd(
    _ claimants: [Int], in b: Int, _ foreground: Foreground, _ anchors: [Int], at time: MediaTime
  ) {
    let blob = foreground.blobs[b]
    for a in claimants where tracks[anchors[a]].mergedSince == nil { tracks[anchors[a]].enterCrowd(at: time) }
    fit(claimants.map { anchors[$0] }, to: b, foreground, among: blob.claims.map { anchors[$0] })
    for a in claimants {
      let t = anchors[a]
      keep(t, within: blob.box)
      tracks[t].width += (tracks[t].usualWidth - tracks[t].width) * 0.3
      tracks[t].height += (tracks[t].usualHeight - tracks[t].height) * 0.3
      tracks[t].isMerged = true
      tracks[t].mergedSince = tracks[t].mergedSince ?? time
      tracks[t].companions = blob.claims.map { tracks[anchors[$0]].serial }
      tracks[t].isHidden = Double(foreground.share(a, b)) < 0.12 * tracks[t].mass
      guard !tracks[t].isHidden else { continue }
      tracks[t].hits += 1
      tracks[t].lastSeen = time
      tracks[t].note(time)
    }
  }

  /// Moves tracks to where their looks are found, and from there to where their silhouettes fill a blob together with
  /// the others.
  private mutating func fit(_ own: [Int], to blob: Int, _ foreground: Foreground, among all: [Int]? = nil) {
    let (w, h) = (foreground.blockWidth, foreground.blockHeight)
    for t in own { if let seen = sightings[tracks[t].id] { measure(t, seen) } }
    let all = all ?? own
    let members = all.map { t in
      let track = tracks[t]
      return CrowdFit.Member(
        x: track.x.position / w, y: track.y.position / h, spreadX: max(Self.surest, track.x.spread / w),
        spreadY: max(Self.surest, track.y.spread / h), width: track.usualWidth / w,
        height: track.usualHeight / h, silhouette: track.silhouette)
    }
    var fit = CrowdFit(foreground, blob: blob, members: members)
    for (t, place) in zip(all, fit.solve()) where own.contains(t) {
      tracks[t].x.settle(at: place.x * w, variance: place.varianceX * w * w)
      tracks[t].y.settle(at: place.y * h, variance: place.varianceY * h * h)
    }
  }

  /// Nobody's place is surer than to so many blocks.
  private static let surest = 0.3

  private mutating func measure(_ t: Int, _ seen: Sighting) {
    let b = tracks[t].usualBox
    tracks[t].x.update(seen.box.centre.x * aspect, spread: 0.004 + 0.3 * b.width * (1 - seen.likeness))
    tracks[t].y.update(seen.box.centre.y, spread: 0.004 + 0.3 * b.height * (1 - seen.likeness))
  }

  /// What is in a blob can't reach out of it by much.
  private mutating func keep(_ t: Int, within whole: Rect) {
    let b = tracks[t].usualBox
    let x = inside(b.x, b.width, whole.x, whole.width, slack: 0.2 * b.width)
    let y = inside(b.y, b.height, whole.y, whole.height, slack: 0.15 * b.height)
    if x != b.x { tracks[t].x.update(x + b.width / 2, spread: 0.01 + 0.1 * b.width) }
    if y != b.y { tracks[t].y.update(y + b.height / 2, spread: 0.01 + 0.1 * b.height) }
  }

  /// The nearest place for a length within a range and some slack on both sides.
  private func inside(
    _ at: Double, _ length: Double, _ start: Double, _ range: Double, slack: Double
  ) -> Double {
    let low = start - slack
    let high = start + range + slack - length
    return high < low ? start + (range - length) / 2 : min(max(at, low), high)
  }

  /// Things that part after they were in one blob may have been taken for each other: if their looks say so clearly,
  /// they change places.
  mutating func exchange(_ anchors: [Int]) {
    for (i, t) in anchors.enumerated() where tracks[t].parted {
      for u in anchors[(i + 1)...] where tracks[u].parted && tracks[t].companions.contains(tracks[u].serial) {
        var (a, b) = (tracks[t], tracks[u])
        guard let newA = a.newLook, let newB = b.newLook else { continue }
        let stay = a.descriptor.distance(to: newA) + b.descriptor.distance(to: newB)
        let swap = a.descriptor.distance(to: newB) + b.descriptor.distance(to: newA)
        guard swap < stay - 0.3 else { continue }
        a.exchangePlaces(with: &b)
        tracks[t] = a
        tracks[u] = b
      }
    }
  }
}
