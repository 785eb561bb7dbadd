import Base
import Events
import Media
import Pipelines
import Synchronization
import TestKit
import Vision

/// A rendered scene, encoded as a camera would, and what the whole line says of it.
struct Clip {
  let truth: ClipTruth
  let frames: [FrameTruth]
  let records: [FrameRecord]
  let events: [EventRecord]

  /// Renders the first `seconds` of a scene at a quarter of its size, and analyses it.
  ///
  /// - Parameter detector: Looks at it as well, and knows the truth.
  init(
    _ scene: Scene, seconds: Double, detector: (([FrameTruth]) -> any FovealEncoder)? = nil
  ) throws {
    var scene = scene
    scene.width = 640
    scene.height = 360
    scene.seconds = seconds
    let scratch = Scratch("rendered")
    var encoding = ClipEncoding()
    encoding.preset = "veryfast"
    encoding.threads = 1
    try ClipWriter.write(
      scene, video: scratch.file("clip.mp4"), truth: scratch.file("truth.ndjson"), encoding: encoding)
    (truth, frames) = try TruthFile.read(scratch.file("truth.ndjson"))
    let sink = Sink()
    var pipeline = Pipeline(name: "clip", source: SourceConfiguration(url: scratch.file("clip.mp4")))
    if detector != nil { pipeline.detector = DetectorSetting(model: "truth.onnx") }
    _ = try Analysis(
      pipeline, epoch: "test", sink: sink, clocks: SystemClocks(), detector: detector?(frames)
    ).run()
    (records, events) = sink.kept.withLock { ($0.frames, $0.events) }
  }

  var score: TrackScore {
    TrackScorer.score(
      truth, frames,
      Reported(
        frames: records.map { record in
          Reported.Frame(
            time: record.mediaTime,
            objects: record.objects.map {
              Reported.Found(
                id: Int($0.id),
                box: Rect(x: $0.box.x, y: $0.box.y, width: $0.box.width, height: $0.box.height))
            })
        },
        events: events.map {
          Reported.Told(
            id: $0.event.id, kind: $0.event.kind, phase: $0.event.phase.rawValue, time: $0.mediaTime,
            objects: $0.event.objects.map { Int($0) })
        }))
  }
}

private final class Sink: RecordSink {
  let kept = Mutex<(frames: [FrameRecord], events: [EventRecord])>(([], []))

  func write(_ frame: FrameRecord?, _ events: [EventRecord]) {
    kept.withLock {
      if let frame { $0.frames.append(frame) }
      $0.events += events
    }
  }
  func late(from first: UInt64, count: UInt64) {}
  func flush() {}
  var isClosed: Bool { false }
}
