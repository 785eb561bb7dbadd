import Base
import Vision

/// From foreground that nobody claimed to new tracks, and from candidates to known things.
extension Tracker {
  /// A blob that no track claimed, or several that belong together.
  struct Find {
    var region: Region
    var box: Rect
    var mass: Int
  }

  /// Gives what nobody claimed to the tracks that lack a place, the rest begins.
  mutating func take(
    _ finds: [Find], absorbed: Set<Int>, dt: Double, at time: MediaTime
  ) {
    let finds = joined(finds)
    let seekers = tracks.indices.filter {
      !tracks[$0].isObserved && !tracks[$0].isMerged && tracks[$0].stage != .dormant && !absorbed.contains($0)
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
      } else if tracks.count < Self.most {
        tracks.append(Track(find.region, box: find.box, mass: find.mass, serial: makeSerial(), at: time))
        clutter.note(max(find.box.width, find.box.height), contrast: find.region.contrast, at: time)
      }
    }
  }

  /// More tracks than this are rain or chaos.
  private static let most = 150

  private func cost(_ t: Track, _ find: Find) -> Double {
    let predicted = t.usualBox
    if areFlakeAndThing(predicted, find.box) { return 10 }
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

  /// In picture heights, what is small among things: a few pixels of the peripheral picture.
  private static let small = 0.055

  /// Whether a candidate has shown to be a thing.
  func isThing(_ t: Track, at time: MediaTime) -> Bool {
    let age = (time - t.firstSeen).inSeconds
    let long = min(t.size, max(t.box.width, t.box.height))
    guard t.hits >= 4, age >= 0.13, isShaped(t, long: long), isSteady(t, long: long) else { return false }
    guard hasProvenItself(t, long: long, age: age) || hasShown(t, long: long, age: age) else { return false }
    return !isBesideKnown(t, age: age)
  }

  /// Seen in most looks, and what is small in nearly all: leaves that stir look like small things that go somewhere, for a
  /// few looks.
  private func isSteady(_ t: Track, long: Double) -> Bool {
    if t.presence > 0.8 { return true }
    let (hits, looks) = (Double(t.hits), Double(t.looks))
    return long > Self.small ? hits >= 0.7 * looks : t.hits >= 7 && hits >= 0.8 * looks
  }

  /// Stands out, is no weather, and behaves like a thing.
  private func hasShown(_ t: Track, long: Double, age: Double) -> Bool {
    standsOut(t, age: age) && !isWeather(t, long: long, age: age)
      && (goesStraight(t, long: long, age: age) || hasComeToStand(t, age: age))
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

  /// Differs from the background enough, and is not the background in another light.
  private func standsOut(_ t: Track, age: Double) -> Bool {
    guard t.shadow < 0.6, t.contrast > 1.15 else { return false }
    guard light(t.litness, shadow: t.shadow, ghost: t.ghost, contrast: t.contrast) < -0.08 else {
      return false
    }
    // What hardly stands out must show nothing of the background.
    guard t.contrast > 1.2 + 2.5 * min(doubt(t), 0.8) else { return false }
    // Leaves that stir have the edges of the background's leaves around them.
    guard t.ghost < 0.45 || t.contrast > 2.3 else { return false }
    // What is faint must be there all the time.
    return t.contrast > 1.7 || age > 0.5 && t.presence > 0.65
  }

  /// How much of the background shows in it.
  private func doubt(_ t: Track) -> Double { 2 * t.litness + 0.8 * t.shadow + max(0, t.ghost - 0.3) }

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

  private func goesStraight(_ t: Track, long: Double, age: Double) -> Bool {
    // A box that goes somewhere while its pixels stay as they are is only taken apart otherwise in every look.
    guard t.ghost < 0.75, t.contrast > 1.25, t.stir > 0.8 else { return false }
    // Inside, growing is no progress unless it is plain to see; from the border, that is how things come.
    let progress = isAtBorder(t.firstBox) || t.contrast > 2.2 ? t.progress : t.advance
    let step = max(0.011, 0.13 * min(long, 0.2))
    if progress > step && progress > 0.45 * t.pathLength { return true }
    // What wandered among shadows at first may go straight by now.
    return age > 1 && t.recentProgress > max(0.03, 3 * step) && t.recentStraightness > 0.6
  }

  /// Seen all the time, as it went a good way on a line: neither weather nor light does that for so long, however little it
  /// stands out.
  private func hasProvenItself(_ t: Track, long: Double, age: Double) -> Bool {
    let light = t.litness + t.shadow
    guard !clutter.falls, age > 1, t.presence > 0.75, t.speed < 3 * long else { return false }
    guard t.contrast > 1.2, t.stir > 0.8, t.ghost < 0.5, light < 0.3 else { return false }
    return t.recentProgress > max(0.06, long) + 0.25 * light && t.recentStraightness > 0.85
  }

  /// It came and stands: kept apart from its ghost by whose edges they are.
  private func hasComeToStand(_ t: Track, age: Double) -> Bool {
    age > 1.0 && t.ghost < 0.42 && t.stir < 2.5 && t.contrast > 1.6 + 4 * doubt(t) && t.shadow < 0.35
      && (Double(t.hits) > 0.9 * Double(t.looks) || t.presence > 0.95)
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
    tracks.contains { other in
      // The first of a thing that shows is often in pieces: the greater one speaks for all.
      if age < 0.5, other.serial != t.serial, other.stage != .dormant, other.isObserved,
        isTwin(t, other, at: other.lastSeen), other.usualBox.area > t.usualBox.area
      {
        return true
      }
      guard other.stage == .confirmed, !kinship.areIndependent(t, other) else { return false }
      guard Belonging.isSatellite(t.box, of: other.usualBox) || Belonging.stacks(t.box, on: other.usualBox)
      else { return false }
      return t.usualBox.area > 0.4 * other.usualBox.area ? age < 0.4 : age < 1.5
    }
  }

  mutating func confirm(_ t: inout Track, at time: MediaTime) {
    t.stage = .confirmed
    t.movedAt = t.hasMoved ? t.movedAt : t.firstSeen
    guard let i = dormantTwin(of: t, at: time) else {
      t.id = makeId()
      return
    }
    t.id = tracks[i].id
    t.firstSeen = tracks[i].firstSeen
    t.pathLength += tracks[i].pathLength
    // A dormant track that came back must not be found twice.
    tracks[i].id = 0
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
