import Glibc

/// How many defects there are of each size, in bins with round borders.
struct SizeHistogram {
  /// One more than there are bins.
  let edges: [Double]
  /// By bin, then by the number of the class.
  private(set) var counts: [[Int]]
  let isLogarithmic: Bool

  // Beyond this ratio of sizes equal bins would hold nearly all in the first.
  private static let widestLinear = 12.0
  /// Bins to aim at: enough for the shape, few enough to hold something each.
  private static let bins = 24.0

  /// Nil without values above 0. `mark`, such as a limit, is within the edges unless it lies far from all values.
  init?(_ values: [(size: Double, kind: Int)], kinds: Int, marks: [Double]) {
    let sizes = values.map(\.size).filter { $0 > 0 && $0.isFinite }
    guard var least = sizes.min(), var most = sizes.max() else { return nil }
    for mark in marks where mark > least / 4 && mark < most * 4 {
      (least, most) = (min(least, mark), max(most, mark))
    }
    isLogarithmic = most > least * Self.widestLinear
    edges = isLogarithmic ? Self.ratios(least, most) : Self.steps(least, most)
    counts = Array(repeating: Array(repeating: 0, count: kinds), count: edges.count - 1)
    for value in values where value.size > 0 && value.size.isFinite {
      let above = edges.firstIndex { $0 > value.size } ?? edges.count
      counts[min(max(above - 1, 0), counts.count - 1)][value.kind] += 1
    }
  }

  var tallest: Int { counts.map { $0.reduce(0, +) }.max() ?? 0 }

  /// From 0 at the first edge to 1 at the last.
  func place(of size: Double) -> Double {
    let (first, last) = (edges[0], edges[edges.count - 1])
    return isLogarithmic
      ? log(size / first) / log(last / first) : (size - first) / (last - first)
  }

  /// Sizes to be named on the axis.
  var ticks: [Double] {
    let (first, last) = (edges[0], edges[edges.count - 1])
    guard isLogarithmic else {
      let step = Self.roundStep((last - first) / 8)
      let begin = (first / step - 1e-9).rounded(.up)
      return (0...20).map { (begin + Double($0)) * step }.filter { $0 <= last + step * 1e-9 }
    }
    var ticks: [Double] = []
    var decade = Self.power(of10: -9)
    while decade <= last {
      ticks += [1, 2, 5].map { $0 * decade }.filter { $0 >= first * 0.999 && $0 <= last * 1.001 }
      decade *= 10
    }
    return ticks
  }

  /// The least of 1, 2, 5, 10 … that isn't below `least`.
  static func roundStep(_ least: Double) -> Double {
    guard least > 0, least.isFinite else { return 1 }
    var decade = 1.0
    while decade > least { decade /= 10 }
    while decade * 10 <= least { decade *= 10 }
    return [1, 2, 5, 10].map { $0 * decade }.first { $0 >= least * (1 - 1e-9) } ?? decade * 10
  }

  private static func steps(_ least: Double, _ most: Double) -> [Double] {
    let span = max(most - least, most * 0.1)
    let step = roundStep(span / bins)
    let first = (least / step).rounded(.down)
    let last = max((most / step).rounded(.down) + 1, first + 1)
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// Ten bins a decade, as preferred numbers have it (Renard's R10).
  private static func ratios(_ least: Double, _ most: Double) -> [Double] {
    let preferred = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8]
    var edges: [Double] = []
    var decade = power(of10: -9)
    while decade <= most {
      edges += preferred.map { $0 * decade }
      decade *= 10
    }
    edges.append(decade)
    let first = max(0, (edges.firstIndex { $0 > least } ?? 1) - 1)
    let last = edges.firstIndex { $0 > most } ?? edges.count - 1
    return Array(edges[first...last])
  }

  private static func power(of10 exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? 1 / power : power
  }
}
