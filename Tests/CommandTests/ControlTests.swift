import Foundation
import Glibc
import TestKit
import Testing

/// A daemon over all pipelines of its folder, with its control socket beside its event socket.
private struct Controlled {
  static let bars = "source: lavfi:testsrc2=size=320x180:rate=30\n"

  let folder: Folder
  let process: RunningCommand
  var socket: String { folder.file("s") }
  var control: String { folder.file("control.sock") }

  init(_ files: [String: String], _ options: [String] = []) async throws {
    folder = try Folder(files)
    process = try RunningCommand(
      Command.path, ["run", folder.path, "--socket", folder.file("s")] + options)
    let control = control
    try #require(
      await process.wait { _, _ in FileManager.default.fileExists(atPath: control) }, "\(process.error)")
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: folder.file(name), atomically: true, encoding: .utf8)
  }

  func ask(_ command: String, _ arguments: [String] = []) async throws -> Command.Output {
    try await Command.run([command] + arguments + ["--control", control])
  }

  func subscribe(_ options: [String]) throws -> RunningCommand {
    try RunningCommand(Command.path, ["subscribe", "--socket", socket] + options)
  }

  func end() async {
    process.signal(SIGTERM)
    let ended = await process.end(within: 30)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(!FileManager.default.fileExists(atPath: control))
  }
}

@Suite("The control socket", .serialized)
struct ControlTests {
  @Test("belongs to the daemon's user alone")
  func mode() async throws {
    let daemon = try await Controlled(["a.yaml": Controlled.bars])
    let attributes = try FileManager.default.attributesOfItem(atPath: daemon.control)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    await daemon.end()
  }

  @Test(
    "reloads what changed, and the other stream loses no record; a wrong file changes nothing and is told")
  func reload() async throws {
    let daemon = try await Controlled(["a.yaml": Controlled.bars, "b.yaml": Controlled.bars])
    let subscriber = try daemon.subscribe(["--stream", "a"])
    #expect(await subscriber.wait { output, _ in output.contains("\"type\":\"frame\"") })

    try daemon.write("source: x\nrat: 3\n", to: "b.yaml")
    let refused = try await daemon.ask("reload")
    #expect(refused.code == 78)
    #expect(refused.error.contains("b.yaml:2:1: unknown key `rat`"), "\(refused.error)")
    #expect(refused.output.isEmpty)

    try daemon.write(Controlled.bars + "rate: 10\n", to: "b.yaml")
    try daemon.write(Controlled.bars, to: "c.yaml")
    let done = try await daemon.ask("reload")
    #expect(done.code == 0, "\(done.error)")
    #expect(done.output == "kept: a\nadded: c\nrestarted: b\n")
    try FileManager.default.removeItem(atPath: daemon.folder.file("c.yaml"))
    let again = try await daemon.ask("reload", ["--json"])
    #expect(again.output == #"{"kept":["a","b"],"added":[],"restarted":[],"removed":["c"]}"# + "\n")

    #expect(await subscriber.wait { output, _ in output.split(separator: "\n").count > 30 })
    await daemon.end()
    let read = try Record.all(in: await subscriber.end(within: 10))
    let numbered = read.filter { $0.type == "frame" || $0.type == "event" }
    #expect(numbered.count > 10)
    #expect(zip(numbered, numbered.dropFirst()).allSatisfy { $0.seq + 1 == $1.seq })
  }

  @Test("lets a lost camera be tried at once: nine tries, for whose backoff nobody would wait")
  func retry() async throws {
    let port = LocalPort.free()
    let daemon = try await Controlled([
      "camera.yaml": "source: tcp://127.0.0.1:\(port)\n", "a.yaml": Controlled.bars,
    ])
    // 1, 2, 4, … 60 s and 20 % less by chance would be 178 s.
    for tries in 1...9 {
      let isLost = await daemon.process.wait { _, error in
        // Lines of the same second are counted with the next.
        error.contains("camera: the source is lost")
      }
      #expect(isLost)
      let answer = try await untilRetried(daemon)
      #expect(answer.output == "retried: camera\n", "try \(tries): \(answer.output)\(answer.error)")
    }
    let server = try RunningCommand(
      "/usr/bin/ffmpeg",
      [
        "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30", "-c:v",
        "libx264",
        "-preset", "ultrafast", "-g", "15", "-f", "mpegts", "tcp://127.0.0.1:\(port)?listen=1",
      ])
    var isRunning = false
    for _ in 0..<200 where !isRunning {
      _ = try await daemon.ask("retry", ["camera"])
      isRunning = daemon.process.error.contains("camera: the source is open")
    }
    #expect(isRunning, "\(server.error)")
    let all = try await daemon.ask("retry")
    #expect(all.output.hasPrefix("not waiting: "), "\(all.output)")
    let nobody = try await daemon.ask("retry", ["camrea"])
    #expect(nobody.code == 64)
    #expect(nobody.error.contains("camera"))
    await daemon.end()
    server.signal(SIGKILL)
    _ = await server.end(within: 10)
  }

  /// While a try goes on, nothing waits.
  private func untilRetried(_ daemon: Controlled) async throws -> Command.Output {
    var answer = try await daemon.ask("retry", ["camera"])
    for _ in 0..<200 where !answer.output.hasPrefix("retried") {
      answer = try await daemon.ask("retry", ["camera"])
    }
    return answer
  }

