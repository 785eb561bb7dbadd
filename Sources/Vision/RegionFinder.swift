import Base
import CKernels

/// Groups changed pixels into regions and describes them.
///
/// Pixels are joined by blocks of 2 × 2 with the blocks around them, which closes gaps of two pixels.
struct RegionFinder: ~Copyable {
  private let blockColumns: Int
  private let blockRows: Int
  private let labels: UnsafeMutablePointer<UInt16>
  private var stack: [Int32] = []
  private var blocks: [Int32] = []
  private var marked: [Int32] = []
  private var heights: [Int] = []
  /// Columns of the busy patches in a row of them.
  private var busyColumns: [Int] = []
  /// Which cell of a mask each column of pixels is in.
  private var cells: [Int] = []

  /// More regions than this in a frame are rain or chaos; the largest blocks come first in reading order.
  static let most = 200

  init(width: Int, height: Int) {
    blockColumns = (width + 1) / 2
    blockRows = (height + 1) / 2
    labels = .allocate(capacity: blockColumns * blockRows)
    labels.initialize(repeating: 0, count: blockColumns * blockRows)
    stack.reserveCapacity(1024)
    blocks.reserveCapacity(4096)
  }

  deinit { labels.deallocate() }

  /// Appends the regions of at least `minimumPixels` pixels to `regions`, and the blocks of all to `figure`.
  mutating func find(
    _ frame: PictureContext, minimumPixels: Int, into regions: inout [Region], figure: inout Figure
  ) {
    figure.blockWidth = 2 * frame.coveredX / Double(frame.width)
    figure.blockHeight = 2 * frame.coveredY / Double(frame.height)
    collectBlocks(frame)
    defer { for b in marked { labels[Int(b)] = 0 } }
    var label: UInt16 = 1
    var regionOfLabel = [Figure.noRegion, Figure.noRegion]
    for b in 0..<blocks.count {
      let seed = Int(blocks[b])
      guard labels[seed] == 1 else { continue }
      guard regions.count < Self.most, label < 4000 else { break }
      label += 1
      let extent = flood(from: seed, label: label)
      regionOfLabel.append(Figure.noRegion)
      guard extent.blocks * 4 >= minimumPixels else { continue }
      var parts = [extent]
      if let seam = valley(extent) ?? waist(extent) {
        label += 1
        regionOfLabel.append(Figure.noRegion)
        parts = cut(extent, at: seam, label: label)
      }
      for i in parts.indices {
        guard let region = describe(frame, parts[i], minimumPixels: minimumPixels) else { continue }
        regionOfLabel[Int(parts[i].label)] = UInt16(regions.count)
        regions.append(region)
      }
    }
    for b in marked where labels[Int(b)] > 1 && hasThing(frame, Int(b)) {
      let i = Int(b)
      figure.blocks.append(
        Figure.Block(
          x: UInt16(i % blockColumns), y: UInt16(i / blockColumns),
          region: regionOfLabel[Int(labels[i])]))
    }
  }

  /// Whether a block has a pixel that isn't only lit.
  private func hasThing(_ f: PictureContext, _ block: Int) -> Bool {
    let x = (block % blockColumns) * 2
    let y = (block / blockColumns) * 2
    let i = y * f.width + x
    let right = x + 1 < f.width ? 1 : 0
    let below = y + 1 < f.height ? f.width : 0
    return (f.objects[i] | f.objects[i + right] | f.objects[i + below] | f.objects[i + right + below]) & 3
      != 0
  }

  private struct Extent {
    var label: UInt16
    var x0: Int
    var y0: Int
    var x1: Int
    var y1: Int
    var blocks: Int
  }

  /// Marks every block with a pixel of a thing by label 1 and lists those with a sure one.
  private mutating func collectBlocks(_ frame: PictureContext) {
    blocks.removeAll(keepingCapacity: true)
    marked.removeAll(keepingCapacity: true)
    let width = frame.width
    let columns = (width + 7) / 8
    for by in 0..<blockRows {
      let y0 = by * 2
      if y0 & 7 == 0 {
        let busy = frame.busy + (y0 >> 3) * columns
        busyColumns.removeAll(keepingCapacity: true)
        for column in 0..<columns where busy[column] != 0 { busyColumns.append(column) }
      }
      let upper = frame.objects + y0 * width
      let lower = y0 + 1 < frame.height ? upper + width : upper
      for column in busyColumns {
        var x = column * 8
        // Eight pixels of both rows at once: many are zero.
        if x + 8 <= width, Self.isEmpty(upper + x), Self.isEmpty(lower + x) { continue }
        let end = min(x + 8, width)
        while x < end {
          let next = x + 1 < width ? x + 1 : x
          let levels = upper[x] | lower[x] | upper[next] | lower[next]
          if levels != 0 {
            let block = by * blockColumns + x / 2
            labels[block] = 1
            marked.append(Int32(block))
            if levels & 2 != 0 { blocks.append(Int32(block)) }
          }
          x += 2
        }
      }
    }
  }

