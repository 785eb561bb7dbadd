import ArgumentParser
import Base
import Events
import Journal
import Pipelines

struct EventsCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
  }

  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Print the events of a journal.",
    discussion: """
      Reads the journal's file, also while a daemon writes it, and prints its event records, the oldest first.

      Examples:
        saccade events --since '10 min'
        saccade events --stream lobby --kind loitering --since 2026-11-23T13:40:00Z --until '1 h'
        saccade events --since '1 d' --format csv > yesterday.csv
        saccade events --format json | jq 'select(.event.score < 0.5)'

      The journal is --journal, else $SACCADE_JOURNAL, else journal.db in $STATE_DIRECTORY or in \
      /var/lib/saccade. Ends with 66 when there is none, 65 when it is damaged or of a newer version, 77 when \
      it may not be read.
      """)

  @Option(help: ArgumentHelp("From this time on: 2026-11-23T13:40:00Z, or '10 min' ago.", valueName: "time"))
  var since: PastTime?

  @Option(help: ArgumentHelp("Before this time.", valueName: "time"))
  var until: PastTime?

  @Option(help: ArgumentHelp("Only this stream; may be given several times.", valueName: "name"))
  var stream: [String] = []

  @Option(help: ArgumentHelp("Only events of this kind; may be given several times.", valueName: "kind"))
  var kind: [String] = []

  @Flag(help: "The newest event first.")
  var newestFirst = false

  @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp("For people, as records of the socket, or for spreadsheets.", valueName: "format"))
  var format = Format.table

  @OptionGroup var place: JournalOption

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a whole number from 1 on.") }
  }

  func run() throws {
    let surroundings = Surroundings.current
    let reader = try JournalReader(path: try place.forReading(in: surroundings))
    let now = surroundings.clocks.wall()
    let query = JournalQuery(
      streams: stream.isEmpty ? nil : stream, kinds: kind.isEmpty ? nil : kind,
      since: since?.time(now: now), until: until?.time(now: now),
      order: newestFirst ? .newestFirst : .oldestFirst, limit: limit)
    let table = EventTable()
    if format == .csv { try Console.write(EventTable.header) }
    try reader.each(query) { row in
      switch format {
      case .json: try Console.print(row.line)
      case .csv: try Console.write(table.row(try Self.record(row, in: reader)))
      case .table: try Console.print(Self.sentence(try Self.record(row, in: reader)))
      }
      return true
    }
  }

  private static func record(_ row: JournalRow, in reader: JournalReader) throws -> EventRecord {
    if case .event(let record)? = try? RecordReader.read(row.line.utf8) { return record }
    throw Fault(
      .data, "a record of the journal can't be read: \(row.stream), seq \(row.seq)", at: reader.path,
      advice: "`saccade journal check` says more")
  }

  private static func sentence(_ record: EventRecord) -> String {
    let event = record.event
    let phase = event.phase.rawValue.padding(to: 6)
    let reason = event.reason.map { " (\($0.rawValue))" } ?? ""
    return Console.harmless(
      "\(record.time)  \(record.stream)  \(phase)  \(event.kind): \(event.text)\(reason)")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
