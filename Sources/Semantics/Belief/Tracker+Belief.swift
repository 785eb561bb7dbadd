import Base
import Vision

/// What a look shows: its regions, and the foreground that they make, blob by blob.
struct Scenery: Sendable {
  private(set) var regions: [Region] = []
  private(set) var foreground = Foreground(Figure(), regions: [], expected: [], aspect: 1)
  private(set) var noise = 0.0

  init() {}

  init(_ seen: Observation, _ foreground: Foreground) {
    regions = seen.regions
    self.foreground = foreground
    noise = seen.scene.noise
  }

  /// The region that shares most with a box, in picture heights.
  func most(of box: Rect) -> Int? {
    var best: Int?
    var most = 0.0
    for (i, blob) in foreground.blobs.enumerated() {
      let shared = blob.box.intersection(box)
      if shared > most {
        most = shared
        best = i
      }
    }
    return best
  }
}

/// A track that a belief was formed about, and what it was formed from. Boxes are in 0…1 of the picture.
package struct Judgement: Sendable {
  package var serial: UInt64
  package var isKnown: Bool
  package var box: Rect
  /// The region that covers most of it.
  package var region: Rect?
  package var traits: Traits
}

/// Where each known thing is believed to be.
extension Tracker {
  /// How much more a region must be believed than the track itself, to be reported in its stead.
  private static let preference = 0.2
  /// IoU from which a track's box and its region's are the same.
  private static let same = 0.7
  /// Seconds after which a track takes on the region that is believed more.
  private static let patience = 0.5
  /// The least belief with which a thing is told of first: its event is for everybody, and can never be taken back.
  private static let first = 0.95
  /// The same for what a detector is sure of as well.
  private static let firstRecognised = 0.7
  /// The least belief with which a thing is reported. Below, its box is wrong far more often than right.
  private static let least = 0.3

  mutating func believe(at time: MediaTime) {
    for i in tracks.indices where tracks[i].stage == .confirmed {
      let region = scenery.most(of: tracks[i].box)
      let traits = traits(of: tracks[i], in: region, at: time)
      let place = Beliefs.probability(Beliefs.place.logOdds(traits))
      // Where both are much the same there is nothing to choose.
      let differs = region != nil && traits[.regionOverlap] < Self.same
      let whole = differs ? Beliefs.probability(Beliefs.region.logOdds(traits)) : 0
      let isWhole = whole > place + Self.preference
      tracks[i].belief = isWhole ? whole : place
      tracks[i].region = isWhole ? region.map { scenery.foreground.blobs[$0].box } : nil
      tracks[i].wholeSince = isWhole ? tracks[i].wholeSince ?? time : nil
      if let region, let since = tracks[i].wholeSince, (time - since).inSeconds > Self.patience {
        tracks[i].become(scenery.foreground.blobs[region].box, mass: scenery.foreground.blobs[region].mass)
        tracks[i].wholeSince = nil
      }
      var needed = Self.first
      // What a detector knows in plain sight is there, however little of it stands out.
      if let known = recognised[tracks[i].serial], tracks[i].isSeenAlone {
        tracks[i].belief = max(tracks[i].belief, known)
        needed = Self.firstRecognised
      }
      tracks[i].isTold = tracks[i].isTold || tracks[i].belief > needed
      tracks[i].traits = traits
    }
  }

  /// The known things that are to be told of, here or not.
  var told: [Track] { tracks.filter { $0.stage == .confirmed && $0.isTold } }
  /// The known things that are to be reported where they are.
  var believed: [Track] { told.filter { $0.belief > Self.least } }

  var judgements: [Judgement] {
    tracks.compactMap { t in
      guard t.stage != .dormant, let traits = t.traits else { return nil }
      return Judgement(
        serial: t.serial, isKnown: t.stage == .confirmed, box: toPicture(t.box),
        region: scenery.most(of: t.box).map { toPicture(scenery.foreground.blobs[$0].box) }, traits: traits)
    }
  }

