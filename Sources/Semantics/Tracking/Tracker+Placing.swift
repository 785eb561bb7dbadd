import Base
import Vision

/// From who is where to how each track is placed.
extension Tracker {
  /// Seconds for which a thing may be known by its looks alone, in light that hides it.
  private static let engulfed = 3.0

  mutating func place(
    _ foreground: inout Foreground, _ anchors: [Int], _ regions: [Region], dt: Double, at time: MediaTime
  ) {
    var crowds = [[Int]](repeating: [], count: foreground.blobs.count)
    for (a, t) in anchors.enumerated() {
      let claims = foreground.claimed[a]
      guard !claims.isEmpty else { continue }
      if let contested = claims.filter({ foreground.blobs[$0].isContested }).max(by: {
        foreground.reach(a, $0) < foreground.reach(a, $1)
      }) {
        // So little of it says nothing of where it is.
        guard Double(foreground.blobs[contested].mass) > 0.3 * tracks[t].mass else { continue }
        tracks[t].noteEdges(regions[contested])
        crowds[contested].append(a)
        continue
      }
      let pieces = pieces(of: t, a, &foreground, dt: dt, at: time)
      guard let main = pieces.first else { continue }
      let box = Belonging.union(pieces.map { foreground.blobs[$0].box })
      let mass = pieces.reduce(0) { $0 + foreground.blobs[$1].mass }
      // Too little is a leftover of something else.
      guard box.area > 0.18 * tracks[t].expectedBox.area else {
        for p in pieces { foreground.withdraw(a, from: p) }
        continue
      }
      let isEngulfed =
        isLight(regions[main]) && tracks[t].litness < 0.3 && !isItself(t, box, regions[main])
      // In a shadow it is only where its looks are found.
      tracks[t].isEngulfed = isEngulfed
      tracks[t].engulfedSince = isEngulfed ? tracks[t].engulfedSince ?? time : nil
      if let since = tracks[t].engulfedSince {
        guard sightings[tracks[t].id] != nil, (time - since).inSeconds < Self.engulfed else { continue }
      }
      if isSwollen(t, box, mass: mass, at: time) || isEngulfed {
        tracks[t].noteEdges(regions[main])
        placeCrowded(t, within: box, of: main, foreground, at: time)
      } else {
        tracks[t].update(
          regions[main], box: box, mass: mass, isEntering: isAtBorder(box), dt: dt, at: time)
        tracks[t].silhouette.take(pieces, of: foreground, in: box, after: dt)
      }
    }
    for b in crowds.indices where !crowds[b].isEmpty {
      placeCrowd(crowds[b], in: b, foreground, anchors, at: time)
    }
    squeeze(foreground, anchors, at: time)
    exchange(anchors)
    for t in anchors where tracks[t].stage == .confirmed && tracks[t].wasObserved {
      if !tracks[t].isObserved, !tracks[t].isMerged { tracks[t].vanish(at: time) }
    }
  }

  /// In its own place and size, and looking as ever: light that came over a thing would have changed that.
  private func isItself(_ t: Int, _ box: Rect, _ region: Region) -> Bool {
    tracks[t].seenAlone > 1 && box.overlap(tracks[t].usualBox) > 0.75
      && tracks[t].descriptor.distance(to: region.descriptor) < 0.15
  }

  /// Where a blob stays too small for all that claim it, one has left unseen: who is least to be found in it.
  private mutating func squeeze(_ foreground: Foreground, _ anchors: [Int], at time: MediaTime) {
    for (b, blob) in foreground.blobs.enumerated() where blob.isContested {
      let sum = mass(of: blob.claims, anchors)
      let isTight = Double(blob.mass) < 0.7 * sum
      for a in blob.claims {
        tracks[anchors[a]].squeezedSince = isTight ? tracks[anchors[a]].squeezedSince ?? time : nil
      }
      let least = blob.claims.min {
        evidence($0, b, foreground, anchors) < evidence($1, b, foreground, anchors)
      }
      let isLong = blob.claims.allSatisfy { a in
        tracks[anchors[a]].squeezedSince.map { (time - $0).inSeconds > Self.squeeze } ?? false
      }
      if isLong, let least {
        tracks[anchors[least]].isSqueezedOut = true
        for a in blob.claims { tracks[anchors[a]].squeezedSince = nil }
      }
    }
  }

  /// Seconds for which more tracks may be in a blob than fit into it.
  private static let squeeze = 2.0

  private func evidence(_ a: Int, _ b: Int, _ foreground: Foreground, _ anchors: [Int]) -> Double {
    let t = tracks[anchors[a]]
    let seen = sightings[t.id].map { $0.likeness } ?? 0
    return seen + min(1, Double(foreground.share(a, b)) / max(t.mass, 1)) + (t.seenAlone < 1 ? 0 : 0.3)
  }

  /// Gives a blob that comes out of a crowd to the one of the crowd whom it fits, where those who stay fill what is left.
  mutating func release(
    _ foreground: inout Foreground, _ anchors: [Int], _ regions: [Region], at time: MediaTime
  ) {
    for f in foreground.blobs.indices
    where foreground.blobs[f].claims.isEmpty && foreground.blobs[f].mass > 2 && !isResidue(regions[f])
      && !isHole(regions[f])
    {
      var best: (track: Int, cost: Double)?
      for b in foreground.blobs.indices where foreground.blobs[b].isContested {
        let sum = mass(of: foreground.blobs[b].claims, anchors)
        for a in foreground.blobs[b].claims {
          let t = tracks[anchors[a]]
          guard Double(foreground.blobs[b].mass) < 1.35 * (sum - t.mass) else { continue }
          guard let cost = fit(t, foreground.blobs[f], regions[f], at: time), cost < best?.cost ?? 1 else {
            continue
          }
          best = (a, cost)
        }
      }
      guard let best else { continue }
      foreground.withdraw(best.track)
      foreground.claim(f, by: best.track)
    }
  }

