import Base
import Vision

/// Follows things from look to look: predicts, assigns regions to tracks, holds tracks apart while they are merged
/// in one region, confirms what behaves like a thing, and forgets what is gone.
struct Tracker: Sendable {
  private(set) var tracks: [Track] = []
  private var nextId: UInt64 = 1
  private var aspect = 16.0 / 9
  private var lastTime: MediaTime?
  /// Side of the smallest object, as a share of the picture's height.
  var minimum: Double
  /// Boxes of what turned out to be an empty place; the background should be taken anew there.
  private(set) var emptied: [Rect] = []

  /// Ended since the last call of `takeEnded`.
  private var ended: [Track] = []

  /// Seconds without sight after which a confirmed track ends: at the border, and inside.
  static let patienceAtBorder = 0.25
  static let patienceInside = 0.75
  /// Seconds for which a gone track may come back under its id.
  static let memory = 4.0
  private static let most = 150
  private var clutter = Clutter()
  private var sightings: [UInt64: Sighting] = [:]

  init(minimumObject: Double) { minimum = minimumObject }

  var confirmed: [Track] { tracks.filter { $0.stage == .confirmed } }
  var hasCandidates: Bool { tracks.contains { $0.stage == .candidate } }

  /// Forgets everything in sight: after a loss nothing that was known is known to be there.
  mutating func forget() {
    tracks.removeAll()
    lastTime = nil
  }

  mutating func takeEnded() -> [Track] {
    defer { ended.removeAll(keepingCapacity: true) }
    return ended
  }

  /// Boxes of known things in 0…1 of the picture, for the encoder to hold.
  var held: [Rect] {
    var rects: [Rect] = []
    for t in tracks where t.stage == .confirmed {
      // And where it will be before the next look at the latest.
      let b = t.box
      let dx = t.x.velocity * 0.12
      let dy = t.y.velocity * 0.12
      rects.append(
        toPicture(
          Rect(
            x: b.x + min(0, dx), y: b.y + min(0, dy), width: b.width + abs(dx), height: b.height + abs(dy))))
    }
    return rects
  }

  /// The known things for the encoder to remember or to search for.
  var known: [Known] {
    tracks.filter { $0.stage == .confirmed }.map { t in
      Known(
        id: t.id, box: toPicture(t.isMerged || !t.isObserved ? t.usualBox : t.box),
        velocityX: t.x.velocity / aspect, velocityY: t.y.velocity, isAlone: t.isObserved && !t.isCrowded)
    }
  }

  func toPicture(_ r: Rect) -> Rect {
    Rect(x: r.x / aspect, y: r.y, width: r.width / aspect, height: r.height)
  }
  func toPicture(_ p: Point) -> Point { Point(x: p.x / aspect, y: p.y) }
  var pictureAspect: Double { aspect }

  private func toHeights(_ r: Rect) -> Rect {
    Rect(x: r.x * aspect, y: r.y, width: r.width * aspect, height: r.height)
  }

  /// Carries all tracks on to `time` without a look: nothing is seen, nothing counts as gone.
  mutating func coast(to time: MediaTime) {
    let dt = elapsed(to: time)
    for i in tracks.indices where tracks[i].stage != .dormant {
      tracks[i].predict(dt)
      tracks[i].x.slow(by: exp2(-dt / 0.7))
      tracks[i].y.slow(by: exp2(-dt / 0.7))
      tracks[i].isObserved = false
      // Not looking is not the same as not there: the time without sight doesn't run.
      if tracks[i].stage == .confirmed { tracks[i].lastSeen = max(tracks[i].lastSeen, time + -.seconds(0.1)) }
    }
  }

