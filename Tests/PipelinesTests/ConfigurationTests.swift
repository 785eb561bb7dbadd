import Base
import Conditions
import Foundation
import Media
import Pipelines
import Testing
import Vision

@Suite("A pipeline file")
struct ConfigurationTests {
  private func read(_ text: String, _ environment: [String: String] = [:]) throws -> Pipeline {
    try PipelineFiles.read(text, path: "cams/lobby.yaml", environment: environment)
  }

  @Test("needs no more than a source")
  func least() throws {
    let pipeline = try read("source: lobby.mp4\n")
    #expect(pipeline.name == "lobby")
    #expect(pipeline.source.url == "cams/lobby.mp4")
    #expect(pipeline.rate == 30)
    #expect(pipeline.signalLostAfter == .seconds(2))
    #expect(pipeline.setting.zones.isEmpty)
    #expect(pipeline.source.rotation == nil)
  }

  @Test("sets every key")
  func all() throws {
    let pipeline = try read(
      """
      name: entrance-2
      source:
        url: rtsp://cam/stream
        transport: udp
        hwaccel: vaapi
        threads: 2
        timeout: 1500 ms
        loop_filter: true
        format: rtsp
        options:
          buffer_size: 1000000
          user_agent: "a b"
      rate: 25
      rotate: 90
      loop: true
      start: 2026-11-23T13:45:20.5+01:00
      masks:
        - [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0]]
      zones:
        Tür: [[0, 0], [1, 0], [1, 1]]
        street:
          - [0, 0.5]
          - [1, 0.5]
          - [1, 1]
          - [0, 1]
      encoder:
        minimum_object: 2.5 %
        sensitivity: 0.75
        budget: 30 %
        economy: false
      signal_lost: 1 min
      socket: /run/x.sock
      """)
    #expect(pipeline.name == "entrance-2")
    let source = pipeline.source
    #expect(source.url == "rtsp://cam/stream")
    #expect(source.transport == .udp)
    #expect(source.hardware == .vaapi)
    #expect(source.decodeThreads == 2)
    #expect(source.timeout == .milliseconds(1500))
    #expect(source.loopFilter)
    #expect(source.loop)
    #expect(source.format == "rtsp")
    #expect(source.options == ["buffer_size": "1000000", "user_agent": "a b"])
    #expect(source.rotation == .quarter)
    #expect(source.masks.map(\.points.count) == [3])
    #expect(pipeline.rate == 25)
    #expect(pipeline.start == WallTime(nanoseconds: 1_795_437_920_500_000_000))
    #expect(pipeline.setting.zones.map(\.name) == ["Tür", "street"])
    #expect(pipeline.setting.zones[1].polygon.points[2] == Point(x: 1, y: 1))
    #expect(pipeline.encoder.minimumObject == 0.025)
    #expect(pipeline.encoder.sensitivity == 0.75)
    #expect(pipeline.encoder.budget == 0.3)
    #expect(!pipeline.encoder.economy)
    #expect(pipeline.signalLostAfter == .seconds(60))
    #expect(pipeline.socket == "/run/x.sock")
  }

  @Test("gives an object's size in pixels of the picture that arrives")
  func pixels() throws {
    let encoder = try read("source: a\nencoder: {minimum_object: 24 px}\n").encoder
    let frame = FrameInfo(
      number: 1, segment: 1, time: .zero, arrival: MonotonicTime(nanoseconds: 0),
      wall: WallTime(nanoseconds: 0), width: 1280, height: 720)
    #expect(encoder.minimumObject(in: frame) == 24.0 / 720)
    var turned = frame
    turned.rotation = .quarter
    #expect(encoder.minimumObject(in: turned) == 24.0 / 1280)
  }

  @Test(
    "takes relative paths from its own folder",
    arguments: [
      ("lobby.mp4", "cams/lobby.mp4"), ("../samples/a b.mp4", "cams/../samples/a b.mp4"),
      ("/srv/a.mp4", "/srv/a.mp4"), ("-", "-"), ("lavfi:testsrc2=d=1", "lavfi:testsrc2=d=1"),
      ("rtsp://cam/1", "rtsp://cam/1"), ("frames/%04d.png", "cams/frames/%04d.png"),
      ("/dev/video0", "/dev/video0"), ("file:a.mp4", "file:a.mp4"),
    ])
  func relativePaths(_ written: String, url: String) throws {
    let source = try read("source: \"\(written)\"\n").source
    #expect(source.url == url)
    #expect(source.shownURL == url)
  }

