import Foundation
import TestKit
import Testing

/// `saccade run` as systemd would start it.
@Suite("saccade run as a service", .serialized)
struct ServiceTests {
  private static let bars = "source: lavfi:testsrc2=size=320x180:rate=30\n"

  @Test("tells the manager that it is ready, how it does, and that it ends")
  func notifies() async throws {
    let folder = try Folder([
      "a.yaml": Self.bars, "garage.yaml": "source: rtsp://127.0.0.1:9/none\n",
    ])
    let manager = try NotifyListener(folder.file("n"))
    let daemon = try RunningCommand(
      Command.path, ["run", folder.path, "--socket", folder.file("s")],
      environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "200000"])
    let lines = try #require(manager.lines { $0.contains("1 running, 1 lost (garage, ") })
    #expect(lines.first == "READY=1", "\(daemon.error)")
    #expect(lines.contains("WATCHDOG=1"))
    // Whoever waits for the start finds the socket there.
    #expect(FileManager.default.fileExists(atPath: folder.file("s")))
    daemon.signal(SIGTERM)
    #expect(manager.lines { $0 == "STOPPING=1" } != nil)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test("runs on where the manager can't be reached, and says so")
  func noManager() async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let daemon = try RunningCommand(
      Command.path, ["run", folder.file("a.yaml"), "--socket", folder.file("s")],
      environment: ["NOTIFY_SOCKET": folder.file("nobody")])
    #expect(await daemon.wait { _, error in error.contains("systemd is told nothing") })
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  /// Binds $2, passes it under the names in $1, an unrelated socket under the name `other`, and becomes the rest of its
  /// arguments.
  private static let activator = """
    import os, socket, sys
    other = socket.socket(socket.AF_UNIX)
    made = socket.socket(socket.AF_UNIX)
    made.bind(sys.argv[2]); made.listen(8)
    names = sys.argv[1]
    copies = [os.dup((other if name == "other" else made).fileno()) for name in names.split(":")]
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(copies)]
    for i, fd in enumerate(high): os.dup2(fd, 3 + i, inheritable=True)
    for fd in high: os.set_inheritable(fd, False)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(copies)), LISTEN_FDNAMES=names)
    os.execv(sys.argv[3], sys.argv[3:])
    """

