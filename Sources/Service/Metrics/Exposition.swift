/// Metrics as text: version 0.0.4 of Prometheus' exposition format
/// (prometheus.io/docs/instrumenting/exposition_formats).
package struct Exposition {
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  enum Value {
    case whole(Int64)
    case real(Double)
  }

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package private(set) var text = ""

  package init() {}

  /// Begins a metric; all its samples follow.
  mutating func begin(_ name: String, _ kind: Kind, help: String?) {
    if let help { text += "# HELP \(name) \(Self.escape(help, quotes: false))\n" }
    text += "# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, _ labels: [MetricKey.Label], _ value: Value) {
    text += name
    if !labels.isEmpty {
      text +=
        "{" + labels.map { "\($0.name)=\"\(Self.escape($0.value, quotes: true))\"" }.joined(separator: ",")
      text += "}"
    }
    switch value {
    case .whole(let value): text += " \(value)\n"
    case .real(let value): text += " \(Self.text(value))\n"
    }
  }

  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var safe = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": safe += "\\\\"
      case "\n": safe += "\\n"
      case "\"" where quotes: safe += "\\\""
      default: safe.unicodeScalars.append(character)
      }
    }
    return safe
  }
}
