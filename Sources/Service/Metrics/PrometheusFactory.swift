import CoreMetrics
import Synchronization

/// The factory behind the metrics: swift-metrics' instruments, printed for Prometheus. Any thread.
package final class PrometheusFactory: MetricsFactory {
  private struct State {
    var instruments: [MetricKey: any Instrument] = [:]
    var help: [String: String] = [:]
  }

  private let state = Mutex(State())

  /// Of timers and recorders that are made by their names alone, in seconds.
  private static let edges = (0..<18).map { 0.0001 * Double(1 << $0) }

  package init() {}

  /// What a metric is, for people.
  package func describe(_ name: String, _ help: String) { state.withLock { $0.help[name] = help } }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    instrument(label, dimensions) { CountInstrument($0) }
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    instrument(label, dimensions) { SumInstrument($0) }
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    instrument(label, dimensions) { GaugeInstrument($0) }
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate ? histogram(label, dimensions) : instrument(label, dimensions) { GaugeInstrument($0) }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions)
  }

  /// One that was counted elsewhere: swift-metrics knows no such instrument.
  package func set(_ spread: MetricSpread, label: String, dimensions: [(String, String)]) {
    histogram(label, dimensions).set(spread)
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramInstrument {
    instrument(label, dimensions) { HistogramInstrument($0, edges: Self.edges) }
  }

  /// The one of this name and these labels, made where there is none yet.
  private func instrument<Made: Instrument>(
    _ label: String, _ dimensions: [(String, String)], _ make: (MetricKey) -> Made
  ) -> Made {
    let key = MetricKey(label, dimensions)
    return state.withLock { state in
      if let known = state.instruments[key] {
        guard let known = known as? Made else {
          preconditionFailure("\(label) is a \(known.type.rawValue), and \(Made.self) was asked for")
        }
        return known
      }
      let made = make(key)
      state.instruments[key] = made
      return made
    }
  }

  package func destroyCounter(_ handler: any CounterHandler) { forget(handler as? any Instrument) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
    forget(handler as? any Instrument)
  }
  package func destroyMeter(_ handler: any MeterHandler) { forget(handler as? any Instrument) }
  package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler as? any Instrument) }
  package func destroyTimer(_ handler: any TimerHandler) { forget(handler as? any Instrument) }

  private func forget(_ instrument: (any Instrument)?) {
    guard let instrument else { return }
    forget(instrument.key)
  }

  func forget(_ key: MetricKey) { state.withLock { $0.instruments[key] = nil } }

  /// All that there is, metric by metric.
  package func exposition() -> String {
    let (instruments, help) = state.withLock { ($0.instruments, $0.help) }
    var exposition = Exposition()
    let metrics = Dictionary(grouping: instruments.values) { $0.key.name }
    for (name, series) in metrics.sorted(by: { $0.key < $1.key }) {
      exposition.begin(name, series[0].type, help: help[name])
      for instrument in series.sorted(by: { Self.precedes($0.key, $1.key) }) {
        instrument.write(to: &exposition)
      }
    }
    return exposition.text
  }

  private static func precedes(_ a: MetricKey, _ b: MetricKey) -> Bool {
    a.labels.map(\.value).lexicographicallyPrecedes(b.labels.map(\.value))
  }
}