  mutating func observe(_ seen: Observation, at time: MediaTime, aspect: Double, mayBegin: Bool = true) {
    self.aspect = aspect
    sightings = [:]
    for s in seen.sightings { sightings[s.id] = s }
    emptied.removeAll(keepingCapacity: true)
    let dt = elapsed(to: time)
    for i in tracks.indices where tracks[i].stage != .dormant {
      tracks[i].predict(dt)
      tracks[i].isObserved = false
      tracks[i].isMerged = false
    }
    // Those seen a few times share the foreground out; the newest take what is left.
    let anchors = tracks.indices.filter {
      tracks[$0].stage == .confirmed || (tracks[$0].stage == .candidate && tracks[$0].hits >= 3)
    }
    var partition = Partition(
      seen.figure, boxes: anchors.map { tracks[$0].expectedBox }, aspect: aspect,
      regionBoxes: seen.regions.map { toHeights($0.box) })
    let dropped = reconcile(&partition, anchors, at: time)
    for (i, t) in anchors.enumerated() where !dropped.contains(t) {
      place(t, partition.shares[i], seen.regions, dt: dt, at: time)
    }
    let rests = clusters(of: partition.rests, seen.regions)
    var takenBy = [Int](repeating: -1, count: rests.count)
    let young = tracks.indices.filter { tracks[$0].stage == .candidate && tracks[$0].hits < 3 }
    let lost = anchors.filter { !tracks[$0].isObserved && !tracks[$0].isMerged && !dropped.contains($0) }
    assign(young + lost, rests, &takenBy)
    for (r, rest) in rests.enumerated() {
      if takenBy[r] >= 0 {
        tracks[takenBy[r]].update(
          rest.region, box: rest.box, isEntering: atBorder(rest.box), dt: dt, at: time)
      } else if mayBegin && tracks.count < Self.most {
        tracks.append(Track(rest.region, box: rest.box, at: time))
        clutter.note(max(rest.box.width, rest.box.height), at: time)
      }
    }
    for i in tracks.indices where !tracks[i].isMerged { tracks[i].mergedSince = nil }
    clutter.step(to: time)
    for t in dropped.sorted(by: >) { tracks.remove(at: t) }
    judge(at: time)
    joinParts(at: time)
  }

