import Base

/// Which tracks have shown to be things of their own, and which may still be parts of one.
///
/// Two tracks are independent once there was a gap between them, once they went side by side as two wholes, or once one
/// moved against the other, edge by edge, by more than the limbs of one thing do. Until then, what meets in one blob is
/// taken for one thing. Once the gap was wide, nothing can make them one any more.
struct Kinship: Sendable {
  private struct Pair: Hashable, Sendable {
    var low: UInt64
    var high: UInt64

    init(_ a: UInt64, _ b: UInt64) {
      low = min(a, b)
      high = max(a, b)
    }
  }

  /// Edges of the one against those of the other: left, top, right, bottom.
  private typealias Offset = SIMD4<Double>

  private var independent = Set<Pair>()
  private var strangers = Set<Pair>()
  private var beside = Set<Pair>()
  private var offsets: [Pair: Offset] = [:]
  /// Seconds for which they went side by side as two wholes.
  private var abreast: [Pair: Double] = [:]
  /// After so many they are two, if they stand beside each other for so much of their heights.
  private static let asTwo = 0.1
  private static let sharing = 0.3
  /// As far apart may parts of one thing show at the border as it comes in, whose sizes aren't known yet.
  private static let coming = 0.3

  func areIndependent(_ a: Track, _ b: Track) -> Bool { independent.contains(Pair(a.serial, b.serial)) }

  /// Parts of one thing were never so far apart.
  func areStrangers(_ a: Track, _ b: Track) -> Bool { strangers.contains(Pair(a.serial, b.serial)) }

  /// The one was so far from the other, to the side of it, as its shoes never are, which may be all that shows of its legs.
  func wereSideBySide(_ a: Track, _ b: Track) -> Bool { beside.contains(Pair(a.serial, b.serial)) }

  /// Takes in a look. Only tracks seen by themselves tell anything.
  mutating func follow(_ tracks: [Track], after dt: Double, aspect: Double) {
    let seen = tracks.filter { $0.isObserved && !$0.isCrowded && $0.stage != .dormant }
    for (i, a) in seen.enumerated() {
      for b in seen[(i + 1)...] {
        let pair = Pair(a.serial, b.serial)
        guard !beside.contains(pair) else { continue }
        let gap = a.box.gap(to: b.box)
        guard gap > Self.coming || !Borders.areShared(by: a.box, and: b.box, aspect: aspect) else { continue }
        let far = 0.03 + 0.6 * max(a.size, b.size)
        if max(a.box.x - b.box.maxX, b.box.x - a.box.maxX) > far { beside.insert(pair) }
        if gap > far { strangers.insert(pair) }
        guard !independent.contains(pair) else { continue }
        if gap > 0.02 + 0.3 * (a.size * b.size).squareRoot() {
          setIndependent(pair)
          continue
        }
        if Belonging.areSideBySide(a.box, b.box, sharing: Self.sharing) { abreast[pair, default: 0] += dt }
        let now = offset(a, b)
        guard let before = offsets[pair] else {
          offsets[pair] = now
          continue
        }
        if slip(now - before) > reach(a, b) || abreast[pair, default: 0] > Self.asTwo { setIndependent(pair) }
      }
    }
  }

  private mutating func setIndependent(_ pair: Pair) {
    independent.insert(pair)
    offsets[pair] = nil
    abreast[pair] = nil
  }

  /// Forgets pairs of tracks that no longer are.
  mutating func prune(_ tracks: [Track]) {
    guard independent.count + offsets.count > 4 * tracks.count * tracks.count + 64 else { return }
    let serials = Set(tracks.map(\.serial))
    func isKept(_ pair: Pair) -> Bool { serials.contains(pair.low) && serials.contains(pair.high) }
    beside = beside.filter(isKept)
    strangers = strangers.filter(isKept)
    independent = independent.filter(isKept)
    abreast = abreast.filter { isKept($0.key) }
    offsets = offsets.filter { isKept($0.key) }
  }

  private func offset(_ a: Track, _ b: Track) -> Offset {
    let (first, second) = a.serial < b.serial ? (a.box, b.box) : (b.box, a.box)
    return Offset(
      first.x - second.x, first.y - second.y, first.maxX - second.maxX, first.maxY - second.maxY)
  }

  /// How far both edges slipped the same way: what only grows or shrinks doesn't count.
  private func slip(_ d: Offset) -> Double {
    func both(_ p: Double, _ q: Double) -> Double { p * q > 0 ? min(abs(p), abs(q)) : 0 }
    return max(both(d[0], d[2]), both(d[1], d[3]))
  }

  /// A foot swings by a third of its owner's height; two things of like size are told apart sooner.
  private func reach(_ a: Track, _ b: Track) -> Double {
    let large = max(a.size, b.size)
    let isLimb = min(a.area, b.area) < 0.35 * max(a.area, b.area) && large < 0.35
    return 0.012 + 0.35 * (isLimb ? large : (a.size * b.size).squareRoot())
  }
}
