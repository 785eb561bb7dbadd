import ArgumentParser
import Base
import Service

/// Where a daemon serves its metrics.
struct MetricsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Serve metrics for Prometheus at unix:PATH or ADDRESS:PORT.", valueName: "address"))
  var metrics: String?

  static let variable = "SACCADE_METRICS"

  /// Nil for nowhere.
  func address(in surroundings: Surroundings) throws(Fault) -> MetricsAddress? {
    if let metrics { return try MetricsAddress(metrics, at: "--metrics") }
    guard let text = surroundings.environment[Self.variable], !text.isEmpty else { return nil }
    return try MetricsAddress(text, at: "$" + Self.variable)
  }
}
