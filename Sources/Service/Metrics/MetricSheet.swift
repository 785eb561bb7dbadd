import CoreMetrics

/// Brings what is counted elsewhere into the metrics, each time that somebody reads them. What a reading doesn't note any
/// more, such as a stream that was removed, is gone from the metrics. One thread.
package final class MetricSheet {
  package typealias Labels = [(String, String)]

  private let factory: PrometheusFactory
  private var totals: [MetricKey: (counter: CoreMetrics.Counter, last: Int64)] = [:]
  private var seconds: [MetricKey: (counter: FloatingPointCounter, last: Double)] = [:]
  private var gauges: [MetricKey: Meter] = [:]
  private var spreads: Set<MetricKey> = []
  private var noted: Set<MetricKey> = []

  package init(_ factory: PrometheusFactory) { self.factory = factory }

  /// One reading.
  package func fill(_ note: (MetricSheet) -> Void) {
    noted = []
    note(self)
    for (key, total) in totals where !noted.contains(key) {
      total.counter.destroy()
      totals[key] = nil
    }
    for (key, total) in seconds where !noted.contains(key) {
      total.counter.destroy()
      seconds[key] = nil
    }
    for (key, gauge) in gauges where !noted.contains(key) {
      gauge.destroy()
      gauges[key] = nil
    }
    for key in spreads where !noted.contains(key) {
      factory.forget(key)
      spreads.remove(key)
    }
  }

  /// A count since some start. When it has begun anew, so does the metric, as readers expect of counters.
  package func total(_ name: String, _ help: String, _ labels: Labels = [], _ value: UInt64) {
    let key = note(name, help, labels)
    let value = Int64(clamping: value)
    var known =
      totals[key] ?? (CoreMetrics.Counter(label: name, dimensions: labels, factory: factory), last: 0)
    if value < known.last {
      known.counter.reset()
      known.last = 0
    }
    known.counter.increment(by: value - known.last)
    known.last = value
    totals[key] = known
  }

  /// Time that was spent since some start.
  package func seconds(_ name: String, _ help: String, _ labels: Labels = [], _ value: Double) {
    let key = note(name, help, labels)
    var known =
      seconds[key] ?? (FloatingPointCounter(label: name, dimensions: labels, factory: factory), last: 0)
    known.counter.increment(by: max(0, value - known.last))
    known.last = max(value, known.last)
    seconds[key] = known
  }

  package func gauge(_ name: String, _ help: String, _ labels: Labels = [], _ value: Double) {
    let key = note(name, help, labels)
    let gauge = gauges[key] ?? Meter(label: name, dimensions: labels, factory: factory)
    gauge.set(value)
    gauges[key] = gauge
  }

  package func gauge(_ name: String, _ help: String, _ labels: Labels = [], _ value: Bool) {
    gauge(name, help, labels, value ? 1 : 0)
  }

  package func spread(_ name: String, _ help: String, _ labels: Labels = [], _ spread: MetricSpread) {
    spreads.insert(note(name, help, labels))
    factory.set(spread, label: name, dimensions: labels)
  }

  private func note(_ name: String, _ help: String, _ labels: Labels) -> MetricKey {
    factory.describe(name, help)
    let key = MetricKey(name, labels)
    noted.insert(key)
    return key
  }
}
