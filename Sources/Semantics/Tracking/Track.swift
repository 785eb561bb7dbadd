import Base
import Conditions
import Vision

/// One thing followed through time. Lengths are in picture heights, so that they mean the same each way.
struct Track: Sendable {
  enum Stage: Sendable {
    /// Seen, but not yet known to be a thing.
    case candidate
    case confirmed
    /// Gone from sight; remembered for a while in case that it comes back.
    case dormant
  }

  var stage = Stage.candidate
  /// Given when confirmed; 0 before.
  var id: UInt64 = 0
  /// How likely it is where it is said to be, 0…1.
  var belief = 0.0
  /// It was believed enough once to be told of.
  var isTold = false
  /// The region that it is rather than its box, if that is believed more.
  var region: Rect?
  /// Since when it is so believed.
  var wholeSince: MediaTime?
  /// What it was judged by in this look; nil if it was not.
  var traits: Traits?
  /// As long as it is a candidate: how like one that was lost here it is, 0…1, and how large beside the known thing that
  /// it may be a part of, 0 without one.
  var twin = 0.0
  var beside = 0.0
  /// When it was first known for a thing.
  var confirmedAt: MediaTime?
  /// How it came into sight.
  var appearedBy = ObjectFacts.Appearance.inside
  /// Of what parted from another: since when that has been away from it. They hang together for a while longer, by a shadow.
  var leftAloneSince: MediaTime?
  /// Tells tracks apart from their first look on; never given twice.
  let serial: UInt64
  var x: Kalman
  var y: Kalman
  /// Size, followed quickly; and slowly, as a memory of the whole thing while parts of it are hidden.
  var width: Double
  var height: Double
  var usualWidth: Double
  var usualHeight: Double

  var firstSeen: MediaTime
  var lastSeen: MediaTime
  /// Looks in which it was seen, and looks since it began.
  var hits = 1
  var looks = 1
  /// Share of the looks of the last half second or so in which it was seen by itself.
  private(set) var presence = 0.0
  /// Looks in which it had a region for itself.
  var soloHits = 1
  /// Seconds in all for which it had a blob for itself.
  var seenAlone = 0.0
  /// Seen in the last look as a region of its own.
  var isObserved = true
  /// The same in the look before.
  var wasObserved = false
  /// In a blob that others claim as well; and in the look before.
  var isMerged = false
  var wasMerged = false
  var mergedSince: MediaTime?
  /// Behind another: nothing of the blob is left for it.
  var isHidden = false
  private(set) var crowdEntry: Passage?
  /// Serials of those it was last merged with, itself included.
  var companions: [UInt64] = []
  /// More tracks claim its blob than fit into it, since then; and for so long that it is the one to go.
  var squeezedSince: MediaTime?
  var isSqueezedOut = false
  /// The tracks that claim its blob are far too small to fill it, since then.
  var thinSince: MediaTime?
  /// Its blob has suddenly become too large for it.
  var isCrowded = false
  var crowdedSince: MediaTime?
  /// What is seen where it should be is rather light than a thing, since then.
  var engulfedSince: MediaTime?
  /// So it is in this look.
  var isEngulfed = false
  /// Close to a larger track, and never away from it, since then.
  var besideSince: MediaTime?
  /// Below a larger track, and going along with it, for so many seconds.
  var underfoot = 0.0
  /// It was seen in two pieces that look like two things, for so many seconds lately.
  var splitFor = 0.0
  /// Hits until which it may change its size at once, as more or less of it than was known turned out to be it.
  private var growsUntil = 0

  var descriptor: Descriptor
  var contrast: Double
  var shadow: Double
  var litness: Double
  var ghost: Double
  var stir: Double
  /// Blocks of the foreground that it usually has.
  var mass: Double
  private var course = Course()
  /// Among others it is taken to change its pace by this much of what it may alone: that can't be told from theirs.
  private static let steadiness = 0.25
  /// What shows of it in a look beside what is usual, in height and width, and in blocks, where it is seen as a whole.
  private static let wholeLength = 0.85
  private static let wholeMass = 0.75
  /// Seconds that it takes to slide behind something; what is gone sooner was only missed.
  private static let sliding = 0.15
  /// Last seen as what others leave of a blob, not as a blob of its own.
  var isLeftover = false
  /// What it fills of its box.
  var silhouette = Silhouette()
  private var sides = EdgePair()
  private var ends = EdgePair()
  /// Where it was seen in this frame by itself.
  private(set) var shown: Rect?
  /// Its looks in this frame, where it was seen by itself.
  var newLook: Descriptor?

