import ArgumentParser
import Base
import Events
import Journal

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Check, shrink or export a journal.",
    discussion: """
      The journal is --journal, else $SACCADE_JOURNAL, else journal.db in $STATE_DIRECTORY or in \
      /var/lib/saccade. Ends with 66 when there is none.
      """,
    subcommands: [Check.self, Vacuum.self, Export.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell whether a journal is sound, what it holds and what it lost.",
      discussion: """
        Reads the whole file, also while a daemon writes it. For each stream: its records, its seqs and the \
        holes in them that were lost or never used.

        Ends with 65 when the file is damaged.
        """)

    @OptionGroup var place: JournalOption

    func run() throws {
      let reader = try JournalReader(path: try place.forReading(in: .current))
      let damage = try reader.damage()
      if let first = damage.first {
        throw Fault(
          .data, "the journal is damaged", at: reader.path, cause: first,
          advice: "`saccade journal export` saves what can be read; `saccade run` begins a new one")
      }
      try Console.print("\(reader.path): sound")
      let holes = try reader.holes()
      for stream in try reader.streams() {
        try Console.write(Self.text(stream, holes.filter { $0.stream == stream.name }))
      }
    }

    private static func text(_ stream: JournalStreamEntry, _ holes: [JournalHole]) -> String {
      let seqs =
        if let oldest = stream.oldestSeq, let newest = stream.newestSeq { "\(oldest)…\(newest)" } else {
          "none"
        }
      var text = """
        \(stream.name), epoch \(stream.epoch): \(stream.records) records, \(stream.events) of them events; \
        seqs \(seqs), next \(stream.nextSeq); \(stream.openEvents) open events

        """
      for hole in holes {
        let events = hole.events.map { ", \($0) events" } ?? ""
        text +=
          "  hole \(hole.fromSeq)…\(hole.toSeq) in epoch \(hole.epoch): \(hole.reason.rawValue)\(events)\n"
      }
      return Console.harmless(lines: text)
    }
  }

  struct Vacuum: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a journal anew without its free room.",
      discussion: """
        Needs as much room again meanwhile, and that no daemon writes the journal; a running one gives room back \
        by itself. Ends with 69 when one does.
        """)

    @OptionGroup var place: JournalOption

    func run() throws {
      let path = try place.forReading(in: .current)
      let size = try JournalUpkeep.vacuum(path: path)
      try Console.print("\(path): \(size.before) bytes before, \(size.after) bytes now")
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print all records of a journal, one JSON object a line.",
      discussion: """
        Frame and event records as they were sent, stream by stream in the order of their seqs.

        Example:
          saccade journal export --journal /var/lib/saccade/journal.db | gzip > journal.ndjson.gz
        """)

    @Option(help: ArgumentHelp("Only this stream; may be given several times.", valueName: "name"))
    var stream: [String] = []

    @OptionGroup var place: JournalOption

    func run() throws {
      let reader = try JournalReader(path: try place.forReading(in: .current))
      let query = JournalQuery(
        streams: stream.isEmpty ? nil : stream, types: RecordType.allCases, order: .bySeq)
      try reader.each(query) { row in
        try Console.print(row.line)
        return true
      }
    }
  }
}
