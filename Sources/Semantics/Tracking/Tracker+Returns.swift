import Base
import Conditions
import Vision

/// What begins may be what was known before: lost from sight, left behind in a crowd, or seen so far in a part.
extension Tracker {
  /// Makes a candidate a known thing. Returns the indices of the tracks that it goes on from, which are no more.
  mutating func confirm(_ t: inout Track, at time: MediaTime) -> [Int] {
    t.stage = .confirmed
    t.confirmedAt = time
    t.movedAt = t.hasMoved ? t.movedAt : t.firstSeen
    // Its box trembled while it came apart; if it really moves, that will show.
    if let since = t.leftAloneSince { t.rest.began(since) }
    let parts = parts(of: t, at: time)
    if let first = parts.first(where: { tracks[$0].isTold }) ?? parts.first {
      t.goOn(from: tracks[first])
      t.isGrowing = true
      for part in parts where part != first {
        ended.append(Ended(track: tracks[part], mergedInto: t.id))
      }
      return parts
    }
    if let old = lost(of: t, at: time)?.index {
      t.goOn(from: tracks[old])
      return [old]
    }
    if let i = adoptable.firstIndex(where: { stood($0.box, where: t.firstBox) }) {
      let thing = adoptable.remove(at: i)
      t.id = thing.id
      t.firstSeen = min(t.firstSeen, thing.since)
    } else {
      t.id = makeId()
    }
    return []
  }

  /// A thing that stood at `place` is what began at `first`: at first only the part shows that has moved away.
  private func stood(_ place: Rect, where first: Rect) -> Bool {
    place.intersection(first) > 0.5 * min(place.area, first.area) && first.area < 4 * place.area
  }

  /// Those that came into view with it and are one blob with it, and smaller: the first of a thing that shows is often in
  /// pieces, and they were known before the whole was.
  private func parts(of t: Track, at time: MediaTime) -> [Int] {
    guard let blob = scenery.most(of: t.box) else { return [] }
    return tracks.indices.filter { i in
      let part = tracks[i]
      return part.stage == .confirmed && part.id != 0 && part.serial != t.serial
        && (part.isMerged || part.isCrowded)
        && part.usualBox.area < t.usualBox.area && isTwin(part, t, at: time)
        && !kinship.areStrangers(part, t) && scenery.most(of: part.box) == blob
    }
  }

  // MARK: - Lost

  /// The least cost at which one isn't the other, and that of a larger or smaller picture of it, by doublings.
  private static let unlike = 0.5
  private static let larger = 0.2
  private static let partial = 0.05

  /// The track that was lost where this one appears, if it looks the same.
  func lost(of t: Track, at time: MediaTime) -> (index: Int, unlike: Double)? {
    var best: (index: Int, unlike: Double)?
    for i in tracks.indices where tracks[i].id != 0 && tracks[i].serial != t.serial {
      guard let unlike = unlike(t, tracks[i], at: time), unlike < best?.unlike ?? Self.unlike else {
        continue
      }
      best = (i, unlike)
    }
    return best
  }

  private func unlike(_ t: Track, _ old: Track, at time: MediaTime) -> Double? {
    switch old.stage {
    case .candidate: nil
    case .dormant: unlike(t, dormant: old)
    case .confirmed where old.isMerged:
      isSpare(old) ? old.crowdEntry.flatMap { unlike(t, at: time, crowded: old, since: $0) } : nil
    case .confirmed:
      !old.isObserved && !old.isEngulfed && (t.firstSeen - old.lastSeen).inSeconds > -0.3
        ? unlike(t, old, gap: t.box.gap(to: old.usualBox), reach: 0.06 + 0.25 * old.usualBox.height) : nil
    }
  }

  private func unlike(_ t: Track, dormant old: Track) -> Double? {
    let gone = (t.firstSeen - old.lastSeen).inSeconds
    guard gone > -0.3 else { return nil }
    let predicted = Point(
      x: old.x.position + old.x.velocity * max(0, gone) * 0.8,
      y: old.y.position + old.y.velocity * max(0, gone) * 0.8)
    let reach = 0.06 + 0.5 * old.size + 0.5 * old.speed * max(0, gone)
    let gap = distance(predicted, t.firstBox.centre)
    let ratio = abs(log2(max(t.usualHeight, 1e-6) / max(old.usualHeight, 1e-6)))
    guard gap < reach, ratio < 1.2 else { return nil }
    return 0.4 * gap / reach + old.descriptor.distance(to: t.descriptor) + 0.2 * ratio
  }

  /// Those who are in its blob fill it without this one.
  private func isSpare(_ old: Track) -> Bool {
    guard let blob = scenery.most(of: old.box) else { return false }
    var others = 0.0
    for o in tracks where o.serial != old.serial && o.isMerged && old.companions.contains(o.serial) {
      others += o.mass
    }
    return Double(scenery.foreground.blobs[blob].mass) < 1.35 * others
  }

  /// Who goes into a crowd comes out on the other side, if nothing has kept him; or where he was followed to.
  private func unlike(_ t: Track, at time: MediaTime, crowded old: Track, since entry: Passage)
    -> Double?
  {
    guard !isAtBorder(t.firstBox) else { return nil }
    let place = entry.later(at: time).point
    let usual = old.usualBox
    let expected = Rect(
      x: place.x - usual.width / 2, y: place.y - usual.height / 2, width: usual.width, height: usual.height)
    let reach = 0.03 + 0.25 * max(usual.width, usual.height) + 0.35 * distance(entry.point, place)
    // On its way it is rather the one that went there than another that looks like it.
    let stray = old.strays(to: t.box.centre, at: time) ?? 0.5
    let gap = min(t.box.gap(to: expected), t.box.gap(to: usual))
    return unlike(t, old, gap: gap, reach: reach).map { $0 + 0.5 * (stray - 0.5) }
  }

  private func unlike(_ t: Track, _ old: Track, gap: Double, reach: Double) -> Double? {
    let ratio = log2(max(t.usualHeight, 1e-6) / max(old.usualHeight, 1e-6))
    guard gap < reach, ratio < 1.2 else { return nil }
    return 0.4 * max(0, gap) / reach + old.descriptor.distance(to: t.descriptor)
      + (ratio > 0 ? Self.larger * ratio : -Self.partial * ratio)
  }
}
