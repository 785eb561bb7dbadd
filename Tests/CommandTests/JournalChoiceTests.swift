import Foundation
import TestKit
import Testing

@Suite("saccade events")
struct JournalChoiceTests {
  /// A journal of somebody who walks through the picture.
  private static func fill(_ folder: borrowing Folder, _ options: [String] = []) async throws {
    try await Clip.walk(folder.file("walk.mp4"))
    try "source: \(folder.file("walk.mp4"))\nzones: {left: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}\n".write(
      toFile: folder.file("walk.yaml"), atomically: true, encoding: .utf8)
    let run = try await Command.run(
      [
        "run", folder.file("walk.yaml"), "--socket", folder.file("s"), "--journal", folder.file("journal.db"),
      ] + options)
    #expect(run.code == 0, "\(run.error)")
  }

  @Test("chooses by what objects were like")
  func condition() async throws {
    let folder = try Folder()
    try await Self.fill(folder)
    func events(_ options: [String]) async throws -> [Substring] {
      let run = try await Command.run(
        ["events", "--journal", folder.file("journal.db"), "--format", "json"] + options)
      #expect(run.code == 0, "\(run.error)")
      return run.lines
    }
    let all = try await events([])
    let ofObjects = all.filter { !$0.contains(#""objects":[]"#) }
    try #require(!ofObjects.isEmpty)
    #expect(try await events(["--where", "age < 1 h"]) == ofObjects)
    #expect(try await events(["--where", "speed > 5000 px/s"]).isEmpty)
    // Who came in on the left was in the zone when it was told of.
    let began = all.filter { $0.contains(#""kind":"object","phase":"begin""#) }
    let inZone = try await events(["--where", "in left", "--kind", "object"])
    #expect(began.allSatisfy(inZone.contains))
    let newest = try await events(["--where", "age < 1 h", "--newest-first", "--limit", "2"])
    #expect(newest == Array(ofObjects.reversed().prefix(2)))
  }

  @Test(
    "refuses a condition that it can't judge, and says why",
    arguments: [
      ("still > 0 s for 10 s", "frame record a second"), ("in door", "door"), ("speed > 3 kg", "kg"),
    ])
  func refused(_ condition: String, _ why: String) async throws {
    let folder = try Folder()
    try await Self.fill(folder)
    let run = try await Command.run([
      "events", "--journal", folder.file("journal.db"), "--where", condition,
    ])
    #expect(run.code == 64 && run.error.contains(why) && run.output.isEmpty, "\(run.error)")
  }

  @Test("goes on with what is written, over a restart of the daemon")
  func follows() async throws {
    let folder = try Folder()
    try await Self.fill(folder)
    let before = try await Command.run(["events", "--journal", folder.file("journal.db")])
    let follower = try RunningCommand(
      Command.path, ["events", "--journal", folder.file("journal.db"), "--follow", "--since", "1 d"])
    try #require(await follower.wait { output, _ in output.count >= before.output.count })
    #expect(follower.output == before.output)
    let late = try RunningCommand(
      Command.path, ["events", "--journal", folder.file("journal.db"), "--follow", "--where", "age < 1 h"])
    try await Self.fill(folder)
    let both = try await Command.run(["events", "--journal", folder.file("journal.db")])
    #expect(await follower.wait { output, _ in output.count >= both.output.count })
    #expect(follower.output == both.output)
    // It may have begun before the second run or during it: what it prints ends as the journal does.
    let last = try #require(both.lines.last { $0.contains("object ") })
    #expect(await late.wait { output, _ in output.contains(last) }, "\(late.output) \(late.error)")
    for process in [follower, late] {
      // It ends by signals alone, of which the tests' own process blocks the others for its children.
      process.signal(SIGKILL)
      _ = await process.end(within: 10)
    }
    #expect(!both.lines.prefix(before.lines.count).contains { late.output.contains($0) })
  }

  @Test("finds every frame record where a journal was told to keep them")
  func frames() async throws {
    let folder = try Folder()
    try await Self.fill(
      folder, ["--journal-frames", "all", "--journal-age", "2 h", "--journal-size", "1 GiB"])
    let export = try await Command.run(["journal", "export", "--journal", folder.file("journal.db")])
    #expect(export.lines.count { $0.contains(#""type":"frame""#) } == 120)
    let check = try await Command.run(["journal", "check", "--journal", folder.file("journal.db")])
    #expect(check.output.contains("sound"))
  }

  @Test(
    "refuses what a journal can't be told",
    arguments: [
      (["--journal-age", "3 parsecs"], "journal-age"), (["--journal-age", "1 s"], "a minute"),
      (["--journal-size", "4"], "1 MiB"), (["--journal-frames", "some"], "each-second"),
    ])
  func wrong(_ options: [String], _ why: String) async throws {
    let folder = try Folder(["a.yaml": "source: a.mp4\n"])
    let run = try await Command.run(
      ["run", folder.file("a.yaml"), "--socket", folder.file("s"), "--journal", folder.file("j")] + options)
    #expect(run.code == 64 && run.error.contains(why), "\(run.error)")
    let variable = "SACCADE_JOURNAL_" + options[0].dropFirst("--journal-".count).uppercased()
    let again = try await Command.run(
      ["run", folder.file("a.yaml"), "--socket", folder.file("s"), "--journal", folder.file("j")],
      environment: [variable: options[1]])
    #expect(
      again.code == 64 && (again.error.contains(why) || again.error.contains(variable)), "\(again.error)")
  }
}
