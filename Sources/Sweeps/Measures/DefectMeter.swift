import Glibc

/// Makes measures out of sums.
///
/// The size comes from grey values: the sum of what they differ from the material around, over a region that holds all
/// of the blur, is the volume times the contrast, whatever the blur. Counting voxels over a threshold makes a pore of
/// five voxels too small by half a voxel.
struct DefectMeter {
  let spacing: SIMD3<Double>
  let grain: Grain
  let edge: EdgeWidth
  let levels: Levels
  /// Between which levels the material lies.
  let lowest: Double
  let highest: Double
  /// Voxels of the part that have been looked at: so many spots could have been noise.
  let looked: Double
  let slices: Range<Int>
  let floors: FloorModel

  struct Size {
    var voxels: Double
    /// One standard deviation.
    var deviation: Double
    var isFloorMeasured: Bool
  }

  /// Levels that lie closer are no levels.
  private var leastContrast: Double { 0.05 * Double(levels.contrast) }
  private var voxel: Double { spacing.x * spacing.y * spacing.z }
  private var side: Double { cbrt(voxel) }

  func size(_ sums: DefectSums) -> Size {
    let claimed = Double(max(1, sums.claimed))
    let air = Double(levels.air)
    let level = sums.level / claimed
    if sums.mark == 4 {
      // At half the contrast the blur makes a sphere of diameter d smaller by 4 σ² / d. Where the part's surface was before
      // is known to about half a voxel.
      let counted = cbrt(6 / Double.pi * sums.chords)
      let diameter = counted + 4 * edge.voxels * edge.voxels / counted
      return Size(
        voxels: Double.pi / 6 * diameter * diameter * diameter, deviation: 0.35 * sums.surface / voxel * side,
        isFloorMeasured: false)
    }
    if sums.isLarge {
      // Its edge is known to about a twentieth of a voxel.
      let volume = sums.chords
      return Size(
        voxels: volume, deviation: 0.05 * sums.surface / voxel * side, isFloorMeasured: sums.floorVoxels > 0)
    }
    let variance = Double(grain.raw * grain.raw * grain.correlation)
    let shell = Double(sums.shellVoxels)
    let offset = shell >= Self.leastShell ? sums.shell / shell : 0
    // Beside the part's surface as much is missing as was found on the other sides.
    let lost =
      sums.rim > 0 && sums.fringeVoxels > 0
      ? max(0, sums.fringe / Double(sums.fringeVoxels) - offset) * Double(sums.rim) : 0
    let excess = sums.excess - offset * claimed + lost
    let material = level - (sums.mark == 2 ? -offset : offset)
    let sumVariance = claimed * variance + claimed * claimed * variance / max(shell, 1)
    guard sums.mark != 2 else {
      return bright(sums, excess, sumVariance, material, air)
    }
    let (floor, floorVariance, isMeasured) = floor(sums, material, air, variance)
    let contrast = max(material - floor, leastContrast)
    let volume = max(0, excess / contrast)
    let doubt = volume * volume * (floorVariance + variance / max(shell, 1))
    return Size(
      voxels: volume, deviation: (sumVariance + doubt).squareRoot() / contrast + 0.5 * lost / contrast,
      isFloorMeasured: isMeasured)
  }

  private static let leastShell = 20.0
  /// The value that air inside the part has, above that of the air around: measured where the defect is wide enough,
  /// else as larger ones of the sweep had it.
  private func floor(
    _ sums: DefectSums, _ material: Double, _ air: Double, _ variance: Double
  ) -> (value: Double, variance: Double, isMeasured: Bool) {
    let contrast = material - air
    let lift = floors.ratio * cupping
    let doubt = max(floors.deviation * cupping, 0.01 * contrast)
    let count = Double(sums.floorVoxels)
    guard count > 0 else { return (air + lift, doubt * doubt, false) }
    let (measured, measuredVariance) = measuredFloor(sums, contrast, variance)
    let weight = 1 / measuredVariance + 1 / (doubt * doubt)
    let value = (measured / measuredVariance + (air + lift) / (doubt * doubt)) / weight
    return (value, 1 / weight, count >= FloorModel.enough)
  }

