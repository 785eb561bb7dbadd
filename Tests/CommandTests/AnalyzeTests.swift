import Foundation
import TestKit
import Testing

/// A record, as any client would read it.
struct Record {
  private let fields: [String: Any]

  init(_ line: some StringProtocol) throws {
    fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  var type: String { fields["type"] as? String ?? "" }
  var seq: Int { fields["seq"] as? Int ?? -1 }
  var mediaTime: Double { fields["media_time"] as? Double ?? .nan }
  var time: String { fields["time"] as? String ?? "" }
  var objects: [[String: Any]] { fields["objects"] as? [[String: Any]] ?? [] }
  var scene: [String: Any] { fields["scene"] as? [String: Any] ?? [:] }
  var event: [String: Any] { fields["event"] as? [String: Any] ?? [:] }
  var kind: String { event["kind"] as? String ?? "" }
  var phase: String { event["phase"] as? String ?? "" }
  subscript(key: String) -> Any? { fields[key] }

  static func all(in output: Command.Output) throws -> [Record] { try output.lines.map { try Record($0) } }
}

// One after the other: each starts processes that keep a core busy.
@Suite("saccade analyze", .serialized)
struct AnalyzeTests {
  @Test("sees an object cross the picture, from its begin to its end")
  func object() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"), seconds: 5)
    let ended = try await Command.run(["analyze", folder.file("walk.mp4")])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.error.isEmpty)
    let records = try Record.all(in: ended)
    let frames = records.filter { $0.type == "frame" }
    #expect(frames.count == 150)
    #expect(frames.map { Int(($0.mediaTime * 30).rounded()) } == Array(0..<150))
    #expect(records.map(\.seq) == Array(1...records.count))
    let begins = records.filter { $0.kind == "object" && $0.phase == "begin" }
    let ends = records.filter { $0.kind == "object" && $0.phase == "end" }
    #expect(begins.count == 1)
    #expect(ends.map { $0.event["id"] as? String } == begins.map { $0.event["id"] as? String })
    // It goes from the left to the right.
    let seen = frames.compactMap { ($0.objects.first?["box"] as? [Double])?.first }
    #expect(try #require(seen.last) - #require(seen.first) > 0.5)
  }

  @Test("gives the same bytes twice, but for time, epoch and encoder.ms")
  func deterministic() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"))
    var runs: [String] = []
    for _ in 1...2 {
      let ended = try await Command.run(["analyze", folder.file("walk.mp4")])
      #expect(ended.code == 0, "\(ended.error)")
      runs.append(
        ended.output.replacing(/"time":"[^"]*"/, with: "").replacing(/"ms":[0-9.]+/, with: "")
          .replacing(/"walk-[0-9a-z]{4}-/, with: "\"walk-"))
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0].contains("\"kind\":\"object\""))
  }

  @Test("reads standard input and writes where it is told")
  func pipes() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.ts"), seconds: 2)
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("walk.ts")))
    let ended = try await Command.run(["analyze", "-", "--out", folder.file("out.ndjson")], input: data)
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.output.isEmpty)
    #expect(try folder.text("out.ndjson").split(separator: "\n").count >= 60)
  }

  @Test("ends quietly when its reader has seen enough")
  func head() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"), seconds: 4)
    let ended = try await Command.shell(
      "{ $SACCADE analyze \(folder.file("walk.mp4")); echo code $? >&2; } | head -3"
    )
    #expect(ended.lines.count == 3)
    #expect(ended.error == "code 0\n")
  }

  @Test("takes zones, masks and the start from a pipeline, and the video from the command line")
  func pipeline() async throws {
    let folder = try Folder([
      "cam.yaml": """
      source: rtsp://u:${NOT_SET}@camera/
      start: 2026-11-23T22:00:00Z
      zones:
        left: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
      """
    ])
    try await Clip.walk(folder.file("walk.mp4"))
    let ended = try await Command.run([
      "analyze", folder.file("walk.mp4"), "--pipeline", folder.file("cam.yaml"),
    ])
    #expect(ended.code == 0, "\(ended.error)")
    let records = try Record.all(in: ended)
    #expect(records.first?.time == "2026-11-23T22:00:00.000Z")
    #expect(records.first?["stream"] as? String == "cam")
    let zones = Set(records.flatMap(\.objects).flatMap { $0["zones"] as? [String] ?? [] })
    #expect(zones == ["left"])
  }

  @Test(
    "leaves out what is smaller than the pipeline says, in pixels as in percent",
    arguments: [("24 px", true), ("5 %", true), ("300 px", false), ("80 %", false)])
  func minimumObject(_ size: String, isSeen: Bool) async throws {
    let folder = try Folder(["p.yaml": "encoder: {minimum_object: \(size)}\n"])
    // The figure is 44 by 110 pixels in a picture of 360 lines.
    try await Clip.walk(folder.file("walk.mp4"))
    let ended = try await Command.run([
      "analyze", folder.file("walk.mp4"), "--pipeline", folder.file("p.yaml"),
    ])
    #expect(ended.code == 0, "\(ended.error)")
    #expect(ended.output.contains("\"kind\":\"object\"") == isSeen)
  }

  @Test("draws what it saw into a video of the same length")
  func overlay() async throws {
    let folder = try Folder()
    try await Clip.walk(folder.file("walk.mp4"), seconds: 3)
    let ended = try await Command.run([
      "analyze", folder.file("walk.mp4"), "--overlay", folder.file("seen.mp4"), "--out", "/dev/null",
    ])
    #expect(ended.code == 0, "\(ended.error)")
    let again = try await Command.run(["analyze", folder.file("seen.mp4")])
    #expect(again.code == 0, "\(again.error)")
    #expect(try Record.all(in: again).filter { $0.type == "frame" }.count == 90)
  }

  @Test("stopped by a signal, ends what is open and says so by its code")
  func interrupted() async throws {
    let analysis = try RunningCommand(
      Command.path, ["analyze", "lavfi:testsrc2=size=320x180:rate=30"])
    #expect(await analysis.wait { output, _ in output.utf8.count > 100_000 }, "\(analysis.error)")
    analysis.signal(SIGINT)
    let ended = await analysis.end(within: 20)
    #expect(ended.code == 128 + SIGINT)
    var open: Set<String> = []
    for record in try Record.all(in: ended) {
      guard let id = record.event["id"] as? String else { continue }
      if record.phase == "begin" { open.insert(id) }
      if record.phase == "end" { open.remove(id) }
    }
    #expect(ended.output.contains("\"phase\":\"begin\""))
    #expect(open.isEmpty)
  }
}
