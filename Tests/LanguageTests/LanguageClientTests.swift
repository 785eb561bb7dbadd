import Base
import Language
import ModelKit
import NIOPosix
import TestKit
import Testing

/// A client that has answered and been shut down, whatever happens between.
private func withClient<R: Sendable>(
  _ address: ServerAddress, dialect: ServerDialect = .openAI, key: ServerKey? = nil,
  _ change: (inout ExchangeLimits) -> Void = { _ in },
  _ body: (LanguageClient) async throws -> R
) async throws -> R {
  var limits = ExchangeLimits.patient
  change(&limits)
  let client = LanguageClient(
    address, key: key, dialect: dialect, limits: limits, on: MultiThreadedEventLoopGroup.singleton,
    clocks: SystemClocks())
  let result: Result<R, any Error>
  do { result = .success(try await body(client)) } catch { result = .failure(error) }
  await onThread { client.shutDown() }
  return try result.get()
}

private let yes = #"{"answer":"yes"}"#

@Suite(.timeLimit(.minutes(10)))
struct LanguageClientTests {
  private static func failure(
    _ server: FakeModelServer, key: ServerKey? = nil, _ change: (inout ExchangeLimits) -> Void = { _ in }
  ) async throws -> ExchangeFailure? {
    try await withClient(server.address, key: key, change) { client in
      do throws(ExchangeFailure) {
        _ = try await client.ask(Asking.request())
        return nil
      } catch { return error }
    }
  }

  @Test(arguments: ["tcp", "unix"])
  func `an answer is read with its tokens and times`(kind: String) async throws {
    let scratch = Scratch("language")
    let server = try FakeModelServer(socket: kind == "unix" ? scratch.file("a b.sock") : nil) { _, _ in
      .chat(yes)
    }
    let result = try await withClient(server.address, key: try ServerKey("hunter2")) {
      try await $0.ask(Asking.request())
    }
    #expect(result.content == yes && result.model == "tiny" && result.finish == "stop")
    #expect(result.promptTokens == 900 && result.completionTokens == 7 && result.cachedTokens == 12)
    #expect((result.firstToken ?? .max) <= result.latency && result.latency > 0)
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /v1/chat/completions")
    #expect(request.headers["authorization"] == "Bearer hunter2")
    #expect(request.body.utf8.elementsEqual(Asking.request().body(for: .openAI)))
  }

  @Test func `another base path is kept to`() async throws {
    let server = try FakeModelServer(base: "/v3") { _, _ in .chat(yes) }
    _ = try await withClient(server.address, dialect: .ovms) { try await $0.ask(Asking.request()) }
    #expect(server.requests.first?.line == "POST /v3/chat/completions")
  }

  @Test(arguments: ["reasoning_content", "reasoning", "thinking"])
  func `an answer in the thoughts is kept as such`(field: String) async throws {
    let server = try FakeModelServer { _, _ in .chat(yes, field: field) }
    let result = try await withClient(server.address) { try await $0.ask(Asking.request()) }
    #expect(result.content.isEmpty && result.reasoning == yes)
  }