  private func measuredFloor(
    _ sums: DefectSums, _ contrast: Double, _ variance: Double
  ) -> (value: Double, variance: Double) {
    let count = Double(sums.floorVoxels)
    return (sums.floor / count, variance / count + 0.000_025 * contrast * contrast)
  }

  private var cupping: Double { max(0, highest - lowest) }

  /// Lets the model learn from a defect that is wide enough.
  func teach(_ model: inout FloorModel, _ sums: DefectSums) {
    guard sums.mark == 1, Double(sums.floorVoxels) >= FloorModel.enough, cupping > 0 else { return }
    let air = Double(levels.air)
    let contrast = sums.level / Double(max(1, sums.claimed)) - air
    let (value, variance) = measuredFloor(
      sums, contrast, Double(grain.raw * grain.raw * grain.correlation))
    model.learn((value - air) / cupping, variance: variance / (cupping * cupping))
  }

  /// Of what is denser nobody knows how dense: from its middle where it is wide enough, else from how much of a
  /// sphere's contrast the blur leaves at its peak.
  private func bright(
    _ sums: DefectSums, _ excess: Double, _ sumVariance: Double, _ material: Double, _ air: Double
  ) -> Size {
    let count = Double(sums.floorVoxels)
    func size(_ contrast: Double, doubt: Double, isMeasured: Bool) -> Size {
      let contrast = max(contrast, leastContrast)
      let volume = max(0, excess / contrast)
      let deviation = (sumVariance / contrast / contrast + volume * volume * doubt * doubt).squareRoot()
      return Size(voxels: volume, deviation: deviation, isFloorMeasured: isMeasured)
    }
    if count >= 4, sums.floor / count > material {
      return size(sums.floor / count - material, doubt: Self.densityDoubt, isMeasured: true)
    }
    let peak = Double(sums.peak) * (material - air)
    var contrast = peak
    var diameter = 4.0
    for _ in 0..<60 {
      contrast = peak / max(0.05, Self.recovery(diameter: diameter, deviation: edge.voxels))
      diameter = cbrt(6 / Double.pi * max(0.1, excess / max(contrast, leastContrast)))
    }
    return size(contrast, doubt: 2 * Self.densityDoubt, isMeasured: false)
  }

  /// Within it lay 95 of 100 extents and gaps on phantoms. The thin edge of a crack can't be seen: a fifth of its extent
  /// on average, a third at times.
  private func lengthUncertainty(_ kind: Defect.Kind, _ feret: Double) -> Double {
    max(1.1 * max(spacing.x, spacing.y, spacing.z), kind == .crack ? 0.35 * feret : 0)
  }

  /// Of the contrast of what is denser, relative: hardening makes the middle of dense things paler than their rim.
  private static let densityDoubt = 0.09

  /// What a Gaussian blur leaves of the contrast in the middle of a sphere.
  static func recovery(diameter: Double, deviation: Double) -> Double {
    let ratio = diameter / 2 / deviation
    return erf(ratio / 2.0.squareRoot()) - (2 / Double.pi).squareRoot() * ratio * exp(-ratio * ratio / 2)
  }

  /// Equivalent diameter in mm with its standard deviation, as far as it has been seen.
  func diameter(_ size: Size) -> (value: Double, deviation: Double) {
    let value = cbrt(6 / Double.pi * size.voxels * voxel)
    // To the larger one: near nothing a diameter says little.
    let deviation = cbrt(6 / Double.pi * (size.voxels + size.deviation) * voxel) - value
    // What the steps of voxels and slices leave, even without noise.
    let steps = 0.03 * side
    return (value, (deviation * deviation + steps * steps).squareRoot())
  }

  /// Voxels that the air reaches from the side, below which they may be noise.
  private static let leastNotch = 3

