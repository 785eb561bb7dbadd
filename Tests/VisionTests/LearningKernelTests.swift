import CKernels
import TestKit
import Testing

/// A row of the background, whose means and deviations are known.
private struct BackgroundRow {
  let mean: Samples<UInt16>
  let deviation: Samples<UInt16>
  let shown: Samples<UInt8>
  let allowance: Samples<UInt8>

  init(mean: [UInt16], deviation: [UInt16]) {
    self.mean = Samples(mean)
    self.deviation = Samples(deviation)
    shown = Samples(mean.map { _ in 99 })
    allowance = Samples(mean.map { _ in 99 })
  }

  var pointers: saccade_background_row {
    saccade_background_row(
      mean: mean.start, deviation: deviation.start, shown: shown.start, allowance: allowance.start)
  }
}

@Suite("the learning kernel")
struct LearningKernelTests {
  /// What one pixel of the background becomes.
  private static func plain(
    current: Int, predicted: Int, mask: Int, held: Int, rates: saccade_rates, mean: Int, deviation: Int
  ) -> (mean: Int, deviation: Int) {
    let isQuiet = mask == 0 || held != 0
    var step = (held != 0 ? predicted : current) * 128 - mean
    if !isQuiet { step = min(max(step, -Int(rates.changed_limit)), Int(rates.changed_limit)) }
    let rate = Int(isQuiet ? rates.quiet : rates.changed) / 4
    let moved = min(max(mean + rounded(step * rate), 0), 255 * 128)
    guard held == 0 else { return (moved, deviation) }
    let off = min(abs(current - predicted) * 128, 6 * 128 + 5 * deviation)
    let spread = Int(isQuiet ? rates.deviation_quiet : rates.deviation_changed) / 4
    return (moved, max(0, deviation + rounded((off - deviation) * spread)))
  }

  /// In 1/16384, to the nearest, halves up.
  private static func rounded(_ product: Int) -> Int { (product + 8192) >> 14 }

  @Test("moves mean and deviation as a plain loop does", arguments: Planes.sizes)
  func learns(size: Planes.Size) {
    var random = SceneRandom(seed: 9, part: size.testDescription)
    for _ in 0..<6 {
      let p = Planes(size, seed: random.next())
      let mask = p.c.map { $0 % 4 }
      let held = p.c.map { $0 / 4 % 3 == 0 ? UInt8(1) : 0 }
      let start = p.b.map { UInt16($0) * 127 }
      let spreads = p.c.map { UInt16($0) * 6 }
      func rate() -> UInt16 { UInt16(random.chance(0.2) ? 65535 : random.whole(0, 9000)) }
      let rates = saccade_rates(
        quiet: rate(), changed: rate(), deviation_quiet: rate(), deviation_changed: rate(),
        changed_limit: UInt16(random.whole(0, 4096)))
      let factor = random.whole(0, 100)
      let row = BackgroundRow(mean: start, deviation: spreads)
      saccade_learn_row(p.a, p.b, mask, held, rates, Int32(factor), Int32(start.count), 0, row.pointers)
      for i in start.indices {
        let plain = Self.plain(
          current: Int(p.a[i]), predicted: Int(p.b[i]), mask: Int(mask[i]), held: Int(held[i]), rates: rates,
          mean: Int(start[i]), deviation: Int(spreads[i]))
        #expect(Int(row.mean[i]) == plain.mean && Int(row.deviation[i]) == plain.deviation, "pixel \(i)")
        #expect(Int(row.shown[i]) == (plain.mean + 64) / 128, "pixel \(i)")
        #expect(Int(row.allowance[i]) == min(255, plain.deviation * factor / 1024), "pixel \(i)")
      }
    }
  }

  @Test("reaches what it learns from, and no further", arguments: [0, 1, 128, 254, 255])
  func converges(level: Int) {
    let rates = saccade_rates(
      quiet: 900, changed: 900, deviation_quiet: 900, deviation_changed: 900, changed_limit: 2048)
    let picture = [UInt8](repeating: UInt8(level), count: 5)
    let calm = [UInt8](repeating: 0, count: 5)
    let row = BackgroundRow(
      mean: [0, 100, 12000, 32000, 32640], deviation: [UInt16](repeating: 300, count: 5))
    for _ in 0..<3000 { saccade_learn_row(picture, picture, calm, calm, rates, 28, 5, 0, row.pointers) }
    for i in 0..<5 { #expect(abs(Int(row.shown[i]) - level) <= 1 && row.deviation[i] < 128) }
  }
}
