import Base

/// What the peripheral encoder saw in one frame.
package struct Observation: Sendable {
  package var regions: [Region]
  /// The regions' pixels, coarsely: which blocks of 2 × 2 peripheral pixels they cover.
  package var figure = Figure()
  /// Known things found among others.
  package var sightings: [Sighting] = []
  package var scene: SceneMeasures
  /// Where `Attention.wantsGrid` asked for it.
  package var grid: PatchGrid?

  package init(regions: [Region], scene: SceneMeasures) {
    self.regions = regions
    self.scene = scene
  }
}

/// What stands out from the background, in blocks.
package struct Figure: Sendable {
  package struct Block: Sendable, Hashable {
    package var x: UInt16
    package var y: UInt16
    /// Index of its region; `Figure.noRegion` for a piece too small to be one.
    package var region: UInt16

    package init(x: UInt16, y: UInt16, region: UInt16) {
      self.x = x
      self.y = y
      self.region = region
    }
  }

  package static let noRegion = UInt16.max

  package var blocks: [Block] = []
  /// Size of a block, as shares of the picture's width and height.
  package var blockWidth = 0.0
  package var blockHeight = 0.0

  package init() {}
}

/// A connected part of the picture that differs from the background and isn't explained by light.
package struct Region: Sendable, Hashable {
  /// Around its pixels, without shadow; 0…1 of the upright picture.
  package var box: Rect
  /// Its pixels' share of the picture.
  package var area: Double
  /// Mean difference from the background, in thresholds: 1 is just visible.
  package var contrast: Double
  /// How likely it is a thing and not light, noise or weather, 0…1.
  package var score: Double
  /// 0…1: 1 when its inside is the background's texture in less light.
  package var shadow: Double
  /// 0…1: how far the texture inside is the background's, in another light. 0 also where the background is too plain to
  /// tell.
  package var litness: Double
  /// 0…1: above one half when the edge along its border is the background's and not the picture's,
  /// as it is where something was taken away.
  package var ghost: Double
  /// Mean change since the last look, in standard deviations of noise.
  package var stir: Double
  package var descriptor: Descriptor
  /// Its pixels, 16 × 16 cells over `box`, row by row from the top, bit 0 on the left.
  package var mask: RegionMask

  package init(
    box: Rect, area: Double, contrast: Double, score: Double, shadow: Double, litness: Double = 0,
    ghost: Double, stir: Double,
    descriptor: Descriptor, mask: RegionMask = RegionMask()
  ) {
    self.box = box
    self.area = area
    self.contrast = contrast
    self.score = score
    self.shadow = shadow
    self.litness = litness
    self.ghost = ghost
    self.stir = stir
    self.descriptor = descriptor
    self.mask = mask
  }
}

/// The shape of a region, coarsely.
package struct RegionMask: Sendable, Hashable {
  /// 16 rows of 16 bits, four rows a word.
  package var words = SIMD4<UInt64>(repeating: 0)

  package init() {}

  package subscript(row: Int, column: Int) -> Bool {
    get { words[row >> 2] >> UInt64((row & 3) * 16 + column) & 1 == 1 }
    set {
      let bit: UInt64 = 1 << UInt64((row & 3) * 16 + column)
      if newValue { words[row >> 2] |= bit } else { words[row >> 2] &= ~bit }
    }
  }
}

/// The look of a region: how its brightness is spread, and its mean colour.
package struct Descriptor: Sendable, Hashable {
  /// Shares of eight equal ranges of brightness; they add up to 1.
  package var luma: SIMD8<Float>
  /// Mean colour difference signals, -1…1.
  package var cb: Float
  package var cr: Float

  package init(luma: SIMD8<Float> = .zero, cb: Float = 0, cr: Float = 0) {
    self.luma = luma
    self.cb = cb
    self.cr = cr
  }

  /// 0 alike … 1 nothing in common: overlap of the histograms and distance of the colours, equally.
  package func distance(to other: Descriptor) -> Double {
    // Neighbouring ranges count half: brightness near a limit falls into either.
    let a = Descriptor.blurred(luma)
    let b = Descriptor.blurred(other.luma)
    let shared = Double(pointwiseMin(a, b).sum())
    let dcb = Double(cb - other.cb)
    let dcr = Double(cr - other.cr)
    let colour = min(1, (dcb * dcb + dcr * dcr).squareRoot() * 6)
    return 0.5 * (1 - min(1, shared)) + 0.5 * colour
  }

  package mutating func mix(_ other: Descriptor, share: Float) {
    luma += (other.luma - luma) * share
    cb += (other.cb - cb) * share
    cr += (other.cr - cr) * share
  }

  private static func blurred(_ h: SIMD8<Float>) -> SIMD8<Float> {
    var out = SIMD8<Float>.zero
    for i in 0..<8 {
      out[i] += h[i] * 0.5
      out[max(i - 1, 0)] += h[i] * 0.25
      out[min(i + 1, 7)] += h[i] * 0.25
    }
    return out
  }
}

/// The scene as numbers, for its health. Shares are of the picture, levels 0…255.
package struct SceneMeasures: Sendable, Hashable {
  /// Mean brightness, 0…1.
  package var luma = 0.0
  /// Mean distance of the colour signals from grey, in levels.
  package var colour = 0.0
  /// The same of the learnt background.
  package var usualColour = 0.0
  /// Share that differs from the background and isn't light.
  package var motion = 0.0
  /// Share whose light changed, against the learnt background.
  package var lightShare = 0.0
  /// Mean gain of the light.
  package var lightGain = 1.0
  /// Fine detail against the reference, 1 as usual.
  package var detail = 1.0
  /// Mean gradient of the reference above noise, in levels: how much there is to see at all.
  package var usualDetail = 0.0
  /// How far apart light and dark patches are, against the reference: 1 as usual, less in less light.
  package var contrast = 1.0
  /// Likeness of the brightness of the patches to the reference's, -1…1.
  package var likeness = 1.0
  /// Likeness of where the edges are to the reference's, -1…1.
  package var edgeLikeness = 1.0
  /// Share of very dark and of saturated pixels, by patch.
  package var darkShare = 0.0
  package var brightShare = 0.0
  /// Mean absolute change since the last frame, in levels.
  package var change = 0.0
  /// What six in ten patches change by at most: the noise of the sensor as far as the encoder let it pass, without what moves.
  package var stillChange = 0.0
  /// Noise of a pixel, standard deviation in levels.
  package var noise = 0.0
  /// Most of the picture changed in a way that light doesn't explain: regions mean nothing now.
  package var isUpset = false
  /// The background was taken anew with this frame.
  package var isRelearnt = false

  package init() {}
}

/// Descriptors of the patches of 8 × 8 pixels, row by row from the top left.
package struct PatchGrid: Sendable, Hashable {
  package var columns: Int
  package var rows: Int
  /// Mean brightness, in levels of 0…255.
  package var luma: [UInt8]
  /// Colour difference signals, 128 for none.
  package var cb: [UInt8]
  package var cr: [UInt8]
  /// Mean absolute gradient in levels, a measure of texture.
  package var texture: [UInt8]
  /// Pixels that differ from the background, 0…64.
  package var motion: [UInt8]

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    let none = [UInt8](repeating: 0, count: columns * rows)
    luma = none
    cb = none
    cr = none
    texture = none
    motion = none
  }
}
