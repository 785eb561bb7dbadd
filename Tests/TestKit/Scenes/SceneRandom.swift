/// The scenes' own random numbers (SplitMix64): the same on every machine for the same seed.
package struct SceneRandom: Sendable {
  private var mix: SplitMix

  package init(seed: UInt64) { mix = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03) }

  /// A generator of its own for one part of a scene, so that a change in one part leaves the others alone.
  package init(seed: UInt64, part: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(seed: seed &+ hash)
    _ = next()
  }

  package mutating func next() -> UInt64 { mix.next() }

  /// 0 ≤ value < 1.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  package mutating func between(_ low: Double, _ high: Double) -> Double { low + unit() * (high - low) }

  /// `low` … `high`, both included.
  package mutating func whole(_ low: Int, _ high: Int) -> Int {
    low + Int(next() % UInt64(high - low + 1))
  }

  package mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  package mutating func pick<T>(_ choices: [T]) -> T { choices[whole(0, choices.count - 1)] }

  /// About normal, mean 0 and deviation 1: the sum of twelve even ones, so within ±6 and free of logarithms,
  /// which differ between machines.
  package mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return sum
  }
}
