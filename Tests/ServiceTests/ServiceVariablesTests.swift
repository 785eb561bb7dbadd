import Base
import Glibc
import Logging
import Service
import TestKit
import Testing

@Suite struct ServiceVariablesTests {
  @Test func `what is meant for us is taken out of the environment`() {
    var environment = [
      "NOTIFY_SOCKET": "/run/systemd/notify", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42",
      "LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "saccade.socket", "HOME": "/",
    ]
    let service = ServiceVariables(taking: &environment, pid: 42)
    #expect(service.notifySocket == "/run/systemd/notify")
    #expect(service.watchdog == .seconds(30))
    #expect(environment == ["HOME": "/"])
  }

  private static let watchdogs: [(String?, String?, Nanoseconds?)] = [
    ("2000", nil, 2_000_000), ("2000", "7", 2_000_000), ("2000", "8", nil), ("0", nil, nil),
    ("soon", nil, nil),
    ("-5", nil, nil), (nil, nil, nil), ("9223372036854775807", nil, nil),
  ]

  @Test(arguments: watchdogs)
  func `a watchdog is ours when it says so or names nobody`(
    microseconds: String?, pid: String?, period: Nanoseconds?
  ) {
    var environment: [String: String] = [:]
    environment["WATCHDOG_USEC"] = microseconds
    environment["WATCHDOG_PID"] = pid
    #expect(ServiceVariables(taking: &environment, pid: 7).watchdog == period)
  }

  @Test(arguments: [
    [:], ["LISTEN_PID": "8", "LISTEN_FDS": "1"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
    ["LISTEN_PID": "7", "LISTEN_FDS": "-3"], ["LISTEN_PID": "7", "LISTEN_FDS": "x"],
  ])
  func `sockets passed to nobody or to others are not ours`(variables: [String: String]) throws {
    var environment = variables
    #expect(try ServiceVariables(taking: &environment, pid: 7).eventSocket() == nil)
  }

  @Test func `what is no listening Unix stream socket is refused`() throws {
    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let idle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let internet = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    listen(internet, 1)
    for descriptor in [file, idle, internet, 9999] {
      let fault = #expect(throws: Fault.self) { try PassedSocket(descriptor) }
      #expect(fault?.code == .configuration)
      close(descriptor)
    }
  }
}

@Suite struct PassedSocketTests {
  private static func listener(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    _ = withUnsafeBytes(of: &address) {
      bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    listen(descriptor, 8)
    return descriptor
  }

  @Test func `clients that came before the server are served, and the file stays for the next server`() throws
  {
    let scratch = Scratch()
    let path = scratch.file("events.sock")
    let kept = Self.listener(path)
    defer { close(kept) }
    let early = try RawClient(path)
    for _ in 0..<2 {
      let server = EventServer(
        path: "/nowhere/else", passed: try PassedSocket(dup(kept)), clocks: ManualClocks(), version: "0.0.0",
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      #expect(server.path == path)
      try server.start()
      _ = try RawClient(path).hello()
      server.stop(reason: "over")
      #expect(access(path, F_OK) == 0)
    }
    _ = try early.hello()
  }

  @Test func `the socket's thread pays back the sign of life that it owes`() throws {
    let server = try TestServer()
    let now = MonotonicTime(nanoseconds: 5)
    #expect(server.server.behindSince(now) == nil)
    // What is asked of the thread next is answered after that.
    server.server.disconnectStuck()
    #expect(server.server.behindSince(now) == nil)
  }
}

@Suite struct ServiceKeeperTests {
  @Test(arguments: [true, false])
  func `the manager hears of the start, of health and of the end`(isAbstract: Bool) throws {
    let scratch = Scratch()
    let listener = try NotifyListener(isAbstract ? "@" + scratch.path : scratch.file("notify"))
    let keeper = ServiceKeeper(
      try NotifySocket(listener.name), watchdog: .milliseconds(20), clocks: SystemClocks(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { _ in ServiceHealth(streams: [StreamHealth(name: "a", state: .running)]) }
    keeper.ready()
    #expect(listener.next() == ["READY=1", "WATCHDOG=1", "STATUS=1 stream: 1 running"])
    for _ in 0..<3 { #expect(listener.next() == ["WATCHDOG=1"]) }
    keeper.stopping("told to stop")
    #expect(listener.lines { $0 == "STATUS=told to stop" }?.contains("STOPPING=1") == true)
    keeper.end()
  }

  @Test(arguments: ["", "relative", "/", "vsock:2:1234", "/nowhere/at/all"])
  func `what can't be a manager's socket is refused`(name: String) {
    #expect(throws: Fault.self) { _ = try NotifySocket(name) }
  }
}