  private mutating func flood(from seed: Int, label: UInt16) -> Extent {
    var extent = Extent(label: label, x0: .max, y0: .max, x1: 0, y1: 0, blocks: 0)
    stack.removeAll(keepingCapacity: true)
    stack.append(Int32(seed))
    labels[seed] = label
    while let top = stack.popLast() {
      let i = Int(top)
      let x = i % blockColumns
      let y = i / blockColumns
      extent.x0 = min(extent.x0, x)
      extent.x1 = max(extent.x1, x)
      extent.y0 = min(extent.y0, y)
      extent.y1 = max(extent.y1, y)
      extent.blocks += 1
      for ny in max(0, y - 1)...min(blockRows - 1, y + 1) {
        for nx in max(0, x - 1)...min(blockColumns - 1, x + 1) {
          let j = ny * blockColumns + nx
          if labels[j] == 1 {
            labels[j] = label
            stack.append(Int32(j))
          }
        }
      }
    }
    return extent
  }

  /// The column of blocks at which two upright things stand side by side in one region: the silhouette there is less than
  /// half as high as on both sides. Nil where there is none.
  private mutating func valley(_ e: Extent) -> Seam? {
    let columns = e.x1 - e.x0 + 1
    guard columns >= 6, e.y1 - e.y0 >= 5 else { return nil }
    heights.removeAll(keepingCapacity: true)
    for x in e.x0...e.x1 {
      var n = 0
      for y in e.y0...e.y1 where labels[y * blockColumns + x] == e.label { n += 1 }
      heights.append(n)
    }
    var best: (column: Int, ratio: Double)?
    var left = 0
    for v in 2..<(columns - 2) {
      left = max(left, heights[v - 1], heights[v - 2])
      var right = 0
      for x in (v + 1)..<columns { right = max(right, heights[x]) }
      let (low, high) = (min(left, right), max(left, right))
      // Each as tall as a thing that stands, and not as one that lies.
      guard low >= 5, 10 * low >= 6 * high, v < left + left / 4, columns - v - 1 < right + right / 4 else {
        continue
      }
      let ratio = Double(heights[v]) / Double(low)
      if ratio < best?.ratio ?? 0.45 { best = (e.x0 + v, ratio) }
    }
    return best.map { .column($0.column) }
  }

  /// The row of blocks at which one upright thing stands before another: the silhouette is taller than one alone, and there
  /// less than half as wide as above and below.
  private mutating func waist(_ e: Extent) -> Seam? {
    let rows = e.y1 - e.y0 + 1
    let columns = e.x1 - e.x0 + 1
    guard rows >= 14, columns >= 4 else { return nil }
    heights.removeAll(keepingCapacity: true)
    for y in e.y0...e.y1 {
      var n = 0
      for x in e.x0...e.x1 where labels[y * blockColumns + x] == e.label { n += 1 }
      heights.append(n)
    }
    var best: (row: Int, ratio: Double)?
    for v in (3 * rows / 10)..<(7 * rows / 10) {
      let above = heights[..<v].max() ?? 0
      let below = heights[(v + 1)...].max() ?? 0
      let low = min(above, below)
      guard low >= 3 else { continue }
      let ratio = Double(heights[v]) / Double(low)
      if ratio < best?.ratio ?? 0.45 { best = (e.y0 + v, ratio) }
    }
    guard let row = best?.row else { return nil }
    // Taller than one thing alone, or two upright ones that stand aslant.
    guard rows > 3 * columns || (isUpright(e, row: e.y0, to: row) && isUpright(e, row: row, to: e.y1 + 1))
    else {
      return nil
    }
    return .row(row)
  }

  /// Whether the rows of a region are much taller than they are wide, and leave room beside them.
  private func isUpright(_ e: Extent, row first: Int, to end: Int) -> Bool {
    var (left, right) = (Int.max, 0)
    for y in first..<end {
      for x in e.x0...e.x1 where labels[y * blockColumns + x] == e.label {
        left = min(left, x)
        right = max(right, x)
      }
    }
    guard left <= right else { return false }
    let width = right - left + 1
    return 2 * (end - first) > 3 * width && 4 * width < 3 * (e.x1 - e.x0 + 1)
  }

  private enum Seam {
    case column(Int)
    case row(Int)
  }

