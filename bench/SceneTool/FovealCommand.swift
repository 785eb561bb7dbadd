import ArgumentParser
import Base
import Dispatch
import Events
import Media
import ModelKit
import Pipelines
import Synchronization
import TestKit
import Vision
import VisionOpenVINO

/// What do few looks of a detector find, beside a look at every frame?
struct Foveal: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares a detector that looks where it pays with the same that looks at every frame.",
    discussion: """
      CLIP.mp4 and CLIP.truth.ndjson are read. Without a model the detector is one that knows the truth. A thing is \
      found by looking at every frame when three frames in a row show it with its label (IoU 0.5), and by Saccade when a \
      record first does (IoU 0.3). Prints inputs of the model against frames, things found by both, and seconds by which \
      Saccade was later: the 95th of a hundred, the worst, and how many by more than 0.3.
      """)
  @Argument(help: "Clips, without their endings.") var clips: [String]
  @Option(help: "A detection model, .onnx or .xml.") var model: String?
  @Option(help: "The folder of OpenVINO; else as `saccade engines` finds it.") var openvino: String?
  @Option(help: "Threads of the model.") var threads: Int = 2
  @Flag(help: "Say what was missed or late.") var notes = false

  /// Nine frames; times are written with five digits.
  private static let later = 0.3001

  func run() throws {
    let detector = try model.map { try ModelLane($0, openvino, threads: threads) }
    defer { detector?.close() }
    print(Row.header)
    var total = Row()
    for clip in clips {
      let (truth, frames) = try TruthFile.read(clip + ".truth.ndjson")
      let name = "\(truth.name)-\(truth.seed)"
      let every = try detector.map { try $0.everyFrame(of: clip + ".mp4", frames) }
      let found = (every?.found ?? EveryFrame.ofTruth(frames)).found
      let looks = CountedLooks(detector?.lane ?? TruthDetector(frames))
      let records = try Self.analyse(clip + ".mp4", looks)
      var row = Row(frames: frames.count, looks: looks.count, time: looks.time, everyTime: every?.time ?? 0)
      for (id, thing) in found.sorted(by: { $0.key < $1.key }) {
        row.found += 1
        guard let told = FrameTruth.told(id, thing.label, by: records, frames) else {
          row.missed += 1
          if notes { print("  \(name): \(thing.label) \(id), found at \(thing.time) s, never") }
          continue
        }
        row.later.append(max(0, told - thing.time))
        if notes, told - thing.time > Self.later {
          print("  \(name): \(thing.label) \(id), found at \(thing.time) s, told at \(told) s")
        }
      }
      print(row.text(name, Self.later))
      total += row
    }
    if clips.count > 1 { print(total.text("all", Self.later)) }
  }

  private static func analyse(_ path: String, _ detector: any FovealEncoder) throws -> [FrameRecord] {
    let sink = FrameSink()
    var pipeline = Pipeline(name: "clip", source: SourceConfiguration(url: path))
    pipeline.detector = DetectorSetting(model: "clip.onnx")
    _ = try Analysis(pipeline, epoch: "bench", sink: sink, clocks: SystemClocks(), detector: detector).run()
    return sink.frames.withLock { $0 }
  }
}

private struct Row {
  var frames = 0
  var looks = 0
  /// Milliseconds of looks: Saccade's, and those at every frame.
  var time = 0.0
  var everyTime = 0.0
  var found = 0
  var missed = 0
  var later: [Double] = []

  static let header =
    pad("clip", 28) + pad("frames", 8) + pad("looks", 7) + pad("share", 8) + pad("ms", 18) + pad("found", 9)
    + "later p95/max, over 0.3 s"

  static func += (a: inout Row, b: Row) {
    a.frames += b.frames
    a.looks += b.looks
    a.time += b.time
    a.everyTime += b.everyTime
    a.found += b.found
    a.missed += b.missed
    a.later += b.later
  }

  func text(_ name: String, _ limit: Double) -> String {
    let share = frames > 0 ? Double(looks) / Double(frames) : 0
    let times = everyTime > 0 ? "\(Int(time)) of \(Int(everyTime))" : "-"
    let p95 = TrackScore.percentile(later, 0.95).map { Self.fixed($0) } ?? "-"
    let most = later.max().map { Self.fixed($0) } ?? "-"
    return Self.pad(name, 28) + Self.pad("\(frames)", 8) + Self.pad("\(looks)", 7)
      + Self.pad(Self.fixed(share * 100) + " %", 8) + Self.pad(times, 18)
      + Self.pad("\(found - missed)/\(found)", 9) + "\(p95)/\(most), \(later.count { $0 > limit })"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
  private static func fixed(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

/// Counts looks and their time.
private final class CountedLooks: FovealEncoder {
  private let inner: any FovealEncoder
  private let known = Mutex<(count: Int, time: Double)>((0, 0))

  init(_ inner: any FovealEncoder) { self.inner = inner }

  var name: String { inner.name }
  var count: Int { known.withLock { $0.count } }
  /// Milliseconds.
  var time: Double { known.withLock { $0.time } }

  func look(
    at frame: consuming VideoFrame, _ request: FovealRequest,
    _ answer: @escaping @Sendable (Result<[Detection], Fault>) -> Void
  ) {
    let clocks = SystemClocks()
    let start = clocks.monotonic()
    inner.look(at: frame, request) { [self] result in
      known.withLock { $0 = ($0.count + 1, $0.time + (clocks.monotonic() - start).inMilliseconds) }
      answer(result)
    }
  }
}

/// A real model.
private final class ModelLane {
  let lane: DetectorLane
  private let queue: DetectorQueue

  init(_ model: String, _ openvino: String?, threads: Int) throws {
    let runtime = try OpenVINORuntime(OpenVINOSearch(path: openvino, environment: [:]))
    queue = DetectorQueue(name: "bench")
    lane =
      DetectorLane.lanes(
        of: try Detector(model, nil, DetectorOptions(threads: threads), runtime), on: queue,
        streams: [(name: "clip", masks: [])], clocks: SystemClocks())[0]
  }

  /// The engine's libraries must not go while a thread still takes down the model.
  func close() { queue.close() }

  /// Looks at every frame of a clip.
  func everyFrame(of path: String, _ truth: [FrameTruth]) throws -> (found: EveryFrame, time: Double) {
    var every = EveryFrame()
    var failure: Fault?
    var number = 0
    let looks = CountedLooks(lane)
    let reader = FrameReader(SourceConfiguration(url: path), clocks: SystemClocks(), kind: .recording)
    _ = try reader.run(
      deliver: { frame in
        number += 1
        let request = FovealRequest(number: number, time: frame.info.time, fixations: [.whole])
        let done = DispatchSemaphore(value: 0)
        let answer = Mutex<Result<[Detection], Fault>?>(nil)
        looks.look(at: frame.copy(), request) { result in
          answer.withLock { $0 = result }
          done.signal()
        }
        done.wait()
        switch answer.withLock({ $0 }) {
        case .success(let detections):
          if let frame = FrameTruth.nearest(to: request.time.seconds, in: truth) {
            every.take(detections.filter { $0.score >= FovealConfiguration().leastScore }, frame)
          }
        case .failure(let fault): failure = fault
        case nil: break
        }
        return failure == nil
      },
      changed: { _ in })
    if let failure { throw failure }
    return (every, looks.time)
  }
}

private final class FrameSink: RecordSink {
  let frames = Mutex<[FrameRecord]>([])

  func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
    if let frame { frames.withLock { $0.append(frame) } }
  }
  func late(from first: UInt64, count: UInt64) {}
  func flush() {}
  var isClosed: Bool { false }
}