  @Test("serves on the socket that it was passed, leaves its file, and hands nothing on to its children")
  func activation() async throws {
    let folder = try Folder([
      "a.yaml": """
      source: "-"
      lines: {middle: [[0.5, 1], [0.5, 0]]}
      events:
        seen:
          when: crosses middle right
          on_event:
            - exec: env > hook.txt; ls -l /proc/self/fd >> hook.txt
      """
    ])
    try await Clip.walk(folder.file("walk.ts"), seconds: 4)
    let manager = try NotifyListener(folder.file("n"))
    let daemon = try RunningCommand(
      "/usr/bin/env",
      [
        "python3", "-c", Self.activator, "other:saccade.socket", folder.file("passed.sock"), Command.path,
        "run",
        folder.file("a.yaml"),
        "--socket", folder.file("unused.sock"),
      ], isFed: true, environment: ["NOTIFY_SOCKET": manager.name], in: folder.path)
    #expect(manager.lines { $0 == "READY=1" } != nil, "\(daemon.error)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("unused.sock")))
    let subscriber = try RunningCommand(
      Command.path, ["subscribe", "--socket", folder.file("passed.sock"), "--type", "event"])
    daemon.feed(try Data(contentsOf: URL(fileURLWithPath: folder.file("walk.ts"))))
    let read = await subscriber.end(within: 60)
    #expect(read.output.contains("\"kind\":\"object\""), "\(read.error)")
    let ended = await daemon.end(within: 60)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(FileManager.default.fileExists(atPath: folder.file("passed.sock")))
    let child = try folder.text("hook.txt")
    #expect(child.contains("SACCADE_KIND=seen"))
    for name in ["NOTIFY_SOCKET", "LISTEN_"] { #expect(!child.contains(name)) }
    // Where the passed sockets were.
    for descriptor in [3, 4] { #expect(!child.contains(" \(descriptor) -> socket:"), "\(child)") }
  }

  @Test("is controlled by the socket called `control` that it was passed, and leaves its file")
  func controlActivation() async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let daemon = try RunningCommand(
      "/usr/bin/env",
      [
        "python3", "-c", Self.activator, "control", folder.file("passed.sock"), Command.path, "run",
        folder.file("a.yaml"), "--socket", folder.file("s"),
      ])
    #expect(await daemon.wait { _, error in error.contains("the source is open") }, "\(daemon.error)")
    let reload = try await Command.run(["reload", "--control", folder.file("passed.sock")])
    #expect(reload.output == "kept: a\n", "\(reload.error)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("control.sock")))
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("passed.sock")))
  }

  @Test("told to reload, takes what changed and loses no record of the rest; what is wrong changes nothing")
  func reload() async throws {
    let folder = try Folder(["a.yaml": Self.bars, "b.yaml": Self.bars])
    let manager = try NotifyListener(folder.file("n"))
    let daemon = try RunningCommand(
      Command.path, ["run", folder.path, "--socket", folder.file("s")],
      environment: ["NOTIFY_SOCKET": manager.name])
    #expect(manager.lines { $0.contains("2 running") } != nil, "\(daemon.error)")
    let subscriber = try RunningCommand(
      Command.path, ["subscribe", "--socket", folder.file("s"), "--stream", "a"])
    #expect(await subscriber.wait { output, _ in output.contains("\"type\":\"frame\"") })

    try "source: x\nrat: 3\n".write(toFile: folder.file("b.yaml"), atomically: true, encoding: .utf8)
    daemon.signal(SIGHUP)
    let refused = try #require(manager.lines { $0.hasSuffix("were not taken") })
    #expect(refused.contains("RELOADING=1") && refused.contains("READY=1"))
    #expect(refused.contains { $0.hasPrefix("MONOTONIC_USEC=") })
    // How they do a slow machine may see otherwise for a moment.
    #expect(refused.last?.contains("2 streams: ") == true, "\(refused)")
    #expect(await daemon.wait { _, error in error.contains("b.yaml:2:1") }, "\(daemon.error)")

    try FileManager.default.removeItem(atPath: folder.file("b.yaml"))
    try Self.bars.write(toFile: folder.file("c.yaml"), atomically: true, encoding: .utf8)
    try Self.bars.write(toFile: folder.file("d.yaml"), atomically: true, encoding: .utf8)
    daemon.signal(SIGHUP)
    #expect(manager.lines { $0 == "STATUS=3 streams: 3 running" } != nil, "\(daemon.error)")
    #expect(
      await daemon.wait { _, error in error.contains("added c d, kept 1, removed b, restarted none") },
      "\(daemon.error)")
    #expect(await subscriber.wait { output, _ in output.split(separator: "\n").count > 60 })
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    let read = try Record.all(in: await subscriber.end(within: 10))
    let numbered = read.filter { $0.type == "frame" || $0.type == "event" }
    #expect(numbered.count > 30)
    #expect(zip(numbered, numbered.dropFirst()).allSatisfy { $0.seq + 1 == $1.seq })
  }

  @Test("gives its lines the journal's levels, where standard error is the journal and not where it was")
  func journal() async throws {
    let folder = try Folder([
      "wrong.yaml": "source: a.ts\nrat: 10\n", "a.yaml": "source: a.ts\n", "err": "", "other": "",
    ])
    try await Clip.make(folder.file("a.ts"), ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=0.2"])
    func said(_ pipeline: String, _ error: String) async throws -> [Substring] {
      _ = try await Command.shell(
        "cd \(folder.path); export JOURNAL_STREAM=$(stat -L -c %d:%i err); exec $SACCADE run \(pipeline) "
          + "--socket \(folder.file("s")) 2>>\(error)")
      return try folder.text(error).split(separator: "\n")
    }
    let run = try await said("a.yaml", "err")
    #expect(run.contains { $0.hasPrefix("<6>clients are taken") }, "\(run)")
    #expect(run.allSatisfy { $0.prefixMatch(of: /<[3-6]>/) != nil }, "\(run)")
    let both = try await said("wrong.yaml", "err")
    #expect(both.count > run.count)
    #expect(both.dropFirst(run.count).allSatisfy { $0.hasPrefix("<3>") }, "\(both)")
    let elsewhere = try await said("wrong.yaml", "other")
    #expect(elsewhere.first?.hasPrefix("saccade: ") == true, "\(elsewhere)")
  }

  @Test("refuses a passed descriptor that is no socket to listen at")
  func wrongDescriptor() async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let refused = try await Command.shell(
      "LISTEN_PID=$$ LISTEN_FDS=1 exec $SACCADE run \(folder.file("a.yaml")) 3</dev/null")
    #expect(refused.code == 78)
    #expect(refused.error.contains("ListenStream="))
  }
}
