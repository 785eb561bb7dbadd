import Base
import Foundation
import Language
import Logging
import ModelKit
import TestKit
import Testing

private let yes = #"{"answer":"yes"}"#

/// A core that is stopped in the end, whatever happens before.
private func withCore<R: Sendable>(
  _ addresses: [ServerAddress], slots: Int = 1, _ change: (inout LanguageLimits) -> Void = { _ in },
  _ body: (LanguageCore) async throws -> R
) async throws -> R {
  var limits = LanguageLimits()
  limits.exchange = .patient
  change(&limits)
  let servers = addresses.enumerated().map {
    LanguageServer(name: "server \($0.offset)", address: $0.element, model: "qwen3-vl", slots: slots)
  }
  let core = LanguageCore(
    servers, limits: limits, clocks: SystemClocks(),
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  let result: Result<R, any Error>
  do { result = .success(try await body(core)) } catch { result = .failure(error) }
  await onThread { core.stop() }
  return try result.get()
}

private func question(_ picture: UInt8 = 1, within seconds: Double = 400) -> LanguageAsk {
  LanguageAsk(
    pictures: [Asking.picture(3, picture)], question: Asking.helmet,
    deadline: SystemClocks().monotonic() + .seconds(seconds))
}

@Suite(.timeLimit(.minutes(10)))
struct LanguageCoreTests {
  @Test func `a question is answered, with all that the answer rests on`() async throws {
    let server = try FakeModelServer { _, _ in .chat(yes) }
    let reply = try await withCore([server.address]) { await $0.reply(to: question()) }
    #expect(reply.verdict == .answered([.yes]))
    let evidence = reply.evidence
    #expect(evidence.server == "server 0" && evidence.model == "tiny" && evidence.sends == 1)
    #expect(evidence.promptTokens == 900 && evidence.completionTokens == 7 && evidence.cachedTokens == 12)
    #expect(evidence.times == [MediaTime(seconds: 3)])
    #expect(evidence.pictures == [Asking.picture(3).fingerprint])
    #expect(evidence.latency >= (evidence.exchange ?? .max))
  }

  @Test func `asking returns at once, and the reply comes on the core's own thread`() async throws {
    let gate = FakeModelServer.Gate()
    let server = try FakeModelServer { _, _ in [.pass(gate)] + .chat(yes) }
    try await withCore([server.address]) { core in
      let thread = await withCheckedContinuation { continuation in
        core.ask(question()) { _ in
          continuation.resume(
            returning: try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))
        }
        // Asked, and here we are: the server only answers now.
        gate.open()
      }
      #expect(thread == "language\n")
    }
  }

  @Test func `a model that lies is told so once, then the answer is unknown`() async throws {
    let server = try FakeModelServer { _, number in .chat(number == 0 ? #"{"answer":"maybe"}"# : yes) }
    let liar = try FakeModelServer { _, _ in .chat("I can't help with that.") }
    let reply = try await withCore([server.address]) { await $0.reply(to: question()) }
    #expect(reply.verdict == .answered([.yes]) && reply.evidence.sends == 2)
    #expect(server.requests.last?.body.contains("neither yes nor no") == true)
    let lie = try await withCore([liar.address]) { await $0.reply(to: question()) }
    guard case .unknown(.invalid) = lie.verdict else {
      Issue.record("\(lie.verdict)")
      return
    }
    #expect(liar.requests.count == 2)
  }

  @Test func `several share a call, and each gets its own answer`() async throws {
    let server = try FakeModelServer { _, _ in .chat(#"{"1":"yes","2":"no","3":"unknown"}"#) }
    let cases = (1...3).map {
      LanguageCase(
        pictures: [Asking.picture(Double($0), UInt8($0))], context: "object \($0)", question: Asking.helmet)
    }
    let ask = LanguageAsk(cases: cases, deadline: SystemClocks().monotonic() + .seconds(400))
    let reply = try await withCore([server.address]) { await $0.reply(to: ask) }
    #expect(reply.verdict == .answered([.yes, .no, .undecided]))
    #expect(reply.evidence.times == [1, 2, 3].map { MediaTime(seconds: $0) })
    #expect(server.requests.count == 1)
  }

  @Test func `an answer that was cut off says why it is none`() async throws {
    let server = try FakeModelServer { _, _ in .chat(#"{"answer":"ye"#, finish: "length") }
    let reply = try await withCore([server.address]) { await $0.reply(to: question()) }
    guard case .unknown(.invalid(let why)) = reply.verdict else {
      Issue.record("\(reply.verdict)")
      return
    }
    #expect(why.hasPrefix("cut off at its longest"))
  }

  @Test func `a picture that kills a server isn't sent again, and others are once it is back`() async throws {
    let server = try FakeModelServer { _, number in number == 0 ? [.cut] : .chat(yes) }
    try await withCore([server.address]) { core in
      let poison = LanguageReply.Verdict.unknown(.poisonous(Asking.picture(0, 7).fingerprint))
      #expect(await core.reply(to: question(7)).verdict == poison)
      #expect(await core.reply(to: question(7)).verdict == poison)
      #expect(await core.reply(to: question(8)).verdict == .answered([.yes]))
      #expect(core.figures.poisonous == 1)
    }
    #expect(server.requests.count == 2)
  }

  @Test func `a dead server is no matter while another lives`() async throws {
    let server = try FakeModelServer { _, _ in .chat(yes) }
    let dead = try ServerAddress("http://127.0.0.1:\(LocalPort.free())")
    let replies = try await withCore([dead, server.address]) { core in
      var replies: [LanguageReply] = []
      for number in 0..<5 { replies.append(await core.reply(to: question(UInt8(number)))) }
      return replies
    }
    #expect(replies.allSatisfy { $0.verdict == .answered([.yes]) && $0.evidence.server == "server 1" })
  }

  @Test func `a server gets no more at a time than it has slots`() async throws {
    let gate = FakeModelServer.Gate()
    let server = try FakeModelServer { _, _ in [.pass(gate)] + .chat(yes) }
    try await withCore([server.address], slots: 2) { core in
      async let replies = withTaskGroup(of: LanguageReply.self) { tasks in
        for number in 0..<6 { tasks.addTask { await core.reply(to: question(UInt8(number))) } }
        return await tasks.reduce(into: [LanguageReply]()) { $0.append($1) }
      }
      #expect(await server.waitUntilAsked(2))
      #expect(core.figures.inFlight == 2)
      #expect(server.requests.count == 2)
      gate.open()
      #expect(await replies.allSatisfy { $0.verdict == .answered([.yes]) })
    }
    #expect(server.requests.count == 6)
  }

  @Test func `what waits behind a hanging model until it is too late is told so and never sent`() async throws
  {
    let server = try FakeModelServer { _, _ in [.hang] }
    try await withCore([server.address]) { core in
      let first = Task { await core.reply(to: question(1, within: 3600)) }
      #expect(await server.waitUntilAsked(1))
      let second = await core.reply(to: question(2, within: 0.2))
      #expect(second.verdict == .unknown(.stale) && second.evidence.sends == 0)
      #expect(core.figures.unknown == ["stale": 1])
      first.cancel()
      _ = await first.value
    }
    #expect(server.requests.count == 1)
  }

  @Test func `more pictures than allowed aren't sent`() async throws {
    let server = try FakeModelServer { _, _ in .chat(yes) }
    try await withCore([server.address]) { core in
      var many = question()
      many.cases[0].pictures = (0..<17).map { Asking.picture(Double($0)) }
      #expect(await core.reply(to: many).verdict == .unknown(.oversized))
      var large = question()
      large.cases[0].pictures = [TimedPicture(time: .zero, jpeg: [UInt8](repeating: 0, count: (2 << 20) + 1))]
      #expect(await core.reply(to: large).verdict == .unknown(.oversized))
    }
    #expect(server.requests.isEmpty)
  }

  @Test func `a task that is cancelled gets its reply and the connection is closed`() async throws {
    let server = try FakeModelServer { _, _ in [.hang] }
    try await withCore([server.address]) { core in
      let task = Task { await core.reply(to: question()) }
      #expect(await server.waitUntilAsked(1))
      task.cancel()
      #expect(await task.value.verdict == .unknown(.cancelled))
      #expect(await server.waitUntilLeft(1))
    }
  }

  @Test func `the end of the core tells whoever waits, and later ones at once`() async throws {
    let server = try FakeModelServer { _, _ in [.hang] }
    let core = LanguageCore(
      [LanguageServer(name: "x", address: server.address, model: "m")], clocks: SystemClocks(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let tasks = (0..<3).map { number in Task { await core.reply(to: question(UInt8(number))) } }
    #expect(await server.waitUntilAsked(1))
    await onThread { core.stop() }
    for task in tasks { #expect(await task.value.verdict == .unknown(.stopped)) }
    #expect(await core.reply(to: question()).verdict == .unknown(.stopped))
  }
}
