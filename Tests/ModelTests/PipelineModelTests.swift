import Events
import Foundation
import TestKit
import Testing

@Suite("A pipeline with a detector", .enabled(if: Engine.isAsked, Engine.comment))
struct PipelineModelTests {
  private let scratch = Scratch("detector")

  /// A red thing that comes in from the left, and a blue one that stood there before.
  private func clip() async throws -> String {
    let path = scratch.file("clip.mp4")
    let made = try await RunningCommand(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "color=c=gray:s=640x384:r=30", "-f", "lavfi",
        "-i",
        "color=c=red:s=64x96:r=30", "-f", "lavfi", "-i", "color=c=blue:s=64x64:r=30", "-filter_complex",
        "[0][2]overlay=x=450:y=60[c];[c][1]overlay=x=-64+90*t:y=200,noise=alls=6:allf=t", "-t", "6", "-c:v",
        "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p", path,
      ]
    ).end(within: 60)
    try #require(made.code == 0, "\(made.error)")
    return path
  }

  private func pipeline(loops: Bool = false) async throws -> String {
    let own = scratch.file("colours.onnx")
    try? FileManager.default.copyItem(atPath: Engine.model("yolov8"), toPath: own)
    try Engine.manifest("yolov8").write(
      toFile: scratch.file("colours.json"), atomically: true, encoding: .utf8)
    let text = """
      source: {url: "\(try await clip())", loop: \(loops)}
      detector: {model: colours.onnx, whole: 2 s}
      events:
        red_thing: (label is red and label_score > 40 %) for 1 s
      """
    try text.write(toFile: scratch.file("a.yaml"), atomically: true, encoding: .utf8)
    return scratch.file("a.yaml")
  }

  private func run(_ arguments: [String], engine: String? = nil) async throws -> RunningCommand.Output {
    let folder = try #require(Engine.folder) + "/openvino"
    return try await RunningCommand(
      EngineCommandTests.saccade, arguments, environment: ["SACCADE_OPENVINO": engine ?? folder]
    ).end(within: 120)
  }

  @Test func `tells what moves and what stands there, for a look in ten frames at most`() async throws {
    let ended = try await run(["analyze", "--pipeline", try await pipeline()])
    #expect(ended.code == 0, "\(ended.error)")
    let (frames, events) = try Engine.records(ended.output)
    let looks = frames.count { $0.encoder.ran.contains("colours") }
    #expect(looks > 1 && looks <= frames.count / 10)
    let last = try #require(frames.last { $0.mediaTime < 5 })
    #expect(Set(last.objects.map(\.label)) == ["red", "blue"])
    let blue = try #require(last.objects.first { $0.label == "blue" })
    #expect(abs(blue.box.x + blue.box.width / 2 - 482.0 / 640) < 0.03 && blue.seen == .predicted)
    let red = try #require(last.objects.first { $0.label == "red" })
    #expect(red.seen == .observed && red.labelScore ?? 0 > 0.4 && red.labelAge != nil)
    #expect(events.contains { $0.event.kind == "red_thing" && $0.event.objects == [red.id] })
    let begun = events.filter { $0.event.kind == "object" && $0.event.phase == .begin }
    #expect(begun.count == 2)
  }

  @Test func `gives the same records twice`() async throws {
    let pipeline = try await pipeline()
    let first = try Engine.records(try await run(["analyze", "--pipeline", pipeline]).output)
    let second = try Engine.records(try await run(["analyze", "--pipeline", pipeline]).output)
    #expect(first.frames.map(\.objects) == second.frames.map(\.objects))
    #expect(first.frames.map(\.encoder.ran) == second.frames.map(\.encoder.ran))
  }

  @Test func `plays to a subscriber, with its looks among the counters`() async throws {
    let socket = scratch.file("s")
    let folder = try #require(Engine.folder) + "/openvino"
    let daemon = try RunningCommand(
      EngineCommandTests.saccade, ["run", try await pipeline(loops: true), "--socket", socket],
      environment: ["SACCADE_OPENVINO": folder])
    #expect(await daemon.wait { _, error in error.contains("the source is open") }, "\(daemon.error)")
    let subscriber = try RunningCommand(EngineCommandTests.saccade, ["subscribe", "--socket", socket])
    #expect(await subscriber.wait { output, _ in output.contains(#""label":"red""#) }, "\(subscriber.error)")
    let status = try await run(["status", "--json", "--socket", socket])
    let looks = status.output.firstMatch(of: /"looks":(\d+)/).flatMap { Int($0.1) }
    #expect(try #require(looks) > 0)
    daemon.signal(SIGTERM)
    #expect(await daemon.end(within: 60).code == 0)
    #expect(await subscriber.end(within: 20).code == 0)
  }

  @Test func `is refused by check, run and analyze where its model or its engine is missing`() async throws {
    let pipeline = try await pipeline()
    for words in [["check", pipeline], ["run", pipeline], ["analyze", "--pipeline", pipeline]] {
      let ended = try await run(words, engine: "/nowhere")
      #expect(ended.code == 69 && ended.error.contains("saccade setup openvino"), "\(ended.error)")
    }
    try FileManager.default.removeItem(atPath: scratch.file("colours.onnx"))
    let ended = try await run(["check", pipeline])
    #expect(ended.code == 66 && ended.error.contains("colours.onnx"), "\(ended.error)")
  }
}
