import Glibc

/// How much plain material varies from voxel to voxel.
struct Grain {
  /// Standard deviation of the smoothed values.
  private(set) var smooth: Float = 0
  /// Of the values as they were read.
  private(set) var raw: Float = 0
  /// Variance of a sum over a square of voxels, as a multiple of what independent voxels would give. Below 1 for the
  /// noise that filtered backprojection makes, above 1 for rings and streaks.
  private(set) var correlation: Float = 1

  private static let rate: Float = 0.1
  private static let everyRow = 16

  mutating func add(smooth spread: Float) {
    smooth = smooth == 0 ? spread : smooth + Self.rate * (spread - smooth)
  }

  /// Looks at some rows of plain material.
  mutating func learn(_ slot: Slot) {
    var (squares, count, sums, blocks): (Float, Float, Float, Float) = (0, 0, 0, 0)
    for y in stride(from: Self.everyRow / 2, to: slot.height, by: Self.everyRow) {
      let row = y * slot.width
      for block in stride(from: 0, to: slot.width - 7, by: 8) {
        var sum: Float = 0
        var isPlain = true
        var square: Float = 0
        for x in (row + block)..<(row + block + 8) {
          isPlain = isPlain && slot.core[x] == 1 && slot.marks[x] == 0
          let off = slot.values[x] - slot.level[x]
          sum += off
          square += off * off
        }
        guard isPlain else { continue }
        squares += square
        count += 8
        sums += sum * sum / 8
        blocks += 1
      }
    }
    guard blocks >= 8, squares > 0 else { return }
    let spread = (squares / count).squareRoot()
    let along = (sums / blocks) / (squares / count)
    // The same down a column as along a row.
    let both = along * along
    if raw == 0 {
      (raw, correlation) = (spread, both)
    } else {
      raw += Self.rate * (spread - raw)
      correlation += Self.rate * (both - correlation)
    }
  }
}

/// How blurred edges are: the standard deviation of a Gaussian, in voxels, in the smoothed values.
struct EdgeWidth {
  /// Before anything was measured: that of a scan as sharp as its voxels.
  private(set) var voxels: Double = 1
  private var shares = [UInt32](repeating: 0, count: 128)
  private var total: UInt32 = 0
  private var pairs: [Int32] = []

  private static let enough: UInt32 = 200_000
  private static let everyRow = 8

  /// Looks at the steepness of the part's outer surface.
  mutating func learn(_ slot: Slot) {
    guard let levels = slot.levels, levels.contrast > 0, total < Self.enough else { return }
    let width = slot.width
    if pairs.count < width + 2 { pairs = [Int32](repeating: 0, count: width + 2) }
    for y in stride(from: Self.everyRow, to: slot.height - 1, by: Self.everyRow) {
      let row = slot.smooth + y * width
      let count = slot.part.runs(of: true, row: y, &pairs)
      for x in pairs[..<(2 * count)].lazy.map({ Int($0) }) where x > 0 && x < width - 1 {
        let along = row[x] - row[x - 1]
        let down = (row[x + width] + row[x + width - 1] - row[x - width] - row[x - width - 1]) / 4
        let share = (along * along + down * down).squareRoot() / levels.contrast
        shares[min(max(0, Int(share * 128)), 127)] += 1
        total += 1
      }
    }
    guard total >= 32 else { return }
    var sum: UInt32 = 0
    for (i, n) in shares.enumerated() {
      sum += n
      if sum * 2 >= total {
        voxels = Self.deviation(step: (Double(i) + 0.5) / 128)
        return
      }
    }
  }

  /// Of the blurred step whose value changes by `step` of its height over the middle voxel: erf(1 / (2√2 σ)) = step.
  private static func deviation(step: Double) -> Double {
    var (low, high) = (0.2, 10.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if erf(0.5 / (middle * 2.0.squareRoot())) > step { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
