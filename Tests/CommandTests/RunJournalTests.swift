import Events
import Foundation
import Journal
import TestKit
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
    let (journal, socket) = (folder.file("journal.db"), folder.file("s"))
    let arguments = try await Self.looping(folder, journal: journal)
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

  @Test("replays to a client all that it told before it was killed, and what came of it, each thing once")
  func replayed() async throws {
    let folder = try Folder()
    let arguments = try await Self.looping(folder)
    let daemon = try RunningCommand(Command.path, arguments)
    let socket = ["--socket", folder.file("s")]
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    let reader = try RunningCommand(Command.path, ["subscribe", "--from", "oldest"] + socket)
    #expect(await reader.wait { output, _ in output.contains(#""kind":"object","phase":"begin""#) })
    daemon.signal(SIGKILL)
    _ = await daemon.end(within: 10)
    reader.signal(SIGTERM)
    let seen = await reader.end(within: 10).lines.compactMap { try? RecordReader.read($0.utf8) }
    let resumed = try #require(seen.compactMap(\.position).last)

    let again = try RunningCommand(Command.path, arguments)
    try #require(await again.wait { _, error in error.contains("clients are taken") })
    // From the very beginning, and as one who knows where he was.
    let whole = try RunningCommand(Command.path, ["subscribe", "--from", "oldest"] + socket)
    let rest = try RunningCommand(
      Command.path, ["subscribe", "--from", "walk=\(Self.epoch(seen)):\(resumed + 1)"] + socket)
    for subscriber in [whole, rest] {
      let isLive = await subscriber.wait { output, _ in
        output.contains(#""reason":"aborted""#)
          && output.split(separator: "\n").contains {
            $0.hasPrefix(#"{"type":"frame""#) && !$0.contains(#""replay""#)
          }
      }
      #expect(isLive, "\(subscriber.output.suffix(2000)) \(subscriber.error)")
    }
    again.signal(SIGTERM)
    _ = await again.end(within: 20)
    let kept = try Self.events(folder.file("journal.db"))
    for (subscriber, from) in [(whole, UInt64(1)), (rest, resumed + 1)] {
      let got = await subscriber.end(within: 20).lines.compactMap { try? RecordReader.read($0.utf8) }
      #expect(Self.unlawful(got, from: from).isEmpty, "\(Self.unlawful(got, from: from).prefix(5))")
      let events = got.compactMap { if case .event(let record) = $0 { record.seq } else { nil } }
      #expect(events == kept.map(\.seq).filter { $0 >= from && $0 <= got.compactMap(\.position).last ?? 0 })
      let reasons = Set(got.compactMap { if case .gap(let gap) = $0 { gap.reason } else { nil } })
      #expect(reasons.isSubset(of: [.notKept, .restart]) && reasons.contains(.restart), "\(reasons)")
    }
  }

  /// A daemon's arguments for a clip of somebody who walks, again and again.
  private static func looping(_ folder: borrowing Folder, journal: String? = nil) async throws -> [String] {
    try await Clip.walk(folder.file("walk.mp4"))
    try "source: {url: \(folder.file("walk.mp4")), loop: true}\nname: walk\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    return [
      "run", folder.file("walk.yaml"), "--socket", folder.file("s"), "--journal",
      journal ?? folder.file("journal.db"),
    ]
  }

  private static func epoch(_ messages: [ServerMessage]) -> String {
    let ids = messages.compactMap { if case .event(let record) = $0 { record.event.id } else { nil } }
    return ids.first.map { String($0.split(separator: "-")[1]) } ?? ""
  }

  /// What breaks the protocol's law of each seq once, in words.
  private static func unlawful(_ messages: [ServerMessage], from: UInt64) -> [String] {
    var faults: [String] = []
    var frames: [ClosedRange<UInt64>] = []
    var next = from
    var last: UInt64 = 0
    func pass(to seq: UInt64) {
      while next < seq {
        if let gap = frames.first(where: { $0.contains(next) }) {
          next = gap.upperBound + 1
        } else {
          faults.append("\(next) is missing")
          next += 1
        }
      }
    }
    for message in messages {
      if case .gap(let gap) = message { frames.append(gap.fromSeq...gap.toSeq) }
      guard let seq = message.position else { continue }
      if seq <= last { faults.append("\(seq) after \(last)") }
      last = seq
      pass(to: seq)
      if case .frame = message, frames.contains(where: { $0.contains(seq) }) { faults.append("\(seq) twice") }
      next = max(next, seq + 1)
    }
    return faults
  }

  @Test("tells of a disk that doesn't answer, and of its return")
  func locked() async throws {
    let folder = try Folder()
    let arguments = try await Self.looping(folder)
    let daemon = try RunningCommand(Command.path, arguments)
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    // Another process holds the database, as a disk that hangs does.
    let holder = try RunningCommand(
      "/usr/bin/env",
      [
        "python3", "-c",
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()",
        folder.file("journal.db"),
      ], isFed: true)
    try #require(await holder.wait { output, _ in output.contains("held") })
    let reader = try RunningCommand(
      Command.path, ["subscribe", "--type", "event", "--from", "oldest", "--socket", folder.file("s")])
    #expect(
      await reader.wait { output, _ in output.contains(#""kind":"journal_failed","phase":"begin""#) },
      "\(reader.output) \(daemon.error)")
    holder.signal(SIGKILL)
    _ = await holder.end(within: 10)
    #expect(
      await reader.wait { output, _ in output.contains(#""kind":"journal_failed","phase":"end""#) },
      "\(reader.output) \(daemon.error)")
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    let told = await reader.end(within: 20).lines.compactMap { try? RecordReader.read($0.utf8) }
    let events = told.compactMap { if case .event(let record) = $0 { record.seq } else { nil } }
    // Nothing was lost: what was told while it hung was written later.
    let kept = try Self.events(folder.file("journal.db")).map(\.seq)
    #expect(events.allSatisfy(kept.contains) && Set(events).count == events.count)
  }

  @Test("whose disk fails serves its records all the same, and says so; and keeps them when it is mended")
  func failing() async throws {
    let folder = try Folder(["state": "not a folder"])
    let daemon = try RunningCommand(
      Command.path, try await Self.looping(folder, journal: folder.file("state/journal.db")))
    try #require(await daemon.wait { _, error in error.contains("clients are taken") })
    let reader = try RunningCommand(
      Command.path, ["subscribe", "--from", "oldest", "--socket", folder.file("s")])
    // Past the walk, whose events wait for the journal in vain.
    #expect(await reader.wait { output, _ in output.contains("\"seq\":150,") }, "\(reader.error)")
    #expect(reader.output.contains(#""kind":"journal_failed","phase":"begin""#))
    try FileManager.default.removeItem(atPath: folder.file("state"))
    #expect(
      await reader.wait { output, _ in output.contains(#""kind":"journal_failed","phase":"end""#) },
      "\(reader.error) \(daemon.error)")
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

extension ServerMessage {
  /// The seq of a record.
  fileprivate var position: UInt64? {
    switch self {
    case .frame(let record): record.seq
    case .event(let record): record.seq
    default: nil
    }
  }
}
