import Base
import Conditions
import Vision

/// Follows things from look to look: predicts, shares the foreground out among them, holds them apart while they hide
/// each other, confirms what behaves like a thing, and forgets what is gone.
///
/// The steps of a look are in files of their own: `Tracker+Claims`, `Tracker+Placing`, `Tracker+Beginnings`,
/// `Tracker+Judgement`. Lengths are in picture heights, so that they mean the same each way.
struct Tracker: Sendable {
  var tracks: [Track] = []
  var kinship = Kinship()
  var clutter = Clutter()
  var sightings: [UInt64: Sighting] = [:]
  /// What the last look showed.
  var scenery = Scenery()
  /// The picture's width in heights.
  private(set) var aspect = 16.0 / 9
  /// Side of the smallest object, as a share of the picture's height.
  var minimum: Double
  /// Boxes of what turned out to be an empty place; the background should be taken anew there.
  var emptied: [Rect] = []
  /// Where things that moved were when the background was last taken anew, in picture heights: what lay under them had to
  /// be guessed.
  private var guessed: [Rect] = []
  private var guessedUntil = MediaTime.zero
  /// How long guesses are held for such, and how long they are put right as they are uncovered.
  private static let guesses = Nanoseconds.seconds(10)
  private static let uncovering = Nanoseconds.seconds(1.5)
  /// Places from which something that belonged to the background turned out to be gone, since the last call of
  /// `takeRemoved`; and those told of lately.
  var removed: [Automaton.Removal] = []
  var removedLately: [(box: Rect, time: MediaTime)] = []
  /// Things that a detector saw standing, which the background hides: what begins to move where one stands is it.
  var adoptable: [(id: UInt64, box: Rect, since: MediaTime)] = []
  /// What a detector knows, by serial: how sure it is, 0…1.
  var recognised: [UInt64: Double] = [:]
  /// Ended since the last call of `takeEnded`.
  var ended: [Ended] = []
  private var nextId: UInt64
  private var nextSerial: UInt64 = 1
  private var lastTime: MediaTime?
  private var startedAt: MediaTime?
  /// When the background was last taken anew.
  private(set) var relearntAt = MediaTime.zero
  /// Seconds after the first look in which the background is only being learnt.
  private static let settling = 0.8

  /// A track that is no more.
  struct Ended: Sendable {
    var track: Track
    /// The id of the track that it turned out to be a part of; nil when it left.
    var mergedInto: UInt64?
  }

  init(minimumObject: Double, firstId: UInt64 = 1) {
    minimum = minimumObject
    nextId = firstId
  }

  var confirmed: [Track] { tracks.filter { $0.stage == .confirmed } }

  /// Forgets everything in sight: after a loss nothing that was known is known to be there.
  mutating func forget() {
    tracks.removeAll()
    guessed.removeAll()
    lastTime = nil
  }

  mutating func takeEnded() -> [Ended] {
    defer { ended.removeAll(keepingCapacity: true) }
    return ended
  }

  mutating func takeRemoved() -> [Automaton.Removal] {
    defer { removed.removeAll(keepingCapacity: true) }
    return removed
  }

  mutating func makeId() -> UInt64 {
    defer { nextId += 1 }
    return nextId
  }

  mutating func makeSerial() -> UInt64 {
    defer { nextSerial += 1 }
    return nextSerial
  }

  // MARK: - What the encoder is told

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

  func toHeights(_ r: Rect) -> Rect {
    Rect(x: r.x * aspect, y: r.y, width: r.width * aspect, height: r.height)
  }

  // MARK: - Looks

  /// Carries all tracks on to `time` without a look: nothing is seen, nothing counts as gone.
  mutating func coast(to time: MediaTime) {
    let dt = elapsed(to: time)
    for i in tracks.indices where tracks[i].stage != .dormant {
      tracks[i].predict(dt)
      tracks[i].traits = nil
      tracks[i].x.slow(by: exp2(-dt / 0.7))
      tracks[i].y.slow(by: exp2(-dt / 0.7))
      tracks[i].isObserved = false
      // Not looking is not the same as not there: the time without sight doesn't run.
      if tracks[i].stage == .confirmed { tracks[i].lastSeen = max(tracks[i].lastSeen, time + -.seconds(0.1)) }
    }
  }

  /// The background was taken anew, but for what lies under known things.
  mutating func noteRelearning(at time: MediaTime) {
    guessed = tracks.filter { $0.stage == .confirmed && (time - $0.movedAt).inSeconds < 1.5 }.map {
      let b = $0.expectedBox
      return b.grown(by: 0.02 + 0.2 * min(b.width, b.height))
    }
    guessedUntil = time + Self.guesses
    relearntAt = time
  }

