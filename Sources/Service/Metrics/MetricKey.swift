/// What tells one series of the metrics from all others.
struct MetricKey: Hashable, Sendable {
  var name: String
  /// In the order of their names, as the order that they are given in means nothing.
  var labels: [Label]

  struct Label: Hashable, Sendable {
    var name: String
    var value: String
  }

  init(_ name: String, _ labels: [(String, String)]) {
    self.name = name
    self.labels = labels.sorted { $0.0 < $1.0 }.map { Label(name: $0.0, value: $0.1) }
  }
}
