import Base
import Conditions
import Vision

/// From foreground that nobody claimed to new tracks, and from candidates to known things.
extension Tracker {
  /// A blob that no track claimed, or several that belong together.
  struct Find {
    var region: Region
    var box: Rect
    var mass: Int
    /// What others leave of a blob.
    var isLeftover = false
  }

  /// Gives what nobody claimed to the tracks that lack a place, the rest begins.
  mutating func take(
    _ finds: [Find], absorbed: Set<Int>, dt: Double, at time: MediaTime
  ) {
    let finds = joined(finds)
    // Who has a blob that only looks like light lacks none.
    let seekers = tracks.indices.filter {
      !tracks[$0].isObserved && !tracks[$0].isMerged && !tracks[$0].isEngulfed
        && tracks[$0].stage != .dormant && !absorbed.contains($0)
    }
    var taker = [Int?](repeating: nil, count: finds.count)
    if !seekers.isEmpty, !finds.isEmpty {
      var costs = [Double](repeating: 10, count: seekers.count * finds.count)
      for (i, t) in seekers.enumerated() {
        for (j, find) in finds.enumerated() { costs[i * finds.count + j] = cost(tracks[t], find) }
      }
      let result = Assignment.solve(costs, rows: seekers.count, columns: finds.count, limit: 0.86)
      for (i, t) in seekers.enumerated() where result[i] >= 0 { taker[result[i]] = t }
    }
    for (find, t) in zip(finds, taker) {
      if let t {
        tracks[t].update(
          find.region, box: find.box, mass: find.mass, isEntering: isAtBorder(find.box), dt: dt, at: time)
        tracks[t].isLeftover = find.isLeftover
      } else if tracks.count < Self.most {
        var track = Track(find.region, box: find.box, mass: find.mass, serial: makeSerial(), at: time)
        track.isLeftover = find.isLeftover
        track.appearedBy = isAtBorder(find.box) ? .edge : .inside
        if track.appearedBy == .inside, let owner = owner(of: find) {
          track.appearedBy = .split
          track.leftAloneSince =
            time + -.seconds(min(Self.longestTie, tracks[owner].secondsAway(from: find.box)))
        }
        tracks.append(track)
        clutter.note(max(find.box.width, find.box.height), contrast: find.region.contrast, at: time)
      }
    }
  }

  /// From whom it parted: who was in its place a moment ago.
  private func owner(of find: Find) -> Int? {
    tracks.indices.first { i in
      tracks[i].stage == .confirmed && tracks[i].isTold
        && tracks[i].wake.intersection(find.box) > 0.5 * find.box.area
    }
  }

  /// Seconds for which what parted may still hang together.
  private static let longestTie = 0.6

  /// More tracks than this are rain or chaos.
  private static let most = 150

  private func cost(_ t: Track, _ find: Find) -> Double {
    let predicted = t.usualBox
    if areFlakeAndThing(predicted, find.box) { return 10 }
    // What walked isn't where nothing stirs.
    if t.stage == .confirmed, t.hasMoved, isHole(find.region) { return 10 }
    // Of what comes from behind something only a part shows.
    let within = predicted.intersection(find.box) / max(find.box.area, 1e-9)
    let gap = distance(predicted.centre, find.box.centre)
    let reach = 0.02 + 0.5 * (t.size + max(find.box.width, find.box.height)) + 0.04 * t.speed
    guard gap < reach else { return 10 }
    let shape = abs(log2(max(find.box.area, 1e-6) / max(t.usualWidth * t.usualHeight, 1e-6)))
    return 0.45 * (1 - max(predicted.overlap(find.box), 0.8 * within)) + 0.25 * gap / reach + 0.06
      * min(shape, 4)
      + 0.3 * t.descriptor.distance(to: find.region.descriptor)
  }

  /// Joins pieces that nobody knows yet into things: satellites to the larger ones that they belong to.
  private func joined(_ finds: [Find]) -> [Find] {
    var out: [Find] = []
    for f in finds.sorted(by: { ($1.mass, $0.box.x, $0.box.y) < ($0.mass, $1.box.x, $1.box.y) }) {
      guard f.region.shadow < 0.8 else { continue }
      if !isFlake(f.box),
        let host = out.firstIndex(where: {
          Belonging.isSatellite(f.box, of: $0.box) || Belonging.stacks(f.box, on: $0.box)
        })
      {
        out[host].box = Belonging.union([out[host].box, f.box])
        out[host].mass += f.mass
      } else {
        out.append(f)
      }
    }
    return out
  }

  // MARK: - Candidates

  /// How many times its own length a thing goes in a second at most. Runners and cars stay below five; beams of light, drops
  /// and flakes near the lens don't.
  private static let fastest = 10.0

  /// The log-odds from which a candidate is taken for a thing, the same for what came apart from a known one, as light
  /// doesn't, and how much more what looks like weather or leaves must have. What is wrongly begun is told to everybody.
  private static let enough = 1.2
  private static let enoughParted = 0.5
  private static let weather = 1.0
  private static let leaves = 0.5