  @Test func `a server that doesn't stream is understood`() async throws {
    let server = try FakeModelServer { _, _ in
      .failure(
        200,
        #"{"model":"m","choices":[{"message":{"content":"{\"answer\":\"yes\"}"},"finish_reason":"stop"}]}"#)
    }
    let result = try await withClient(server.address) { try await $0.ask(Asking.request()) }
    #expect(result.content == yes)
  }

  @Test func `what would go on after the answer is left, without waiting for its end`() async throws {
    let start: [FakeModelServer.Move] = [.head(200, type: "text/event-stream"), .delta(yes)]
    let blank = FakeModelServer.Move.delta(" \n")
    guard case .text(let blanks) = blank else { return }
    let server = try FakeModelServer { _, number in start + [number == 0 ? .hang : .forever(blanks)] }
    for count in 1...2 {
      let result = try await withClient(server.address) { try await $0.ask(Asking.request()) }
      #expect(result.content.hasPrefix(yes) && result.promptTokens == nil)
      #expect(await server.waitUntilLeft(count))
    }
  }

  @Test(arguments: [" ", "the same words ", "\\u007B"])
  func `an answer without end is cut off and its connection closed`(text: String) async throws {
    let server = try FakeModelServer { _, _ in
      [
        .head(200, type: "text/event-stream"),
        .forever("data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"}}]}\n\n"),
      ]
    }
    guard case .endless = try await Self.failure(server) else {
      Issue.record("not cut off")
      return
    }
    #expect(await server.waitUntilLeft(1))
  }

  @Test func `a line without end is cut off`() async throws {
    let server = try FakeModelServer { _, _ in
      [.head(200, type: "text/event-stream"), .forever("data: xxxxxxxxxxxxxxx")]
    }
    #expect(try await Self.failure(server) == .unreadable("an event without end"))
    #expect(await server.waitUntilLeft(1))
  }

  @Test func `a server that takes a request and says nothing is left in time`() async throws {
    let server = try FakeModelServer { _, number in
      number == 0 ? [.hang] : [.head(200, type: "text/event-stream"), .hang]
    }
    for count in 1...2 {
      #expect(try await Self.failure(server) { $0.firstToken = .seconds(2) } == .tooSlow(.firstToken))
      #expect(await server.waitUntilLeft(count))
    }
  }

  @Test func `a server that begins and then hangs is left in time`() async throws {
    let server = try FakeModelServer { _, _ in [.head(200, type: "text/event-stream"), .delta("{"), .hang] }
    #expect(try await Self.failure(server) { $0.total = .seconds(2) } == .tooSlow(.total))
    #expect(await server.waitUntilLeft(1))
  }

  @Test(arguments: 0...3)
  func `a connection that ends in the middle is told as that`(pieces: Int) async throws {
    let all = [FakeModelServer.Move].chat(yes)
    let server = try FakeModelServer { _, _ in all.prefix(pieces) + [.cut] }
    guard case .died = try await Self.failure(server) else {
      Issue.record("not told after \(pieces) pieces")
      return
    }
  }

  @Test func `a stream that ends in order but too early is told as that`() async throws {
    let server = try FakeModelServer { _, _ in
      [.head(200, type: "text/event-stream"), .delta(#"{"ans"#), .end]
    }
    #expect(try await Self.failure(server) == .died("the stream ended before its answer did"))
  }

  @Test(arguments: [
    (500, #"{"error":{"message":"GGML_ASSERT","code":500}}"#, ExchangeFailure.status(500, "GGML_ASSERT")),
    (404, #"{"detail":"no such model"}"#, .status(404, "no such model")), (503, "", .status(503, "")),
    (502, "<html>\n\tBad\u{1B}[2J gateway</html>", .status(502, "<html> Bad [2J gateway</html>")),
    (401, #"{"error":"key hunter2 is wrong"}"#, .status(401, "key … is wrong")),
  ])
  func `an error is told with its words and without the key`(
    code: Int, body: String, failure: ExchangeFailure
  ) async throws {
    let server = try FakeModelServer { _, _ in .failure(code, body) }
    #expect(try await Self.failure(server, key: try ServerKey("hunter2")) == failure)
  }

  @Test func `a long error is told in short`() async throws {
    let server = try FakeModelServer { _, _ in
      [.head(500, type: "text/plain"), .forever("no room for this ")]
    }
    guard case .status(500, let text) = try await Self.failure(server) else {
      Issue.record("no status")
      return
    }
    #expect(text.count <= 201)
    #expect(await server.waitUntilLeft(1))
  }

  @Test(arguments: ["hello", "[1,2]", "{\"choices\":"])
  func `what is no chat is told as that`(text: String) async throws {
    let server = try FakeModelServer { _, _ in [.head(200, type: "text/event-stream"), .data(text), .hang] }
    guard case .unreadable = try await Self.failure(server) else {
      Issue.record("was read")
      return
    }
  }

  @Test func `what isn't there can't be reached, and that is told at once`() async throws {
    let port = LocalPort.free()
    for place in [
      "http://127.0.0.1:\(port)", "unix:\(Scratch("language").file("none.sock"))", "http://nowhere.invalid",
    ] {
      try await withClient(try ServerAddress(place)) { client in
        let failure = await #expect(throws: ExchangeFailure.self) { try await client.ask(Asking.request()) }
        guard case .unreachable = failure else {
          Issue.record("\(place): \(String(describing: failure))")
          return
        }
        #expect(await client.checkHealth() != nil)
      }
    }
  }

  @Test func `cancelling closes the connection`() async throws {
    let server = try FakeModelServer { _, _ in [.head(200, type: "text/event-stream"), .delta("{"), .hang] }
    try await withClient(server.address) { client in
      let task = Task { () -> ExchangeFailure? in
        do throws(ExchangeFailure) {
          _ = try await client.ask(Asking.request())
          return nil
        } catch { return error }
      }
      #expect(await server.waitUntilAsked(1))
      task.cancel()
      #expect(await task.value == .cancelled)
      #expect(await server.waitUntilLeft(1))
    }
  }

  @Test(arguments: ServerDialect.allCases)
  func `a server that is well says so`(dialect: ServerDialect) async throws {
    let server = try FakeModelServer { _, _ in [] }
    let failure = try await withClient(server.address, dialect: dialect) { await $0.checkHealth() }
    #expect(failure == nil)
  }
}