  @Test(
    "keeps passwords out of what is shown",
    arguments: [
      ("rtsp://admin:${PW}@cam/1", "rtsp://admin:p%40s%2Fs@cam/1", "rtsp://admin:${PW}@cam/1"),
      ("rtsp://${WHO}:${PW}@cam/1", "rtsp://me:p%40s%2Fs@cam/1", "rtsp://${WHO}:${PW}@cam/1"),
      ("rtsp://admin:hunter2@cam/1", "rtsp://admin:hunter2@cam/1", "rtsp://admin:***@cam/1"),
      ("rtsp://admin:a@b:c@cam/1", "rtsp://admin:a@b:c@cam/1", "rtsp://admin:***@cam/1"),
      ("rtsp://admin:x${PW}@cam/1", "rtsp://admin:xp%40s%2Fs@cam/1", "rtsp://admin:***@cam/1"),
      ("http://cam/v?user=a&pwd=${PW}", "http://cam/v?user=a&pwd=p@s/s", "http://cam/v?user=a&pwd=${PW}"),
      (
        "http://cam/v?user=a&password=zz&n=1", "http://cam/v?user=a&password=zz&n=1",
        "http://cam/v?user=a&password=***&n=1"
      ),
      ("http://cam:8080/v@2x.ts", "http://cam:8080/v@2x.ts", "http://cam:***@2x.ts"),
      ("rtsp://cam/${WHO}/1", "rtsp://cam/me/1", "rtsp://cam/${WHO}/1"),
      ("rtsp://admin@cam/1?x=$5", "rtsp://admin@cam/1?x=$5", "rtsp://admin@cam/1?x=$5"),
    ])
  func credentials(_ written: String, url: String, shown: String) throws {
    let source = try read("source: \(written)\n", ["PW": "p@s/s", "WHO": "me"]).source
    #expect(source.url == url)
    #expect(source.shownURL == shown)
  }

  @Test("reads a secret from a file, also one in a folder that the environment names")
  func secretFile() throws {
    let folder = try Folder(["cam": "s3cret:x\n"])
    let text = "source: rtsp://a:${file:${CREDENTIALS_DIRECTORY}/cam}@cam/\n"
    let source = try read(text, ["CREDENTIALS_DIRECTORY": folder.path]).source
    #expect(source.url == "rtsp://a:s3cret%3Ax@cam/")
    #expect(source.shownURL == "rtsp://a:${file:${CREDENTIALS_DIRECTORY}/cam}@cam/")
  }

  @Test("takes YAML's anchors, comments, Windows line ends and a byte order mark")
  func yaml() throws {
    let text = "\u{FEFF}# a door\r\nsource: a.mp4\r\nzones:\r\n  a: &p [[0,0],[1,0],[1,1]]\r\n  b: *p\r\n"
    let pipeline = try read(text)
    #expect(pipeline.setting.zones[0].polygon == pipeline.setting.zones[1].polygon)
  }

  @Test(
    "takes a time as RFC 3339 writes it",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600),
      ("2026-11-23T13:45:20Z", 1_795_441_520), ("2026-11-23T13:45:20-05:30", 1_795_461_320),
      ("2100-03-01T00:00:00Z", 4_107_542_400),
    ])
  func times(_ text: String, seconds: Int64) {
    #expect(WallTime(rfc3339: text) == WallTime(nanoseconds: seconds * 1_000_000_000))
  }

  @Test(
    "takes no other time",
    arguments: [
      "", "2026-11-23", "2026-11-23T13:45:20", "2026-11-23T24:00:00Z", "2025-02-29T00:00:00Z",
      "2026-13-01T00:00:00Z", "2026-11-23T13:45:20Zx", "2026-11-23T13:45:20.Z", "1969-12-31T23:59:59Z",
    ])
  func noTimes(_ text: String) {
    #expect(WallTime(rfc3339: text) == nil)
  }
}

@Suite("Several pipeline files")
struct PipelineFilesTests {
  private func load(_ paths: [String]) throws -> [Pipeline] {
    try PipelineFiles.load(paths, environment: [:])
  }

  @Test("of a folder are read by name, and nothing else in it")
  func folder() throws {
    let folder = try Folder([
      "b.yaml": "source: b.mp4", "a.yml": "source: a.mp4", "notes.txt": "no", ".hidden.yaml": "no",
    ])
    #expect(try load([folder.path]).map(\.name) == ["a", "b"])
    #expect(try load([folder.path + "/"]).map(\.source.url).first == folder.path + "/a.mp4")
  }

