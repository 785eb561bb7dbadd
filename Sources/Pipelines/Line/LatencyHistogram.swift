import Base
import Service
import Synchronization

/// Latencies in buckets a quarter of an octave wide, from 0.1 ms to 26 s: percentiles to within a fifth of
/// their value in constant memory. One thread adds, any may read.
package final class LatencyHistogram: Sendable {
  private let counts: [Counter]
  private let sum = Counter()

  private static let unit: Nanoseconds = 100_000
  private static let octaves = 18
  private static let steps = 4

  package init() { counts = (0...Self.octaves * Self.steps).map { _ in Counter() } }

  package func add(_ latency: Nanoseconds) {
    counts[Self.bucket(latency)].add()
    sum.add(Int(max(0, latency)))
  }

  /// By octaves, in seconds; the last bucket, which holds all that is longer, has no edge.
  package var spread: MetricSpread {
    let values = counts.map(\.value)
    var octaves = [values[0]]
    for octave in 0..<Self.octaves {
      octaves.append(values[(1 + octave * Self.steps)..<(1 + (octave + 1) * Self.steps)].reduce(0, +))
    }
    // Of the last octave only what lies below its last step is known to end with it.
    return MetricSpread(
      edges: (0..<Self.octaves).map { Double(Self.unit << Int64($0)) / 1e9 }, counts: octaves,
      sum: Double(sum.value) / 1e9)
  }

  /// The latency that a share `p` of all was not above, as the upper edge of its bucket; nil of nothing.
  package func percentile(_ p: Double) -> Nanoseconds? {
    let values = counts.map(\.value)
    let total = values.reduce(0, +)
    guard total > 0 else { return nil }
    let rank = UInt64((Double(total) * p).rounded(.up))
    var below: UInt64 = 0
    for (i, count) in values.enumerated() {
      below += count
      if below >= max(1, rank) { return Self.upperEdge(i) }
    }
    return Self.upperEdge(values.count - 1)
  }

  private static func bucket(_ latency: Nanoseconds) -> Int {
    guard latency >= unit else { return 0 }
    let units = UInt64(latency / unit)
    let octave = 63 - units.leadingZeroBitCount
    let within = Int((units << 2) >> UInt64(octave)) & 3
    return min(1 + octave * steps + within, octaves * steps)
  }

  private static func upperEdge(_ bucket: Int) -> Nanoseconds {
    guard bucket > 0 else { return unit }
    let octave = (bucket - 1) / steps
    let within = (bucket - 1) % steps
    return unit * Int64(steps + within + 1) * (1 << Int64(octave)) / Int64(steps)
  }
}
