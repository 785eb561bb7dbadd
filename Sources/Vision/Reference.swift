/// The scene as it usually looks, patch by patch: what a covered, turned or blurred camera is told by.
struct Reference {
  private(set) var luma: [Float]
  private(set) var gradient: [Float]
  private(set) var colour: Float = 0
  private(set) var isSet = false

  init(count: Int) {
    luma = [Float](repeating: 0, count: count)
    gradient = [Float](repeating: 0, count: count)
  }

  /// Takes the share `rate` of the background as it is now; all of it when nothing is known yet.
  mutating func follow(_ patches: borrowing PatchStatistics, colour: Double, rate: Float) {
    let rate = isSet ? rate : 1
    for i in 0..<luma.count {
      let s = patches.sums[i]
      let n = Float(s.pixelShare)
      luma[i] += (Float(s.background) * n - luma[i]) * rate
      gradient[i] += (Float(s.background_gradient) * n - gradient[i]) * rate
    }
    self.colour += (Float(colour) - self.colour) * rate
    isSet = true
  }

  private static let bins = 32
  /// A patch's texture counts up to so many levels.
  private static let most: Float = 20

  /// The median of ratios from 0 to 2 in equal bins.
  private static func median(_ ratios: borrowing InlineArray<32, Float>, of sum: Float) -> Double {
    var passed: Float = 0
    for i in 0..<bins {
      guard passed + ratios[i] >= sum / 2 else {
        passed += ratios[i]
        continue
      }
      let within = ratios[i] > 0 ? (sum / 2 - passed) / ratios[i] : 0.5
      return (Double(i) + Double(within)) * 2 / Double(bins)
    }
    return 1
  }

  struct Likeness {
    var luma = 1.0
    var edges = 1.0
    var detail = 1.0
    var usualDetail = 0.0
    var contrast = 1.0
  }

  /// How the current picture compares. `noise` is the standard deviation of a pixel in levels; its part in the
  /// gradient is taken off.
  func compare(_ patches: borrowing PatchStatistics, noise: Double) -> Likeness {
    guard isSet else { return Likeness() }
    let floor = Float(noise * 2 * 1.13)
    var likeness = Likeness()
    var fit = LineFit()
    var edges = LineFit()
    var ratios = InlineArray<32, Float>(repeating: 0)
    var weights: Float = 0
    var detailBefore: Float = 0
    for i in 0..<luma.count {
      let s = patches.sums[i]
      let n = Float(s.pixelShare)
      let now = max(0, Float(s.gradient) * n - floor)
      let before = max(0, gradient[i] - floor * 0.3)
      fit.add(Double(luma[i]), Double(s.current) * Double(n))
      edges.add(Double(before), Double(now))
      // The median over the texture: neither a bright edge nor a beam on a part of the scene hides the rest.
      detailBefore += before
      let weight = min(before, Self.most)
      ratios[min(Self.bins - 1, Int(now / max(before, 0.1) * Float(Self.bins) / 2))] += weight
      weights += weight
    }
    likeness.luma = fit.correlation
    likeness.contrast = max(0, fit.slope)
    likeness.edges = edges.correlation
    likeness.detail = weights > 0 ? Self.median(ratios, of: weights) : 1
    likeness.usualDetail = Double(detailBefore) / Double(luma.count)
    return likeness
  }
}

/// Running sums of a straight line y = slope · x + offset through points.
struct LineFit {
  private var n = 0.0
  private var x = 0.0
  private var y = 0.0
  private var xx = 0.0
  private var yy = 0.0
  private var xy = 0.0

  mutating func add(_ px: Double, _ py: Double) {
    n += 1
    x += px
    y += py
    xx += px * px
    yy += py * py
    xy += px * py
  }

  private var varianceX: Double { max(0, xx - x * x / max(n, 1)) }
  private var varianceY: Double { max(0, yy - y * y / max(n, 1)) }
  private var covariance: Double { xy - x * y / max(n, 1) }

  /// Pearson's coefficient; 0 when either side is constant.
  var correlation: Double {
    let v = (varianceX * varianceY).squareRoot()
    return v > 1e-6 * max(n, 1) ? covariance / v : 0
  }
  var slope: Double { varianceX > 0 ? covariance / varianceX : 1 }
  var offset: Double { n > 0 ? (y - slope * x) / n : 0 }
}