  /// Where it began, by centre and by edges; where it was when it last counted as moving.
  let firstBox: Rect
  var anchor: Point
  var movedAt: MediaTime
  var hasMoved = false
  var rest: Rest
  private var isEntering = false
  var pathLength = 0.0
  var pathPoint: Point
  /// Where it was a second or two ago, and how long its path was then; and the next such mark.
  private var mark: (point: Point, path: Double, time: MediaTime)
  private var nextMark: (point: Point, path: Double, time: MediaTime)
  var topSpeed = 0.0
  /// Its speed was told to whoever counts what falls.
  var isCourseKnown = false
  /// Looks in a row that saw the edge of the background around it, not its own.
  private(set) var ghostLooks = 0
  /// The same, where besides nothing stirred in it.
  private(set) var lifelessLooks = 0

  init(_ region: Region, box: Rect, mass: Int, serial: UInt64, at time: MediaTime) {
    self.serial = serial
    self.mass = Double(mass)
    let size = max(box.width, box.height)
    x = Kalman(position: box.centre.x, spread: 0.2 * box.width + 0.004, speedSpread: 0.3 + size)
    y = Kalman(position: box.centre.y, spread: 0.2 * box.height + 0.004, speedSpread: 0.3 + size)
    width = box.width
    height = box.height
    usualWidth = box.width
    usualHeight = box.height
    firstSeen = time
    lastSeen = time
    movedAt = time
    rest = Rest(in: box, at: time)
    descriptor = region.descriptor
    contrast = region.contrast
    shadow = region.shadow
    litness = region.litness
    ghost = region.ghost
    stir = region.stir
    firstBox = box
    anchor = box.centre
    pathPoint = box.centre
    mark = (box.centre, 0, time)
    nextMark = mark
  }

  /// How far it came in the last second or two, and how straight: 1 on a line.
  var recentProgress: Double { distance(centre, mark.point) }
  var recentStraightness: Double { recentProgress / max(pathLength - mark.path, recentProgress, 1e-6) }

  /// What it covered in the last second or two, as far as it went straight.
  var wake: Rect {
    Rect(
      x: min(mark.point.x, centre.x) - usualWidth / 2, y: min(mark.point.y, centre.y) - usualHeight / 2,
      width: usualWidth + abs(mark.point.x - centre.x), height: usualHeight + abs(mark.point.y - centre.y))
  }

  /// May change its size at once, for some hits after it was set.
  var isGrowing: Bool {
    get { hits < growsUntil }
    set { growsUntil = newValue ? hits + 15 : 0 }
  }

  /// Seen by itself again after it was merged.
  var parted: Bool { wasMerged && isObserved && !isMerged }

  /// Changes places with another that it was taken for.
  mutating func exchangePlaces(with other: inout Track) {
    swap(&x, &other.x)
    swap(&y, &other.y)
    swap(&width, &other.width)
    swap(&height, &other.height)
    swap(&shown, &other.shown)
  }
  mutating func predict(_ dt: Double) {
    let acceleration = (0.6 + 1.5 * size) * (wasMerged || isCrowded ? Self.steadiness : 1)
    x.predict(dt, acceleration: acceleration)
    y.predict(dt, acceleration: acceleration)
    looks += 1
    presence *= exp2(-dt / 0.3)
    newLook = nil
    shown = nil
  }

  /// Takes in the box in which it was seen.
  mutating func update(
    _ region: Region, box seen: Rect, mass blocks: Int, isEntering: Bool, dt: Double, at time: MediaTime
  ) {
    let isKnown = hits > 12
    x.update(
      sides.middle(
        seen.x, seen.maxX, expected: x.position, usual: isKnown ? usualWidth : 0, velocity: x.velocity,
        after: dt),
      spread: 0.003 + 0.03 * seen.width)
    y.update(
      ends.middle(
        seen.y, seen.maxY, expected: y.position, usual: isKnown ? usualHeight : 0, velocity: y.velocity,
        after: dt),
      spread: 0.003 + 0.03 * seen.height)
    shown = seen
    self.isEntering = isEntering
    let quick = 1 - exp2(-dt / 0.03)
    let slow = 1 - exp2(-dt / (hits < 15 || isEntering || isGrowing ? 0.12 : 0.8))
    width += (seen.width - width) * quick
    height += (seen.height - height) * quick
    usualWidth += (seen.width - usualWidth) * slow
    usualHeight += (seen.height - usualHeight) * slow
    mass += (Double(blocks) - mass) * slow
    newLook = region.descriptor
    isLeftover = false
    let share = Float(min(1, max(dt / 0.5, 1 / Double(hits + 1))))
    descriptor.mix(region.descriptor, share: share)
    let s = Double(share)
    contrast += (region.contrast - contrast) * s
    shadow += (region.shadow - shadow) * s
    litness += (region.litness - litness) * s
    ghost += (region.ghost - ghost) * s
    stir += (region.stir - stir) * s
    noteEdges(region)
    hits += 1
    soloHits += 1
    presence += 1 - exp2(-dt / 0.3)
    course.follow((x.velocity, y.velocity), looks: soloHits, after: dt)
    seenAlone += dt
    if !isEntering, seenAlone > Course.stride, seen.width > Self.wholeLength * usualWidth,
      seen.height > Self.wholeLength * usualHeight, Double(blocks) > Self.wholeMass * mass
    {
      course.noteWhole(at: centre, time: time)
    }
    isObserved = true
    isMerged = false
    mergedSince = nil
    squeezedSince = nil
    thinSince = nil
    lastSeen = time
    note(time)
  }

