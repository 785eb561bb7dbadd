import CKernels
import TestKit
import Testing

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
      var mean = start
      var deviation = spreads
      var shown = [UInt8](repeating: 99, count: mean.count)
      saccade_learn_row(p.a, p.b, mask, held, rates, Int32(mean.count), 0, &mean, &deviation, &shown)
      for i in mean.indices {
        let plain = Self.plain(
          current: Int(p.a[i]), predicted: Int(p.b[i]), mask: Int(mask[i]), held: Int(held[i]), rates: rates,
          mean: Int(start[i]), deviation: Int(spreads[i]))
        #expect(Int(mean[i]) == plain.mean && Int(deviation[i]) == plain.deviation, "pixel \(i)")
        #expect(Int(shown[i]) == (plain.mean + 64) / 128, "pixel \(i)")
      }
    }
  }

  @Test("reaches what it learns from, and no further", arguments: [0, 1, 128, 254, 255])
  func converges(level: Int) {
    let rates = saccade_rates(
      quiet: 900, changed: 900, deviation_quiet: 900, deviation_changed: 900, changed_limit: 2048)
    let picture = [UInt8](repeating: UInt8(level), count: 5)
    let calm = [UInt8](repeating: 0, count: 5)
    var mean: [UInt16] = [0, 100, 12000, 32000, 32640]
    var deviation = [UInt16](repeating: 300, count: 5)
    var shown = [UInt8](repeating: 0, count: 5)
    for _ in 0..<3000 {
      saccade_learn_row(picture, picture, calm, calm, rates, 5, 0, &mean, &deviation, &shown)
    }
    #expect(shown.allSatisfy { abs(Int($0) - level) <= 1 })
    #expect(deviation.allSatisfy { $0 < 128 })
  }
}
