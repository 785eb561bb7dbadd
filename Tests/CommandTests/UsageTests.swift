import Foundation
import TestKit
import Testing

@Suite("The command line")
struct UsageTests {
  @Test(
    "that nobody can understand ends with 64 and says how it is meant",
    arguments: [
      ["chek"], ["run"], ["analyze"], ["check"], ["probe"], ["subscribe", "--nope"],
      ["subscribe", "--every", "0"], ["subscribe", "--type", "frames"], ["subscribe", "--from", "yesterday"],
      ["analyze", "a.mp4", "--start", "today"], ["--nope"], ["stop"], ["reload", "lobby"],
    ])
  func usage(_ arguments: [String]) async throws {
    let ended = try await Command.run(arguments)
    #expect(ended.code == 64)
    #expect(ended.output.isEmpty)
    #expect(!ended.error.isEmpty)
    #expect(ended.error.contains("saccade"))
  }

  @Test("names the command that was meant")
  func nearest() async throws {
    #expect(try await Command.run(["anlyze", "x.mp4"]).error.contains("`analyze`"))
  }

  @Test(
    "explains every command, with an example",
    arguments: [
      "run", "analyze", "subscribe", "status", "check", "probe", "reload", "retry", "stop", "engines",
      "setup openvino",
    ])
  func help(_ command: String) async throws {
    let ended = try await Command.run(["help"] + command.split(separator: " ").map { String($0) })
    #expect(ended.code == 0)
    #expect(ended.output.contains("saccade \(command)"))
    #expect(ended.output.contains("Example"))
  }

  @Test("tells its version")
  func version() async throws {
    let ended = try await Command.run(["--version"])
    #expect(ended.code == 0)
    #expect(ended.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}

@Suite("saccade check")
struct CheckTests {
  @Test("ends with 0 for pipelines that are well")
  func good() async throws {
    let folder = try Folder(["a.yaml": "source: rtsp://u:${PW}@h/\n", "b.yaml": "source: \"-\"\n"])
    let ended = try await Command.run(["check", folder.path], environment: ["PW": "hunter2"])
    #expect(ended.code == 0)
    #expect(ended.lines.count == 2)
    #expect(ended.output.contains("rtsp://u:${PW}@h/"))
    #expect(!ended.output.contains("hunter2"))
  }

  @Test("ends with 78 and shows each fault with a caret")
  func bad() async throws {
    let folder = try Folder(["a.yaml": "source: \"-\"\nzons: {}\nrate: 0\n"])
    let ended = try await Command.run(["check", "a.yaml"], in: folder.path)
    #expect(ended.code == 78)
    #expect(
      ended.error == """
        saccade: a.yaml:2:1: unknown key `zons`
           2 | zons: {}
             | ^^^^
          did you mean `zones`?
        saccade: a.yaml:3:7: `rate` takes a whole number of records a second from 1 to 120; this is `0`
           3 | rate: 0
             |       ^

        """)
  }

  @Test("ends with 66 where a file is missing, be it the pipeline or its recording")
  func missing() async throws {
    let folder = try Folder(["a.yaml": "source: gone.mp4\n"])
    for path in [folder.file("a.yaml"), folder.file("none.yaml")] {
      let ended = try await Command.run(["check", path])
      #expect(ended.code == 66)
      #expect(ended.error.contains("No such file"))
    }
  }
}
