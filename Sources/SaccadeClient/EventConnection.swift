import Events
import Glibc

/// A line that came, understood and as it was.
public struct Received: Hashable, Sendable {
  public var message: ServerMessage
  /// The line's bytes without the line feed.
  public var line: [UInt8]

  public init(message: ServerMessage, line: [UInt8]) {
    self.message = message
    self.line = line
  }
}

/// One connection to the daemon: requests out, messages in. Its calls block; use it from one thread of your
/// own, never from a Swift task. For reconnecting and resuming take `EventSubscriber`.
public struct EventConnection: ~Copyable {
  public let path: String
  private let descriptor: Int32
  private let cancellation: Cancellation?
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0

  // Twice the longest line: what is longer is not the protocol.
  private static let longest = 131_072
  private static let chunk = 65_536

  /// Connects to the first of the paths at which a daemon listens.
  public init(
    paths: [String] = SocketPath.candidates(), cancellation: Cancellation? = nil
  ) throws(ClientError) {
    try self.init(paths: paths, option: "--socket or SACCADE_SOCKET", cancellation: cancellation)
  }

  /// - Parameter option: What names another place, for messages.
  package init(paths: [String], option: String, cancellation: Cancellation? = nil) throws(ClientError) {
    var tried: [String] = []
    for path in paths {
      guard SocketPath.isTrusted(path) else {
        tried.append("\(path): its folder is not ours alone, so it is not trusted")
        continue
      }
      switch Self.connect(path) {
      case .success(let descriptor):
        self.path = path
        self.descriptor = descriptor
        self.cancellation = cancellation
        return
      case .failure(let error):
        if error == EACCES || error == EPERM {
          throw ClientError(.noPermission, "\(path): \(Self.text(error)); are you in the socket's group?")
        }
        tried.append("\(path): \(error == ECONNREFUSED ? "nobody listens there" : Self.text(error))")
      }
    }
    throw ClientError(
      .notFound,
      "no daemon was found\n  " + tried.joined(separator: "\n  ")
        + "\n  start one with saccade run, or say where it is with \(option)")
  }

  /// Takes over a connected socket.
  init(descriptor: Int32, path: String, cancellation: Cancellation? = nil) {
    self.descriptor = descriptor
    self.path = path
    self.cancellation = cancellation
  }

  deinit { close(descriptor) }

  private enum Outcome {
    case success(Int32)
    case failure(Int32)
  }

