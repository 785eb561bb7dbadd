import CKernels

/// Whether the texture of a region is the background's, seen in another light: sums over the steps between neighbouring
/// pixels of the region, in the picture and in the background.
///
/// A shadow or a beam scales each step of the background by one ratio; a thing has steps of its own.
struct TextureAgreement {
  private var sums: saccade_texture

  /// Light doesn't colour things by more than so many levels.
  private static let sameColour = 4.0

  init(_ sums: saccade_texture = saccade_texture()) { self.sums = sums }

  mutating func add(_ other: TextureAgreement) {
    sums.count += other.sums.count
    sums.now += other.sums.now
    sums.before += other.sums.before
    sums.product += other.sums.product
    sums.level += other.sums.level
    sums.level_before += other.sums.level_before
    sums.colour.0 += other.sums.colour.0
    sums.colour.1 += other.sums.colour.1
    sums.colour_before.0 += other.sums.colour_before.0
    sums.colour_before.1 += other.sums.colour_before.1
  }

  /// 0 unrelated or unknown … 1 the same texture. `noise` is the standard deviation of a pixel. Of a whole region also soft
  /// edges are known for light; a part of one may be both.
  func litness(noise: Double, ofWhole isWhole: Bool = false) -> Double {
    guard sums.count > 8 else { return 0 }
    let n = Double(sums.count)
    let (now, before, product) = (Double(sums.now), Double(sums.before), Double(sums.product))
    let ratio = max(
      0.1,
      (Double(sums.level) / n - LightField.black) / max(1, Double(sums.level_before) / n - LightField.black))
    let colour = SIMD2(Double(sums.colour.0), Double(sums.colour.1))
    let colourBefore = SIMD2(Double(sums.colour_before.0), Double(sums.colour_before.1))
    let shift = (colour - colourBefore * min(ratio, 1.5)) / n
    guard (shift * shift).sum() < Self.sameColour * Self.sameColour else { return 0 }
    // The background is a mean, and has hardly any noise.
    let own = max(0, now - n * 2 * noise * noise)
    let texture = before * ratio * ratio
    guard texture > n * 1.0 + 0.35 * n * 2 * noise * noise else { return 0 }
    let alike = 2 * ratio * product / (own + texture)
    guard isWhole else { return max(0, min(1, alike)) }
    // The soft edge of a shadow adds steps of its own to the texture, but follows it all the same: what counts is by how much
    // of a step of the background the picture steps, less what chance may do.
    let followed = product / (before * ratio)
    let chance = (now / (n * before)).squareRoot() / ratio
    return max(0, min(1, max(alike, min(1, followed) - 2 * chance)))
  }
}
