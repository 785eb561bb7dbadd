import Events

/// All streams of a status, a line each:
/// ```
/// stream  state    rate  p50 ms  p99 ms  looked at  skipped  lost  objects
/// lobby   running    30     4.2     9.1       5760     1200     0        2
/// ```
enum StatusTable {
  private static let heads = [
    "stream", "state", "rate", "p50 ms", "p99 ms", "looked at", "skipped", "lost", "objects",
  ]
  /// Frames and ticks that nobody saw though somebody should have.
  private static let losses = ["packets_passed_over", "frames_lapped", "frames_unreadable", "ticks_late"]

  /// Nothing where there is no stream.
  static func text(_ streams: [JSON]) -> String {
    guard !streams.isEmpty else { return "" }
    let rows = [heads] + streams.map(cells)
    let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      // Words stand at the left, numbers at the right.
      let line = row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return column < 2 ? cell + blanks : blanks + cell
      }
      return line.joined(separator: "  ") + "\n"
    }
    .joined()
  }

  private static func cells(_ stream: JSON) -> [String] {
    let counters = stream["counters"]
    let lost = losses.compactMap { counters?[$0]?.integer }.reduce(0, +)
    return [
      stream["name"]?.text ?? "?", stream["state"]?.text ?? "?", number(stream["rate"]),
      number(stream["latency_ms"]?["p50"]), number(stream["latency_ms"]?["p99"]),
      number(counters?["frames_looked_at"]), number(counters?["frames_skipped"]),
      counters == nil ? "-" : "\(lost)", number(stream["scene"]?["objects"]),
    ]
  }

  private static func number(_ value: JSON?) -> String {
    guard let value, value != .null else { return "-" }
    return value.description
  }
}