  private static func connect(_ path: String) -> Outcome {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard !path.isEmpty, path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      return .failure(ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .failure(errno) }
    let result = withUnsafeBytes(of: &address) { bytes in
      // Safety: the buffer is that of a variable, so it has an address.
      Glibc.connect(
        descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard result == 0 else {
      let error = errno
      close(descriptor)
      return .failure(error)
    }
    return .success(descriptor)
  }

  private static func text(_ error: Int32) -> String { String(cString: strerror(error)) }

  /// Sends a request. Blocks while the daemon takes nothing.
  public mutating func send(_ request: Request) throws(ClientError) {
    try send(RequestWriter.line(request))
  }

  mutating func send(_ line: [UInt8]) throws(ClientError) {
    var sent = 0
    while sent < line.count {
      let count = line.withUnsafeBytes { bytes in
        Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        let failure = errno
        throw lastWord() ?? ClientError(.disconnected, "\(path): \(Self.text(failure))")
      }
    }
  }

  /// Why the daemon closed the connection, if it said so.
  private mutating func lastWord() -> ClientError? {
    while let received = try? next(within: 0) {
      if case .error(let refusal) = received.message, refusal.id == nil {
        return ClientError(.refused(refusal), refusal.message)
      }
    }
    return nil
  }

  /// The next message; nil when the daemon has closed the connection. Lines that this version can't read are
  /// given as `unknown`.
  ///
  /// - Parameter milliseconds: how long to wait at most; nil for as long as it takes.
  public mutating func next(within milliseconds: Int32? = nil) throws(ClientError) -> Received? {
    let deadline = milliseconds.map { Self.now() + Int64($0) }
    while true {
      if let line = takeLine() {
        do throws(BadRecord) {
          return Received(message: try RecordReader.read(line), line: line)
        } catch {
          if line.first != UInt8(ascii: "{") {
            throw ClientError(.badProtocol, "\(path): what listens there is not saccade: \(error)")
          }
          return Received(message: .unknown(type: "unreadable: \(error)"), line: line)
        }
      }
      guard buffer.count - start < Self.longest else {
        throw ClientError(.badProtocol, "\(path): a line of more than \(Self.longest) bytes")
      }
      if try !fill(deadline) { return nil }
    }
  }

  private mutating func takeLine() -> [UInt8]? {
    guard let end = buffer[searched...].firstIndex(of: 10) else {
      searched = buffer.count
      return nil
    }
    let line = Array(buffer[start..<end])
    start = end + 1
    searched = start
    return line
  }

  /// Reads more. False at the end.
  private mutating func fill(_ deadline: Int64?) throws(ClientError) -> Bool {
    if start > 0 {
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
    }
    try waitReadable(deadline)
    let old = buffer.count
    let path = path
    let descriptor = descriptor
    var failure: Int32 = 0
    var count = 0
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    buffer.withUnsafeMutableBytes { bytes in
      count = recv(descriptor, bytes.baseAddress! + old, Self.chunk, 0)
      failure = errno
    }
    buffer.removeLast(Self.chunk - max(count, 0))
    if count > 0 { return true }
    if count == 0 || failure == ECONNRESET { return false }
    guard failure == EINTR || failure == EAGAIN else {
      throw ClientError(.disconnected, "\(path): \(Self.text(failure))")
    }
    return true
  }

  private func waitReadable(_ deadline: Int64?) throws(ClientError) {
    while true {
      var files = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
      if let cancellation {
        files.append(pollfd(fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0))
      }
      let left = deadline.map { Int32(clamping: max($0 - Self.now(), 0)) } ?? -1
      let ready = poll(&files, nfds_t(files.count), left)
      if files.count > 1, files[1].revents != 0 { throw ClientError(.cancelled, "cancelled") }
      if ready > 0 { return }
      if ready == 0 { throw ClientError(.timedOut, "\(path): no answer in time") }
      guard errno == EINTR else { throw ClientError(.disconnected, "\(path): \(Self.text(errno))") }
    }
  }

  private static func now() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}

extension EventConnection {
  /// Asks the daemon for its status: the whole answer as one object. Records that come meanwhile are
  /// passed over.
  public mutating func status(within milliseconds: Int32 = 5000) throws(ClientError) -> JSON {
    let id: JSON = "saccade-status"
    try send(Request(id: id, .status))
    let deadline = Self.now() + Int64(milliseconds)
    var whole: [JSON.Field] = []
    var streams: [JSON] = []
    while true {
      guard let received = try next(within: Int32(clamping: max(deadline - Self.now(), 0))) else {
        throw ClientError(.disconnected, "\(path): the daemon closed the connection before it answered")
      }
      switch received.message {
      case .status(let answer) where answer.id == id:
        if whole.isEmpty {
          whole = (answer.report.fields ?? []).filter {
            !["type", "id", "part", "parts", "streams"].contains($0.key)
          }
        }
        streams += answer.report["streams"]?.items ?? []
        if answer.part.isLast { return .object(whole + [.init("streams", .list(streams))]) }
      case .error(let refusal)
      where refusal.id == id || refusal.code == .tooManyClients || refusal.code == .denied:
        throw ClientError(.refused(refusal), refusal.message)
      case .bye(let reason): throw ClientError(.disconnected, "the daemon stops: \(reason)")
      default: continue
      }
    }
  }
}
