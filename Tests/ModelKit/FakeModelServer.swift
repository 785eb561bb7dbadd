import Base
import Foundation
import Language
import TestKit

/// A model server of the tests' own, on a TCP port or a Unix socket, that does to each request what its script says: answers,
/// lies, hangs, dies. One thread takes connections, one serves each.
package final class FakeModelServer: Sendable {
  package struct Request: Sendable {
    /// `POST /v1/chat/completions`
    package var line: String
    /// Names in small letters.
    package var headers: [String: String]
    package var body: String
  }

  package enum Move: Sendable {
    case head(Int, type: String)
    /// One piece of the body, sent at once.
    case text(String)
    case end
    /// Closes the connection as it is.
    case cut
    /// Nothing more, until the client goes.
    case hang
    /// The same again and again, until the client goes.
    case forever(String)
    /// Waits until the gate is opened.
    case pass(Gate)
  }

  /// Holds requests back until a test opens it.
  package final class Gate: Sendable {
    private let isOpen = Monitor(false)

    package init() {}

    package func open() {
      isOpen.withLock { isOpen, held in
        isOpen = true
        held.wakeAll()
      }
    }

    package func pass() {
      isOpen.withLock { isOpen, held in while !isOpen { held.wait(&isOpen) } }
    }
  }

  private struct Log {
    var requests: [Request] = []
    /// Connections that the client closed before the script had ended.
    var left = 0
  }

  package let address: ServerAddress
  private let log = Monitor(Log())
  private let listener: Int32

  package typealias Script = @Sendable (_ request: Request, _ number: Int) -> [Move]

  /// - Parameters:
  ///   - socket: A path to listen at; nil for a port of 127.0.0.1.
  ///   - script: Called with each request but those about health, which are answered well, and its number from 0.
  package init(socket path: String? = nil, base: String = "", _ script: @escaping Script) throws {
    let (listener, place) = try Self.listen(path)
    self.listener = listener
    address = try ServerAddress(place + (path == nil ? base : ""))
    let log = log
    _ = WorkerThread(name: "fake-model") {
      while true {
        let client = acceptPrivately(listener)
        guard client >= 0 else { break }
        _ = WorkerThread(name: "fake-client") { Self.serve(client, log, script) }
      }
      close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Chat requests so far.
  package var requests: [Request] { log.withLock { log, _ in log.requests } }
  /// Waits until the client has left as many connections before their end.
  package func waitUntilLeft(_ count: Int) async -> Bool {
    let log = log
    return await onThread {
      let deadline = SystemClocks().monotonic() + .seconds(240)
      return log.withLock { log, held in
        while log.left < count { if !held.wait(&log, until: deadline) { return false } }
        return true
      }
    }
  }

  package func waitUntilAsked(_ count: Int) async -> Bool {
    let log = log
    return await onThread {
      let deadline = SystemClocks().monotonic() + .seconds(240)
      return log.withLock { log, held in
        while log.requests.count < count { if !held.wait(&log, until: deadline) { return false } }
        return true
      }
    }
  }

  private static func listen(_ path: String?) throws -> (Int32, String) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard let path else {
      let descriptor = socket(AF_INET, kind, 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
      }
      guard isBound, Foundation.listen(descriptor, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
      return (descriptor, "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
    }
    let descriptor = socket(AF_UNIX, kind, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isBound, Foundation.listen(descriptor, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
    return (descriptor, "unix:" + path)
  }

  private static func serve(_ client: Int32, _ log: Monitor<Log>, _ script: Script) {
    defer { close(client) }
    guard let request = receive(client) else { return }
    guard request.line.hasSuffix("/chat/completions") else {
      _ = send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok", client)
      return
    }
    let number = log.withLock { log, held in
      log.requests.append(request)
      held.wakeAll()
      return log.requests.count - 1
    }
    for move in script(request, number) where !perform(move, client) {
      log.withLock { log, held in
        log.left += 1
        held.wakeAll()
      }
      return
    }
  }

  /// False when the client has gone.
  private static func perform(_ move: Move, _ client: Int32) -> Bool {
    switch move {
    case .head(let status, let type):
      return send(
        "HTTP/1.1 \(status) Some\r\ncontent-type: \(type)\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        client)
    case .text(let text): return send(String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n", client)
    case .end: return send("0\r\n\r\n", client)
    case .cut:
      shutdown(client, Int32(SHUT_RDWR))
      return true
    case .hang:
      var byte: UInt8 = 0
      while recv(client, &byte, 1, 0) > 0 {}
      return false
    case .forever(let text):
      while send(String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n", client) {}
      return false
    case .pass(let gate):
      gate.pass()
      return true
    }
  }

  private static func send(_ text: String, _ client: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func receive(_ client: Int32) -> Request? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    func more() -> Bool {
      let count = recv(client, &piece, piece.count, 0)
      if count > 0 { bytes += piece[..<count] }
      return count > 0
    }
    var head: Range<Int>?
    while head == nil {
      guard more() else { return nil }
      head = bytes.firstRange(of: Array("\r\n\r\n".utf8))
    }
    guard let head else { return nil }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    while bytes.count < head.upperBound + length { guard more() else { return nil } }
    let line = lines[0].split(separator: " ").prefix(2).joined(separator: " ")
    return Request(
      line: line, headers: headers,
      body: String(decoding: bytes[head.upperBound...].prefix(length), as: UTF8.self))
  }
}

extension [FakeModelServer.Move] {
  /// A chat's answer as servers stream it, in pieces of a few characters.
  package static func chat(
    _ content: String, field: String = "content", finish: String = "stop", usage: (Int, Int)? = (900, 7)
  ) -> Self {
    var moves: Self = [
      .head(200, type: "text/event-stream"),
      .data(#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}"#),
    ]
    var rest = content[...]
    while !rest.isEmpty {
      moves.append(.delta(String(rest.prefix(5)), field: field))
      rest = rest.dropFirst(5)
    }
    moves.append(.data(#"{"model":"tiny","choices":[{"index":0,"delta":{},"finish_reason":"\#(finish)"}]}"#))
    if let usage {
      moves.append(
        .data(
          #"{"choices":[],"usage":{"prompt_tokens":\#(usage.0),"completion_tokens":\#(usage.1),"prompt_tokens_details":{"cached_tokens":12}}}"#
        ))
    }
    return moves + [.data("[DONE]"), .end]
  }

  package static func failure(_ status: Int, _ body: String) -> Self {
    [.head(status, type: "application/json"), .text(body), .end]
  }
}

extension FakeModelServer.Move {
  package static func data(_ text: String) -> Self { .text("data: \(text)\n\n") }

  /// A piece of the message, or of another field.
  package static func delta(_ text: String, field: String = "content") -> Self {
    .data(#"{"choices":[{"index":0,"delta":{"\#(field)":\#(quoted(text))}}]}"#)
  }

  private static func quoted(_ text: String) -> String {
    // Safety of the form: a string is always valid JSON.
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }
}