  @Test("tell all faults of all files")
  func allFaults() throws {
    let folder = try Folder(["a.yaml": "source: 1\nrat: 1\nx: 2", "b.yaml": "zone: 1"])
    let found = try #require(throws: PipelineFaults.self) { try load([folder.path, "/no/such.yaml"]) }
    #expect(
      found.faults.compactMap(\.place) == [
        "\(folder.path)/a.yaml:2:1", "\(folder.path)/a.yaml:3:1", "\(folder.path)/b.yaml:1:1",
        "\(folder.path)/b.yaml:1:1", "/no/such.yaml",
      ])
    #expect(found.code == .configuration)
  }

  @Test(
    "must not claim the same thing",
    arguments: [
      ("name: x\nsource: a", "name: x\nsource: b", "two pipelines are named `x`"),
      ("source: \"-\"", "source: \"-\"", "two pipelines read standard input"),
      ("source: a\nsocket: /tmp/1", "source: a\nsocket: /tmp/2", "the pipelines ask for two sockets"),
    ])
  func clashes(_ a: String, _ b: String, what: String) throws {
    let folder = try Folder(["a.yaml": a, "b.yaml": b])
    let found = try #require(throws: PipelineFaults.self) { try load([folder.path]) }
    #expect(found.faults.map(\.what) == [what])
    #expect(found.faults[0].cause?.contains("a.yaml") ?? false)
  }

  @Test("that can't be read are told apart by their exit code")
  func unreadable() throws {
    let folder = try Folder(["binary.yaml": "source: a"])
    try Data([0x73, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path + "/binary.yaml"))
    let empty = try Folder([:])
    for (path, code) in [
      ("/no/such.yaml", Fault.Code.noInput), (empty.path, .noInput), (folder.path, .data),
      ("/dev/zero", .noInput),
    ] {
      let found = try #require(throws: PipelineFaults.self, "\(path)") { try load([path]) }
      #expect(found.code == code, "\(found)")
    }
  }
}

/// A folder of its own for one test, gone with it.
private final class Folder {
  let path: String

  init(_ files: [String: String]) throws {
    path = NSTemporaryDirectory() + "saccade-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("An input in place of the source")
struct ReplacedSourceTests {
  @Test("keeps what is said about the picture, and needs no password of the camera")
  func replaced() throws {
    let pipeline = try PipelineFiles.read(
      """
      source: {url: "rtsp://a:${NOT_SET}@cam/", transport: udp, format: rtsp, threads: 2}
      loop: true
      masks: [[[0, 0], [1, 0], [1, 1]]]
      rotate: 180
      """, path: "x/cam.yaml", environment: [:], input: "night.mp4")
    #expect(pipeline.source.url == "night.mp4")
    #expect(pipeline.source.format == nil)
    #expect(!pipeline.source.loop)
    #expect(pipeline.source.decodeThreads == 2)
    #expect(pipeline.source.rotation == .half)
    #expect(pipeline.source.masks.count == 1)
  }

  @Test("makes up for a missing one", arguments: ["", "rate: 10\n", "source: {threads: 2}\n"])
  func missing(_ text: String) throws {
    let pipeline = try PipelineFiles.read(text, path: "p.yaml", environment: [:], input: "-")
    #expect(pipeline.source.url == "-")
    #expect(pipeline.name == "p")
  }
}

@Suite("The pipelines that come along")
struct ShippedPipelineTests {
  /// The repository, seen from this file.
  private static let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")!.lowerBound))

  @Test("are without fault", arguments: ["demo", "recording", "camera"])
  func valid(_ name: String) throws {
    let found = try PipelineFiles.load(
      [Self.root + "/pipelines/\(name).yaml"], environment: ["CAM_PASSWORD": "x"])
    #expect(found.count == 1)
  }

  @Test("work for recordings as no pipeline at all does")
  func general() throws {
    let written = try PipelineFiles.load(
      [Self.root + "/pipelines/recording.yaml"], environment: [:])[0]
    let none = Pipeline(name: "x", source: .input("-"))
    #expect(written.encoder == none.encoder)
    #expect(written.source == none.source)
    #expect(written.rate == none.rate)
    #expect(written.setting == none.setting)
  }
}
