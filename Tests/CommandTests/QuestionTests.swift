import Base
import Events
import Foundation
import Language
import ModelKit
import TestKit
import Testing

/// A model that says no to what can be said no to, and else 3.
private func says(_ request: FakeModelServer.Request) -> [FakeModelServer.Move] {
  let schema = try? JSONReader.read(Array(request.body.utf8))["response_format"]?["json_schema"]?["schema"]
  let answers = schema?["properties"]?.fields?.map { field in
    "\"\(field.key)\":" + (field.value["enum"] == nil ? "3" : "\"no\"")
  }
  return .chat("{\((answers ?? []).joined(separator: ","))}")
}

/// Pipelines that ask models, as their users run them.
@Suite("A pipeline with questions", .serialized, .timeLimit(.minutes(10)))
struct QuestionTests {
  private static func pipeline(
    _ model: String, _ source: String = "\(Command.root)/samples/intrusion.mp4", calls: String = "60 1/s"
  ) -> String {
    """
    source: \(source)
    zones: {yard: [[0.00, 0.52], [1.00, 0.52], [1.00, 1.00], [0.00, 1.00]]}
    language_model: {url: "\(model)", calls: \(calls)}
    questions:
      helmet: {ask: Is the person wearing a helmet?, deadline: 5 min}
      people: {ask: How many people are in the yard?, answer: number, of: intrusion, about: scene, deadline: 5 min}
    events:
      intrusion: any(objects where in yard) for 0.5 s
      bare: answer("helmet") is no for 1 s
      busy: answer(people) > 2
    """
  }

  private static func events(_ text: String) throws -> [Event] {
    try text.split(separator: "\n").compactMap {
      if case .event(let record) = try RecordReader.read($0.utf8) { record.event } else { nil }
    }
  }

