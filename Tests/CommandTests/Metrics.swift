import Foundation
import Glibc
import Testing

/// A page of metrics, read strictly: whatever version 0.0.4 of the text format doesn't allow is an error.
struct Metrics {
  struct Wrong: Error, CustomStringConvertible {
    var line: String
    var why: String
    var description: String { "\(why): \(line)" }
  }

  private(set) var types: [String: String] = [:]
  private(set) var help: [String: String] = [:]
  /// By the text before the value.
  private(set) var samples: [String: Double] = [:]

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Wrong(line: "", why: "the last line doesn't end") }
    var current: String?
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if let found = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
        try begin(String(found.1), &current, line)
        help[String(found.1)] = String(found.2)
      } else if let found = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/)
      {
        let name = String(found.1)
        if name != current { try begin(name, &current, line) }
        types[name] = String(found.2)
      } else {
        try take(line, of: current)
      }
    }
    for name in types.keys where types[name] == "histogram" { try checkHistogram(name) }
  }

  /// All lines of a metric stand together.
  private func begin(_ name: String, _ current: inout String?, _ line: String) throws {
    guard types[name] == nil, help[name] == nil else { throw Wrong(line: line, why: "begins twice") }
    current = name
  }

  private static var label: Regex<Substring> { /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"/ }

  private mutating func take(_ line: String, of current: String?) throws {
    guard let found = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)/) else {
      throw Wrong(line: line, why: "neither a comment nor a sample")
    }
    guard let current, let type = types[current] else { throw Wrong(line: line, why: "no type before it") }
    let name = String(found.1)
    let allowed =
      type == "histogram" ? [current + "_bucket", current + "_sum", current + "_count"] : [current]
    guard allowed.contains(name) else {
      throw Wrong(line: line, why: "stands among the samples of \(current)")
    }
    if let labels = found.2?.dropFirst().dropLast() {
      var rest = labels[...]
      var names: Set<Substring> = []
      while true {
        guard let label = rest.prefixMatch(of: Self.label) else {
          throw Wrong(line: line, why: "a wrong label")
        }
        guard names.insert(label.0.prefix { $0 != "=" }).inserted else {
          throw Wrong(line: line, why: "a label stands twice")
        }
        rest = rest[label.range.upperBound...]
        if rest.isEmpty { break }
        guard rest.first == "," else { throw Wrong(line: line, why: "a wrong label") }
        rest = rest.dropFirst()
      }
    }
    guard let value = found.3 == "+Inf" ? .infinity : Double(found.3), !value.isNaN else {
      throw Wrong(line: line, why: "no number")
    }
    if type == "counter", value < 0 { throw Wrong(line: line, why: "a counter below 0") }
    if type == "counter", !current.hasSuffix("_total") {
      throw Wrong(line: line, why: "a counter's name ends in _total")
    }
    let series = String(line.dropLast(found.3.count + 1))
    guard samples.updateValue(value, forKey: series) == nil else {
      throw Wrong(line: line, why: "stands twice")
    }
  }

  /// Buckets rise to the count, and the last holds all.
  private func checkHistogram(_ name: String) throws {
    let buckets = samples.filter { $0.key.hasPrefix(name + "_bucket{") }
    let series = Dictionary(grouping: buckets) { $0.key.replacing(/,?le="[^"]*"/, with: "") }
    for (key, buckets) in series {
      let rising = try buckets.map { bucket in
        guard let edge = bucket.key.firstMatch(of: /le="([^"]*)"/)?.1 else {
          throw Wrong(line: bucket.key, why: "a bucket without an edge")
        }
        return (edge == "+Inf" ? .infinity : Double(edge) ?? .nan, bucket.value)
      }.sorted { $0.0 < $1.0 }
      guard rising.last?.0 == .infinity, zip(rising, rising.dropFirst()).allSatisfy({ $0.1 <= $1.1 }) else {
        throw Wrong(line: key, why: "buckets don't rise to the last")
      }
      let count = key.replacing("_bucket", with: "_count").replacing("{}", with: "")
      guard samples[count] == rising.last?.1 else { throw Wrong(line: count, why: "isn't the last bucket") }
    }
  }
}

/// A client of HTTP by hand: one request, and all that comes until the other side closes.
enum HTTP {
  struct Answer {
    var status: Int
    var headers: [String: String]
    var body: String
  }

  static func connect(unix path: String) throws -> Int32 {
    let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafeBytes(of: &address) {
      Glibc.connect(made, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    try #require(result == 0)
    return made
  }

  static func connect(port: UInt16) throws -> Int32 {
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = port.bigEndian
    let result = withUnsafeBytes(of: &address) {
      Glibc.connect(made, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    try #require(result == 0)
    return made
  }

  /// Sends `text` and reads to the end, for which half a minute is time.
  static func ask(_ text: String, on descriptor: Int32) throws -> Answer {
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try #require(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    let all = String(decoding: read(descriptor), as: UTF8.self)
    let parts = all.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = try #require(parts.first).split(separator: "\r\n")
    let status = try #require(lines.first?.wholeMatch(of: /HTTP\/1.1 (\d+) .*/)?.1)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let field = line.split(separator: ":", maxSplits: 1)
      headers[field[0].lowercased()] = field[1].trimmingCharacters(in: .whitespaces)
    }
    return Answer(status: Int(status) ?? 0, headers: headers, body: parts.count > 1 ? String(parts[1]) : "")
  }

  static func read(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 30_000) > 0 else { return all }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return all }
      all += chunk[..<count]
    }
  }
}
