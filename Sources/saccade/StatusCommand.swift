import ArgumentParser
import Base
import Events
import SaccadeClient

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell what a running daemon does.",
    discussion: """
      A table of all streams, then the daemon's own numbers, then all that is known of each stream: its state, what \
      was decoded, analysed, skipped and lost, and how its scene is. What the numbers mean is in docs/reference.md.

      Examples:
        saccade status
        saccade status --json | jq '.streams[] | {name, state}'

      Ends with 69 when no daemon can be reached.
      """)

  @Flag(help: "The daemon's whole answer, as one line of JSON.")
  var json = false

  @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
  var socket: String?

  func run() throws {
    let answer: JSON
    do throws(ClientError) {
      var connection = try EventConnection(paths: SocketPath.candidates(option: socket))
      answer = try connection.status()
    } catch {
      throw Fault(error)
    }
    if json { return try Console.print(answer.description) }
    try Console.write(StatusPrinter.text(answer))
  }
}

/// A status for people:
/// ```
/// saccade/0.1.0, up 3 min 12 s, 2 clients
///
/// stream  state    rate …
/// lobby   running    30 …
///
///   dropped.records_slow_reader  0
///
/// lobby: live, running, 30 records/s
///   scene               ok
///   frames.decoded      5760
/// ```
enum StatusPrinter {
  static func text(_ status: JSON) -> String {
    var text = status["server"]?.text ?? "saccade"
    if let seconds = status["uptime"]?.number { text += ", up " + time(seconds) }
    if let clients = status["clients"]?.integer {
      text += ", \(clients) \(clients == 1 ? "client" : "clients")"
    }
    text += "\n"
    let table = StatusTable.text(status["streams"]?.items ?? [])
    if !table.isEmpty { text += "\n" + table + "\n" }
    let shown = ["server", "uptime", "clients", "streams", "protocol"]
    text += lines((status.fields ?? []).filter { !shown.contains($0.key) })
    for stream in status["streams"]?.items ?? [] {
      text += "\n" + (stream["name"]?.text ?? "?")
      var facts = [stream["kind"]?.text, stream["state"]?.text].compactMap(\.self)
      if let rate = stream["rate"]?.integer, rate > 0 { facts.append("\(rate) records/s") }
      text += ": " + facts.joined(separator: ", ") + "\n"
      text += lines((stream.fields ?? []).filter { !["name", "kind", "state", "rate"].contains($0.key) })
    }
    return Console.harmless(lines: text)
  }

  private static func lines(_ fields: [JSON.Field]) -> String {
    let flat = fields.flatMap { flattened($0.key, $0.value) }
    let width = flat.map(\.key.count).max() ?? 0
    return flat.map {
      "  " + $0.key + String(repeating: " ", count: width - $0.key.count + 2) + $0.value + "\n"
    }
    .joined()
  }

  private static func flattened(_ key: String, _ value: JSON) -> [(key: String, value: String)] {
    switch value {
    case .object(let fields): fields.flatMap { flattened(key + "." + $0.key, $0.value) }
    case .list(let items) where items.isEmpty: [(key, "none")]
    case .list(let items): [(key, items.map { $0.text ?? $0.description }.joined(separator: ", "))]
    case .null: [(key, "-")]
    case .text(let text): [(key, text)]
    default: [(key, value.description)]
    }
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(seconds)
    let (days, hours, minutes) = (whole / 86400, whole / 3600 % 24, whole / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    return minutes > 0 ? "\(minutes) min \(whole % 60) s" : "\(whole) s"
  }
}