  /// All that can be told of a track in this look, and of the region that covers most of it.
  func traits(of t: Track, in region: Int?, at time: MediaTime) -> Traits {
    var traits = Traits()
    describe(t, at: time, in: &traits)
    describeMotion(t, in: &traits)
    traits[.twin] = t.twin
    traits[.beside] = t.beside
    describeAir(t, at: time, in: &traits)
    traits[.leftover] = t.isLeftover ? 1 : 0
    describeNeighbours(of: t, in: &traits)
    if t.stage == .confirmed { describePlace(t, at: time, in: &traits) }
    if let region { describeRegion(region, of: t, in: &traits) }
    return traits
  }

  private func describe(_ t: Track, at time: MediaTime, in traits: inout Traits) {
    let box = t.box
    let light = light(t.litness, shadow: t.shadow, ghost: t.ghost, contrast: t.contrast)
    let usual = max(t.usualWidth * t.usualHeight, 1e-6)
    let doubt = doubt(t)
    traits[.hits] = Double(t.hits)
    traits[.seenShare] = Double(t.hits) / Double(t.looks)
    traits[.age] = (time - t.firstSeen).inSeconds
    traits[.presence] = t.presence
    traits[.contrast] = t.contrast
    traits[.litness] = t.litness
    traits[.shadow] = t.shadow
    traits[.ghost] = t.ghost
    traits[.stir] = t.stir
    traits[.light] = light
    traits[.doubt] = doubt
    traits[.margin] = t.contrast - 1.2 - 2.5 * min(doubt, 0.8)
    traits[.width] = box.width
    traits[.height] = box.height
    traits[.length] = max(box.width, box.height)
    traits[.usualLength] = max(t.usualWidth, t.usualHeight)
    traits[.shortest] = min(t.usualWidth, t.usualHeight, box.width, box.height)
    traits[.growth] = box.area / usual
    traits[.shape] = t.usualWidth / max(t.usualHeight, 1e-3)
    traits[.mass] = t.mass * scenery.foreground.blockArea
    traits[.fill] = t.mass * scenery.foreground.blockArea / usual
    traits[.atBorder] = isAtBorder(box) ? 1 : 0
    traits[.beganAtBorder] = isAtBorder(t.firstBox) ? 1 : 0
    traits[.inside] = box.intersection(Rect(x: 0, y: 0, width: aspect, height: 1)) / max(box.area, 1e-9)
  }

  private func describeMotion(_ t: Track, in traits: inout Traits) {
    let long = max(max(t.usualWidth, t.usualHeight), 1e-3)
    // Inside, growing is no progress unless it is plain to see; from the border, that is how things come.
    let progress = isAtBorder(t.firstBox) || t.contrast > 2.2 ? t.progress : t.advance
    traits[.progress] = t.progress
    traits[.advance] = t.advance
    traits[.path] = t.pathLength
    traits[.straightness] = t.progress / max(t.pathLength, 1e-3)
    traits[.progressShare] = t.progress / long
    traits[.advanceShare] = t.advance / long
    traits[.steps] = progress / max(0.011, 0.13 * min(long, 0.2))
    traits[.recentProgress] = t.recentProgress
    traits[.recentStraightness] = t.recentStraightness
    traits[.recentAdvance] = t.recentProgress * t.recentStraightness
    traits[.speed] = t.speed
    traits[.pace] = t.speed / long
    traits[.sinking] = t.y.velocity
    traits[.sunk] = t.box.centre.y - t.firstBox.centre.y
  }

  private func describeAir(_ t: Track, at time: MediaTime, in traits: inout Traits) {
    traits[.airIsDense] = clutter.isDense ? 1 : 0
    traits[.airFalls] = clutter.falls ? 1 : 0
    traits[.flakeSize] = clutter.size
    traits[.flakeContrast] = clutter.contrast
    traits[.flakes] = clutter.isFull ? max(t.usualWidth, t.usualHeight) / max(0.02, clutter.size) : 6
    traits[.noise] = scenery.noise
    traits[.settled] = min(30, (time - relearntAt).inSeconds)
  }