  /// Settles who owns a region that several share. Candidates don't hold their ground: several in one region are one,
  /// and a small one beside a known thing is a part of it. Who has a region for himself and is new takes all of
  /// it. Returns the candidates that are given up.
  private mutating func reconcile(_ p: inout Partition, _ anchors: [Int], at time: MediaTime) -> Set<Int> {
    var dropped = Set<Int>()
    var owners: [Int: [Int]] = [:]
    for i in anchors.indices { for r in p.shares[i].regions { owners[r, default: []].append(i) } }
    for (r, members) in owners.sorted(by: { $0.key < $1.key }) {
      var live = members.filter { !dropped.contains(anchors[$0]) }
      let known = live.filter { tracks[anchors[$0]].stage == .confirmed }
      func give(_ i: Int, to host: Int) {
        dropped.insert(anchors[i])
        p.shares[host].add(p.shares[i].box, blocks: p.shares[i].blocks)
        live.removeAll { $0 == i }
      }
      // Confirmed, but never seen apart: pieces of one thing that only now shows whole.
      let pieces = known.filter {
        !tracks[anchors[$0]].wasApart && (time - tracks[anchors[$0]].firstSeen).inSeconds < 1.5
      }
      if pieces.count > 1, pieces.count == known.count {
        let eldest = pieces.max { tracks[anchors[$0]].usualBox.area < tracks[anchors[$1]].usualBox.area }
        if let eldest {
          for i in pieces where i != eldest {
            ended.append(tracks[anchors[i]])
            give(i, to: eldest)
          }
          tracks[anchors[eldest]].hits = min(tracks[anchors[eldest]].hits, 8)
        }
      }
      if known.isEmpty {
        let eldest = live.max {
          (tracks[anchors[$0]].hits, tracks[anchors[$0]].size) < (
            tracks[anchors[$1]].hits, tracks[anchors[$1]].size
          )
        }
        if let eldest { for i in live where i != eldest { give(i, to: eldest) } }
      } else {
        let host =
          known.max { tracks[anchors[$0]].usualBox.area < tracks[anchors[$1]].usualBox.area } ?? known[0]
        let area = tracks[anchors[host]].usualBox.area
        for i in live
        where tracks[anchors[i]].stage == .candidate && tracks[anchors[i]].usualBox.area < 0.4 * area {
          give(i, to: host)
        }
      }
      if live.count > 1 {
        // Things fill their boxes with room to spare; pieces of one fill less than the whole.
        let sum = live.reduce(0) { $0 + tracks[anchors[$1]].usualBox.area }
        if sum < 0.9 * p.regionAreas[r] {
          for i in live { tracks[anchors[i]].thinSince = tracks[anchors[i]].thinSince ?? time }
          let eldest = live.max { tracks[anchors[$0]].usualBox.area < tracks[anchors[$1]].usualBox.area }
          if let eldest, live.allSatisfy({ (time - (tracks[anchors[$0]].thinSince ?? time)).inSeconds > 0.3 })
          {
            for i in live where i != eldest {
              if tracks[anchors[i]].stage == .confirmed { ended.append(tracks[anchors[i]]) }
              give(i, to: eldest)
            }
            tracks[anchors[eldest]].hits = min(tracks[anchors[eldest]].hits, 8)
          }
        } else {
          for i in live { tracks[anchors[i]].thinSince = nil }
        }
      }
      if live.count == 1 {
        let owner = live[0]
        p.shares[owner].isContested = false
        let t = tracks[anchors[owner]]
        let isNew = t.hits < 12
        for rest in p.rests where rest.region == r && isNew {
          p.shares[owner].add(rest.box, blocks: rest.blocks)
        }
        p.rests.removeAll { $0.region == r && (isNew || $0.box.area < 0.35 * t.usualBox.area) }
      } else {
        let least = live.map { tracks[anchors[$0]].usualBox.area }.min() ?? 0
        p.rests.removeAll { $0.region == r && $0.box.area < 0.35 * least }
      }
    }
    for i in anchors.indices where p.shares[i].isContested {
      let others = p.shares[i].regions.contains { r in
        (owners[r] ?? []).contains { $0 != i && !dropped.contains(anchors[$0]) }
      }
      p.shares[i].isContested = others
    }
    return dropped
  }

  /// Moves a track to where its share of the foreground is.
  private mutating func place(
    _ t: Int, _ share: Partition.Share, _ regions: [Region], dt: Double, at time: MediaTime
  ) {
    let track = tracks[t]
    let expected = track.expectedBox
    guard share.blocks > 0, let r = share.region else { return }
    // As much of the box as blocks fill of it; too little is a leftover of something else.
    let filled = share.box.area / max(expected.area, 1e-9)
    guard filled > 0.18 else { return }
    if share.isContested {
      placeAmongOthers(t, share.box, region: r, at: time)
      return
    }
    let isJump =
      track.hits > 10 && share.box.area > 1.4 * track.width * track.height && !atBorder(share.box)
    if isJump, track.crowdedSince == nil { tracks[t].crowdedSince = time }
    if !isJump { tracks[t].crowdedSince = nil }
    if isJump, let since = tracks[t].crowdedSince, (time - since).inSeconds < 0.4,
      let seen = sightings[track.id]
    {
      tracks[t].isCrowded = true
      tracks[t].x.update(seen.box.centre.x * aspect, spread: 0.01)
      tracks[t].y.update(seen.box.centre.y, spread: 0.01)
      tracks[t].isObserved = true
      tracks[t].lastSeen = time
      tracks[t].hits += 1
      tracks[t].note(time)
      return
    }
    tracks[t].isCrowded = isJump
    tracks[t].update(regions[r], box: share.box, isEntering: atBorder(share.box), dt: dt, at: time)
  }

