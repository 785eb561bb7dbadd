import CoreMetrics
import Synchronization

/// What the factory hands out: a number, or a few, that any thread may change and the exposition reads.
protocol Instrument: AnyObject, Sendable {
  var key: MetricKey { get }
  var type: Exposition.Kind { get }
  func write(to exposition: inout Exposition)
}

/// A count.
final class CountInstrument: Instrument, CounterHandler {
  let key: MetricKey
  let type = Exposition.Kind.counter
  private let value = Atomic<Int64>(0)

  init(_ key: MetricKey) { self.key = key }

  func increment(by amount: Int64) { value.add(amount, ordering: .relaxed) }
  func reset() { value.store(0, ordering: .relaxed) }
  func write(to exposition: inout Exposition) {
    exposition.sample(key.name, key.labels, .whole(value.load(ordering: .relaxed)))
  }
}

/// A sum that isn't whole.
final class SumInstrument: Instrument, FloatingPointCounterHandler {
  let key: MetricKey
  let type = Exposition.Kind.counter
  private let value = Mutex(0.0)

  init(_ key: MetricKey) { self.key = key }

  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func reset() { value.withLock { $0 = 0 } }
  func write(to exposition: inout Exposition) {
    exposition.sample(key.name, key.labels, .real(value.withLock { $0 }))
  }
}

/// A value that goes up and down.
final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
  let key: MetricKey
  let type = Exposition.Kind.gauge
  private let value = Mutex(0.0)

  init(_ key: MetricKey) { self.key = key }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func write(to exposition: inout Exposition) {
    exposition.sample(key.name, key.labels, .real(value.withLock { $0 }))
  }
}

/// How values are spread over buckets.
final class HistogramInstrument: Instrument, TimerHandler, RecorderHandler {
  let key: MetricKey
  let type = Exposition.Kind.histogram
  private let spread: Mutex<MetricSpread>

  init(_ key: MetricKey, edges: [Double]) {
    self.key = key
    spread = Mutex(MetricSpread(edges: edges, counts: edges.map { _ in 0 } + [0], sum: 0))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }
  func record(_ value: Double) {
    spread.withLock { spread in
      spread.counts[spread.edges.firstIndex { value <= $0 } ?? spread.edges.count] += 1
      spread.sum += value
    }
  }
  func set(_ spread: MetricSpread) { self.spread.withLock { $0 = spread } }

  func write(to exposition: inout Exposition) {
    let spread = spread.withLock { $0 }
    var below: UInt64 = 0
    for (edge, count) in zip(spread.edges + [.infinity], spread.counts) {
      below += count
      let label = MetricKey.Label(name: "le", value: Exposition.text(edge))
      exposition.sample(key.name + "_bucket", key.labels + [label], .whole(Int64(clamping: below)))
    }
    exposition.sample(key.name + "_sum", key.labels, .real(spread.sum))
    exposition.sample(key.name + "_count", key.labels, .whole(Int64(clamping: below)))
  }
}

/// A histogram's numbers.
package struct MetricSpread: Sendable, Hashable {
  /// Upper edges of the buckets, rising.
  package var edges: [Double]
  /// Of each bucket by itself, and of what lies above the last edge.
  package var counts: [UInt64]
  package var sum: Double

  package init(edges: [Double], counts: [UInt64], sum: Double) {
    precondition(counts.count == edges.count + 1, "\(counts.count) counts for \(edges.count) edges")
    self.edges = edges
    self.counts = counts
    self.sum = sum
  }
}
