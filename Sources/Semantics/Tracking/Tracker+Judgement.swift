import Base
import Conditions
import Vision

/// Which candidates are things, and which tracks are no more.
extension Tracker {
  /// Seconds without sight after which a confirmed track ends: at the border, inside, and behind another.
  private static let patienceAtBorder = 0.25
  private static let patienceInside = 0.75
  private static let patienceBehind = 2.0
  /// Seconds for which a gone track may come back under its id.
  private static let memory = 4.0

  mutating func judge(at time: MediaTime, mayConfirm: Bool) {
    var gone = Set<Int>()
    for i in tracks.indices where !gone.contains(i) {
      var t = tracks[i]
      let unseen = (time - t.lastSeen).inSeconds
      switch t.stage {
      case .candidate:
        let age = (time - t.firstSeen).inSeconds
        if age >= 0.12, !t.isCourseKnown {
          t.isCourseKnown = true
          clutter.note(velocityX: t.x.velocity, velocityY: t.y.velocity, at: time)
        }
        if unseen > 0.1 + 0.2 * min(1, age) {
          gone.insert(i)
          continue
        }
        if isEmptyPlace(t, at: time) {
          emptied.append(toPicture(t.box))
          noteRemoved(t, at: time)
          gone.insert(i)
          continue
        }
        if mayConfirm, isThing(&t, at: time) {
          for old in confirm(&t, at: time) {
            // Another that begins in this look must not go on from it too.
            tracks[old].id = 0
            gone.insert(old)
          }
        }
        tracks[i] = t
      case .confirmed:
        if isEmptyPlace(t, at: time) || t.area > 0.6 * aspect {
          emptied.append(toPicture(t.box))
          if t.area <= 0.6 * aspect { noteRemoved(t, at: time) }
          ended.append(Ended(track: t))
          gone.insert(i)
          continue
        }
        if unseen > patience(t) || t.isSqueezedOut {
          t.isSqueezedOut = false
          ended.append(Ended(track: t))
          t.stage = .dormant
        }
        tracks[i] = t
      case .dormant:
        if unseen >= Self.memory { gone.insert(i) }
      }
    }
    for i in gone.sorted(by: >) { tracks.remove(at: i) }
  }

  /// A place turned out to be empty: what was seen there is the hole that something left in the background.
  private mutating func noteRemoved(_ t: Track, at time: MediaTime) {
    removedLately.removeAll { (time - $0.time).inSeconds > Self.sameRemoval }
    let box = t.box
    // While the background is being learnt, holes are its own.
    guard (time - relearntAt).inSeconds > Self.afterLearning, max(box.width, box.height) >= minimum,
      !t.hasMoved,
      !removedLately.contains(where: { $0.box.overlap(box) > 0.1 || $0.box.contains(box.centre) })
    else { return }
    removed.append(.init(box: toPicture(box), since: t.firstSeen))
    removedLately.append((box, time))
  }

  /// Seconds in which holes in one place are one removal, and after learning the background anew in which none counts.
  private static let sameRemoval = 10.0
  private static let afterLearning = 3.0

  private func patience(_ t: Track) -> Double {
    if t.isHidden { return Self.patienceBehind }
    // What was seen briefly is also given up soon.
    let known = 0.15 + 0.5 * (t.lastSeen - t.firstSeen).inSeconds
    return min(known, isLeaving(t) ? Self.patienceAtBorder : Self.patienceInside)
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
    (time - t.movedAt).inSeconds > 0.4
      && (t.ghostLooks >= 10 && t.ghost > 0.62 && t.stir < 2.2 || t.lifelessLooks >= 20)
  }

  /// Shoes are seen by themselves where the trousers look like the ground: what stays below a thing that walks, however it
  /// swings, is a part of it.
  mutating func joinFeet(after dt: Double) {
    var gone: [Int] = []
    let known = tracks.indices.filter { tracks[$0].stage == .confirmed }
    for i in known {
      guard let host = known.first(where: { $0 != i && isFoot(tracks[i], of: tracks[$0]) }) else {
        tracks[i].underfoot = max(0, tracks[i].underfoot - dt)
        continue
      }
      tracks[i].underfoot += dt
      guard tracks[i].underfoot > 1, !gone.contains(host) else { continue }
      ended.append(Ended(track: tracks[i], mergedInto: tracks[host].id))
      tracks[host].takeIn(tracks[i])
      gone.append(i)
    }
    for i in gone.reversed() { tracks.remove(at: i) }
  }

  private func isFoot(_ part: Track, of whole: Track) -> Bool {
    let (p, w) = (part.usualBox, whole.usualBox)
    guard part.mass < 0.75 * whole.mass, p.height < 0.6 * w.height, w.height > w.width,
      !kinship.wereSideBySide(part, whole)
    else { return false }
    let below = p.y - w.maxY
    guard below > -0.3 * w.height, below < 1.1 * w.height, p.centre.y > w.centre.y + 0.3 * w.height else {
      return false
    }
    guard abs(p.centre.x - w.centre.x) < 0.1 * w.height + 0.8 * w.width else { return false }
    let pace = 0.03 + 0.7 * whole.speed
    return whole.speed > 0.03 && abs(part.x.velocity - whole.x.velocity) < pace
  }

  /// A known track that lies beside a larger one for a while, goes as it does and never moved away from it, is a part of
  /// it.
  mutating func joinParts(at time: MediaTime) {
    var gone: [Int] = []
    let known = tracks.indices.filter { tracks[$0].stage == .confirmed }
    for i in known {
      let part = tracks[i]
      let host = known.first { j in
        let other = tracks[j]
        return j != i && !gone.contains(j)
          && (other.usualBox.area, other.hits) > (part.usualBox.area, part.hits)
          && !kinship.areIndependent(part, other) && part.seenAlone < 0.8 && goTogether(part, other)
          && (Belonging.isSatellite(part.usualBox, of: other.usualBox)
            || Belonging.stacks(part.usualBox, on: other.usualBox))
      }
      guard let host else {
        tracks[i].besideSince = nil
        continue
      }
      let since = part.besideSince ?? time
      tracks[i].besideSince = since
      let patience = isLikeWhole(part, beside: tracks[host]) ? Self.abreast : 0.5
      guard (time - since).inSeconds > patience else { continue }
      ended.append(Ended(track: part, mergedInto: tracks[host].id))
      gone.append(i)
    }
    for i in gone.reversed() { tracks.remove(at: i) }
  }

  private func goTogether(_ part: Track, _ whole: Track) -> Bool {
    let slip = Point(x: part.x.velocity - whole.x.velocity, y: part.y.velocity - whole.y.velocity)
    return distance(slip, Point(x: 0, y: 0)) < 0.1 + 0.5 * whole.speed
  }
}