  func isHole(_ sums: DefectSums) -> Bool {
    // The air reaches a notch from the side in each of its slices.
    let isNotch = sums.notchVoxels >= Self.leastNotch && sums.mark != 3
    if isNotch { return sums.firstSlice == slices.lowerBound && sums.lastSlice == slices.upperBound - 1 }
    return (sums.mark == 3 || sums.opensBefore || sums.firstSlice == slices.lowerBound)
      && (sums.opensAfter || sums.lastSlice == slices.upperBound - 1)
  }

  /// How far the outline at the threshold lies outside of the true surface: the ellipsoid with the outline's second
  /// moments, made smaller by it all around, loses as much of its volume as lies between.
  func margin(_ sums: DefectSums) -> Double {
    if sums.mark == 4 { return 0 }
    let outline = max(sums.chords * voxel, voxel)
    let share = size(sums).voxels * voxel / outline
    let axes = halfAxes(sums)
    func left(_ margin: Double) -> Double {
      let smaller = axes - margin
      return max(smaller.x, 0) * max(smaller.y, 0) * max(smaller.z, 0) / (axes.x * axes.y * axes.z)
    }
    var (low, high) = (-0.5 * side, min(2 * side, axes.min()))
    for _ in 0..<30 {
      let middle = (low + high) / 2
      if left(middle) > share { low = middle } else { high = middle }
    }
    return low
  }

  /// Of an ellipsoid with these half axes, within 1.1 % (Thomsen's formula).
  private static func surface(_ axes: SIMD3<Double>) -> Double {
    let p = 1.6075
    let products = SIMD3(axes.x * axes.y, axes.y * axes.z, axes.z * axes.x)
    return 4 * Double.pi * pow(products.map { pow(max($0, 0), p) }.sum() / 3, 1 / p)
  }

  func defect(_ sums: DefectSums, id: UInt64) -> Defect {
    let size = size(sums)
    let (diameter, deviation) = diameter(size)
    let volume = size.voxels * voxel
    let margin = margin(sums)
    let feret = max(sums.hull.feret - 2 * margin, 0)
    let enclosing = max(2 * (sums.hull.enclosingRadius - margin), feret)
    let kind = kind(sums, margin: margin)
    let axes = halfAxes(sums)
    let area = sums.surface * Self.surface(axes - margin) / max(Self.surface(axes), .leastNormalMagnitude)
    let sphericity = cbrt(Double.pi) * cbrt(36 * volume * volume) / max(area, .leastNormalMagnitude)
    let centre = sums.excess > 0 ? sums.excessSum / sums.excess : sums.sum / Double(max(1, sums.voxels))
    let claimed = Double(max(1, sums.claimed))
    let contrast =
      (sums.excess - sums.fringe) / max(1, Double(sums.voxels))
      / max(sums.contrast / claimed, leastContrast)
    let half = 0.5 * side
    return Defect(
      id: id, kind: kind, location: location(sums),
      slices: sums.firstSlice...sums.lastSlice,
      columns: sums.columns.least...sums.columns.most, rows: sums.rows.least...sums.rows.most,
      centroid: centre * spacing, diameter: diameter, diameterUncertainty: 2 * deviation, volume: volume,
      volumeUncertainty: 2
        * max(3 * volume * deviation / max(diameter, .leastNormalMagnitude), size.deviation * voxel),
      lengthUncertainty: lengthUncertainty(kind, feret), feret: feret,
      enclosingDiameter: enclosing, surface: area, sphericity: min(1, sphericity),
      compactness: enclosing > 0 ? min(1, 6 * volume / (Double.pi * enclosing * enclosing * enclosing)) : 0,
      // Between centres of voxels; the air begins half a voxel before its first, the defect ends about as much after
      // its last less the margin.
      gap: sums.gap.isFinite ? max(0, sums.gap - side + margin + 0.5 * half) : nil, neighbourGap: nil,
      contrast: contrast, probability: probability(sums), voxels: sums.voxels,
      isFloorMeasured: size.isFloorMeasured,
      depth: (Double(sums.firstSlice) - 0.5) * spacing.z...(Double(sums.lastSlice) + 0.5) * spacing.z)
  }

