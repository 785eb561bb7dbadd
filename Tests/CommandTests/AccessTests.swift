import Foundation
import Glibc
import TestKit
import Testing

/// Clients of other users, which only root can be.
@Suite("Access lists", .serialized)
struct AccessTests {
  private static let isRoot = geteuid() == 0
  private static let why: Comment = "only root can run clients of other users"
  private static let bars = "source: lavfi:testsrc2=size=320x180:rate=30\n"

  /// A command of user 65534 with these groups beside 65534.
  private static func stranger(_ groups: [Int], _ command: String) async throws -> Command.Output {
    let with =
      groups.isEmpty ? "--clear-groups" : "--groups " + groups.map(String.init).joined(separator: ",")
    return try await Command.shell("setpriv --reuid 65534 --regid 65534 \(with) \(command)")
  }

  private func daemon(_ options: [String], environment: [String: String] = [:]) async throws -> (
    Folder, RunningCommand
  ) {
    let folder = try Folder(["a.yaml": Self.bars])
    chmod(folder.path, 0o755)
    let daemon = try RunningCommand(
      Command.path, ["run", folder.file("a.yaml"), "--socket", folder.file("s")] + options,
      environment: environment)
    let control = folder.file("control.sock")
    try #require(
      await daemon.wait { _, _ in FileManager.default.fileExists(atPath: control) }, "\(daemon.error)")
    return (folder, daemon)
  }

  @Test(
    "let in whom they name by a supplementary group, and send others away, who are logged and counted",
    .enabled(if: isRoot, why))
  func groups() async throws {
    let (folder, daemon) = try await daemon(
      ["--allow-control", "group:4"], environment: ["SACCADE_ALLOW_SUBSCRIBE": "group:44"])
    let (socket, control) = (folder.file("s"), folder.file("control.sock"))
    for path in [socket, control] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o666)
    }
    let status = "$SACCADE status --socket \(socket)"
    let reload = "$SACCADE reload --control \(control)"
    #expect(try await Self.stranger([1, 44], status).code == 0)
    #expect(try await Self.stranger([1, 4], reload).code == 0)
    for (groups, command) in [([], status), ([4], status), ([], reload), ([44], reload)] as [([Int], String)]
    {
      let denied = try await Self.stranger(groups, command)
      #expect(denied.code == 77, "\(denied.output)\(denied.error)")
      #expect(denied.error.contains("user 65534 of group 65534 may not"))
      #expect(denied.output.isEmpty)
    }
    let subscriber = try await Self.stranger([], "$SACCADE subscribe --socket \(socket)")
    #expect(subscriber.code == 77)
    let raw = try await Self.stranger([], "socat -u UNIX-CONNECT:\(socket) -")
    #expect(raw.lines.count == 1)
    #expect(try Record(raw.output)["code"] as? String == "denied")
    #expect(daemon.error.contains("a client that may not subscribe was sent away"))
    #expect(daemon.error.contains("a client that may not control was sent away"))
    #expect(daemon.error.contains("uid 65534") && daemon.error.contains("gid 65534"))
    // The daemon's own user may always.
    let counted = try await Command.run(["status", "--json", "--socket", socket])
    #expect(counted.output.contains(#""clients_denied":4,"#), "\(counted.output)")
    #expect(try await Command.run(["reload", "--control", control]).code == 0)
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test("send a thousand away with few lines in the log, which count them", .enabled(if: isRoot, why))
  func storm() async throws {
    let (folder, daemon) = try await daemon(["--allow-subscribe", "user:65533"])
    let script = """
      import socket, sys
      for _ in range(1000):
          s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
          while s.recv(4096): pass
          s.close()
      """
    try script.write(toFile: folder.file("storm.py"), atomically: true, encoding: .utf8)
    let storm = try await Self.stranger([], "python3 \(folder.file("storm.py")) \(folder.file("s"))")
    #expect(storm.code == 0, "\(storm.error)")
    let counted = try await Command.run(["status", "--json", "--socket", folder.file("s")])
    #expect(counted.output.contains(#""clients_denied":1000,"#), "\(counted.output)")
    let lines = daemon.error.split(separator: "\n").filter { $0.contains("was sent away") }
    #expect(!lines.isEmpty && lines.count < 100)
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }

  @Test(
    "that can't be read stop the daemon before it starts, and say which name",
    arguments: [
      (["--allow-control", "group:no-such-group"], 78, "`no-such-group`"),
      (["--allow-subscribe", "user:root,user:no-such-user"], 78, "`no-such-user`"),
      (["--allow-subscribe", "everyone"], 64, "`everyone`"),
    ])
  func unknown(_ options: [String], _ code: Int32, _ name: String) async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let ended = try await Command.run(
      ["run", folder.file("a.yaml"), "--socket", folder.file("s")] + options)
    #expect(ended.code == code)
    #expect(ended.error.contains(name) && ended.error.contains(options[0]))
    #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
  }

  @Test("say so where a name comes from the environment")
  func environment() async throws {
    let folder = try Folder(["a.yaml": Self.bars])
    let ended = try await Command.run(
      ["run", folder.file("a.yaml"), "--socket", folder.file("s")],
      environment: ["SACCADE_ALLOW_CONTROL": "user:no-such-user"])
    #expect(ended.code == 78)
    #expect(ended.error.contains("$SACCADE_ALLOW_CONTROL: there is no user `no-such-user`"))
  }
}
