import CKernels

/// What the material's grey level is at each place of a slice, were there no defect: beam hardening and scatter make
/// it fall towards the middle by a tenth of the contrast.
///
/// Means of blocks, carried on from slice to slice; straight lines between their centres.
struct Background {
  static let side = 8
  /// In contrasts: what lies further from the level is no plain material.
  private static let window: Float = 0.12
  private static let firstWindow: Float = 0.3
  /// Voxels that the level of slices before counts for.
  private static let inertia: Float = 96
  /// Fewer voxels of a block say nothing.
  private static let leastVoxels: Float = 6

  private let width: Int
  private let height: Int
  let columns: Int
  let rows: Int
  /// How many voxels stand behind each block's level, those of slices before with them.
  private var weights: [Float]
  private var levels: [Float]
  private var filled: [Float]
  private var sums: [Float]
  private var squares: [Float]
  private var counts: [Float]
  private var line: [Float]
  private var scratch: [Float]
  private var isKnown = false

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    columns = (width + Self.side - 1) / Self.side
    rows = (height + Self.side - 1) / Self.side
    let none = [Float](repeating: 0, count: columns * rows)
    (weights, levels, filled, sums, squares, counts) = (none, none, none, none, none, none)
    line = [Float](repeating: 0, count: width)
    scratch = [Float](repeating: 0, count: 3 * (width + columns))
  }

  /// The material that comes is another one than before.
  mutating func forget() {
    for i in weights.indices { weights[i] = 0 }
    isKnown = false
  }

  /// Takes a slice in. `expected` holds the levels of the slice before, voxel by voxel. Returns the standard deviation of plain material, nil where there is too little of it.
  mutating func learn(
    _ values: UnsafePointer<Float>, core: UnsafePointer<UInt8>, levels slice: Levels,
    expected: UnsafePointer<Float>?
  ) -> Float? {
    let isFirst = !isKnown || expected == nil
    if isFirst { line = [Float](repeating: slice.material, count: width) }
    let window = (isFirst ? Self.firstWindow : Self.window) * slice.contrast
    line.withUnsafeBufferPointer { line in
      for row in 0..<rows {
        let y = row * Self.side
        // Safety: a picture has at least one column.
        let level = isFirst ? line.baseAddress! : expected.unsafelyUnwrapped + y * width
        scratch.withUnsafeMutableBufferPointer { scratch in
          saccade_block_sums(
            values + y * width, level, isFirst ? 0 : Int32(width), core + y * width, window, Int32(width),
            Int32(min(Self.side, height - y)), scratch.baseAddress, scratch.baseAddress! + 3 * width,
            scratch.baseAddress! + 3 * width + columns, scratch.baseAddress! + 3 * width + 2 * columns)
          for x in 0..<columns {
            sums[row * columns + x] = scratch[3 * width + x]
            squares[row * columns + x] = scratch[3 * width + columns + x]
            counts[row * columns + x] = scratch[3 * width + 2 * columns + x]
          }
        }
      }
    }
    var (all, spread): (Float, Float) = (0, 0)
    for i in sums.indices {
      guard counts[i] >= Self.leastVoxels else { continue }
      all += counts[i]
      spread += squares[i]
      let before = min(weights[i], Self.inertia)
      levels[i] = (levels[i] * before + sums[i]) / (before + counts[i])
      weights[i] = before + counts[i]
    }
    guard all > 0 else { return nil }
    fill(slice.material)
    isKnown = true
    return all >= 200 ? (spread / all).squareRoot() : nil
  }

  /// Blocks lend their neighbours what they know: it smooths, and reaches over holes and a little beyond the part.
  private mutating func fill(_ otherwise: Float) {
    for i in filled.indices { filled[i] = otherwise }
    var known = weights
    var from = levels
    // The first time for all blocks; then for those that are still unknown.
    for pass in 0..<3 {
      let (sums, total) = spreadBlocks(from, known)
      for i in known.indices where total[i] > 0 && (pass == 0 || known[i] == 0) {
        filled[i] = sums[i] / total[i]
      }
      from = filled
      for i in known.indices where known[i] == 0 && total[i] > 0 { known[i] = 1 }
    }
  }

  /// Values times weights, and weights, summed over each block and the eight around it: 1 2 1 along rows and columns.
  private func spreadBlocks(_ values: [Float], _ weights: [Float]) -> (sums: [Float], total: [Float]) {
    let products = zip(values, weights).map { $0 * $1 }
    return (smoothBlocks(products), smoothBlocks(weights))
  }

  private func smoothBlocks(_ values: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: values.count) { out, count in
      count = values.count
      values.withUnsafeBufferPointer { values in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { column in
          for y in 0..<rows {
            let (above, here, below) = (max(y - 1, 0) * columns, y * columns, min(y + 1, rows - 1) * columns)
            for x in 0..<columns {
              column[x] =
                2 * values[here + x] + (y > 0 ? values[above + x] : 0)
                + (y + 1 < rows ? values[below + x] : 0)
            }
            for x in 0..<columns {
              out[here + x] =
                2 * column[x] + (x > 0 ? column[x - 1] : 0) + (x + 1 < columns ? column[x + 1] : 0)
            }
          }
        }
      }
    }
  }

  /// The levels as of the newest slice.
  var grid: [Float] { filled }

  /// One row of a grid, a level for each column.
  func spread(_ grid: [Float], row y: Int, into line: inout [Float]) {
    let at = (Float(y) - Float(Self.side - 1) / 2) / Float(Self.side)
    let upper = min(max(0, Int(at.rounded(.down))), rows - 1)
    let lower = min(upper + 1, rows - 1)
    let share = min(max(0, at - Float(upper)), 1)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { blocks in
      for x in 0..<columns {
        let (a, b) = (grid[upper * columns + x], grid[lower * columns + x])
        blocks[x] = a + share * (b - a)
      }
      saccade_spread_row(blocks.baseAddress, Int32(columns), Int32(Self.side), Int32(width), &line)
    }
  }

  /// The least and the greatest level of blocks that are full of material, but for a twentieth of them at each end.
  var extremes: (Float, Float) {
    let known = levels.indices.filter { counts[$0] >= Float(Self.side * Self.side) / 2 }.map { filled[$0] }
      .sorted()
    guard let first = known.first else { return (0, 0) }
    return known.count < 20
      ? (first, known[known.count - 1]) : (known[known.count / 20], known[known.count - 1 - known.count / 20])
  }
}