  /// Who was in a crowd a moment ago and is nowhere now is still there, if those who are leave room for it.
  mutating func rejoin(
    _ foreground: inout Foreground, _ anchors: [Int], _ regions: [Region], at time: MediaTime
  ) {
    for (a, t) in anchors.enumerated() where tracks[t].wasMerged && foreground.claimed[a].isEmpty {
      let isElsewhere = foreground.blobs.indices.contains { f in
        foreground.blobs[f].claims.isEmpty && foreground.blobs[f].mass > 2
          && fit(tracks[t], foreground.blobs[f], regions[f], at: time) != nil
      }
      guard !isElsewhere else { continue }
      for (other, u) in anchors.enumerated()
      where other != a && tracks[t].companions.contains(tracks[u].serial) {
        guard !isYoung(tracks[u], at: time), !tracks[u].isGrowing,
          let home = foreground.claimed[other].first(where: { b in
            guard !isAtBorder(foreground.blobs[b].box) else { return false }
            let sum = mass(of: foreground.blobs[b].claims, anchors)
            return Double(foreground.blobs[b].mass) > sum + 0.5 * tracks[t].mass
          })
        else { continue }
        foreground.claim(home, by: a)
        break
      }
    }
  }

  /// How badly a blob fits a track that was lost in a crowd, by place, size, looks and way: 1 and more doesn't fit.
  private func fit(_ t: Track, _ blob: Foreground.Blob, _ region: Region, at time: MediaTime) -> Double? {
    let lost = t.mergedSince.map { (time - $0).inSeconds } ?? 0
    let reach = 0.04 + 0.7 * t.size + 0.4 * t.speed * min(lost, 2)
    let gap = distance(t.centre, blob.box.centre)
    let ratio = abs(log2(Double(blob.mass) / max(t.mass, 1)))
    guard gap < reach, ratio < 1.3 else { return nil }
    return 0.4 * gap / reach + 0.25 * ratio + t.descriptor.distance(to: region.descriptor)
      + 0.25 * (t.strays(to: blob.box.centre, at: time) ?? 0)
  }

  /// The blobs that are a track's own, the largest first. What reaches far beyond it, or stands beside it as a whole
  /// thing, is given up.
  private mutating func pieces(
    of t: Int, _ a: Int, _ foreground: inout Foreground, dt: Double, at time: MediaTime
  ) -> [Int] {
    let claims = foreground.claimed[a].sorted { foreground.reach(a, $0) > foreground.reach(a, $1) }
    var kept = [claims[0]]
    var isSplit = false
    var box = foreground.blobs[claims[0]].box
    for b in claims.dropFirst() {
      let with = Belonging.union([box, foreground.blobs[b].box])
      // A known thing takes what makes it more like itself.
      if foreground.isWithin(b, a), isYoung(tracks[t], at: time) || unlike(with, t) < unlike(box, t) {
        kept.append(b)
        box = with
        let (one, other) = (foreground.blobs[claims[0]], foreground.blobs[b])
        if 4 * other.mass > one.mass, Belonging.areTwo(one.box, other.box) { isSplit = true }
      } else {
        foreground.withdraw(a, from: b)
      }
    }
    // Legs and shadows join them again and again: what counts is how long in all.
    tracks[t].splitFor = isSplit ? tracks[t].splitFor + dt : max(0, tracks[t].splitFor - dt / 3)
    guard isSplit, tracks[t].splitFor > 0.15 else { return kept }
    // Two things came as one and part now. The one that is more in the old place keeps the name.
    tracks[t].splitFor = 0
    tracks[t].isGrowing = true
    for b in kept.dropFirst() { foreground.withdraw(a, from: b) }
    tracks[t].becomeUsual(foreground.blobs[kept[0]].box, mass: foreground.blobs[kept[0]].mass)
    return [kept[0]]
  }

  private func isYoung(_ t: Track, at time: MediaTime) -> Bool { (time - t.firstSeen).inSeconds < 1.5 }

  /// How far a box is from the track's usual size.
  private func unlike(_ box: Rect, _ t: Int) -> Double {
    let b = tracks[t].usualBox
    return abs(log2(max(box.width, 1e-3) / max(b.width, 1e-3)))
      + abs(log2(max(box.height, 1e-3) / max(b.height, 1e-3)))
  }

  /// A known thing doesn't grow by a half at once: something unknown has joined it. For a while it is held apart.
  private mutating func isSwollen(_ t: Int, _ box: Rect, mass: Int, at time: MediaTime) -> Bool {
    let track = tracks[t]
    let isLarger =
      track.stage == .confirmed && !isYoung(track, at: time) && !track.isGrowing && !isAtBorder(box)
      && box.area > 1.4 * track.width * track.height && Double(mass) > 1.25 * track.mass
    guard isLarger else {
      tracks[t].crowdedSince = nil
      tracks[t].isCrowded = false
      return false
    }
    let since = track.crowdedSince ?? time
    tracks[t].crowdedSince = since
    tracks[t].isCrowded = true
    // What grows in both directions alike has come nearer while it was hidden.
    let wide = log2(box.width / max(track.usualWidth, 1e-3))
    let tall = log2(box.height / max(track.usualHeight, 1e-3))
    let isNearer = wide > 0.2 && tall > 0.2 && abs(wide - tall) < 0.4
    // Where most of it is unknown, that must be told as well before long.
    let isMostlyOther = Double(mass) > 2.5 * track.mass
    let limit = isNearer ? 0.25 : sightings[track.id] == nil ? 0.5 : isMostlyOther ? 1 : 4
    return (time - since).inSeconds < limit
  }
}
