import Base
import Events
import Journal
import Pipelines

/// Prints events of a journal.
struct EventPrinter {
  let format: EventsCommand.Format
  /// The journal's file.
  let path: String
  private let table = EventTable()

  init(format: EventsCommand.Format, path: String) {
    self.format = format
    self.path = path
  }

  func begin() throws {
    if format == .csv { try Console.write(EventTable.header) }
  }

  func print(_ row: JournalRow) throws {
    switch format {
    case .json: try Console.print(row.line)
    case .csv: try Console.write(table.row(try record(row)))
    case .table: try Console.print(Self.sentence(try record(row)))
    }
  }

  private func record(_ row: JournalRow) throws -> EventRecord {
    if case .event(let record)? = try? RecordReader.read(row.line.utf8) { return record }
    throw Fault(
      .data, "a record of the journal can't be read: \(row.stream), seq \(row.seq)", at: path,
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
