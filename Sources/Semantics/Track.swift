import Base
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
  var x: Kalman
  var y: Kalman
  /// Size, followed quickly; and slowly, as a memory of the whole thing while parts of it are hidden.
  var width: Double
  var height: Double
  var usualWidth: Double
  var usualHeight: Double

  var firstSeen: MediaTime
  var confirmedAt: MediaTime
  var lastSeen: MediaTime
  /// Looks in which it was seen, and looks since it began.
  var hits = 1
  var looks = 1
  /// Looks in which it had a region for itself.
  var soloHits = 1
  /// Seen in the last look as a region of its own.
  var isObserved = true
  /// Hidden in a region that it shares with others.
  var isMerged = false
  var mergedSince: MediaTime?
  /// The region it shares, by its index in this look.
  var mergedRegion = -1
  /// Its region has suddenly become too large for it.
  var isCrowded = false
  var crowdedSince: MediaTime?
  /// Close to another track and moving with it, since then.
  var besideSince: MediaTime?
  /// Was once clear of every other thing: not a part of one.
  var wasApart = false
  var clearSince: MediaTime?
  /// The things in its region are too small to fill it, since then.
  var thinSince: MediaTime?

  var descriptor: Descriptor
  var contrast: Double
  var shadow: Double
  var ghost: Double
  var stir: Double

  /// Where it began, by centre and by edges; where it was when it last counted as moving.
  let firstBox: Rect
  var anchor: Point
  var movedAt: MediaTime
  var hasMoved = false
  var pathLength = 0.0
  var pathPoint: Point
  var topSpeed = 0.0
  /// Looks in a row that saw the edge of the background around it, not its own.
  var ghostLooks = 0

  init(_ region: Region, box: Rect, at time: MediaTime) {
    let size = max(box.width, box.height)
    x = Kalman(position: box.centre.x, spread: 0.2 * box.width + 0.004, speedSpread: 0.3 + size)
    y = Kalman(position: box.centre.y, spread: 0.2 * box.height + 0.004, speedSpread: 0.3 + size)
    width = box.width
    height = box.height
    usualWidth = box.width
    usualHeight = box.height
    firstSeen = time
    confirmedAt = time
    lastSeen = time
    movedAt = time
    descriptor = region.descriptor
    contrast = region.contrast
    shadow = region.shadow
    ghost = region.ghost
    stir = region.stir
    firstBox = box
    anchor = box.centre
    pathPoint = box.centre
  }

  var centre: Point { Point(x: x.position, y: y.position) }
  var box: Rect {
    Rect(x: x.position - width / 2, y: y.position - height / 2, width: width, height: height)
  }
  var usualBox: Rect {
    Rect(
      x: x.position - usualWidth / 2, y: y.position - usualHeight / 2, width: usualWidth,
      height: usualHeight)
  }
  /// Where its pixels are looked for: its usual size, or its present one while that is larger.
  var expectedBox: Rect {
    let w = isMerged ? usualWidth : max(width, min(usualWidth, width * 1.5))
    let h = isMerged ? usualHeight : max(height, min(usualHeight, height * 1.5))
    return Rect(x: x.position - w / 2, y: y.position - h / 2, width: w, height: h)
  }
  var size: Double { max(width, height) }
  var speed: Double { (x.velocity * x.velocity + y.velocity * y.velocity).squareRoot() }

  mutating func predict(_ dt: Double) {
    let acceleration = 0.6 + 1.5 * size
    x.predict(dt, acceleration: acceleration)
    y.predict(dt, acceleration: acceleration)
    looks += 1
  }

  /// Takes in the box in which it was seen.
  mutating func update(
    _ region: Region, box seen: Rect, isEntering: Bool, dt: Double, at time: MediaTime
  ) {
    x.update(seen.centre.x, spread: 0.003 + 0.06 * seen.width)
    y.update(seen.centre.y, spread: 0.003 + 0.06 * seen.height)
    let quick = 1 - exp2(-dt / 0.05)
    let slow = 1 - exp2(-dt / (hits < 15 || isEntering ? 0.12 : 0.8))
    width += (seen.width - width) * quick
    height += (seen.height - height) * quick
    usualWidth += (seen.width - usualWidth) * slow
    usualHeight += (seen.height - usualHeight) * slow
    let share = Float(min(1, max(dt / 0.5, 1 / Double(hits + 1))))
    descriptor.mix(region.descriptor, share: share)
    let s = Double(share)
    contrast += (region.contrast - contrast) * s
    shadow += (region.shadow - shadow) * s
    ghost += (region.ghost - ghost) * s
    stir += (region.stir - stir) * s
    ghostLooks = region.ghost > 0.62 ? ghostLooks + 1 : 0
    hits += 1
    soloHits += 1
    isObserved = true
    isMerged = false
    mergedSince = nil
    lastSeen = time
    note(time)
  }

  /// Keeps the account of its path after its position changed.
  mutating func note(_ time: MediaTime) {
    let p = centre
    let step = distance(p, pathPoint)
    if step > 0.01 {
      pathLength += step
      pathPoint = p
    }
    if distance(p, anchor) > max(0.012, 0.14 * min(usualWidth, usualHeight)) {
      anchor = p
      movedAt = time
      hasMoved = true
    }
    if hits > 4 { topSpeed = max(topSpeed, speed) }
  }

  /// Whether it is known well enough where it is to say so: seen, only just lost, or held apart from others in
  /// the same region after it had been seen clear of them.
  func isPlaced(at time: MediaTime) -> Bool {
    if isObserved { return true }
    if isMerged { return wasApart || soloHits >= 8 }
    return (time - lastSeen).inSeconds <= 0.17
  }

  /// How far both opposite edges of its box went the same way.
  var advance: Double {
    func both(_ a: Double, _ b: Double) -> Double { a * b > 0 ? min(abs(a), abs(b)) : 0 }
    let b = box
    return max(
      both(b.x - firstBox.x, b.maxX - firstBox.maxX), both(b.y - firstBox.y, b.maxY - firstBox.maxY))
  }

  /// How far its box went from where it began: of the centre, or of the edges while it comes into view.
  var progress: Double {
    let b = box
    let left = abs(b.x - firstBox.x)
    let right = abs(b.maxX - firstBox.maxX)
    let top = abs(b.y - firstBox.y)
    let bottom = abs(b.maxY - firstBox.maxY)
    return max(distance(centre, firstBox.centre), max(max(left, right), max(top, bottom)) * 0.5)
  }
}

func distance(_ a: Point, _ b: Point) -> Double {
  ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
}

/// 2 to the power of `v`, for v ≤ 0: exact enough for time constants, the same on every machine, no libm.
func exp2(_ v: Double) -> Double {
  guard v > -60 else { return 0 }
  let whole = v.rounded(.down)
  let part = v - whole
  // Taylor series of 2^x on 0…1; the error is below 2e-7.
  let t = part * 0.6931471805599453
  let series = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5 * (1 + t / 6 * (1 + t / 7))))))
  return series * Double(sign: .plus, exponent: Int(whole), significand: 1)
}