  /// Among others in one region, a track keeps its size; its place is where it is found by its looks, else about the
  /// middle of its share.
  private mutating func placeAmongOthers(_ t: Int, _ share: Rect, region: Int, at time: MediaTime) {
    let b = tracks[t].usualBox
    if let seen = sightings[tracks[t].id] {
      let spread = 0.004 + 0.3 * b.width * (1 - seen.likeness)
      tracks[t].x.update(seen.box.centre.x * aspect, spread: spread)
      tracks[t].y.update(seen.box.centre.y, spread: 0.004 + 0.3 * b.height * (1 - seen.likeness))
    } else {
      tracks[t].x.update(
        share.centre.x, spread: 0.01 + 0.4 * b.width + 0.5 * abs(share.width - b.width))
      tracks[t].y.update(
        share.centre.y, spread: 0.01 + 0.4 * b.height + 0.5 * abs(share.height - b.height))
    }
    tracks[t].width += (tracks[t].usualWidth - tracks[t].width) * 0.3
    tracks[t].height += (tracks[t].usualHeight - tracks[t].height) * 0.3
    tracks[t].isMerged = true
    tracks[t].hits += 1
    tracks[t].mergedSince = tracks[t].mergedSince ?? time
    tracks[t].mergedRegion = region
    tracks[t].lastSeen = time
    tracks[t].note(time)
  }

  private mutating func elapsed(to time: MediaTime) -> Double {
    defer { lastTime = time }
    guard let lastTime else { return 1.0 / 30 }
    return min(0.5, max(0, (time - lastTime).inSeconds))
  }

  // MARK: - What nobody expected

  private struct Cluster {
    var region: Region
    var box: Rect
  }

  private func cost(_ t: Track, _ region: Region, _ box: Rect) -> Double {
    let predicted = t.box
    let gap = distance(predicted.centre, box.centre)
    let reach = 0.02 + 0.5 * (t.size + max(box.width, box.height)) + 0.04 * t.speed
    guard gap < reach else { return 10 }
    let shape = abs(log2(max(box.area, 1e-6) / max(t.usualWidth * t.usualHeight, 1e-6)))
    return 0.45 * (1 - predicted.overlap(box)) + 0.25 * gap / reach + 0.06 * min(shape, 4)
      + 0.3 * t.descriptor.distance(to: region.descriptor)
  }

  private func assign(_ rows: [Int], _ rests: [Cluster], _ takenBy: inout [Int]) {
    guard !rows.isEmpty, !rests.isEmpty else { return }
    var costs = [Double](repeating: 10, count: rows.count * rests.count)
    for (i, t) in rows.enumerated() {
      for (j, r) in rests.enumerated() { costs[i * rests.count + j] = cost(tracks[t], r.region, r.box) }
    }
    let result = Assignment.solve(costs, rows: rows.count, columns: rests.count, limit: 0.86)
    for (i, t) in rows.enumerated() where result[i] >= 0 { takenBy[result[i]] = t }
  }

  /// Joins pieces that nobody knows yet into things: satellites to the larger ones that they belong to.
  private func clusters(of rests: [Partition.Rest], _ regions: [Region]) -> [Cluster] {
    var out: [Cluster] = []
    for r in rests.sorted(by: { ($1.blocks, $0.box.x, $0.box.y) < ($0.blocks, $1.box.x, $1.box.y) }) {
      guard regions[r.region].shadow < 0.8 else { continue }
      if let host = out.firstIndex(where: {
        Belonging.isSatellite(r.box, of: $0.box) || Belonging.stacks(r.box, on: $0.box)
      }) {
        out[host].box = Belonging.union([out[host].box, r.box])
      } else {
        // A whole region keeps its own, finer box.
        let whole = toHeights(regions[r.region].box)
        out.append(Cluster(region: regions[r.region], box: whole.overlap(r.box) > 0.6 ? whole : r.box))
      }
    }
    return out
  }

