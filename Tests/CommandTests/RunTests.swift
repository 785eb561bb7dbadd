import Foundation
import TestKit
import Testing

/// A daemon over a socket in its own folder. Its stream `clip` plays what it is fed, so that no subscriber
/// comes too late for it.
struct Daemon {
  let folder: Folder
  let process: RunningCommand
  var socket: String { folder.file("s") }

  /// Runs `clip.yaml` of the folder, or the pipelines named.
  init(_ folder: Folder, _ pipelines: [String] = ["clip.yaml"]) throws {
    self.folder = folder
    process = try RunningCommand(
      Command.path, ["run"] + pipelines.map { folder.file($0) } + ["--socket", folder.file("s")], isFed: true)
  }

  /// That waits for its video.
  static func hungry(_ name: String = "clip") async throws -> Daemon {
    let daemon = try Daemon(try Folder(["clip.yaml": "source: \"-\"\nname: \(name)\n"]))
    try #require(await daemon.isReady(), "\(daemon.process.error)")
    return daemon
  }

  func isReady() async -> Bool {
    let socket = socket
    return await process.wait { _, error in
      error.contains("clients are taken") && FileManager.default.fileExists(atPath: socket)
    }
  }

  /// Gives it a figure that walks once through the picture; the video ends with it.
  func feed(seconds: Int) async throws {
    try await Clip.walk(folder.file("walk.ts"), seconds: seconds)
    process.feed(try Data(contentsOf: URL(fileURLWithPath: folder.file("walk.ts"))))
  }

  func subscribe(_ options: [String] = []) throws -> RunningCommand {
    try RunningCommand(Command.path, ["subscribe", "--socket", socket] + options)
  }

  func clients(_ count: Int) async throws -> Bool {
    for _ in 0..<100 {
      let status = try await Command.run(["status", "--json", "--socket", socket])
      // The one who asks is a client, too.
      if status.output.contains("\"clients\":\(count + 1),") { return true }
    }
    return false
  }
}

// One after the other: each starts processes that keep a core busy.
@Suite("saccade run", .serialized)
struct RunTests {
  @Test("plays a recording at its own pace to a subscriber, then both end with 0")
  func endToEnd() async throws {
    let daemon = try await Daemon.hungry()
    let subscriber = try daemon.subscribe()
    #expect(try await daemon.clients(1))
    let begun = Date()
    try await daemon.feed(seconds: 5)
    let ended = await daemon.process.end(within: 60)
    let read = await subscriber.end(within: 10)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(read.code == 0, "\(read.error)")
    #expect(Date().timeIntervalSince(begun) >= 4.5)
    let records = try Record.all(in: read)
    #expect(records.last?.type == "bye")
    let numbered = records.filter { $0.type == "frame" || $0.type == "event" }
    #expect(numbered.map(\.seq) == Array(1...numbered.count))
    #expect(numbered.filter { $0.type == "frame" }.count == 150)
    #expect(numbered.filter { $0.kind == "object" }.map(\.phase).first == "begin")
    #expect(numbered.filter { $0.kind == "object" }.map(\.phase).last == "end")
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test("told to stop, ends open events, says bye and ends with 0")
  func stopped() async throws {
    let folder = try Folder(["clip.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\n"])
    let daemon = try Daemon(folder)
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    let subscriber = try daemon.subscribe()
    #expect(
      await subscriber.wait { output, _ in output.contains("\"type\":\"frame\"") }, "\(subscriber.error)")
    daemon.process.signal(SIGTERM)
    let ended = await daemon.process.end(within: 20)
    let read = await subscriber.end(within: 10)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(read.code == 0, "\(read.error)")
    #expect(try Record.all(in: read).last?.type == "bye")
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test("refuses a socket that is in use, and names who uses it")
  func socketInUse() async throws {
    let folder = try Folder(["clip.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\n"])
    let daemon = try Daemon(folder)
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    let second = try await Command.run(["run", folder.file("clip.yaml"), "--socket", daemon.socket])
    #expect(second.code == 69)
    #expect(second.error.contains("process"))
    daemon.process.signal(SIGTERM)
    #expect(await daemon.process.end(within: 20).code == 0)
  }

  @Test("goes on with the other streams when one source is no video")
  func oneBad() async throws {
    let folder = try Folder([
      "a.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\n", "b.yaml": "source: notes.txt\n",
      "notes.txt": "no video\n",
    ])
    let daemon = try Daemon(folder, ["a.yaml", "b.yaml"])
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    #expect(await daemon.process.wait { _, error in error.contains("b: the stream failed") })
    let subscriber = try daemon.subscribe(["--stream", "a", "--type", "frame"])
    #expect(
      await subscriber.wait { output, _ in output.split(separator: "\n").count > 30 }, "\(subscriber.error)")
    daemon.process.signal(SIGTERM)
    #expect(await daemon.process.end(within: 20).code == 0)
  }

