import Base
import Events
import Foundation
import Journal
import TestKit
import Testing

@Suite("The journal's commands")
struct JournalCommandTests {
  /// Three crossings of the lobby and a `covered` of the yard, the first an hour ago, the others now.
  private static func make(_ path: String) throws {
    let journal = try EventJournal(path: path, clocks: SystemClocks())
    let now = SystemClocks().wall().nanoseconds / 1_000_000
    for (name, kind, ages) in [("lobby", "crossing", [3_600_000, 2000, 1000]), ("yard", "covered", [500])] {
      let (stream, start) = journal.enter(name) { "k3f9" }
      for (index, age) in ages.enumerated() {
        let seq = start.next.seq + UInt64(index)
        stream.write(
          nil,
          [
            EventRecord(
              stream: name, seq: seq, time: Timestamp(milliseconds: now - Int64(age)),
              mediaTime: Double(index), segment: 1, frame: seq,
              event: Event(
                id: "\(name)-k3f9-00000\(index + 1)", kind: kind, phase: .point, since: 0, lastSeen: 0,
                text: "object \(index), seen"))
          ])
      }
      stream.leave()
    }
    journal.close()
  }

  @Test("print its events as a table, as records and for spreadsheets")
  func events() async throws {
    let folder = try Folder()
    let path = folder.file("journal.db")
    try Self.make(path)
    let table = try await Command.run(["events", "--journal", path])
    #expect(table.code == 0, "\(table.error)")
    #expect(table.lines.count == 4)
    #expect(table.lines[0].hasSuffix("Z  lobby  point   crossing: object 0, seen"), "\(table.output)")
    let csv = try await Command.run(["events", "--format", "csv"], environment: ["SACCADE_JOURNAL": path])
    #expect(csv.output.components(separatedBy: "\r\n").count == 6)
    #expect(csv.output.contains(#","object 1, seen","#))
    let json = try await Command.run(
      ["events", "--format", "json", "--newest-first", "--limit", "1"],
      environment: ["STATE_DIRECTORY": folder.path])
    #expect(json.lines.count == 1 && json.output.contains(#""stream":"yard""#))
  }

  @Test(
    "choose among them",
    arguments: [
      (["--since", "10 min"], 3), (["--until", "10 min"], 1),
      (["--since", "2 h ago", "--until", "30min"], 1),
      (["--stream", "yard"], 1), (["--kind", "crossing", "--kind", "left"], 3),
      (["--since", "2026-01-01T00:00:00+01:00"], 4), (["--until", "2026-01-01T00:00:00Z"], 0),
      (["--stream", "none"], 0),
    ])
  func choice(_ options: [String], _ count: Int) async throws {
    let folder = try Folder()
    try Self.make(folder.file("journal.db"))
    let said = try await Command.run(["events", "--journal", folder.file("journal.db")] + options)
    #expect(said.code == 0, "\(said.error)")
    #expect(said.lines.count == count)
  }

  @Test("check, shrink and export it")
  func upkeep() async throws {
    let folder = try Folder()
    let path = folder.file("journal.db")
    try Self.make(path)
    let check = try await Command.run(["journal", "check", "--journal", path])
    #expect(check.code == 0, "\(check.error)")
    #expect(check.lines[0] == "\(path): sound")
    #expect(
      check.lines[1]
        == "lobby, epoch k3f9: 3 records, 3 of them events; seqs 1…3, next 4; 0 open events",
      "\(check.output)")
    let export = try await Command.run(["journal", "export", "--stream", "lobby", "--journal", path])
    #expect(
      export.lines.count == 3 && export.lines[0].hasPrefix(#"{"type":"event","stream":"lobby","seq":1,"#))
    let vacuum = try await Command.run(["journal", "vacuum", "--journal", path])
    #expect(vacuum.code == 0 && vacuum.output.contains(" bytes now"), "\(vacuum.error)")
  }

  @Test("say what is wrong, with a code of its own")
  func faults() async throws {
    let folder = try Folder(["text.db": String(repeating: "no database at all\n", count: 100)])
    let none = try await Command.run(["events", "--journal", folder.file("none.db")])
    #expect(none.code == 66 && none.error.contains("there is no journal"), "\(none.error)")
    let text = try await Command.run(["journal", "check", "--journal", folder.file("text.db")])
    #expect(text.code == 65 && text.error.contains("the journal is damaged"), "\(text.error)")
    #expect(FileManager.default.fileExists(atPath: folder.file("text.db")))
    for time in ["soon", "10 parsec", "min", "2026-02-30T00:00:00Z"] {
      let wrong = try await Command.run(["events", "--since", time, "--journal", folder.file("text.db")])
      #expect(wrong.code == 64, "\(time)")
    }
    let path = folder.file("journal.db")
    try Self.make(path)
    let journal = try EventJournal(path: path, clocks: SystemClocks())
    let busy = try await Command.run(["journal", "vacuum", "--journal", path])
    #expect(busy.code == 69 && busy.error.contains("another process"), "\(busy.error)")
    journal.close()
  }
}
