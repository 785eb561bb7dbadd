import Base
import CKernels

/// The learnt background of one plane (luma, or one of the chroma planes): a mean and a mean absolute
/// deviation for each pixel.
///
/// Means and deviations are in 1/128 levels: the finest step that a signed 16-bit difference still holds.
struct BackgroundPlane: ~Copyable {
  let width: Int
  let height: Int
  private(set) var mean: UnsafeMutablePointer<UInt16>
  private(set) var deviation: UnsafeMutablePointer<UInt16>
  /// What noise may put a pixel off, in whole levels: some deviations, at most 255 levels.
  private let allowance: UnsafeMutablePointer<UInt8>
  private let factor: Int32
  /// The mean, rounded to levels.
  let shown: UnsafeMutablePointer<UInt8>
  /// What the background would look like in the light of the current frame: `shown`, or `lit`.
  private(set) var predicted: UnsafePointer<UInt8>
  /// Room for a prediction.
  private let lit: UnsafeMutablePointer<UInt8>
  /// 3 and 2 different, 1 doubtful, 0 as predicted; see `saccade_compare`.
  let mask: UnsafeMutablePointer<UInt8>
  private let scratch: UnsafeMutablePointer<UInt8>

  var count: Int { width * height }

  /// - Parameter deviations: So many of them noise may put a pixel off.
  init(width: Int, height: Int, deviations: Double) {
    self.width = width
    self.height = height
    factor = Int32(deviations * 8)
    let count = width * height
    mean = .allocate(capacity: count)
    deviation = .allocate(capacity: count)
    allowance = .allocate(capacity: count)
    shown = .allocate(capacity: count)
    predicted = UnsafePointer(shown)
    lit = .allocate(capacity: count)
    mask = .allocate(capacity: count)
    scratch = .allocate(capacity: width + 2)
    mask.initialize(repeating: 0, count: count)
    scratch.initialize(repeating: 0, count: width + 2)
  }

  deinit {
    mean.deallocate()
    deviation.deallocate()
    allowance.deallocate()
    shown.deallocate()
    lit.deallocate()
    mask.deallocate()
    scratch.deallocate()
  }

  /// Forgets everything: the picture is the background, and its noise is `deviation` levels.
  mutating func reset(to picture: UnsafePointer<UInt8>, deviation start: Double) {
    let spread = UInt16(start * 128)
    allowance.update(repeating: UInt8(min(255, (Int(spread) * Int(factor)) >> 10)), count: count)
    for i in 0..<count {
      mean[i] = UInt16(picture[i]) << 7
      deviation[i] = spread
      shown[i] = picture[i]
    }
    predicted = UnsafePointer(shown)
  }

  /// The light is as usual.
  mutating func predictUnlit() { predicted = UnsafePointer(shown) }

  /// What is predicted is written to the memory that this gives.
  mutating func predictLit() -> UnsafeMutablePointer<UInt8> {
    predicted = UnsafePointer(lit)
    return lit
  }

  /// Takes over one pixel as background.
  @inline(__always)
  func absorb(at i: Int, value: UInt8) {
    mean[i] = UInt16(value) << 7
    shown[i] = value
  }

  /// Compares with what is predicted; results are in `mask`. A pixel's threshold is `base` levels and what noise may
  /// put it off.
  func compare(_ picture: UnsafePointer<UInt8>, base: Int) {
    saccade_compare(picture, predicted, allowance, Int32(width), Int32(height), Int32(base), mask)
  }

  /// Learns the rows y with y % 4 == phase from the current picture.
  func learn(
    _ picture: UnsafePointer<UInt8>, mask: UnsafePointer<UInt8>, held: UnsafePointer<UInt8>, phase: Int,
    rates: saccade_rates
  ) {
    for y in stride(from: phase, to: height, by: 4) {
      let at = y * width
      let next = y + 4 < height ? 4 * width : 0
      saccade_learn_row(
        picture + at, predicted + at, mask + at, held + at, rates, factor, Int32(width), next,
        saccade_background_row(
          mean: mean + at, deviation: deviation + at, shown: shown + at, allowance: allowance + at))
    }
  }

  /// Cleans a map of seeds and doubtful pixels, of which only `busy` patches have any; see `saccade_clean`.
  func clean(
    _ map: UnsafePointer<UInt8>, busy: UnsafePointer<UInt8>, seeds: Int, doubts: Int,
    into out: UnsafeMutablePointer<UInt8>
  ) {
    saccade_clean(map, busy, Int32(seeds), Int32(doubts), Int32(width), Int32(height), scratch, out)
  }
}