  @Test("is answered about every object, with evidence, and its answers are facts")
  func analysed() async throws {
    let server = try FakeModelServer { request, _ in says(request) }
    let folder = try Folder(["yard.yaml": Self.pipeline("\(server.address)")])
    let ended = try await Command.run(["analyze", "--pipeline", folder.file("yard.yaml")])
    #expect(ended.code == 0, "\(ended.error)")
    let events = try Self.events(ended.output)
    let begun = events.filter { $0.kind == "object" && $0.phase == .begin }
    #expect(begun.count >= 4)
    for begin in begun {
      let answer = try #require(events.first { $0.id == begin.id && $0.evidence != nil }, "\(begin)")
      #expect(answer.phase == .update && answer.changed == ["answer_helmet"])
      #expect(answer.attributes.contains(Attribute("answer_helmet", .text("no"))))
      let evidence = try #require(answer.evidence)
      #expect(evidence.objects == begin.objects && evidence.frames.count == 2 && evidence.times.count == 2)
      #expect(evidence.model == "tiny" && evidence.tokens == .init(prompt: 900, cached: 12, completion: 7))
      #expect(events.contains { $0.kind == "bare" && $0.objects == begin.objects && $0.phase == .begin })
    }
    let crowd = try #require(events.first { $0.kind == "intrusion" && $0.evidence != nil })
    #expect(
      crowd.attributes.contains(Attribute("answer_people", .integer(3))) || crowd.text.hasSuffix("people: 3"))
    #expect(events.contains { $0.kind == "busy" && $0.phase == .begin })
    // What a model is shown: pictures with their times, and what is known of the event.
    let request = try #require(server.requests.first?.body)
    #expect(request.components(separatedBy: "data:image/jpeg;base64,/9j/").count == 3)
    #expect(request.contains("seconds>") && request.contains("appeared"))
  }

  @Test("asks about several events in one call where it may not call for each")
  func shared() async throws {
    let server = try FakeModelServer { request, _ in says(request) }
    let folder = try Folder(["yard.yaml": Self.pipeline("\(server.address)", calls: "1 1/h")])
    let explained = try await Command.run(["explain", folder.file("yard.yaml")])
    #expect(
      explained.output.contains("calls      1 1/h at most; what has to wait shares the next one"),
      "\(explained.output)")
    let ended = try await Command.run(["analyze", "--pipeline", folder.file("yard.yaml")])
    #expect(ended.code == 0, "\(ended.error)")
    let events = try Self.events(ended.output)
    // The first at once, all others when the recording is over.
    #expect(server.requests.count == 2)
    for begin in events where begin.phase == .begin && ["object", "intrusion"].contains(begin.kind) {
      let answer = try #require(events.first { $0.id == begin.id && $0.evidence != nil }, "\(begin)")
      let evidence = try #require(answer.evidence)
      #expect(evidence.cause == nil && evidence.objects == (begin.kind == "object" ? begin.objects : []))
      let value = answer.attributes.first { $0.name.hasPrefix("answer_") }?.value
      #expect(value == (begin.kind == "object" ? .text("no") : .number(3)))
    }
    let sharers = Set(events.compactMap { $0.evidence?.sharers })
    #expect(sharers.contains(1) && sharers.contains { $0 > 3 })
    #expect(server.requests[1].body.contains("Case 2: "))
  }

  @Test("asks one by one what shared a call that a server died of, and only the culprit has no answer")
  func poisoned() async throws {
    // The picture of the second event kills the server, whatever comes with it.
    let pictures = Monitor<[String]>([])
    let server = try FakeModelServer { request, number in
      let shown = request.body.components(separatedBy: "data:image/jpeg;base64,").dropFirst()
        .map { String($0.prefix { $0 != "\"" }) }
      let culprit = pictures.withLock { known, _ in
        if number == 1 { known = Array(shown.prefix(2)) }
        return known
      }
      return shown.contains { culprit.contains($0) } ? [.cut] : says(request)
    }
    let folder = try Folder(["yard.yaml": Self.pipeline("\(server.address)", calls: "1 1/h")])
    let ended = try await Command.run(["analyze", "--pipeline", folder.file("yard.yaml")])
    #expect(ended.code == 0, "\(ended.error)")
    let evidences = try Self.events(ended.output).compactMap(\.evidence)
    #expect(evidences.filter { $0.cause == "poisonous" }.count == 1, "\(evidences.map(\.cause))")
    #expect(evidences.filter { $0.cause == nil }.count >= 4 && evidences.allSatisfy { $0.sharers == 1 })
  }

  @Test("that nobody answers is analysed all the same, and says so")
  func dead() async throws {
    let folder = try Folder()
    let text = Self.pipeline("unix:\(folder.file("nobody.sock"))").replacing("5 min", with: "1 s")
    try text.write(toFile: folder.file("yard.yaml"), atomically: true, encoding: .utf8)
    let ended = try await Command.run(["analyze", "--pipeline", folder.file("yard.yaml")])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.error.contains("questions had no answer"))
    let events = try Self.events(ended.output)
    let asked = events.compactMap(\.evidence)
    #expect(asked.count >= 4 && asked.allSatisfy { $0.cause == "no_server" && $0.tokens == nil })
    #expect(events.contains { $0.kind == "model_failed" && $0.phase == .begin })
    #expect(!events.contains { $0.kind == "bare" })
  }

  @Test("goes on when its model dies and comes back, and tells both")
  func comesBack() async throws {
    let folder = try Folder()
    let source = "{url: \(Command.root)/samples/crossing.mp4, loop: true}"
    let text = Self.pipeline("unix:\(folder.file("model.sock"))", source)
    try text.write(toFile: folder.file("yard.yaml"), atomically: true, encoding: .utf8)
    let daemon = try Daemon(folder, ["yard.yaml"])
    try #require(await daemon.isReady(), "\(daemon.process.error)")
    let subscriber = try daemon.subscribe(["--type", "event", "--from", "oldest"])
    #expect(await subscriber.wait { output, _ in output.contains("\"model_failed\"") }, "\(subscriber.error)")
    let server = try FakeModelServer(socket: folder.file("model.sock")) { request, _ in says(request) }
    #expect(await subscriber.wait { output, _ in output.contains("\"answer_helmet\":\"no\"") })
    daemon.process.signal(SIGINT)
    let ended = await daemon.process.end(within: 60)
    #expect(ended.code == 0, "\(ended.error)")
    let told = await subscriber.end(within: 30)
    let failed = try Self.events(told.output).filter { $0.kind == "model_failed" }
    #expect(failed.map(\.phase) == [.begin, .end])
    #expect(!server.requests.isEmpty)
  }

  private static func wish(_ model: String, compiles: Bool = true) -> String {
    """
    source: \(Command.root)/samples/crossing.mp4
    language_model: {url: "\(model)", compiles: \(compiles)}
    instruction: {constraint: whatever has been hanging around here for ages}
    """
  }

  @Test("has a sentence compiled once, checked, and kept beside it")
  func compiled() async throws {
    let server = try FakeModelServer { _, number in
      .chat(number == 0 ? #"{"answer":"lingering > 20 s"}"# : #"{"answer":"still > 20 s"}"#)
    }
    let folder = try Folder(["wish.yaml": Self.wish("\(server.address)")])
    let file = folder.file("wish.yaml")
    let refused = try await Command.run(["check", file])
    #expect(refused.code == 78 && refused.error.contains("saccade compile"), "\(refused.error)")
    let made = try await Command.run(["compile", file])
    #expect(made.code == 0 && made.output.contains("condition  still > 20 s"), "\(made.error)")
    // The first was no condition, and the model was told why.
    #expect(server.requests.count == 2 && server.requests[1].body.contains("there is no fact `lingering`"))
    #expect(
      server.requests[0].body.contains("hanging around") && !server.requests[0].body.contains("image_url"))
    #expect(try folder.text("wish.compiled.json").contains(#""condition":"still > 20 s""#))
    let explained = try await Command.run(["explain", file])
    #expect(explained.code == 0 && explained.output.contains("compiled   still > 20 s  (by tiny)"))
    let again = try await Command.run(["compile", file])
    #expect(again.output.contains("nothing to compile") && server.requests.count == 2)
    let analysed = try await Command.run(["analyze", "--pipeline", file])
    #expect(analysed.code == 0 && server.requests.count == 2, "\(analysed.error)")
  }

  @Test("has no sentence compiled where it doesn't say so, nor to what is no condition, nor by nobody")
  func notCompiled() async throws {
    let server = try FakeModelServer { _, _ in .chat(#"{"answer":"rm -rf /"}"#) }
    let folder = try Folder([
      "never.yaml": Self.wish("\(server.address)", compiles: false),
      "wrong.yaml": Self.wish("\(server.address)"),
    ])
    let never = try await Command.run(["compile", folder.file("never.yaml")])
    #expect(never.code == 78 && server.requests.isEmpty, "\(never.error)")
    let wrong = try await Command.run(["compile", folder.file("wrong.yaml")])
    #expect(wrong.code == 65 && wrong.error.contains("3 attempts"), "\(wrong.error)")
    #expect(server.requests.count == 3)
    #expect(!FileManager.default.fileExists(atPath: folder.file("wrong.compiled.json")))
  }
}