  /// Whether a candidate has shown to be a thing.
  func isThing(_ t: inout Track, at time: MediaTime) -> Bool {
    let age = (time - t.firstSeen).inSeconds
    let long = min(t.size, max(t.box.width, t.box.height))
    let isRecognised = recognised[t.serial] != nil
    guard t.hits >= (isRecognised ? 2 : 4), isRecognised || age >= 0.13, isShaped(t, long: long) else {
      return false
    }
    t.twin = lost(of: t, at: time).map { 1 - 2 * $0.unlike } ?? 0
    t.beside = share(ofNeighbourOf: t)
    let traits = traits(of: t, in: scenery.most(of: t.box), at: time)
    t.traits = traits
    if isRecognised { return true }
    var needed = t.appearedBy == .split ? Self.enoughParted : Self.enough
    if isWeather(t, long: long, age: age) { needed += Self.weather }
    if isLeaf(t) { needed += Self.leaves }
    return Beliefs.thing.logOdds(traits) > needed && !isBesideKnown(t, age: age)
  }

  /// Seen in a size and at a speed that things have, in this look too.
  private func isShaped(_ t: Track, long: Double) -> Bool {
    let seen = t.box
    let short = min(t.width, t.height, seen.width, seen.height)
    // Nearly the whole picture is no thing, and no thing is that fast.
    guard t.isObserved, max(t.area, seen.area) < 0.5 * aspect, t.speed < Self.fastest * long else {
      return false
    }
    guard long >= minimum * 0.8, short >= minimum * 0.42 else { return false }
    // Light changes its shape as no thing does that is fully in view.
    return isAtBorder(seen) || seen.area > 0.4 * t.usualWidth * t.usualHeight
  }

  /// How much of the background shows in it.
  func doubt(_ t: Track) -> Double { 2 * t.litness + 0.8 * t.shadow + max(0, t.ghost - 0.3) }

  /// Leaves that stir have the edges of the background's leaves around them.
  private func isLeaf(_ t: Track) -> Bool { t.ghost > 0.45 && t.contrast < 2.3 }

  /// One of what fills the air, or several that pass each other.
  private func isWeather(_ t: Track, long: Double, age: Double) -> Bool {
    if clutter.isDense {
      // Pieces that pass each other look like one thing for a moment.
      if t.hits < 8 || long < clutter.size * 1.5 && !outlastsClutter(t) { return true }
    }
    guard clutter.isFull else { return false }
    if t.y.velocity > max(0.12, 0.6 * abs(t.x.velocity)) && long < 0.3 { return true }
    // It fell all the way since it came in.
    let fallen = t.centre.y - t.firstBox.centre.y
    let aside = abs(t.centre.x - t.firstBox.centre.x)
    let hasFallen = fallen > max(0.15, 0.6 * aside)
    let isFromAbove = t.firstBox.y < 0.02
    return long < 0.15 && (clutter.falls && hasFallen || isFromAbove && (age < 1 || hasFallen))
  }

  /// No larger than what fills the air. Drops and flakes are small; what is larger are edges that shake.
  func isFlake(_ box: Rect) -> Bool {
    clutter.isFull && max(box.width, box.height) < min(1.2 * clutter.size, 0.07)
  }

  /// Whether one is a flake and the other far too large to be it: they are never the same.
  func areFlakeAndThing(_ a: Rect, _ b: Rect) -> Bool {
    isFlake(a) && b.area > 3 * a.area || isFlake(b) && a.area > 3 * b.area
  }

  /// Drops and shaking edges come and go, and flakes fall: what stays, and doesn't fall, is none of them.
  private func outlastsClutter(_ t: Track) -> Bool {
    (t.hits >= 12 || t.contrast > 1.5 * clutter.contrast) && t.presence > 0.8 && t.contrast > 2
      && abs(t.y.velocity) < max(0.1, 0.6 * abs(t.x.velocity))
  }

  /// Close to a known thing from which it never moved away: more likely a part of it than a thing of its own.
  private func isBesideKnown(_ t: Track, age: Double) -> Bool {
    isPieceOf(t, age: age) || t.beside > 0 && age < (t.beside > 0.4 ? 0.4 : 1.5)
  }

  /// The first of a thing that shows is often in pieces: the greater one speaks for all.
  private func isPieceOf(_ t: Track, age: Double) -> Bool {
    age < 0.5
      && tracks.contains { other in
        other.serial != t.serial && other.stage != .dormant && other.isObserved
          && (isTwin(t, other, at: other.lastSeen) && other.usualBox.area > t.usualBox.area
            || comesIn(t, with: other))
      }
  }

  /// Beside a known thing that isn't wholly in yet either: more of it, where both began at about the same time.
  private func comesIn(_ t: Track, with other: Track) -> Bool {
    other.stage == .confirmed && abs((other.firstSeen - t.firstSeen).inSeconds) < 0.5
      && Borders.areShared(by: t.box, and: other.box, aspect: aspect) && t.box.gap(to: other.box) < 0.2
  }

  /// Its area, as a share of that of the greatest known thing that it is beside and from which it never moved away; 0
  /// without one.
  private func share(ofNeighbourOf t: Track) -> Double {
    var greatest = 0.0
    for i in tracks.indices where tracks[i].stage == .confirmed && tracks[i].usualBox.area > greatest {
      let usual = tracks[i].usualBox
      guard Belonging.isSatellite(t.box, of: usual) || Belonging.stacks(t.box, on: usual),
        !kinship.areIndependent(t, tracks[i])
      else { continue }
      greatest = usual.area
    }
    return greatest > 0 ? t.usualBox.area / max(greatest, 1e-6) : 0
  }
}
