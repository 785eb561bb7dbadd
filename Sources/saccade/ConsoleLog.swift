import Base
import Glibc
import Logging

/// Log lines on standard error: one fact a line, `saccade: warning: lobby: the source is lost: …`.
///
/// In the journal each line has its level instead of a name. The same line of the same stream
/// comes at most once a second; what was left out is counted with the next.
struct ConsoleLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  private let repeats: Repeats
  private let isJournal: Bool

  init(in surroundings: Surroundings) {
    repeats = Repeats(clocks: surroundings.clocks)
    isJournal = surroundings.errorIsJournal
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    var text = "saccade: "
    if isJournal { text = "<\(Self.priority(event.level))>" }
    if event.level >= .warning, !isJournal { text += event.level == .warning ? "warning: " : "error: " }
    if let stream = all["stream"] { text += "\(stream): " }
    text += "\(event.message)"
    if let fault = all["fault"] { text += ": \(fault)" }
    let facts = all.filter { !["stream", "fault"].contains($0.key) }.sorted { $0.key < $1.key }
    if !facts.isEmpty { text += " (" + facts.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ")" }
    guard let left = repeats.pass("\(event.level)\(all["stream"].map { "\($0)" } ?? "")\(event.message)")
    else {
      return
    }
    if left > 0 { text += " (and \(left) times before)" }
    Console.tell(Console.harmless(text))
  }

  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}

/// Which lines were said lately. Shared by all copies of a handler.
private final class Repeats: Sendable {
  private struct Said {
    var at: MonotonicTime
    var leftOut = 0
  }

  private static let every: Nanoseconds = .seconds(1)
  /// Lines that are remembered; beyond it the memory starts anew.
  private static let most = 512

  private let clocks: any Clocks
  private let said = Monitor<[String: Said]>([:])

  init(clocks: any Clocks) { self.clocks = clocks }

  /// How many times the line was left out since it was last said; nil when it is to be left out now.
  func pass(_ line: String) -> Int? {
    let now = clocks.monotonic()
    return said.withLock { said, _ in
      if let last = said[line], now - last.at < Self.every {
        said[line]?.leftOut += 1
        return nil
      }
      let left = said[line]?.leftOut ?? 0
      if said.count >= Self.most { said = [:] }
      said[line] = Said(at: now)
      return left
    }
  }
}
