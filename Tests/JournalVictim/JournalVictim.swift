import Base
import Events
import Glibc
import Journal
import TestKit

/// Writes events to a journal as fast as it takes them and tells each that it is told of as written, until it is
/// killed: `journal-victim PATH SEED`. A line of output: `event <seq> <phase> <id>`.
@main
enum JournalVictim {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let seed = UInt64(arguments[2]) else { exit(64) }
    try run(arguments[1], seed)
  }

  private static func run(_ path: String, _ seed: UInt64) throws {
    var options = JournalOptions()
    // Small, so that blocks are used up within a life.
    options.block = JournalReach(seq: 4096, event: 256, object: 256)
    let clocks = SystemClocks()
    let journal = try EventJournal(path: path, options: options, clocks: clocks)
    let (stream, start) = journal.enter("victim") { "life" }
    for record in start.aborted { say(record) }
    var seq = start.next.seq
    var number = start.next.event
    var mediaTime = start.last?.mediaTime ?? 0
    var open: [Event] = []
    var random = SplitMix(state: seed)
    var given: UInt64 = 0
    let told = Counter()
    while true {
      mediaTime += 1.0 / 30
      var events: [Event] = []
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        if !open.isEmpty, Int.random(in: 0..<2, using: &random) == 0 {
          var event = open.remove(at: Int.random(in: 0..<open.count, using: &random))
          (event.phase, event.reason) = (.end, .left)
          events.append(event)
        } else {
          let id = String(number)
          let event = Event(
            id: "victim-life-" + String(repeating: "0", count: max(0, 6 - id.count)) + id, kind: "object",
            phase: .begin, since: mediaTime, lastSeen: mediaTime,
            text: String(repeating: "x", count: Int.random(in: 0..<300, using: &random)))
          number += 1
          open.append(event)
          events.append(event)
        }
      }
      let records = events.map { event in
        defer { seq += 1 }
        return EventRecord(
          stream: "victim", seq: seq, time: Timestamp(milliseconds: clocks.wall().nanoseconds / 1_000_000),
          mediaTime: mediaTime, segment: 1, frame: seq, event: event)
      }
      guard !records.isEmpty else { continue }
      given += 1
      stream.write(nil, records) { written in
        if written { for record in records { say(record) } }
        told.add()
      }
      // As a subscriber that reads along would: the backlog stays within what can be told.
      if given - told.value > 50 { journal.barrier() }
    }
  }

  private static func say(_ record: EventRecord) {
    let line = "event \(record.seq) \(record.event.phase.rawValue) \(record.event.id)\n"
    _ = line.utf8.withContiguousStorageIfAvailable { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }
}