  private func location(_ sums: DefectSums) -> Defect.Location {
    if sums.firstSlice == slices.lowerBound || sums.lastSlice == slices.upperBound - 1 || sums.isCut {
      return .truncated
    }
    let isOpen = sums.mark >= 3 || sums.opensBefore || sums.opensAfter || sums.notchVoxels >= Self.leastNotch
    return isOpen ? .surfaceBreaking : .internal
  }

  /// Flat or elongated: of the half axes of the ellipsoid with its second moments the shortest is well below the
  /// longest, and it is flat or thin; else it is a long pore.
  private func kind(_ sums: DefectSums, margin: Double) -> Defect.Kind {
    guard sums.mark != 2 else { return .inclusion }
    let axes = halfAxes(sums)
    let longest = max(axes.max() - margin, 0)
    let shortest = max(axes.min() - margin, 0.25 * side)
    let middle = max(axes.sum() - axes.max() - axes.min() - margin, shortest)
    let isSlender = shortest < 0.35 * longest && longest >= 2.5 * side
    return isSlender && (shortest < 0.5 * middle || shortest < 1.5 * side) ? .crack : .pore
  }

  /// Half axes in mm of the ellipsoid that has the second moments of the voxels: √(5 λ) for each eigenvalue.
  private func halfAxes(_ sums: DefectSums) -> SIMD3<Double> {
    let n = Double(max(1, sums.voxels))
    let mean = sums.sum / n
    let square = sums.squares / n - mean * mean + 1.0 / 12
    let product = sums.products / n - SIMD3(mean.x * mean.y, mean.y * mean.z, mean.x * mean.z)
    let diagonal = square * spacing * spacing
    let mixed = product * SIMD3(spacing.x * spacing.y, spacing.y * spacing.z, spacing.x * spacing.z)
    return Self.eigenvalues(diagonal, mixed).map { (5 * max(0, $0)).squareRoot() }
  }

  /// Of a symmetric matrix with these diagonal and xy, yz, xz elements, by the trigonometric formula (Smith, 1961).
  static func eigenvalues(_ diagonal: SIMD3<Double>, _ mixed: SIMD3<Double>) -> SIMD3<Double> {
    let off = (mixed * mixed).sum()
    let mean = diagonal.sum() / 3
    let centred = diagonal - mean
    let scale = (((centred * centred).sum() + 2 * off) / 6).squareRoot()
    guard scale > 0 else { return SIMD3(repeating: mean) }
    let (a, b, c) = (centred.x / scale, centred.y / scale, centred.z / scale)
    let (d, e, f) = (mixed.x / scale, mixed.y / scale, mixed.z / scale)
    let determinant = a * (b * c - e * e) - d * (d * c - e * f) + f * (d * e - b * f)
    let angle = acos(min(max(determinant / 2, -1), 1)) / 3
    let third = 2 * Double.pi / 3
    return [
      mean + 2 * scale * cos(angle), mean + 2 * scale * cos(angle + third),
      mean + 2 * scale * cos(angle + 2 * third),
    ]
  }

  /// By the height of its smoothed peak in standard deviations, over as many places as were looked at.
  private func probability(_ sums: DefectSums) -> Double {
    let claimed = Double(max(1, sums.claimed))
    let height =
      Double(sums.peak) * sums.contrast / claimed / Double(max(grain.smooth, .leastNormalMagnitude))
    let chance = 0.5 * erfc(height / 2.0.squareRoot()) * max(1, looked)
    return exp(-min(chance, 700))
  }
}

extension SIMD3<Double> {
  func map(_ body: (Double) -> Double) -> SIMD3<Double> { [body(x), body(y), body(z)] }
}