  /// A track that has never been clear of another, and for a while lies beside it and goes the same way, is a
  /// part of it.
  private mutating func joinParts(at time: MediaTime) {
    var gone: [Int] = []
    let known = tracks.indices.filter { tracks[$0].stage == .confirmed }
    for i in known {
      let part = tracks[i]
      var host: Int?
      var isClear = true
      for j in known where j != i {
        let other = tracks[j]
        let a = part.usualBox
        let b = other.usualBox
        let gapX = max(a.x - b.maxX, b.x - a.maxX)
        let gapY = max(a.y - b.maxY, b.y - a.maxY)
        if gapX < 0.02 + 0.5 * max(a.width, b.width) && gapY < 0.02 + 0.5 * max(a.height, b.height) {
          isClear = false
        }
        guard !gone.contains(j) else { continue }
        let isLesser = (b.area, other.hits) > (a.area, part.hits)
        let together = part.isMerged && other.isMerged && part.mergedRegion == other.mergedRegion
        let isPart = Belonging.isSatellite(a, of: b) || Belonging.stacks(a, on: b)
        guard isLesser, isPart || (together && !part.wasApart && a.area < 0.35 * b.area) else { continue }
        if part.wasApart && a.area > 0.4 * b.area { continue }
        // A foot stands still while its owner walks: only what was once apart must also keep pace.
        let pace = 0.04 + 0.35 * max(other.speed, part.speed)
        if !part.wasApart
          || (abs(other.x.velocity - part.x.velocity) < pace
            && abs(other.y.velocity - part.y.velocity) < pace)
        {
          host = j
        }
      }
      if isClear {
        if let since = part.clearSince {
          if (time - since).inSeconds > 0.4 { tracks[i].wasApart = true }
        } else {
          tracks[i].clearSince = time
        }
      } else {
        tracks[i].clearSince = nil
      }
      if host == nil {
        tracks[i].besideSince = nil
      } else if let since = part.besideSince {
        if (time - since).inSeconds > (part.wasApart ? 1.2 : 0.35) { gone.append(i) }
      } else {
        tracks[i].besideSince = time
      }
    }
    for i in gone.reversed() {
      ended.append(tracks[i])
      tracks.remove(at: i)
    }
  }

  // MARK: - Judgement

  private mutating func judge(at time: MediaTime) {
    var kept: [Track] = []
    kept.reserveCapacity(tracks.count)
    for var t in tracks {
      let unseen = (time - t.lastSeen).inSeconds
      switch t.stage {
      case .candidate:
        let age = (time - t.firstSeen).inSeconds
        if unseen > 0.1 + 0.2 * min(1, age) { continue }
        if isEmptyPlace(t, at: time) {
          emptied.append(toPicture(t.box))
          continue
        }
        if isThing(t, age: age), age > 1.5 || !isBesideKnown(t) { confirm(&t, at: time) }
        kept.append(t)
      case .confirmed:
        if isEmptyPlace(t, at: time) {
          emptied.append(toPicture(t.box))
          ended.append(t)
          continue
        }
        let mergedFor = t.mergedSince.map { (time - $0).inSeconds } ?? 0
        // What was seen briefly is also given up soon.
        let known = 0.15 + 0.5 * (t.lastSeen - t.firstSeen).inSeconds
        let patience = min(known, isLeaving(t) ? Self.patienceAtBorder : Self.patienceInside)
        if unseen > patience || mergedFor > 6 {
          ended.append(t)
          t.stage = .dormant
        }
        kept.append(t)
      case .dormant:
        if unseen < Self.memory { kept.append(t) }
      }
    }
    tracks = kept
  }

  /// Most of its box is out of the picture, or it touches the border and goes outwards.
  private func isLeaving(_ t: Track) -> Bool {
    let b = t.box
    let margin = 0.012
    return (b.x < margin && t.x.velocity < 0) || (b.maxX > aspect - margin && t.x.velocity > 0)
      || (b.y < margin && t.y.velocity < 0) || (b.maxY > 1 - margin && t.y.velocity > 0)
  }

  /// Nothing is there: the edges are the background's, and it doesn't move.
  private func isEmptyPlace(_ t: Track, at time: MediaTime) -> Bool {
    t.ghostLooks >= 10 && t.ghost > 0.62 && t.stir < 2.2 && (time - t.movedAt).inSeconds > 0.4
  }

