import Events
import Foundation
import Journal
import Testing

@Suite("A daemon with a journal")
struct RunJournalTests {
  private static func events(_ path: String) throws -> [EventRecord] {
    var found: [EventRecord] = []
    try JournalReader(path: path).each(JournalQuery()) { row in
      if case .event(let record) = try RecordReader.read(row.line.utf8) { found.append(record) }
      return true
    }
    return found
  }

  @Test("goes on with seqs, ids and media time after an orderly stop")
  func orderly() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"))
    try "source: \(folder.file("walk.mp4"))\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    let journal = folder.file("state/journal.db")
    for _ in 0..<2 {
      let run = try await Command.run([
        "run", folder.file("walk.yaml"), "--socket", folder.file("s"), "--journal", journal,
      ])
      #expect(run.code == 0, "\(run.error)")
    }
    let kept = try Self.events(journal)
    let half = kept.count / 2
    #expect(half > 0 && kept.count == 2 * half)
    #expect(kept.map(\.event.kind).prefix(half) == kept.map(\.event.kind).suffix(half))
    #expect(kept.map(\.seq) == kept.map(\.seq).sorted() && Set(kept.map(\.seq)).count == kept.count)
    #expect(kept[half].seq > 120 && kept[half].seq == kept[0].seq + 120 + UInt64(half))
    #expect(abs(kept[half].mediaTime - kept[0].mediaTime - 4) < 0.01)
    #expect(abs(kept[half].event.since - kept[0].event.since - 4) < 0.01)
    let epochs = Set(kept.map { $0.event.id.split(separator: "-")[1] })
    #expect(epochs.count == 1)
    let begun = kept.filter { $0.event.phase == .begin }.map(\.event.id)
    #expect(Set(begun).count == begun.count)
    #expect(try JournalReader(path: journal).holes().isEmpty)
  }

  @Test("ends after a kill what it had told as begun, and no subscriber got what it doesn't hold")
  func killed() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"))
    try "source: {url: \(folder.file("walk.mp4")), loop: true}\nname: walk\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    let (journal, socket) = (folder.file("journal.db"), folder.file("s"))
    let arguments = ["run", folder.file("walk.yaml"), "--socket", socket, "--journal", journal]
    let daemon = try RunningCommand(Command.path, arguments)
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    let reader = try RunningCommand(
      Command.path, ["subscribe", "--type", "event", "--from", "oldest", "--socket", socket])
    let sawBegin = await reader.wait { output, _ in output.contains(#""kind":"object","phase":"begin""#) }
    daemon.signal(SIGKILL)
    _ = await daemon.end(within: 10)
    reader.signal(SIGTERM)
    let seen = await reader.end(within: 10).lines
      .compactMap { line -> EventRecord? in
        guard case .event(let record)? = try? RecordReader.read(line.utf8) else { return nil }
        return record
      }
    try #require(sawBegin)

    let again = try RunningCommand(Command.path, arguments)
    try #require(await again.wait { _, error in error.contains("clients are taken") })
    let next = try RunningCommand(
      Command.path, ["subscribe", "--type", "event", "--from", "oldest", "--socket", socket])
    let sawEnd = await next.wait { output, _ in output.contains(#""reason":"aborted""#) }
    #expect(sawEnd, "\(next.output) \(next.error) \(again.error)")
    again.signal(SIGTERM)
    #expect(await again.end(within: 20).code == 0)
    _ = await next.end(within: 10)

    let kept = try Self.events(journal)
    let held = Set(kept.map(\.seq))
    #expect(seen.allSatisfy { held.contains($0.seq) })
    let open = Set(seen.filter { $0.event.phase == .begin }.map(\.event.id)).subtracting(
      seen.filter { $0.event.phase == .end }.map(\.event.id))
    for id in open {
      let ends = kept.filter { $0.event.id == id && $0.event.phase == .end }
      #expect(ends.map(\.event.reason) == [.aborted], "\(id)")
    }
    #expect(!open.isEmpty)
    #expect(try JournalReader(path: journal).holes().map(\.reason) == [.restart])
    #expect(try JournalReader(path: journal).streams().map(\.openEvents) == [0])
  }

  @Test("whose disk fails serves its records all the same, and says so")
  func failing() async throws {
    let folder = try Folder(["state": "not a folder"])
    try await Clip.walk(folder.file("walk.mp4"))
    try "source: {url: \(folder.file("walk.mp4")), loop: true}\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    let daemon = try RunningCommand(
      Command.path,
      [
        "run", folder.file("walk.yaml"), "--socket", folder.file("s"), "--journal",
        folder.file("state/journal.db"),
      ])
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    let reader = try RunningCommand(
      Command.path, ["subscribe", "--from", "oldest", "--socket", folder.file("s")])
    // Past the walk, whose events wait for the journal in vain.
    #expect(await reader.wait { output, _ in output.contains("\"seq\":150,") }, "\(reader.error)")
    daemon.signal(SIGTERM)
    let run = await daemon.end(within: 30)
    #expect(run.code == 0, "\(run.error)")
    #expect(run.error.contains("records go on without the journal"), "\(run.error)")
    let seqs = await reader.end(within: 30).lines.compactMap { line -> UInt64? in
      switch try? RecordReader.read(line.utf8) {
      case .frame(let record)?: record.seq
      case .event(let record)?: record.seq
      default: nil
      }
    }
    let first = try #require(seqs.first)
    #expect(seqs == Array(first..<first + UInt64(seqs.count)))
  }
}
