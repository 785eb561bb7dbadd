import CKernels
import TestKit
import Testing

/// The row loops of a sweep's analysis against plain ones.
@Suite("The slice kernels")
struct SliceKernelTests {
  static let sizes: [(Int, Int)] = [(1, 1), (7, 3), (63, 4), (64, 5), (65, 2), (130, 9), (200, 1)]

  static func bytes(_ count: Int, _ share: Double, seed: UInt64) -> [UInt8] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in Double.random(in: 0..<1, using: &random) < share ? 1 : 0 }
  }

  static func floats(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in Float.random(in: -100...1000, using: &random) }
  }

  @Test("pack bytes into bits and back", arguments: sizes, [0.1, 0.5, 1.0])
  func pack(size: (Int, Int), share: Double) {
    let (width, height) = size
    let bytes = Self.bytes(width * height, share, seed: 1)
    var words = [UInt64](repeating: .max, count: (width + 63) / 64 * height)
    saccade_bits_pack(bytes, Int32(width), Int32(height), &words)
    #expect(words.reduce(0) { $0 + $1.nonzeroBitCount } == bytes.count { $0 == 1 })
    var back = [UInt8](repeating: 9, count: bytes.count)
    saccade_bits_unpack(words, Int32(width), Int32(height), &back)
    #expect(back == bytes)
  }

  @Test("mark what lies over a level", arguments: sizes)
  func over(size: (Int, Int)) {
    let (width, height) = size
    let values = Self.floats(width * height, seed: 2)
    var words = [UInt64](repeating: 0, count: (width + 63) / 64 * height)
    saccade_bits_over(values, 400, Int32(width), Int32(height), &words)
    var bytes = [UInt8](repeating: 9, count: values.count)
    saccade_bits_unpack(words, Int32(width), Int32(height), &bytes)
    #expect(bytes == values.map { $0 > 400 ? 1 : 0 })
  }

  @Test("grow and shrink as neighbours say", arguments: sizes, [0.05, 0.5, 0.95])
  func spread(size: (Int, Int), share: Double) {
    let (width, height) = size
    let bytes = Self.bytes(width * height, share, seed: 3)
    var words = [UInt64](repeating: 0, count: (width + 63) / 64 * height)
    saccade_bits_pack(bytes, Int32(width), Int32(height), &words)
    for (grow, square) in [(1, 0), (1, 1), (0, 0), (0, 1)] {
      var out = words
      saccade_bits_spread(words, Int32(width), Int32(height), Int32(grow), Int32(square), &out)
      var found = [UInt8](repeating: 9, count: bytes.count)
      saccade_bits_unpack(out, Int32(width), Int32(height), &found)
      var expected = bytes
      for y in 0..<height {
        for x in 0..<width {
          var all = [bytes[y * width + x]]
          for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
            guard square == 1 || dx == 0 || dy == 0 else { continue }
            let (a, b) = (x + dx, y + dy)
            if a >= 0, a < width, b >= 0, b < height { all.append(bytes[b * width + a]) }
          }
          expected[y * width + x] = (grow == 1 ? all.max() : all.min()) ?? 0
        }
      }
      #expect(found == expected, "grow \(grow), square \(square)")
    }
  }

  @Test("find the runs of a row, in bytes and in bits", arguments: sizes, [0.02, 0.5, 0.98])
  func runs(size: (Int, Int), share: Double) {
    let width = size.0
    let row = Self.bytes(width, share, seed: 4)
    for value in [UInt8(0), 1] {
      var expected: [Int32] = []
      for x in 0..<width where row[x] == value {
        if x == 0 || row[x - 1] != value { expected.append(Int32(x)) }
        if x == width - 1 || row[x + 1] != value { expected.append(Int32(x + 1)) }
      }
      var pairs = [Int32](repeating: -1, count: width + 2)
      #expect(Int(saccade_find_runs(row, Int32(width), value, &pairs)) * 2 == expected.count)
      #expect(Array(pairs.prefix(expected.count)) == expected)
      var words = [UInt64](repeating: 0, count: (width + 63) / 64)
      saccade_bits_pack(row, Int32(width), 1, &words)
      #expect(Int(saccade_bits_runs(words, Int32(width), Int32(value), &pairs)) * 2 == expected.count)
      #expect(Array(pairs.prefix(expected.count)) == expected)
    }
  }

  @Test("smooth with weights 1 2 1 both ways, edges repeated", arguments: sizes)
  func smooth(size: (Int, Int)) {
    let (width, height) = size
    let values = Self.floats(width * height, seed: 5)
    var out = values
    var scratch = [Float](repeating: 0, count: 3 * width)
    saccade_smooth_plane(values, Int32(width), Int32(height), &scratch, &out)
    for y in 0..<height {
      for x in 0..<width {
        var sum: Float = 0
        for (dy, a) in zip([-1, 0, 1], [Float(1), 2, 1]) {
          for (dx, b) in zip([-1, 0, 1], [Float(1), 2, 1]) {
            sum += a * b * values[min(max(y + dy, 0), height - 1) * width + min(max(x + dx, 0), width - 1)]
          }
        }
        #expect(abs(out[y * width + x] - sum / 16) < 0.01)
      }
    }
  }

  @Test("sum blocks of what lies within the window", arguments: sizes)
  func blocks(size: (Int, Int)) {
    let (width, height) = size
    let rows = min(height, 8)
    let values = Self.floats(width * rows, seed: 6)
    let mask = Self.bytes(width * rows, 0.7, seed: 7)
    let level = Self.floats(width, seed: 8)
    let count = (width + 7) / 8
    var scratch = [Float](repeating: 3, count: 3 * width)
    var (sums, squares, counts) = (
      [Float](repeating: 9, count: count), [Float](repeating: 9, count: count),
      [Float](repeating: 9, count: count)
    )
    saccade_block_sums(
      values, level, 0, mask, 200, Int32(width), Int32(rows), &scratch, &sums, &squares, &counts)
    for block in 0..<count {
      var (sum, square, n): (Float, Float, Float) = (0, 0, 0)
      for y in 0..<rows {
        for x in (block * 8)..<min(block * 8 + 8, width) {
          let off = values[y * width + x] - level[x]
          guard mask[y * width + x] == 1, abs(off) <= 200 else { continue }
          (sum, square, n) = (sum + values[y * width + x], square + off * off, n + 1)
        }
      }
      #expect(counts[block] == n)
      #expect(abs(sums[block] - sum) < 0.05)
      #expect(abs(squares[block] - square) < 1)
    }
  }

  @Test("mark what is darker or brighter than the level by a share of its contrast")
  func marks() {
    let values: [Float] = [100, 700, 840, 860, 1000, 1130, 1150, 3000]
    let level = [Float](repeating: 1000, count: 8)
    let all = [UInt8](repeating: 1, count: 8)
    var out = [UInt8](repeating: 9, count: 8)
    #expect(saccade_mark_row(values, level, all, 0, 0.15, 0.14, 8, &out) == 1)
    #expect(out == [1, 1, 1, 0, 0, 0, 2, 2])
    let none = [UInt8](repeating: 0, count: 8)
    #expect(saccade_mark_row(values, level, none, 0, 0.15, 0.14, 8, &out) == 0)
    #expect(out == none)
  }

  @Test("draw straight lines between the middles of blocks", arguments: [8, 9, 40, 64, 77])
  func line(width: Int) {
    let blocks = (width + 7) / 8
    // A straight line stays one.
    let grid = (0..<blocks).map { Float($0 * 8) + 3.5 }
    var out = [Float](repeating: -1, count: width)
    saccade_spread_row(grid, Int32(blocks), 8, Int32(width), &out)
    for x in 0..<width {
      let expected = min(max(Float(x), 3.5), grid[blocks - 1])
      #expect(abs(out[x] - expected) < 0.001, "column \(x)")
    }
  }
}
