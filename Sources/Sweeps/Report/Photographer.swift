/// Keeps a picture of each defect where its section is largest.
struct Photographer {
  let width: Int
  let height: Int
  let spacing: SIMD3<Double>

  /// Voxels around the section, and the longest side of a picture.
  private static let margin = 12
  private static let longest = 128
  /// The grey of the material; brighter values go up to half as much again.
  private static let material: Float = 180

  /// `runs` are those of the defect in this slice.
  func take(_ sums: inout DefectSums, _ runs: [Run], _ here: Slot) {
    guard let levels = here.levels, levels.contrast > 0 else { return }
    let voxels = runs.reduce(0) { $0 + $1.count }
    guard voxels > sums.pictureVoxels, let first = runs.first, let last = runs.last else { return }
    let columns = Self.range(
      Int(runs.map(\.start).min() ?? 0), Int(runs.map(\.end).max() ?? 0), width)
    let rows = Self.range(Int(first.row), Int(last.row) + 1, height)
    var pixels = [UInt8](repeating: 0, count: columns.count * rows.count)
    var mask = pixels
    let scale = Self.material / levels.contrast
    for (y, row) in rows.enumerated() {
      for (x, column) in columns.enumerated() {
        let grey = (here.values[row * width + column] - levels.air) * scale
        pixels[y * columns.count + x] = UInt8(min(max(grey, 0), 255))
      }
    }
    for run in runs where rows.contains(Int(run.row)) {
      let part = columns.clamped(to: Int(run.start)..<Int(run.end))
      let row = (Int(run.row) - rows.lowerBound) * columns.count - columns.lowerBound
      for x in part { mask[row + x] = 1 }
    }
    sums.picture = DefectPicture(
      width: columns.count, height: rows.count, column: columns.lowerBound, row: rows.lowerBound,
      slice: here.index, pixels: pixels, mask: mask, aspect: spacing.y / spacing.x)
    sums.pictureVoxels = voxels
  }

  /// With the margin, within the slice, and not longer than a picture may be.
  private static func range(_ start: Int, _ end: Int, _ count: Int) -> Range<Int> {
    let wide = max(0, start - margin)..<min(count, end + margin)
    guard wide.count > longest else { return wide }
    let first = (wide.lowerBound + wide.upperBound - longest) / 2
    return first..<(first + longest)
  }
}

/// Adds up where the part is, as seen from three sides.
struct PartMapper {
  private let width: Int
  private let height: Int
  private let spacing: SIMD3<Double>
  /// Every so many-th column and row is looked at.
  private let step: Int
  private var top: [UInt32]
  private var front: [UInt16] = []
  private var side: [UInt16] = []

  private static let longest = 256

  init(width: Int, height: Int, spacing: SIMD3<Double>) {
    self.width = width
    self.height = height
    self.spacing = spacing
    step = max(1, (max(width, height) + Self.longest - 1) / Self.longest)
    top = [UInt32](repeating: 0, count: ((width + step - 1) / step) * ((height + step - 1) / step))
  }

  private var columns: Int { (width + step - 1) / step }
  private var rows: Int { (height + step - 1) / step }

  /// Slices that are missing show nothing.
  mutating func skip(_ count: Int) {
    // A number that was read wrong must not fill the memory.
    let count = min(count, 10_000)
    front += [UInt16](repeating: 0, count: count * columns)
    side += [UInt16](repeating: 0, count: count * rows)
  }

  mutating func add(_ part: Bitmap) {
    var frontRow = [UInt16](repeating: 0, count: columns)
    var sideRow = [UInt16](repeating: 0, count: rows)
    for y in 0..<rows {
      for x in 0..<columns where part[y * step * width + x * step] {
        top[y * columns + x] += 1
        frontRow[x] += 1
        sideRow[y] += 1
      }
    }
    front += frontRow
    side += sideRow
  }

  var maps: PartMaps {
    let pixel = Double(step)
    return PartMaps(
      top: Self.map(top, columns, spacing.x * pixel, spacing.y * pixel),
      front: Self.map(front, columns, spacing.x * pixel, spacing.z),
      side: Self.map(side, rows, spacing.y * pixel, spacing.z))
  }

  private static func map(
    _ depths: [some FixedWidthInteger], _ width: Int, _ pixelWidth: Double, _ pixelHeight: Double
  ) -> PartMaps.Map {
    // Long sweeps have more slices than a page has lines.
    let lines = depths.count / width
    let step = max(1, (lines + 2 * longest - 1) / (2 * longest))
    let kept = stride(from: 0, to: lines, by: step)
    let deepest = max(1, Double(depths.max() ?? 0))
    var pixels: [UInt8] = []
    for line in kept {
      for depth in depths[(line * width)..<((line + 1) * width)] {
        let share = Double(depth) / deepest
        pixels.append(depth == 0 ? 0 : UInt8(40 + 200 * share))
      }
    }
    return PartMaps.Map(
      width: width, height: pixels.count / width, pixels: pixels, pixelWidth: pixelWidth,
      pixelHeight: pixelHeight * Double(step))
  }
}