  @Test("ends with the code of the source that is no video, when all others are done")
  func oneBadInTheEnd() async throws {
    let folder = try Folder([
      "a.yaml": "source: walk.mp4\n", "b.yaml": "source: notes.txt\n", "notes.txt": "no video\n",
    ])
    try await Clip.walk(folder.file("walk.mp4"), seconds: 1)
    let daemon = try Daemon(folder, ["a.yaml", "b.yaml"])
    let ended = await daemon.process.end(within: 30)
    #expect(ended.code == 65, "\(ended.error)")
    #expect(ended.error.contains("notes.txt"))
  }

  @Test("tells its state to `saccade status`")
  func status() async throws {
    let folder = try Folder(["clip.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\nname: lobby\n"])
    let daemon = try Daemon(folder)
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    let subscriber = try daemon.subscribe()
    #expect(await subscriber.wait { output, _ in output.contains("\"type\":\"frame\"") })
    let people = try await Command.run(["status", "--socket", daemon.socket])
    #expect(people.code == 0, "\(people.error)")
    #expect(people.output.contains("lobby: "))
    #expect(people.output.contains("running"))
    let programs = try await Command.run(["status", "--json", "--socket", daemon.socket])
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(programs.output.utf8)) as? [String: Any])
    let streams = try #require(answer["streams"] as? [[String: Any]])
    #expect(streams.compactMap { $0["name"] as? String } == ["lobby"])
    daemon.process.signal(SIGTERM)
    #expect(await daemon.process.end(within: 20).code == 0)
  }

  @Test("says nowhere what the camera's password is, and waits for a camera that isn't there")
  func secret() async throws {
    let folder = try Folder([
      "cam.yaml": "source: rtsp://admin:${file:secret}@127.0.0.1:9/main\n", "secret": "hunter2\n",
    ])
    let daemon = try Daemon(folder, ["cam.yaml"])
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    #expect(await daemon.process.wait { _, error in error.contains("the source is lost") })
    let subscriber = try daemon.subscribe(["--from", "oldest"])
    #expect(await subscriber.wait { output, _ in output.contains("\"state\":\"starting\"") })
    let status = try await Command.run(["status", "--json", "--socket", daemon.socket])
    #expect(status.output.contains("rtsp://admin:${file:secret}@127.0.0.1:9/main"))
    daemon.process.signal(SIGTERM)
    let ended = await daemon.process.end(within: 20)
    let read = await subscriber.end(within: 10)
    #expect(ended.code == 0, "\(ended.error)")
    for text in [ended.error, ended.output, read.output, read.error, status.output, status.error] {
      #expect(!text.contains("hunter2"))
    }
  }

  @Test("is wrong to start with a wrong pipeline")
  func wrongPipeline() async throws {
    let folder = try Folder(["clip.yaml": "source: \"-\"\nrat: 3\n"])
    let ended = try await Command.run(["run", folder.file("clip.yaml"), "--socket", folder.file("s")])
    #expect(ended.code == 78)
    #expect(ended.error.contains("`rate`"))
  }
}

