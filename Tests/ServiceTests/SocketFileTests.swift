import Base
import Events
import Glibc
import Logging
import Service
import TestKit
import Testing

@Suite struct SocketFileTests {
  private static func server(_ path: String, isOwnFolder: Bool = false) -> EventServer {
    EventServer(
      path: path, isOwnFolder: isOwnFolder, clocks: ManualClocks(), version: "0.0.0",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private static func mode(_ path: String) -> mode_t {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mode & 0o777 : 0
  }

  /// What `start` throws; nil when it starts.
  private static func fault(_ server: EventServer) -> Fault? {
    defer { server.stop(reason: "over", within: .milliseconds(1)) }
    do throws(Fault) {
      try server.start()
      return nil
    } catch {
      return error
    }
  }

  @Test func `owner and group may connect, others may not`() throws {
    let scratch = Scratch()
    let server = Self.server(scratch.file("a.sock"))
    try server.start()
    #expect(Self.mode(server.path) == 0o660)
    server.stop(reason: "over")
    #expect(Self.mode(server.path) == 0)
  }

  @Test func `a stale socket file is replaced`() throws {
    let scratch = Scratch()
    let path = scratch.file("a.sock")
    let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafeBytes(of: &address) {
      bind(stale, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    #expect(bound == 0)
    close(stale)
    let server = Self.server(path)
    try server.start()
    defer { server.stop(reason: "over", within: .milliseconds(1)) }
    _ = try RawClient(path).hello()
  }

  @Test func `a socket in use is left alone, and the error names the process`() throws {
    let scratch = Scratch()
    let first = Self.server(scratch.file("a.sock"))
    try first.start()
    defer { first.stop(reason: "over", within: .milliseconds(1)) }
    let fault = try #require(Self.fault(Self.server(first.path)))
    #expect(fault.code == .unavailable)
    #expect(fault.what.contains("in use by process \(getpid()) ("), "\(fault)")
    #expect(fault.place == first.path)
    _ = try RawClient(first.path).hello()
  }

  @Test func `two servers that start at once don't take each other's place`() throws {
    let scratch = Scratch()
    let path = scratch.file("a.sock")
    for _ in 0..<20 {
      let servers = (0..<4).map { _ in Self.server(path) }
      let started = Monitor(0)
      let threads = servers.map { server in
        WorkerThread(name: "start") {
          if (try? server.start()) != nil { started.withLock { count, _ in count += 1 } }
        }
      }
      for thread in threads { thread.join() }
      #expect(started.withLock { count, _ in count } == 1)
      _ = try RawClient(path).hello()
      for server in servers { server.stop(reason: "over", within: .milliseconds(1)) }
    }
  }

  @Test func `what is not a socket is left alone`() throws {
    let scratch = Scratch()
    let path = try scratch.write("precious", to: "a.sock")
    let fault = try #require(Self.fault(Self.server(path)))
    #expect(fault.what.contains("not a socket"))
    #expect(try scratch.read("a.sock") == "precious")
  }

  @Test func `a path that is too long says so, the longest works`() throws {
    let scratch = Scratch()
    let room = 107 - scratch.path.utf8.count - 1
    #expect(Self.fault(Self.server(scratch.file(String(repeating: "x", count: room)))) == nil)
    let fault = try #require(Self.fault(Self.server(scratch.file(String(repeating: "x", count: room + 1)))))
    #expect(fault.what.contains("107"))
  }

  @Test func `a folder that isn't there is named`() throws {
    let scratch = Scratch()
    let fault = try #require(Self.fault(Self.server(scratch.file("none/a.sock"))))
    #expect(fault.place == scratch.file("none"))
    #expect(fault.cause == "No such file or directory")
  }

  @Test func `the by-hand folder is made for us alone`() throws {
    let scratch = Scratch()
    let path = scratch.file("own/events.sock")
    #expect(Self.fault(Self.server(path, isOwnFolder: true)) == nil)
    #expect(Self.mode(scratch.file("own")) == 0o700)
    // And used again.
    #expect(Self.fault(Self.server(path, isOwnFolder: true)) == nil)
  }

  @Test func `a by-hand folder that is open to others, foreign or no folder is refused`() throws {
    let scratch = Scratch()
    mkdir(scratch.file("open"), 0o755)
    let open = try #require(Self.fault(Self.server(scratch.file("open/a.sock"), isOwnFolder: true)))
    #expect(open.what.contains("open to others"))
    try scratch.write("", to: "file")
    let file = try #require(Self.fault(Self.server(scratch.file("file/a.sock"), isOwnFolder: true)))
    #expect(file.what.contains("not a folder"))
    symlink(scratch.file("open"), scratch.file("link"))
    let link = try #require(Self.fault(Self.server(scratch.file("link/a.sock"), isOwnFolder: true)))
    #expect(link.what.contains("not a folder"))
    // Only root can make a folder that belongs to someone else.
    guard geteuid() == 0 else { return }
    mkdir(scratch.file("theirs"), 0o700)
    chown(scratch.file("theirs"), 65_534, 65_534)
    let theirs = try #require(Self.fault(Self.server(scratch.file("theirs/a.sock"), isOwnFolder: true)))
    #expect(theirs.what.contains("belongs to user 65534"))
  }

  @Test func `stopping leaves a file alone that took the socket's place`() throws {
    let scratch = Scratch()
    let server = Self.server(scratch.file("a.sock"))
    try server.start()
    unlink(server.path)
    try scratch.write("new", to: "a.sock")
    server.stop(reason: "over")
    #expect(try scratch.read("a.sock") == "new")
  }
}
