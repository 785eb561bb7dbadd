import Base
import Events
import Glibc
import Service
import Testing

@Suite struct BadClientTests {
  @Test func `a bad line gets one error, and the next line is read as ever`() throws {
    let server = try TestServer()
    let client = try RawClient(server.path)
    _ = try client.hello()
    let lines: [([UInt8], Refusal.Code)] = [
      (Array("GET / HTTP/1.1".utf8), .notJSON),
      ([0xFF, 0xFE, 0x00, 0x01], .notJSON),
      (Array(String(repeating: "[", count: 60_000).utf8), .notJSON),
      (Array(#"{"subscribe":{"every":1e400}}"#.utf8), .notJSON),
      (Array(#"{"subscribe":{"every":-1}}"#.utf8), .badValue),
      (Array(#"{"subscribe":7}"#.utf8), .badValue),
      (Array(#"{"hello":true}"#.utf8), .unknownRequest),
      (Array(repeating: UInt8(ascii: "x"), count: 1 << 20), .lineTooLong),
      (Array(repeating: UInt8(ascii: " "), count: 65_536), .lineTooLong),
      (Array((#"{"status":{}}"# + String(repeating: " ", count: 65_600)).utf8), .lineTooLong),
    ]
    for (line, code) in lines {
      try client.send(line + [10])
      guard case .error(let refusal) = try client.message() else {
        Issue.record("no error for \(line.prefix(20))")
        continue
      }
      #expect(refusal.code == code)
    }
    // Blank lines are none, and the longest line is taken.
    let longest = Array(#"{"status":{}}"#.utf8)
    try client.send(
      [10, 13, 10, 32, 10] + Array(repeating: 32, count: 65_535 - longest.count) + longest + [10])
    guard case .status(let answer) = try client.message() else {
      Issue.record("the status is due")
      return
    }
    #expect(answer.report["dropped"]?["requests_refused"]?.integer == Int64(lines.count))
  }

  @Test func `a request may come a byte at a time, or many at once`() throws {
    let server = try TestServer()
    let client = try RawClient(server.path)
    _ = try client.hello()
    for byte in Array((#"{"id":1,"status":{}}"# + "\n").utf8) { try client.send([byte]) }
    guard case .status(let answer) = try client.message() else { return }
    #expect(answer.id == 1)
    try client.send((0..<500).map { #"{"id":\#($0),"status":{}}"# }.joined(separator: "\n"))
    for number in 0..<500 as Range<Int64> {
      guard case .status(let answer) = try client.message() else {
        Issue.record("status \(number) is due")
        return
      }
      #expect(answer.id == .integer(number))
    }
  }

  @Test func `half a request and a hang-up hurt nobody`() throws {
    let server = try TestServer()
    let stream = server.stream()
    let witness = try RawClient(server.path)
    _ = try witness.hello()
    do {
      let client = try RawClient(server.path)
      _ = try client.hello()
      try client.send(Array(#"{"subscribe":{"str"#.utf8))
    }
    stream.publish()
    guard case .frame = try witness.message() else {
      Issue.record("a frame record is due")
      return
    }
    try untilClients(1, witness)
  }

  /// Asks until the server counts so many clients; the calls themselves pass the time.
  private func untilClients(_ count: Int64, _ client: RawClient) throws {
    for _ in 0..<20_000 {
      guard case .status(let answer) = try client.ask(#"{"status":{}}"#) else { continue }
      if answer.report["clients"] == .integer(count) { return }
    }
    Issue.record("there never were \(count) clients")
  }

  @Test func `clients that leave are noticed also where nothing is sent`() throws {
    let server = try TestServer()
    let witness = try RawClient(server.path)
    do {
      let leaving = try (0..<20).map { _ in try RawClient(server.path) }
      for client in leaving { _ = try client.hello() }
      try untilClients(21, witness)
      withExtendedLifetime(leaving) {}
    }
    try untilClients(1, witness)
  }

  @Test func `one client too many is told so and let go, and there is room again later`() throws {
    var options = ServerOptions()
    options.clients = 3
    let server = try TestServer(options: options)
    let witness = try RawClient(server.path)
    var two: [RawClient] = try (0..<2).map { _ in try RawClient(server.path) }
    for client in two { _ = try client.hello() }
    let fourth = try RawClient(server.path)
    guard case .error(let refusal) = try fourth.message() else {
      Issue.record("an error is due")
      return
    }
    #expect(refusal.code == .tooManyClients)
    #expect(fourth.isClosed())
    two.removeAll()
    try untilClients(1, witness)
    _ = try RawClient(server.path).hello()
  }

  @Test func `a storm of connections is served`() throws {
    let server = try TestServer()
    let stream = server.stream()
    for _ in 0..<20 {
      let clients = try (0..<50).map { _ in try RawClient(server.path) }
      for client in clients.prefix(10) { _ = try client.hello() }
    }
    let client = try RawClient(server.path)
    _ = try client.hello()
    stream.publish()
    guard case .frame = try client.message() else {
      Issue.record("a frame record is due")
      return
    }
    try untilClients(1, client)
  }

  @Test func `a client that asks and never reads is not read from for ever`() throws {
    let server = try TestServer()
    let greedy = try RawClient(server.path)
    let line = Array((#"{"status":{}}"# + "\n").utf8)
    let many = Array(repeatElement(line, count: 5000).joined())
    // A server that read on would take all of it; a request answered costs it memory.
    var sent = 0
    var refusals = 0
    while refusals < 200, sent < 64 << 20 {
      let count = greedy.sendSome(many)
      if count > 0 {
        sent += count
        refusals = 0
      } else {
        refusals += 1
        // Another client's round trip gives the server its turn.
        let witness = try RawClient(server.path)
        _ = try witness.hello()
      }
    }
    #expect(sent < 8 << 20)
  }
}