  /// Among the known things around it.
  private func describeNeighbours(of t: Track, in traits: inout Traits) {
    let box = t.box
    var near = 0.0
    var gap = 9.0
    var slip = 9.0
    for o in tracks where o.stage == .confirmed && o.serial != t.serial {
      let other = o.box
      near = max(near, box.intersection(other) / max(box.area, 1e-9))
      let between = max(
        max(box.x, other.x) - min(box.maxX, other.maxX), max(box.y, other.y) - min(box.maxY, other.maxY))
      guard between < gap else { continue }
      gap = between
      let (dx, dy) = (t.x.velocity - o.x.velocity, t.y.velocity - o.y.velocity)
      slip = (dx * dx + dy * dy).squareRoot()
    }
    traits[.near] = near
    traits[.gap] = gap
    traits[.slip] = slip
  }

  private func describePlace(_ t: Track, at time: MediaTime, in traits: inout Traits) {
    func seconds(since: MediaTime?) -> Double { since.map { (time - $0).inSeconds } ?? 0 }
    let blocks = Double(scenery.foreground.blocks(in: t.usualBox))
    let unseen = (time - t.lastSeen).inSeconds
    traits[.observed] = t.isObserved ? 1 : 0
    traits[.merged] = t.isMerged ? 1 : 0
    traits[.crowded] = t.isCrowded ? 1 : 0
    traits[.hidden] = t.isHidden ? 1 : 0
    traits[.coverage] = blocks * scenery.foreground.blockArea / max(t.usualWidth * t.usualHeight, 1e-6)
    traits[.coveredShare] = blocks / max(t.mass, 1)
    traits[.drift] = t.speed * unseen / max(max(t.usualWidth, t.usualHeight), 1e-3)
    traits[.seenAlone] = t.seenAlone
    traits[.known] = seconds(since: t.confirmedAt)
    traits[.unseen] = unseen
    traits[.mergedFor] = seconds(since: t.mergedSince)
    traits[.soloHits] = Double(t.soloHits)
    traits[.companions] = Double(t.companions.count)
    traits[.engulfedFor] = seconds(since: t.engulfedSince)
    traits[.crowdedFor] = seconds(since: t.crowdedSince)
    traits[.thinFor] = seconds(since: t.thinSince)
    traits[.likeness] = sightings[t.id]?.likeness ?? -1
    traits[.doubtOfPlace] = max(t.x.spread / max(t.usualWidth, 1e-3), t.y.spread / max(t.usualHeight, 1e-3))
  }

  private func describeRegion(_ i: Int, of t: Track, in traits: inout Traits) {
    let own = t.box
    let (region, box, mass) = (
      scenery.regions[i], scenery.foreground.blobs[i].box, Double(scenery.foreground.blobs[i].mass)
    )
    let shared = box.intersection(own)
    let wide = box.width / max(t.usualWidth, 1e-3)
    let tall = box.height / max(t.usualHeight, 1e-3)
    traits[.regionWidth] = wide
    traits[.regionHeight] = tall
    traits[.regionMass] = mass / max(t.mass, 1)
    traits[.regionArea] = wide * tall
    traits[.regionShape] = box.width / max(box.height, 1e-3)
    traits[.regionFill] = mass * scenery.foreground.blockArea / max(box.area, 1e-6)
    traits[.regionContrast] = region.contrast
    traits[.regionShadow] = region.shadow
    traits[.regionLitness] = region.litness
    traits[.regionGhost] = region.ghost
    traits[.regionStir] = region.stir
    traits[.regionReach] = shared / max(own.area, 1e-9)
    traits[.regionShare] = shared / max(box.area, 1e-9)
    traits[.regionTracks] = Double(
      tracks.count { $0.stage == .confirmed && $0.box.intersection(box) > 0.3 * $0.box.area })
    traits[.regionOverlap] = box.overlap(own)
  }
}
