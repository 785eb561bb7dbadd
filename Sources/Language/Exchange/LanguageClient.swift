import AsyncHTTPClient
import Base
import Events
import NIOCore
import NIOHTTP1

/// Speaks to one OpenAI-compatible server over TCP, TLS or a Unix socket. Any task; blocks nobody.
///
/// Each request has a connection of its own: against the time a model takes that is nothing, and a connection that ends then
/// tells for sure that the server died of this request and not of an old one. Cancelling the task closes the connection.
package final class LanguageClient: Sendable {
  private let http: HTTPClient
  private let address: ServerAddress
  private let key: ServerKey?
  private let dialect: ServerDialect
  private let limits: ExchangeLimits
  private let clocks: any Clocks

  /// Bytes of an answer that isn't streamed, or of an error.
  private static let longestBody = 1 << 20
  private static let longestError = 4096

  /// - Parameter group: Outlives the client. `shutDown` must be called before the client goes.
  package init(
    _ address: ServerAddress, key: ServerKey?, dialect: ServerDialect, limits: ExchangeLimits,
    on group: any EventLoopGroup, clocks: any Clocks
  ) {
    self.address = address
    self.key = key
    self.dialect = dialect
    self.limits = limits
    self.clocks = clocks
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .nanoseconds(limits.connect)))
    configuration.httpVersion = .http1Only
    // What can't be reached is told at once: whoever asks may have another server.
    configuration.connectionPool.retryConnectionEstablishment = false
    // Slots are counted elsewhere.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
    http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
  }

  /// Ends what is under way. Call once, not on an event loop.
  package func shutDown() {
    // Fails only when it was shut down before.
    try? http.syncShutdown()
  }

  /// Sends a chat request and reads the answer as it is written, until it is whole, over, or too late.
  package func ask(_ request: ChatRequest) async throws(ExchangeFailure) -> ChatResult {
    let body = request.body(for: dialect)
    let watch = ExchangeWatch(limits: limits, clocks: clocks)
    let ended: Result<ChatResult, ExchangeFailure> = await withTaskGroup(
      of: Result<ChatResult, ExchangeFailure>.self
    ) { tasks in
      tasks.addTask { await self.exchange(body, watch) }
      tasks.addTask { await watch.expire() }
      let first = await tasks.next()
      tasks.cancelAll()
      return first ?? .failure(.cancelled)
    }
    var result = try ended.get()
    result.latency = watch.age
    return result
  }

  /// Nil when the server says that it is ready.
  package func checkHealth() async -> ExchangeFailure? {
    await withTaskGroup(of: ExchangeFailure?.self) { tasks in
      tasks.addTask { await self.healthFailure() }
      tasks.addTask {
        do { try await Task.sleep(nanoseconds: UInt64(self.limits.health)) } catch { return .cancelled }
        return .tooSlow(.total)
      }
      let first = await tasks.next()
      tasks.cancelAll()
      return first ?? .cancelled
    }
  }

  private func healthFailure() async -> ExchangeFailure? {
    do {
      let response = try await http.execute(
        request(dialect.healthURL(of: address)), deadline: .distantFuture)
      return response.status == .ok ? nil : await failure(of: response)
    } catch { return ExchangeFailure(error, hadHead: false) }
  }

  private func request(_ url: String) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url)
    request.headers.add(name: "connection", value: "close")
    if let key { request.headers.add(name: "authorization", value: key.authorization) }
    return request
  }

  private func exchange(
    _ body: [UInt8], _ watch: ExchangeWatch
  ) async -> Result<ChatResult, ExchangeFailure> {
    var request = request(address.url("/chat/completions"))
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    request.headers.add(name: "accept", value: "text/event-stream")
    request.body = .bytes(ByteBuffer(bytes: body))
    var hadHead = false
    do {
      let response = try await http.execute(request, deadline: .distantFuture)
      hadHead = true
      guard response.status == .ok else { return .failure(await failure(of: response)) }
      let type = response.headers.first(name: "content-type") ?? ""
      if type.lowercased().hasPrefix("text/event-stream") {
        return try await readStream(response.body, watch)
      }
      return try await readWhole(response.body)
    } catch {
      return .failure(ExchangeFailure(error, hadHead: hadHead))
    }
  }

  private func readStream(
    _ body: HTTPClientResponse.Body, _ watch: ExchangeWatch
  ) async throws -> Result<ChatResult, ExchangeFailure> {
    var reader = EventStreamReader(longest: Self.longestBody)
    var stream = ChatStream()
    var isWhole = false
    for try await chunk in body {
      for piece in reader.read(chunk.readableBytesView) {
        guard case .data(let data) = piece else { return .failure(.unreadable("an event without end")) }
        let step = stream.read(data)
        if stream.hasToken, stream.result.firstToken == nil { stream.sawToken(at: watch.age) }
        if stream.hasToken, !isWhole { watch.sawToken() }
        switch step {
        case .more: break
        case .whole:
          isWhole = true
          watch.sawWhole(stream.result)
        case .over: return .success(stream.result)
        case .failed(let failure): return .failure(hidden(failure))
        }
      }
    }
    // A stream that ends without saying so was cut, unless the answer is there.
    if isWhole || stream.result.finish != nil { return .success(stream.result) }
    return .failure(.died("the stream ended before its answer did"))
  }

  private func readWhole(_ body: HTTPClientResponse.Body) async throws -> Result<ChatResult, ExchangeFailure>
  {
    let bytes = try await collect(body, limit: Self.longestBody)
    guard bytes.count <= Self.longestBody else {
      return .failure(.endless("more than \(Self.longestBody) bytes"))
    }
    var stream = ChatStream()
    if case .failed(let failure) = stream.read(bytes) { return .failure(hidden(failure)) }
    return .success(stream.result)
  }

  /// One byte more than the limit where there is more.
  private func collect(_ body: HTTPClientResponse.Body, limit: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in body {
      bytes += chunk.readableBytesView.prefix(limit + 1 - bytes.count)
      if bytes.count > limit { break }
    }
    return bytes
  }

  private func failure(of response: HTTPClientResponse) async -> ExchangeFailure {
    let bytes = (try? await collect(response.body, limit: Self.longestError)) ?? []
    return hidden(.status(Int(response.status.code), ServerWords.message(of: bytes)))
  }

  private func hidden(_ failure: ExchangeFailure) -> ExchangeFailure {
    guard let key else { return failure }
    return switch failure {
    case .status(let code, let text): .status(code, key.hidden(in: text))
    case .unreadable(let text): .unreadable(key.hidden(in: text))
    default: failure
    }
  }
}
