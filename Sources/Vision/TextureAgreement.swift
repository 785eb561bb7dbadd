/// Whether the texture of a region is the background's, seen in another light: sums over the steps between neighbouring
/// pixels of the region, in the picture and in the background.
///
/// A shadow or a beam scales each step of the background by one ratio; a thing has steps of its own.
struct TextureAgreement {
  private var now = 0
  private var before = 0
  private var product = 0
  private var level = 0
  private var levelBefore = 0
  private var colour = SIMD2<Int>.zero
  private var colourBefore = SIMD2<Int>.zero
  private var count = 0

  /// Light doesn't colour things by more than so many levels.
  private static let sameColour = 4.0
  /// Steps above this are edges of things rather than texture, and count no more.
  private static let most = 40

  /// Adds the steps from pixel `i` to those on its right and below it, as far as they are in the region.
  @inline(__always)
  mutating func add(_ f: PictureContext, _ i: Int, right: Bool, below: Bool, chroma c: Int) {
    let n = (right ? 1 : 0) &+ (below ? 1 : 0)
    guard n > 0 else { return }
    let (here, base) = (Int(f.luma[i]), Int(f.predicted[i]))
    if right { step(Int(f.luma[i &+ 1]) &- here, Int(f.predicted[i &+ 1]) &- base) }
    if below { step(Int(f.luma[i &+ f.width]) &- here, Int(f.predicted[i &+ f.width]) &- base) }
    level &+= n &* here
    levelBefore &+= n &* base
    colour &+= SIMD2(repeating: n) &* SIMD2(Int(f.cb[c]) &- 128, Int(f.cr[c]) &- 128)
    colourBefore &+= SIMD2(repeating: n) &* SIMD2(Int(f.predictedCb[c]) &- 128, Int(f.predictedCr[c]) &- 128)
    count &+= n
  }

  @inline(__always)
  private mutating func step(_ a: Int, _ b: Int) {
    let a = max(-Self.most, min(Self.most, a))
    let b = max(-Self.most, min(Self.most, b))
    now &+= a &* a
    before &+= b &* b
    product &+= a &* b
  }

  mutating func add(_ other: TextureAgreement) {
    now += other.now
    before += other.before
    product += other.product
    level += other.level
    levelBefore += other.levelBefore
    colour &+= other.colour
    colourBefore &+= other.colourBefore
    count += other.count
  }

  /// 0 unrelated or unknown … 1 the same texture. `noise` is the standard deviation of a pixel. Of a whole region also soft
  /// edges are known for light; a part of one may be both.
  func litness(noise: Double, ofWhole isWhole: Bool = false) -> Double {
    guard count > 8 else { return 0 }
    let n = Double(count)
    let ratio = max(
      0.1, (Double(level) / n - LightField.black) / max(1, Double(levelBefore) / n - LightField.black))
    let shift = (SIMD2<Double>(colour) - SIMD2<Double>(colourBefore) * min(ratio, 1.5)) / n
    guard (shift * shift).sum() < Self.sameColour * Self.sameColour else { return 0 }
    // The background is a mean, and has hardly any noise.
    let own = max(0, Double(now) - n * 2 * noise * noise)
    let texture = Double(before) * ratio * ratio
    guard texture > n * 1.0 + 0.35 * n * 2 * noise * noise else { return 0 }
    let alike = 2 * ratio * Double(product) / (own + texture)
    guard isWhole else { return max(0, min(1, alike)) }
    // The soft edge of a shadow adds steps of its own to the texture, but follows it all the same: what counts is by how much
    // of a step of the background the picture steps, less what chance may do.
    let followed = Double(product) / (Double(before) * ratio)
    let chance = (Double(now) / (n * Double(before))).squareRoot() / ratio
    return max(0, min(1, max(alike, min(1, followed) - 2 * chance)))
  }
}
