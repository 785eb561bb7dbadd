import Base
import Events
import Glibc
import Pipelines
import Testing

/// Each pipeline of `pipelines/` that has a clip of its own tells on it what `goldens/` says.
@Suite("A pipeline on its sample")
struct SamplePipelineTests {
  static let names = [
    "intrusion", "loitering", "line-counting", "occupancy", "wrong-way", "left-item", "removed-item",
    "parking",
    "crowding", "doorway", "conveyor", "camera-health",
  ]

  /// Seconds by which another version of FFmpeg may see it sooner or later.
  static let tolerance = 0.15

  @Test("tells what it is for", arguments: names)
  func golden(name: String) throws {
    let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")!.lowerBound))
    let pipeline = try PipelineFiles.load(["\(root)/pipelines/\(name).yaml"], environment: [:])[0]
    let sink = CollectingSink()
    _ = try Analysis(pipeline, epoch: "test", sink: sink, clocks: SystemClocks()).run()
    let kinds = Set(pipeline.events.map(\.rule.name))
    let told = sink.events.filter { kinds.contains($0.event.kind) }.map(Line.init)
    let path = "\(root)/Tests/PipelinesTests/goldens/\(name).txt"
    // With SACCADE_GOLDENS=write in the environment the goldens are made anew.
    if let mode = getenv("SACCADE_GOLDENS"), String(cString: mode) == "write" {
      let file = try #require(fopen(path, "w"))
      for line in told { fputs(line.text + "\n", file) }
      fclose(file)
    }
    let golden = try Self.lines(of: path).compactMap { Line($0) }
    #expect(!golden.isEmpty)
    #expect(told.map(\.words) == golden.map(\.words))
    for (a, b) in zip(told, golden) {
      #expect(abs(a.time - b.time) <= Self.tolerance, "\(a.text) where \(b.text) was due")
    }
  }

  private static func lines(of path: String) throws -> [String] {
    let file = try #require(fopen(path, "r"), "no \(path)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// `12.333 begin loitering: object 3 in corner for 6 s`
  struct Line {
    var time: Double
    /// Phase, kind, reason and sentence, without the numbers that were measured.
    var words: String
    var text: String

    init(_ record: EventRecord) {
      let event = record.event
      let reason = event.reason.map { " (\($0.rawValue))" } ?? ""
      self.init(
        time: record.mediaTime, rest: "\(event.phase.rawValue) \(event.kind)\(reason): \(event.text)",
        text: "\((record.mediaTime * 1000).rounded() / 1000)")
    }

    init?(_ line: String) {
      guard let space = line.firstIndex(of: " "), let time = Double(line[..<space]) else { return nil }
      self.init(time: time, rest: String(line[line.index(after: space)...]), text: String(line[..<space]))
    }

    private init(time: Double, rest: String, text: String) {
      self.time = time
      // How long it took may differ by a tick.
      words = rest.replacing(/after [0-9.]+ s/, with: "after … s").replacing(
        /for [0-9]+\.[0-9]+ s/, with: "for … s"
      )
      .replacing(/still [0-9.]+ s/, with: "still … s")
      self.text = text + " " + rest
    }
  }
}
