import Foundation
import TestKit
import Testing

@Suite("A pipeline with events of its own")
struct EventCommandTests {
  private static let sample = Command.root + "/samples/line-counting.mp4"

  @Test("is explained in words, in both languages, with its memory")
  func explain() async throws {
    let folder = try Folder([
      "a.yaml": """
      source: a.mp4
      zones: {door: [[0, 0], [1, 0], [1, 1]]}
      events:
        loitering: object in door for 10 s
        also: (object in door for 10 s) and height > 10 %
      """
    ])
    let said = try await Command.run(["explain", folder.file("a.yaml")])
    #expect(said.code == 0, "\(said.error)")
    for text in [
      "in door for 10 s", "height above 10%", "memory:", "one event for each object", "#1 #0 for 10 s",
    ] {
      #expect(said.output.contains(text), "\(text) in \(said.output)")
    }
    // What both have in common is one step.
    #expect(said.lines.count { $0.contains("for 10 s  (each object") } == 1)
    let chinese = try await Command.run(["explain", "--language", "zh", folder.file("a.yaml")])
    #expect(chinese.output.contains("在 door 内持续 10 s"))
    let wrong = try Folder(["b.yaml": "source: a\nevents: {x: in hall}\n"])
    #expect(try await Command.run(["explain", wrong.file("b.yaml")]).code == 78)
  }

  @Test("can be written as a table and as sentences")
  func outputs() async throws {
    let pipeline = Command.root + "/pipelines/line-counting.yaml"
    let table = try await Command.run(["analyze", "--pipeline", pipeline, "--output", "csv"])
    #expect(table.code == 0, "\(table.error)")
    let rows = table.output.components(separatedBy: "\r\n")
    #expect(rows[0].hasPrefix("stream,seq,time,media_time,kind,phase,id,"))
    let crossings = rows.filter { $0.contains(",to_the_left,point,") }
    try #require(crossings.count == 2)
    #expect(crossings[0].hasSuffix(#","{""line"":""middle"",""direction"":""left""}""#), "\(crossings)")
    let sentences = try await Command.run(["analyze", "--pipeline", pipeline, "--output", "text"])
    #expect(sentences.lines.contains { $0.contains("crosses middle to the left") })
  }

  @Test("reports what an instruction of the command line asks for")
  func constraint() async throws {
    let all = try await Command.run(["analyze", Self.sample, "--output", "text"])
    let few = try await Command.run([
      "analyze", Self.sample, "--constraint", "出现时间超过10秒的目标", "--output", "text",
    ])
    func begun(_ output: Command.Output) -> Int { output.lines.count { $0.contains("begin  object") } }
    #expect(begun(few) > 0 && begun(few) < begun(all))
    let wrong = try await Command.run(["analyze", Self.sample, "--constraint", "only shiny objects"])
    #expect(wrong.code == 64)
    #expect(wrong.error.contains("--constraint:1:6: `shiny` is not understood"), "\(wrong.error)")
    #expect(wrong.error.contains("       ^^^^^"))
  }

  @Test("runs commands when its events happen, tries again what fails, and counts what is lost")
  func hooks() async throws {
    let folder = try Folder()
    try """
    source: \(Self.sample)
    lines: {middle: [[0.5, 1], [0.5, 0]]}
    events:
      right:
        when: crosses middle right
        on_event:
          - exec: 'cat > \(folder.path)/$SACCADE_EVENT; echo "$SACCADE_KIND $SACCADE_TEXT" >> \(folder.path)/told'
      left:
        when: crosses middle left
        on_event:
          - exec: 'echo x >> \(folder.path)/tries; test "$(wc -l < \(folder.path)/tries)" -gt 2'
    """.write(toFile: folder.file("a.yaml"), atomically: true, encoding: .utf8)
    let ended = try await Command.run(["run", folder.file("a.yaml"), "--socket", folder.file("s")])
    #expect(ended.code == 0, "\(ended.error)")
    let told = try folder.text("told").split(separator: "\n")
    #expect(told.count == 5 && told[0].hasPrefix("right object"), "\(told)")
    // The first was tried three times before it worked, the second worked at once.
    #expect(try folder.text("tries").split(separator: "\n").count == 4)
    #expect(ended.error.contains("exit 1"))
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("a-") }
    #expect(kept.count == 5)
    #expect(try Record(folder.text(kept[0])).phase == "point")
  }

  @Test("is subscribed to by a condition")
  func whereCondition() async throws {
    let daemon = try await Daemon.hungry()
    let wrong = try await Command.run(["subscribe", "--socket", daemon.socket, "--where", "age > 2 px"])
    #expect(wrong.code == 64)
    #expect(wrong.error.contains("`age` is a time"), "\(wrong.error)")
    let subscriber = try daemon.subscribe(["--type", "frame", "--where", "age > 1 s"])
    #expect(try await daemon.clients(1), "\(subscriber.error)")
    try await daemon.feed(seconds: 4)
    let read = await subscriber.end(within: 60)
    #expect(await daemon.process.end(within: 20).code == 0)
    let objects = try read.lines.map { try Record($0).objects }
    #expect(objects.contains { !$0.isEmpty })
    #expect(objects.allSatisfy { $0.allSatisfy { ($0["age"] as? Double ?? 0) > 1 } })
  }
}