  private mutating func mendGuesses(_ regions: [Region], at time: MediaTime) {
    if time > guessedUntil { guessed.removeAll() }
    guard !guessed.isEmpty else { return }
    for r in regions where isGuess(r) { emptied.append(r.box) }
    // What they uncover as they go on is the background at last.
    if guessedUntil - time > Self.guesses - Self.uncovering { emptied += guessed.map { toPicture($0) } }
  }

  mutating func observe(_ seen: Observation, at time: MediaTime, aspect: Double, mayConfirm: Bool = true) {
    self.aspect = aspect
    if startedAt == nil {
      startedAt = time
      relearntAt = time
    }
    sightings = [:]
    for s in seen.sightings { sightings[s.id] = s }
    emptied.removeAll(keepingCapacity: true)
    let dt = elapsed(to: time)
    for i in tracks.indices where tracks[i].stage != .dormant {
      tracks[i].predict(dt)
      tracks[i].wasObserved = tracks[i].isObserved
      tracks[i].isObserved = false
      tracks[i].wasMerged = tracks[i].isMerged
      tracks[i].isMerged = false
      tracks[i].isHidden = false
      tracks[i].isEngulfed = false
      tracks[i].traits = nil
    }
    // Those seen a few times claim the foreground; the newest, whose speed isn't known yet, take what is left.
    let anchors = tracks.indices.filter {
      tracks[$0].stage == .confirmed
        || tracks[$0].stage == .candidate && tracks[$0].hits >= 3 && !tracks[$0].isLeftover
    }
    let boxes = seen.regions.map { toHeights($0.box) }
    var foreground = Foreground(
      seen.figure, regions: boxes,
      expected: anchors.map { .init(box: tracks[$0].expectedBox, mass: tracks[$0].mass) }, aspect: aspect)
    mendGuesses(seen.regions, at: time)
    leaveResidue(&foreground, anchors, seen.regions, at: time)
    leaveFlakes(&foreground, anchors)
    let absorbed = settle(&foreground, anchors, at: time)
    release(&foreground, anchors, seen.regions, at: time)
    rejoin(&foreground, anchors, seen.regions, at: time)
    place(&foreground, anchors, seen.regions, dt: dt, at: time)
    let free = foreground.blobs.indices.filter {
      foreground.blobs[$0].claims.isEmpty && !isResidue(seen.regions[$0]) && !isLight(seen.regions[$0])
    }
    take(
      free.map {
        Find(region: seen.regions[$0], box: foreground.blobs[$0].box, mass: foreground.blobs[$0].mass)
      } + leftovers(foreground, anchors, seen.regions),
      absorbed: absorbed, dt: dt, at: time)
    for i in tracks.indices where !tracks[i].isMerged { tracks[i].mergedSince = nil }
    clutter.step(to: time)
    scenery = Scenery(seen, foreground)
    for t in absorbed.sorted(by: >) { tracks.remove(at: t) }
    kinship.follow(tracks, after: dt, aspect: aspect)
    judge(at: time, mayConfirm: mayConfirm && (time - (startedAt ?? time)).inSeconds > Self.settling)
    joinParts(at: time)
    joinFeet(after: dt)
    kinship.prune(tracks)
    believe(at: time)
  }

  /// What an encoder left behind where something passed: it doesn't change at all until the next key frame, and hardly
  /// shows.
  func isResidue(_ r: Region) -> Bool { (r.stir < 0.5 && r.contrast < 1.6) || isGuess(r) }

  /// A background that was guessed wrong: it doesn't change at all, where something that moved had been.
  func isGuess(_ r: Region) -> Bool {
    guard r.stir < 0.8, r.ghost > 0.5, !guessed.isEmpty else { return false }
    let b = toHeights(r.box)
    return guessed.contains { b.intersection($0) > 0.7 * b.area }
  }

  /// What something that stood there when the background was learnt left behind as it went: the edges are the background's,
  /// and nothing stirs.
  func isHole(_ r: Region) -> Bool { r.ghost > 0.6 && r.stir < 1 }

  /// The background in another light: a shadow's edge, a beam.
  func isLight(_ r: Region) -> Bool {
    light(r.litness, shadow: r.shadow, ghost: r.ghost, contrast: r.contrast) > 0.08
  }

  /// Above 0 for what is rather light than a thing: its texture is the background's, and so is its edge. What stands out
  /// more may be more like the background by chance.
  func light(_ litness: Double, shadow: Double, ghost: Double, contrast: Double) -> Double {
    litness + 0.4 * shadow + 0.6 * max(0, ghost - 0.3) - 0.25 - 0.03 * min(5, max(0, contrast - 2))
  }

  private mutating func elapsed(to time: MediaTime) -> Double {
    defer { lastTime = time }
    guard let lastTime else { return 1.0 / 30 }
    return min(0.5, max(0, (time - lastTime).inSeconds))
  }

  func isAtBorder(_ b: Rect) -> Bool { !Borders(of: b, aspect: aspect).isEmpty }
}