// One after the other: each starts processes that keep a core busy.
@Suite("saccade subscribe", .serialized)
struct SubscribeTests {
  /// What a subscriber printed while the figure walked by.
  private func read(_ options: [String]) async throws -> Command.Output {
    let daemon = try await Daemon.hungry("lobby")
    let subscriber = try daemon.subscribe(options)
    #expect(try await daemon.clients(1), "\(subscriber.error)")
    try await daemon.feed(seconds: 5)
    let read = await subscriber.end(within: 60)
    #expect(await daemon.process.end(within: 20).code == 0)
    #expect(read.code == 0, "\(read.error)")
    return read
  }

  @Test("prints one readable line for each event")
  func pretty() async throws {
    let read = try await read(["--kind", "object", "--pretty"])
    let events = read.lines.filter { $0.contains(" object ") }
    #expect(
      events.first?.firstMatch(of: /^\d\d:\d\d:\d\d\.\d{3} lobby +begin +object +/) != nil, "\(read.output)")
    #expect(events.last?.contains(" end ") ?? false, "\(read.output)")
  }

  @Test("shows people the state of each stream once a second")
  func prettyFrames() async throws {
    let read = try await read(["--type", "frame", "--pretty"])
    let states = read.lines.filter { $0.contains(" lobby    now ") }
    #expect((4...7).contains(states.count), "\(read.output)")
  }

  @Test("runs a command for each event, with the record as its input")
  func exec() async throws {
    let folder = try Folder()
    let read = try await read([
      "--kind", "object", "--exec",
      "cat > \(folder.path)/$SACCADE_EVENT.$SACCADE_PHASE; echo \"$SACCADE_STREAM $SACCADE_PHASE\"",
    ])
    #expect(read.lines.contains("lobby begin"))
    #expect(read.lines.contains("lobby end"))
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let name = try #require(kept.first { $0.hasSuffix(".begin") })
    #expect(try Record(folder.text(name)).phase == "begin")
  }

  @Test("goes on when a command for an event fails, and says so")
  func execFails() async throws {
    let read = try await read(["--kind", "object", "--exec", "exit 3"])
    #expect(read.error.contains("`exit 3`: exit 3"))
  }

  @Test("ends quietly when its reader has gone, also while nothing happens")
  func head() async throws {
    let folder = try Folder(["clip.yaml": "source: lavfi:testsrc2=size=320x180:rate=30\n"])
    let daemon = try Daemon(folder)
    #expect(await daemon.isReady(), "\(daemon.process.error)")
    for options in ["", "--type event --kind never"] {
      let lines = options.isEmpty ? 2 : 0
      let ended = try await Command.shell(
        "{ $SACCADE subscribe --socket \(daemon.socket) \(options); echo code $? >&2; } | head -n \(lines)")
      #expect(ended.lines.count == lines)
      #expect(ended.error == "code 0\n")
    }
    daemon.process.signal(SIGTERM)
    #expect(await daemon.process.end(within: 20).code == 0)
  }

  @Test("says where it looked when there is no daemon")
  func nobody() async throws {
    let ended = try await Command.run(
      ["subscribe"], environment: ["SACCADE_SOCKET": "/tmp/no-such-saccade/s"])
    #expect(ended.code == 69)
    #expect(ended.error.contains("/tmp/no-such-saccade/s"))
  }

  @Test("is told what is wrong with its wishes")
  func refused() async throws {
    let daemon = try await Daemon.hungry()
    let ended = try await Command.run(["subscribe", "--socket", daemon.socket, "--stream", "clpi"])
    #expect(ended.code == 64)
    #expect(ended.error.contains("clpi"))
    daemon.process.signal(SIGTERM)
    #expect(await daemon.process.end(within: 20).code == 0)
  }
}
