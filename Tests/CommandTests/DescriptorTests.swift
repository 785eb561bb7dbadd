import Foundation
import Glibc
import TestKit
import Testing

@Suite("A daemon without a descriptor left", .serialized)
struct DescriptorTests {
  @Test("says so, loses no record of those that it has, doesn't spin, and takes clients again when some go")
  func exhausted() async throws {
    let folder = try Folder(["a.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\n"])
    let daemon = try RunningCommand(
      "/bin/sh",
      ["-c", "ulimit -n 30 && exec \(Command.path) run \(folder.path) --socket \(folder.file("s"))"])
    #expect(await daemon.wait { _, error in error.contains("the source is open") }, "\(daemon.error)")
    let good = try RunningCommand(Command.path, ["subscribe", "--socket", folder.file("s")])
    #expect(await good.wait { output, _ in output.contains("\"type\":\"frame\"") }, "\(good.error)")

    #expect(daemon.error.contains("fewer clients are taken than usual"))
    let crowd = try (0..<100).map { _ in try HTTP.connect(unix: folder.file("s")) }
    #expect(
      await daemon.wait { _, error in
        error.contains("the event socket can take no client now; they wait: Too many open files")
      }, "\(daemon.error)")
    let before = good.output.split(separator: "\n").count
    #expect(await good.wait { output, _ in output.split(separator: "\n").count >= before + 60 })
    for client in crowd { close(client) }
    #expect(await daemon.wait { _, error in error.contains("the event socket takes clients again") })

    let status = try await Command.run(["status", "--json", "--socket", folder.file("s")])
    let failed = try #require(
      status.output.firstMatch(of: /"accepts_failed":(\d+)/).flatMap { Int($0.1) }, "\(status.error)")
    let records = good.output.split(separator: "\n").count
    // Five a second, where records are thirty.
    #expect(failed > 0 && failed < records)
    let lines = daemon.error.split(separator: "\n").filter { $0.contains("can take no client") }
    // One a second, where records are thirty; fewer on a machine that is slow.
    #expect(lines.count < records / 5)

    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
    let read = try Record.all(in: await good.end(within: 10))
    let numbered = read.filter { $0.type == "frame" || $0.type == "event" }
    #expect(!read.contains { $0.type == "gap" })
    #expect(zip(numbered, numbered.dropFirst()).allSatisfy { $0.seq + 1 == $1.seq })
  }

  @Test("has some kept back for its cameras: a crowd is told that it is too many, and a camera comes back")
  func keptBack() async throws {
    let folder = try Folder(["camera.yaml": "source: tcp://127.0.0.1:1\n"])
    let daemon = try RunningCommand(
      "/bin/sh",
      ["-c", "ulimit -n 128 && exec \(Command.path) run \(folder.path) --socket \(folder.file("s"))"])
    #expect(await daemon.wait { _, error in error.contains("the source is lost") }, "\(daemon.error)")
    let crowd = try (0..<200).map { _ in try HTTP.connect(unix: folder.file("s")) }
    // 128 less 64 and 8: 56 are taken, the others are sent away.
    var sentAway = 0
    for client in crowd.suffix(100)
    where String(decoding: HTTP.read(client), as: UTF8.self).contains("too_many_clients") {
      sentAway += 1
    }
    #expect(sentAway == 100)
    let clip = folder.file("clip.ts")
    try await Clip.make(clip, ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=1"])
    try "source: {url: clip.ts, loop: true}\n".write(
      toFile: folder.file("camera.yaml"), atomically: true, encoding: .utf8)
    let reload = try await Command.run(["reload", "--control", folder.file("control.sock")])
    #expect(reload.output == "restarted: camera\n", "\(reload.error)")
    #expect(await daemon.wait { _, error in error.contains("the source is open") }, "\(daemon.error)")
    #expect(!daemon.error.contains("Too many open files"))
    for client in crowd { close(client) }
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 20).code == 0)
  }
}
