import Base
import Events

/// Records as lines for people:
/// ```
/// 13:45:20.033 lobby    begin  object   object 7 appeared on the left
/// ```
/// Frame records become one line a second and stream: the state of the scene.
struct PrettyPrinter {
  private let clocks: any Clocks
  private let isTerminal: Bool
  private let widestStream = 8
  private var lastStatus: [String: MonotonicTime] = [:]
  /// A status line stands on the terminal, without a line feed.
  private var isSketched = false

  private static let statusEvery: Nanoseconds = .seconds(1)

  init(clocks: any Clocks, isTerminal: Bool) {
    self.clocks = clocks
    self.isTerminal = isTerminal
  }

  /// The text to print for a message; nil for one that people don't need to see.
  mutating func text(for message: ServerMessage) -> String? {
    switch message {
    case .hello(let hello):
      let streams = hello.streams.map { "\($0.name) (\($0.state.rawValue))" }
      return line("\(hello.server): " + (streams.isEmpty ? "no streams" : streams.joined(separator: ", ")))
    case .event(let record): return line(event(record))
    case .frame(let record): return status(record)
    case .gap(let gap): return line(self.gap(gap))
    case .stream(let notice):
      return line(
        "             \(padded(notice.entry.name)) \(notice.entry.state.rawValue): \(notice.reason)")
    case .error(let refusal):
      return line("refused: \(refusal.message)" + (refusal.place.map { " (\($0))" } ?? ""))
    case .bye(let reason): return line("the daemon says bye: \(reason)")
    case .subscribed, .status, .unknown: return nil
    }
  }

  /// What ends the output: a status line gets its line feed.
  mutating func end() -> String? {
    defer { isSketched = false }
    return isSketched ? "\n" : nil
  }

  private mutating func event(_ record: EventRecord) -> String {
    let event = record.event
    let phase = event.phase.rawValue.padded(to: 6)
    var text =
      "\(time(record.time)) \(padded(record.stream)) \(phase) \(event.kind.padded(to: 12)) \(event.text)"
    // Of an object that left, and where the text says for how long, that is enough.
    if let reason = event.reason, reason != .left {
      let isSaid = event.attributes.contains { $0.name == "duration_s" }
      text +=
        isSaid
        ? " (\(reason.rawValue))" : ", after \(seconds(event.lastSeen - event.since)) (\(reason.rawValue))"
    }
    let zones = event.zones.filter { !event.text.contains($0) }
    if !zones.isEmpty { text += " [" + zones.joined(separator: ", ") + "]" }
    if record.replay { text += " (replayed)" }
    return text
  }

  private mutating func status(_ record: FrameRecord) -> String? {
    let now = clocks.monotonic()
    if let last = lastStatus[record.stream], now - last < Self.statusEvery { return nil }
    lastStatus[record.stream] = now
    let scene = record.scene
    var parts = [
      scene.state.rawValue, "\(record.objects.count) \(record.objects.count == 1 ? "object" : "objects")",
    ]
    if let motion = scene.motion { parts.append("\(Int((motion * 100).rounded())) % moving") }
    if let mode = scene.mode { parts.append(mode.rawValue) }
    if record.ageMilliseconds > 1000 {
      parts.append("last frame \(seconds(Double(record.ageMilliseconds) / 1000)) ago")
    }
    let text = "\(time(record.time)) \(padded(record.stream)) now    " + parts.joined(separator: ", ")
    guard isTerminal else { return line(text) }
    isSketched = true
    return "\r\u{1B}[K" + Console.harmless(text)
  }

  private func gap(_ gap: Gap) -> String {
    let count = gap.count.map { "\($0) records" } ?? "an unknown number of records"
    return
      "             \(padded(gap.stream)) lost \(count), seq \(gap.fromSeq) to \(gap.toSeq) (\(gap.reason.rawValue))"
  }

  private mutating func line(_ text: String) -> String {
    defer { isSketched = false }
    return (isSketched ? "\r\u{1B}[K" : "") + Console.harmless(text) + "\n"
  }

  private func padded(_ stream: String) -> String { stream.padded(to: widestStream) }

  /// The time of day, in UTC.
  private func time(_ time: Timestamp) -> String { String(time.description.dropFirst(11).prefix(12)) }

  private func seconds(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
