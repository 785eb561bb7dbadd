import Base

/// Where the metrics are served.
package enum MetricsAddress: Hashable, Sendable {
  case unix(path: String)
  case tcp(host: String, port: Int)

  /// Reads `unix:/run/saccade/metrics.sock`, `127.0.0.1:9464` or `[::1]:9464`.
  package init(_ text: String, at place: String) throws(Fault) {
    func misread(_ why: String) -> Fault {
      Fault(
        .usage, "`\(text)` is no address for metrics: \(why)", at: place,
        advice: "it is unix:PATH, or an address and a port such as 127.0.0.1:9464")
    }
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty else { throw misread("the path is missing") }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { throw misread("the port is missing") }
    guard let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
      throw misread("a port is a number up to 65535")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw misread("an IPv6 address stands in brackets")
    }
    guard !host.isEmpty else { throw misread("the address is missing") }
    self = .tcp(host: host, port: port)
  }
}
