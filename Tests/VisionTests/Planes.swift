import TestKit
import Testing

/// Three planes of random bytes, of one size.
struct Planes {
  struct Size: Sendable, CustomTestStringConvertible {
    var width: Int
    var height: Int
    var testDescription: String { "\(width)x\(height)" }
  }

  /// Below, at and beyond the patches' and the vectors' sizes, and wider than one strip.
  static let sizes = [(1, 1), (7, 9), (8, 8), (33, 17), (65, 5), (127, 31), (321, 23), (1024, 9), (2051, 10)]
    .map { Size(width: $0.0, height: $0.1) }

  let width: Int
  let height: Int
  var a: [UInt8] = []
  var b: [UInt8] = []
  var c: [UInt8] = []

  var columns: Int { (width + 7) / 8 }
  var patchCount: Int { columns * ((height + 7) / 8) }

  /// Bytes below `most`; a third of `b` and `c` are near those of `a`.
  init(_ size: Size, seed: UInt64, most: Int = 256) {
    width = size.width
    height = size.height
    var random = SceneRandom(seed: seed, part: size.testDescription)
    for _ in 0..<(width * height) {
      let first = random.whole(0, most - 1)
      func other() -> UInt8 {
        random.chance(0.33)
          ? UInt8(min(most - 1, max(0, first + random.whole(-9, 9)))) : UInt8(random.whole(0, most - 1))
      }
      a.append(UInt8(first))
      b.append(other())
      c.append(other())
    }
  }

  func step(_ p: UInt8, _ q: UInt8) -> UInt32 { p > q ? UInt32(p - q) : UInt32(q - p) }

  /// A value for each patch: the sum of `value` over the indices of its pixels.
  func eachPatch(_ value: (Int) -> UInt32) -> [UInt32] {
    var sums = [UInt32](repeating: 0, count: patchCount)
    for y in 0..<height {
      for x in 0..<width { sums[(y / 8) * columns + x / 8] += value(y * width + x) }
    }
    return sums
  }

  /// Makes `a` 0 in those patches; returns 0 for them and 1 for the others.
  mutating func clear(_ isCleared: (Int) -> Bool) -> [UInt8] {
    for i in a.indices where isCleared(i / width / 8 * columns + i % width / 8) { a[i] = 0 }
    return (0..<patchCount).map { isCleared($0) ? 0 : 1 }
  }
}

/// Samples at a place in memory that stays theirs.
final class Samples<T: BitwiseCopyable> {
  let start: UnsafeMutablePointer<T>
  let count: Int

  init(_ values: [T]) {
    start = .allocate(capacity: values.count)
    start.initialize(from: values, count: values.count)
    count = values.count
  }

  deinit { start.deallocate() }

  subscript(_ i: Int) -> T { start[i] }
}