  /// Counts the looks in a row in which the edges around it were the background's, and those in which nothing stirred in
  /// there besides.
  mutating func noteEdges(_ region: Region) {
    ghostLooks = region.ghost > 0.62 ? ghostLooks + 1 : 0
    lifelessLooks = region.ghost > 0.58 && region.stir < 0.3 ? lifelessLooks + 1 : 0
  }

  /// Takes a size as usual at once.
  mutating func becomeUsual(_ box: Rect, mass blocks: Int) {
    usualWidth = box.width
    usualHeight = box.height
    mass = Double(blocks)
    sides = EdgePair()
    ends = EdgePair()
  }

  /// Turns out to be what it was seen as rather than what it was thought to be.
  mutating func become(_ whole: Rect, mass blocks: Int) {
    x.shift(by: whole.centre.x - x.position)
    y.shift(by: whole.centre.y - y.position)
    becomeUsual(whole, mass: blocks)
    (width, height) = (whole.width, whole.height)
    shown = whole
    pathPoint = centre
    rest.turnOut(to: whole, middle: centre)
  }

  /// How fast it goes, over a stride where it was seen by itself for so long; nil while that isn't known.
  var pace: (x: Double, y: Double)? {
    guard seenAlone > Course.stride else { return nil }
    return isMerged || isCrowded ? (x.velocity, y.velocity) : course.velocity
  }

  /// Goes on at its usual pace: it can no longer be told from its box how it goes.
  mutating func keepCourse() {
    if seenAlone > Course.stride { go(at: course.velocity) }
  }

  private mutating func go(at velocity: (x: Double, y: Double)) {
    x.go(at: velocity.x, spread: 0.03 + 0.1 * abs(velocity.x))
    y.go(at: velocity.y, spread: 0.03 + 0.1 * abs(velocity.y))
  }

  /// Joins others in their blob.
  mutating func enterCrowd(at time: MediaTime) {
    if let onward = course.onward(at: time) {
      go(at: onward.velocity)
      crowdEntry = onward
    } else {
      keepCourse()
      crowdEntry = Passage(point: centre, velocity: (x.velocity, y.velocity), time: time)
    }
  }

  /// Is lost from sight. If it was so little by little, and seemed to fall back meanwhile, it is behind something and goes
  /// on there.
  mutating func vanish(at time: MediaTime) {
    guard isTold, !isEntering, let start = course.lastWhole, (time - start.time).inSeconds > Self.sliding,
      let onward = course.onward(at: time)
    else { return }
    let (dx, dy) = (onward.point.x - x.position, onward.point.y - y.position)
    guard dx * onward.velocity.x + dy * onward.velocity.y > 0 else { return }
    let way = distance(start.point, onward.point)
    x = Kalman(position: onward.point.x, spread: 0.004 + 0.15 * usualWidth + 0.1 * way)
    y = Kalman(position: onward.point.y, spread: 0.004 + 0.1 * usualHeight)
    go(at: onward.velocity)
    (width, height) = (usualWidth, usualHeight)
  }

  /// How far a place is from where it would be had it gone on as it went when it came to share its blob with others.
  func strays(to place: Point, at time: MediaTime) -> Double? {
    crowdEntry?.strays(to: place, narrow: min(usualWidth, usualHeight), at: time)
  }

  /// Is another that was known before.
  mutating func goOn(from old: Track) {
    id = old.id
    firstSeen = min(firstSeen, old.firstSeen)
    appearedBy = old.appearedBy
    rest.goOn(from: old.rest)
    pathLength += old.pathLength
    // Still known, it has never left.
    if old.stage == .confirmed { isTold = old.isTold }
  }

  /// Takes in a part that was followed by itself.
  mutating func takeIn(_ part: Track) {
    become(Belonging.union([usualBox, part.usualBox]), mass: Int(mass + part.mass))
    shown = nil
    anchor = centre
    isGrowing = true
    firstSeen = min(firstSeen, part.firstSeen)
  }

  /// Keeps the account of its path after its position changed.
  mutating func note(_ time: MediaTime) {
    let p = centre
    let step = distance(p, pathPoint)
    if step > 0.01 {
      pathLength += step
      pathPoint = p
    }
    if (time - nextMark.time).inSeconds >= 1 {
      mark = nextMark
      nextMark = (p, pathLength, time)
    }
    if distance(p, anchor) > max(0.012, 0.14 * min(usualWidth, usualHeight)) {
      anchor = p
      movedAt = time
      hasMoved = true
    }
    rest.follow(
      box, middle: p, side: min(usualWidth, usualHeight), isGuess: !isObserved || isMerged,
      isEntering: isEntering, at: time)
    if hits > 4 { topSpeed = max(topSpeed, speed) }
  }
}