  /// Close to a larger thing: more likely a part of it than a thing of its own.
  private func isBesideKnown(_ t: Track) -> Bool {
    tracks.contains { other in
      other.stage != .dormant && other.usualBox.area > 1.2 * t.usualBox.area
        && (Belonging.isSatellite(t.box, of: other.usualBox) || Belonging.stacks(t.box, on: other.usualBox))
    }
  }

  private func atBorder(_ b: Rect) -> Bool {
    b.x < 0.012 || b.y < 0.012 || b.maxX > aspect - 0.012 || b.maxY > 0.988
  }

  private func isThing(_ t: Track, age: Double) -> Bool {
    let long = max(t.width, t.height)
    let short = min(t.width, t.height)
    guard long >= minimum * 0.75, short >= minimum * 0.35 else { return false }
    guard t.hits >= 4, age >= 0.13, Double(t.hits) >= 0.7 * Double(t.looks) else { return false }
    guard t.shadow < 0.6, t.contrast > 1.15 else { return false }
    if clutter.isDense && long < clutter.size * 1.5 { return false }
    // Inside, growing is no progress unless it is plain to see; from the border, that is how things come.
    let progress = atBorder(t.firstBox) || t.contrast > 2.2 ? t.progress : t.advance
    let step = max(0.011, 0.13 * min(long, 0.2))
    let straight = progress / max(t.pathLength, progress)
    if progress > step && straight > 0.45 && t.ghost < 0.75 && t.contrast > 1.25 { return true }
    // It came and stands: kept apart from its ghost by whose edges they are.
    return age > 1.0 && t.ghost < 0.42 && t.stir < 2.5 && t.contrast > 1.6 && t.shadow < 0.35
      && Double(t.hits) > 0.9 * Double(t.looks)
  }

  private mutating func confirm(_ t: inout Track, at time: MediaTime) {
    t.stage = .confirmed
    t.confirmedAt = time
    t.movedAt = t.hasMoved ? t.movedAt : t.firstSeen
    if let i = dormantTwin(of: t, at: time) {
      t.id = tracks[i].id
      t.firstSeen = tracks[i].firstSeen
      t.pathLength += tracks[i].pathLength
      // A dormant track that came back must not be found twice.
      tracks[i].id = 0
      return
    }
    t.id = nextId
    nextId += 1
  }

  /// The track that was lost where this one appears, if it looks the same.
  private func dormantTwin(of t: Track, at time: MediaTime) -> Int? {
    var best: Int?
    var least = 0.5
    for (i, old) in tracks.enumerated() where old.stage == .dormant && old.id != 0 {
      let gone = (t.firstSeen - old.lastSeen).inSeconds
      guard gone > -0.3 else { continue }
      let predicted = Point(
        x: old.x.position + old.x.velocity * max(0, gone) * 0.8,
        y: old.y.position + old.y.velocity * max(0, gone) * 0.8)
      let reach = 0.06 + 0.5 * old.size + 0.5 * old.speed * max(0, gone)
      let gap = distance(predicted, t.firstBox.centre)
      guard gap < reach else { continue }
      let ratio = abs(log2(max(t.usualHeight, 1e-6) / max(old.usualHeight, 1e-6)))
      guard ratio < 1.2 else { continue }
      let unlike = 0.4 * gap / reach + old.descriptor.distance(to: t.descriptor) + 0.2 * ratio
      if unlike < least {
        least = unlike
        best = i
      }
    }
    return best
  }
}

/// The logarithm to base 2, by the exponent and a series on 1…2: the same on every machine.
func log2(_ v: Double) -> Double {
  guard v > 0, v.isFinite else { return -60 }
  let m = v.significand
  let t = (m - 1) / (m + 1)
  let t2 = t * t
  let ln = 2 * t * (1 + t2 * (1.0 / 3 + t2 * (1.0 / 5 + t2 * (1.0 / 7 + t2 * (1.0 / 9 + t2 / 11)))))
  return Double(v.exponent) + ln / 0.6931471805599453
}
