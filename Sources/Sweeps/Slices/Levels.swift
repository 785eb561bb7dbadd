import CKernels

/// The two grey levels of a slice: what is around the part, and what the part is made of.
package struct Levels: Hashable, Sendable {
  package var air: Float
  package var material: Float
  /// Half way between: where a blurred edge is.
  package var surface: Float { (air + material) / 2 }
  package var contrast: Float { material - air }
}

/// Finds the levels in the histogram of a slice.
struct LevelFinder {
  private static let bins = 1024
  /// A fraction of the voxels tells the levels as well as all do.
  private static let step = 13
  /// How far the classes must lie apart, in their own spread, to be two: Otsu's method also cuts pure noise into two, whose
  /// means then lie 1.6 standard deviations of the whole apart, which is 2.7 of a half's own.
  private static let leastSeparation: Float = 5
  /// The smaller class holds at least this share of the voxels looked at.
  private static let leastShare: Float = 0.0005

  private var histogram = [UInt32](repeating: 0, count: bins)

  /// Nil when the slice doesn't show two levels.
  mutating func levels(of slot: Slot) -> Levels? {
    var low: Float = 0
    var high: Float = 0
    saccade_range(slot.values, slot.count, Int32(Self.step), &low, &high)
    guard high > low, (high - low).isFinite else { return nil }
    let padding = padding(slot, least: low)
    if let padding { low = padding.nextUp }
    let values = UnsafeBufferPointer(start: slot.smooth, count: slot.count)
    // Twice: a few far values (a grain of steel) must not leave all the rest in a handful of bins.
    for _ in 0..<2 {
      count(values, low, high, but: padding)
      let total = histogram.reduce(0, +)
      let cut = max(1, total / 2000)
      // All may be padding.
      guard total > 2 * cut else { return nil }
      let width = (high - low) / Float(Self.bins)
      let first = rank(cut)
      let last = rank(total - cut)
      (low, high) = (low + Float(first) * width, low + Float(last + 1) * width)
      guard last > first else { return nil }
    }
    count(values, low, high, but: padding)
    return split(low, (high - low) / Float(Self.bins))
  }

  /// The value that stands where nothing was reconstructed, outside of the scanner's circle: the least one, borne by at
  /// least one voxel in fifty exactly, while noise spreads all others.
  private func padding(_ slot: Slot, least: Float) -> Float? {
    var same = 0
    for i in stride(from: 0, to: slot.count, by: Self.step) where slot.values[i] == least { same += 1 }
    return same * Self.step * 50 >= slot.count ? least : nil
  }

  private mutating func count(
    _ values: UnsafeBufferPointer<Float>, _ low: Float, _ high: Float, but padding: Float?
  ) {
    for i in histogram.indices { histogram[i] = 0 }
    saccade_histogram(
      values.baseAddress, values.count, Int32(Self.step), low, Float(Self.bins) / (high - low),
      Int32(Self.bins), &histogram)
    // What is below the range lies in the first bin, with the padding.
    if padding != nil { histogram[0] = 0 }
  }

  /// The bin in which the value of this rank lies.
  private func rank(_ rank: UInt32) -> Int {
    var sum: UInt32 = 0
    for (i, n) in histogram.enumerated() {
      sum += n
      if sum >= rank { return i }
    }
    return Self.bins - 1
  }

  /// Otsu's threshold (1979), then the median of each side, which the few voxels on edges don't move.
  private func split(_ low: Float, _ width: Float) -> Levels? {
    var total: Double = 0
    var mean: Double = 0
    for (i, n) in histogram.enumerated() {
      total += Double(n)
      mean += Double(n) * Double(i)
    }
    var (below, sum, best, cut) = (0.0, 0.0, -1.0, 0)
    for i in 0..<(Self.bins - 1) {
      below += Double(histogram[i])
      sum += Double(histogram[i]) * Double(i)
      guard below > 0, below < total else { continue }
      let difference = sum / below - (mean - sum) / (total - below)
      let between = below * (total - below) * difference * difference
      if between > best { (best, cut) = (between, i) }
    }
    guard best > 0 else { return nil }
    let (air, airSpread, airShare) = side(0..<(cut + 1))
    let (material, spread, share) = side((cut + 1)..<Self.bins)
    guard min(airShare, share) >= Self.leastShare * Float(total) else { return nil }
    guard material - air > Self.leastSeparation * max(1, (airSpread + spread) / 2) else { return nil }
    return Levels(air: low + (air + 0.5) * width, material: low + (material + 0.5) * width)
  }

  /// Median, spread (as of a normal distribution, from the quartiles) and count of some bins.
  private func side(_ range: Range<Int>) -> (median: Float, spread: Float, count: Float) {
    let count = range.reduce(UInt32(0)) { $0 + histogram[$1] }
    func quantile(_ share: Float) -> Float {
      let rank = max(1, Float(count) * share)
      var sum: Float = 0
      for i in range {
        let next = sum + Float(histogram[i])
        if next >= rank { return Float(i) - 0.5 + (rank - sum) / Float(max(1, histogram[i])) }
        sum = next
      }
      return Float(range.upperBound)
    }
    return (quantile(0.5), (quantile(0.75) - quantile(0.25)) / 1.349, Float(count))
  }
}
