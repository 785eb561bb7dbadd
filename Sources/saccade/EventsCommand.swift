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
        saccade events --where 'zone = door and age > 10 s'
        saccade events --follow --kind intrusion
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

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only events for whose objects this holds at the time of a record of theirs, and what comes of them later.",
      valueName: "condition"))
  var condition: String?

  @Flag(
    help: "Goes on with what is written from now on, also over a restart of the daemon, until it is stopped.")
  var follow = false

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
    if follow, newestFirst || limit != nil || until != nil {
      throw ValidationError("--follow prints what comes: without --newest-first, --limit and --until.")
    }
  }

  func run() throws {
    let surroundings = Surroundings.current
    let path = try place.forReading(in: surroundings)
    let reader = try JournalReader(path: path)
    let now = surroundings.clocks.wall()
    var query = JournalQuery(
      streams: stream.isEmpty ? nil : stream, kinds: kind.isEmpty ? nil : kind,
      since: since?.time(now: now), until: until?.time(now: now),
      order: newestFirst ? .newestFirst : .oldestFirst, limit: limit)
    let printer = EventPrinter(format: format, path: path)
    try printer.begin()
    // Before what is there is read, so that nothing falls between.
    var sieve = try condition.map { text in
      try JournalSieve(text, try reader.streams().filter { query.streams?.contains($0.name) ?? true })
    }
    let newest = follow ? try reader.newestNumber() : 0
    if !follow || since != nil {
      if follow { query.order = .byNumber }
      try print(query, from: reader, printer, &sieve)
    }
    guard follow else { return }
    query.since = nil
    try JournalFollower(path: path, after: newest).run { reader, after in
      var next = query
      next.after = after
      next.order = .byNumber
      return try print(next, from: reader, printer, &sieve)
    }
  }

  /// Returns the number of the last record that was read.
  @discardableResult
  private func print(
    _ query: JournalQuery, from reader: JournalReader, _ printer: EventPrinter, _ sieve: inout JournalSieve?
  ) throws -> Int64? {
    var last: Int64?
    guard var own = sieve else {
      try reader.each(query) { row in
        try printer.print(row)
        last = row.number
        return true
      }
      return last
    }
    defer { sieve = own }
    // The condition sees every record, in their order; the rest is chosen behind it.
    var seen = query
    seen.types = RecordType.allCases
    seen.kinds = nil
    seen.limit = nil
    if seen.order == .newestFirst { seen.order = .oldestFirst }
    let kinds = query.kinds.map(Set.init)
    var found: [JournalRow] = []
    var count = 0
    try reader.each(seen) { row in
      last = row.number
      guard try own.takes(row, of: reader), kinds?.contains(row.kind ?? "") ?? true else { return true }
      if query.order == .newestFirst {
        found.append(row)
        if let limit = query.limit, found.count > limit { found.removeFirst() }
        return true
      }
      try printer.print(row)
      count += 1
      return count < (query.limit ?? .max)
    }
    for row in found.reversed() { try printer.print(row) }
    return last
  }
}
