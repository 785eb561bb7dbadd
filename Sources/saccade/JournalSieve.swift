import Base
import Events
import Journal
import Pipelines
import Service

/// Chooses events of a journal by a condition, as a subscription's `where` does. It has to see every record of a stream, in
/// their order.
struct JournalSieve {
  private let text: String
  private var sieves: [String: Sieve] = [:]

  /// - Parameter streams: Those that are asked for; the condition must make sense for each.
  init(_ text: String, _ streams: [JournalStreamEntry]) throws(Fault) {
    self.text = text
    for stream in streams { try add(stream) }
  }

  /// Whether the record is an event that is let through. A stream that came up since is looked up in the journal.
  mutating func takes(_ row: JournalRow, of reader: JournalReader) throws -> Bool {
    if sieves[row.stream] == nil, let stream = try reader.streams().first(where: { $0.name == row.stream }) {
      try add(stream)
    }
    guard let entry = LogEntry(row), let sieve = sieves[row.stream] else { return false }
    return sieve.sift(entry) != nil && row.type == .event
  }

  private mutating func add(_ stream: JournalStreamEntry) throws(Fault) {
    let stored = stream.setting.flatMap(StoredSetting.init(text:))
    let log = StreamLog(
      name: stream.name, epoch: stream.epoch, keptFor: 0, keptBytes: 0, setting: stored?.setting ?? .init())
    if let stored { log.picture = stored.picture }
    let sieve: Sieve?
    do throws(Refusal) {
      sieve = try Sieve.make(Subscription(where: text), log)
    } catch {
      throw Fault(
        .usage, "the condition can't be used: \(error.message)",
        at: error.place.map { $0.replacing("subscribe.where", with: "--where") },
        advice: "name the streams that it is for by --stream")
    }
    guard let sieve, sieve.judgesEachTickAlone else {
      throw Fault(
        .usage, "--where asks for what went on for some time, and a journal has a frame record a second",
        advice:
          "leave `for`, `within`, `then`, `since`, `times` and `crosses` out, or give them to `saccade subscribe`"
      )
    }
    sieves[stream.name] = sieve
  }
}