  /// Gives the blocks from the seam on another label.
  private func cut(_ e: Extent, at seam: Seam, label: UInt16) -> [Extent] {
    var parts = [
      Extent(label: e.label, x0: .max, y0: .max, x1: 0, y1: 0, blocks: 0),
      Extent(label: label, x0: .max, y0: .max, x1: 0, y1: 0, blocks: 0),
    ]
    for y in e.y0...e.y1 {
      for x in e.x0...e.x1 where labels[y * blockColumns + x] == e.label {
        let side =
          switch seam {
          case .column(let column): x >= column ? 1 : 0
          case .row(let row): y >= row ? 1 : 0
          }
        labels[y * blockColumns + x] = parts[side].label
        parts[side].x0 = min(parts[side].x0, x)
        parts[side].x1 = max(parts[side].x1, x)
        parts[side].y0 = min(parts[side].y0, y)
        parts[side].y1 = max(parts[side].y1, y)
        parts[side].blocks += 1
      }
    }
    return parts
  }

  @inline(__always)
  private static func isEmpty(_ eight: UnsafeMutablePointer<UInt8>) -> Bool {
    UnsafeRawPointer(eight).loadUnaligned(as: UInt64.self) == 0
  }

  private mutating func describe(_ f: PictureContext, _ extent: Extent, minimumPixels: Int) -> Region? {
    var frame = f.frame
    var sums = saccade_region_sums()
    saccade_region_sum(
      &frame, labels, extent.label, Int32(extent.x0 * 2), Int32(extent.y0 * 2),
      Int32(min(extent.x1 * 2 + 1, f.width - 1)), Int32(min(extent.y1 * 2 + 1, f.height - 1)), &sums)
    guard Int(sums.count) >= minimumPixels, Int(sums.sure) * 3 >= minimumPixels else { return nil }
    let n = Double(sums.count)
    let (minX, minY) = (Int(sums.min_x), Int(sums.min_y))
    let (boxWidth, boxHeight) = (Int(sums.max_x) - minX + 1, Int(sums.max_y) - minY + 1)
    let noiseStep = Double(sums.edges) * Double(f.noise) * 0.8
    let now = max(0, Double(sums.edge_now) - noiseStep)
    let before = max(0, Double(sums.edge_before) - noiseStep * 0.3)
    let ghost = sums.edges < 6 || now + before < Double(sums.edges) * 2 ? 0.5 : before / (now + before)
    let scaleX = f.coveredX / Double(f.width)
    let scaleY = f.coveredY / Double(f.height)
    let h = sums.histogram
    let shares = SIMD8<Float>(SIMD8(h.0, h.1, h.2, h.3, h.4, h.5, h.6, h.7)) / Float(sums.count)
    let c = Double(sums.contrast) / n
    return Region(
      box: Rect(
        x: Double(minX) * scaleX, y: Double(minY) * scaleY, width: Double(boxWidth) * scaleX,
        height: Double(boxHeight) * scaleY),
      area: Double(sums.all) / Double(f.width * f.height), contrast: c, score: min(1, c / 3),
      shadow: sums.border > 0 ? Double(sums.lit_border) / Double(sums.border) : 0,
      litness: TextureAgreement(sums.texture).litness(noise: Double(f.noise), ofWhole: true),
      ghost: ghost,
      stir: Double(sums.change) / n / max(0.5, Double(f.noise) * 1.13),
      descriptor: Descriptor(
        luma: shares, cb: Float(sums.cb) / Float(sums.count) / 128,
        cr: Float(sums.cr) / Float(sums.count) / 128),
      mask: mask(f, extent.label, columns: minX..<(minX + boxWidth), rows: minY..<(minY + boxHeight)))
  }

  /// The silhouette of what isn't only lit.
  private mutating func mask(
    _ f: PictureContext, _ label: UInt16, columns: Range<Int>, rows: Range<Int>
  ) -> RegionMask {
    var mask = RegionMask()
    cells.removeAll(keepingCapacity: true)
    for column in 0..<columns.count { cells.append(column * 16 / columns.count) }
    for y in rows {
      let row = (y - rows.lowerBound) * 16 / rows.count
      for chunk in stride(from: columns.lowerBound, to: columns.upperBound, by: 8) {
        if chunk + 8 <= f.width, Self.isEmpty(f.objects + y * f.width + chunk) { continue }
        for x in chunk..<min(chunk + 8, columns.upperBound) where f.objects[y * f.width + x] & 3 != 0 {
          if labels[(y >> 1) * blockColumns + (x >> 1)] == label {
            mask[row, cells[x - columns.lowerBound]] = true
          }
        }
      }
    }
    return mask
  }
}
