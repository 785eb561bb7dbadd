import CKernels

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

  /// A patch's texture counts up to so many levels.
  private static let most: Float = 20

  /// The median of ratios from 0 to 2 in equal bins.
  private static func median(_ sums: saccade_likeness) -> Double {
    withUnsafeBytes(of: sums.ratios) { bytes in
      let ratios = bytes.bindMemory(to: Float.self)
      var passed: Float = 0
      for i in 0..<ratios.count {
        guard passed + ratios[i] >= sums.weight / 2 else {
          passed += ratios[i]
          continue
        }
        let within = ratios[i] > 0 ? (sums.weight / 2 - passed) / ratios[i] : 0.5
        return (Double(i) + Double(within)) * 2 / Double(ratios.count)
      }
      return 1
    }
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
    let sums = saccade_patch_likeness(
      patches.sums, luma, gradient, Int32(luma.count), Float(noise * 2 * 1.13), Self.most)
    let n = Double(luma.count)
    let fit = LineFit(
      n: n, x: sums.before.0, y: sums.now.0, xx: sums.before_sq.0, yy: sums.now_sq.0, xy: sums.product.0)
    let edges = LineFit(
      n: n, x: sums.before.1, y: sums.now.1, xx: sums.before_sq.1, yy: sums.now_sq.1, xy: sums.product.1)
    // The median over the texture: neither a bright edge nor a beam on a part of the scene hides the rest.
    let detail = sums.weight > 0 ? Self.median(sums) : 1
    return Likeness(
      luma: fit.correlation, edges: edges.correlation, detail: detail,
      usualDetail: Double(sums.texture) / n, contrast: max(0, fit.slope))
  }
}

/// Sums of a straight line through points.
struct LineFit {
  let n: Double
  let x: Double
  let y: Double
  let xx: Double
  let yy: Double
  let xy: Double

  private var varianceX: Double { max(0, xx - x * x / max(n, 1)) }
  private var varianceY: Double { max(0, yy - y * y / max(n, 1)) }
  private var covariance: Double { xy - x * y / max(n, 1) }

  /// Pearson's coefficient; 0 when either side is constant.
  var correlation: Double {
    let v = (varianceX * varianceY).squareRoot()
    return v > 1e-6 * max(n, 1) ? covariance / v : 0
  }
  var slope: Double { varianceX > 0 ? covariance / varianceX : 1 }
}