  @Test(
    "ends a stream in order: open events end as stopped, subscribers are told, and a reload brings it back")
  func stop() async throws {
    let lit = Controlled.bars + "events:\n  lit: scene.luma > 1 %\n"
    let daemon = try await Controlled(["a.yaml": lit])
    let subscriber = try daemon.subscribe(["--from", "oldest"])
    #expect(await subscriber.wait { output, _ in output.contains(#""kind":"lit","phase":"begin""#) })
    let stopped = try await daemon.ask("stop", ["a"])
    #expect(stopped.code == 0)
    #expect(stopped.output == "stopped: a\n")
    #expect(await subscriber.wait { output, _ in output.contains(#""state":"ended""#) })
    // Its only stream is gone, and it runs on.
    let status = try await Command.run(["status", "--socket", daemon.socket])
    #expect(status.output.contains("a: recording, ended"), "\(status.output)\(status.error)")
    #expect(try await daemon.ask("stop", ["a"]).output == "not running: a\n")
    #expect(try await daemon.ask("stop", ["b"]).code == 64)
    #expect(try await daemon.ask("reload").output == "restarted: a\n")
    #expect(await subscriber.wait { output, _ in output.contains(#""reason":"epoch""#) })
    await daemon.end()
    let records = try Record.all(in: await subscriber.end(within: 10))
    let ends = records.filter { $0.kind == "lit" && $0.phase == "end" }
    #expect(ends.first?.event["reason"] as? String == "stopped")
    let notice = try #require(records.first { $0.type == "stream" && $0["state"] as? String == "ended" })
    #expect(notice["name"] as? String == "a")
    #expect(notice["reason"] as? String == "told to stop")
  }

  @Test("gives hooks that a reload brings no connection of the clients that are there")
  func hooks() async throws {
    let daemon = try await Controlled(["a.yaml": Controlled.bars])
    let subscriber = try daemon.subscribe(["--stream", "a"])
    #expect(await subscriber.wait { output, _ in output.contains("\"type\":\"frame\"") })
    // It goes dark and bright every second, as hooks miss what comes before they run.
    try daemon.write(
      """
      source: "lavfi:color=gray:s=320x180:r=30,eq=brightness='if(lt(mod(t,2),1),-0.4,0.4)':eval=frame"
      events:
        lit:
          when: scene.luma > 50 %
          on_event:
            - exec: ls -l /proc/self/fd >&2; echo all listed >&2

      """, to: "b.yaml")
    #expect(try await daemon.ask("reload").output == "kept: a\nadded: b\n")
    #expect(await daemon.process.wait { _, error in error.contains("all listed") })
    let descriptors = daemon.process.error
    #expect(descriptors.contains(" 0 -> pipe:"))
    #expect(!descriptors.contains(" -> socket:"), "\(descriptors)")
    await daemon.end()
    _ = await subscriber.end(within: 10)
  }

  @Test("answers each line, in order, with an error where it is wrong")
  func lines() async throws {
    let daemon = try await Controlled(["a.yaml": Controlled.bars])
    let long = String(repeating: "x", count: 70_000)
    let lines = [
      (#"{"id":1,"reload":{}}"#, "done"), (#"{"id":2,"stop":{}}"#, "bad_value"), ("nonsense", "not_json"),
      (#"{"id":3,"retry":{"stream":"a"}}"#, "unknown_field"),
      (#"{"id":4,"subscribe":{}}"#, "unknown_request"),
      (#"{"id":5,"stop":{"streams":["x"]}}"#, "unknown_stream"), (long, "line_too_long"),
      (#"{"id":6,"status":{}}"#, "status"), (#"{"id":7,"retry":{}}"#, "done"),
    ]
    try daemon.write(lines.map { $0.0 + "\n" }.joined(), to: "lines")
    let answers = try await Command.shell(
      "socat -t 60 - UNIX-CONNECT:\(daemon.control) < \(daemon.folder.file("lines"))")
    let records = try Record.all(in: answers)
    #expect(records.map { $0["code"] as? String ?? $0.type } == lines.map(\.1))
    #expect(records.compactMap { $0["id"] as? Int } == [1, 2, 3, 4, 5, 6, 7])
    #expect(records[5]["where"] as? String == "stop.streams[0]")
    await daemon.end()
  }

  @Test("that another daemon of the folder has is left to it; one that was asked for is needed")
  func second() async throws {
    let daemon = try await Controlled(["a.yaml": Controlled.bars])
    let pipeline = daemon.folder.file("a.yaml")
    let refused = try await Command.run(
      ["run", pipeline, "--socket", daemon.folder.file("t"), "--control", daemon.control])
    #expect(refused.code == 69)
    #expect(refused.error.contains("process") && refused.error.contains("--control"), "\(refused.error)")
    #expect(!FileManager.default.fileExists(atPath: daemon.folder.file("t")))
    let second = try RunningCommand(Command.path, ["run", pipeline, "--socket", daemon.folder.file("t")])
    #expect(await second.wait { _, error in error.contains("there is no control socket") })
    #expect(await second.wait { _, error in error.contains("the source is open") })
    second.signal(SIGTERM)
    #expect(await second.end(within: 20).code == 0)
    // The first one's is still there.
    #expect(try await daemon.ask("reload").output == "kept: a\n")
    await daemon.end()
  }

  @Test("that nobody serves ends the commands with 69", arguments: [["reload"], ["retry"], ["stop", "a"]])
  func nobody(_ command: [String]) async throws {
    let ended = try await Command.run(command, environment: ["SACCADE_CONTROL": "/tmp/no-such-saccade/c"])
    #expect(ended.code == 69)
    #expect(ended.error.contains("/tmp/no-such-saccade/c") && ended.error.contains("--control"))
  }
}
