import Base
import Events
import Media
import Synchronization
import TestKit
import Testing
import Vision

/// The whole line with a detector that sees what is there, on scenes of which everything is known.
@Suite("rendered scenes with a detector", .serialized)
struct FovealTests {
  /// Seconds after looking at every frame would have found it; a ceiling, which only ever goes down.
  private static let latest = 0.6

  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    /// Inputs of the model, as a share of the frames, at most.
    var share: Double
    var testDescription: String { name }
  }

  @Test(
    "are labelled as by looking at every frame, for few looks",
    arguments: [
      Example(name: "base-lobby", share: 0.1), Example(name: "base-street", share: 0.1),
      Example(name: "crossings-hall", share: 0.15),
    ])
  func labelled(example: Example) throws {
    let scene = try #require(Catalogue.scene(example.name, seed: 1))
    let looks = Mutex(0)
    let clip = try Clip(scene, seconds: 14) { frames in
      TruthDetector(frames) { looks.withLock { $0 += 1 } }
    }
    let share = Double(looks.withLock { $0 }) / Double(clip.frames.count)
    #expect(share > 0 && share <= example.share)
    #expect(clip.records.contains { $0.encoder.ran == ["patch-grid", "truth"] })

    // When looking at every frame first finds each, and when the records first say what it is.
    var late: [String] = []
    var count = 0
    for (id, found) in TruthDetector.firstFound(in: clip.frames) {
      count += 1
      let told = clip.records.first { record in
        record.mediaTime >= found.time && Self.tells(id, found.label, record, clip.frames)
      }
      let delay = told.map { $0.mediaTime - found.time } ?? .infinity
      if delay > Self.latest { late.append("\(found.label) \(id) of \(found.time) s: \(delay) s later") }
    }
    #expect(count >= 2)
    #expect(late.isEmpty, "\(late) of \(count)")
  }

  private static func tells(_ id: Int, _ label: String, _ record: FrameRecord, _ frames: [FrameTruth]) -> Bool
  {
    let truth = frames.min { abs($0.time - record.mediaTime) < abs($1.time - record.mediaTime) }
    guard let object = truth?.objects.first(where: { $0.id == id }) else { return false }
    return record.objects.contains {
      $0.label == label
        && Rect(x: $0.box.x, y: $0.box.y, width: $0.box.width, height: $0.box.height).overlap(object.box)
          >= 0.3
    }
  }
}

/// Sees what shows by half and is large enough, where it looks.
private final class TruthDetector: FovealEncoder {
  let name = "truth"
  private let frames: [FrameTruth]
  private let note: @Sendable () -> Void

  init(_ frames: [FrameTruth], _ note: @escaping @Sendable () -> Void) {
    self.frames = frames
    self.note = note
  }

  func look(
    at frame: consuming VideoFrame, _ request: FovealRequest,
    _ answer: @escaping @Sendable (Result<[Detection], Fault>) -> Void
  ) {
    note()
    let time = request.time.seconds
    let truth = frames.min { abs($0.time - time) < abs($1.time - time) }
    let seen = (truth?.objects ?? []).filter { object in
      Self.isFound(object)
        && request.fixations.contains { $0.region.intersection(object.box) > 0.7 * object.box.area }
    }
    answer(.success(seen.map { Detection(box: $0.box, label: $0.kind, score: 0.5 + 0.4 * $0.visible) }))
  }

  private static func isFound(_ object: ObjectTruth) -> Bool {
    object.visible >= 0.5 && object.box.height >= 0.05 && object.contrast >= TrackScorer.leastContrast
  }

  /// By id, when looking at every frame finds each first: three times in a row, as once proves nothing.
  static func firstFound(in frames: [FrameTruth]) -> [Int: (time: Double, label: String)] {
    var rows: [Int: Int] = [:]
    var found: [Int: (time: Double, label: String)] = [:]
    for frame in frames {
      for object in frame.objects {
        rows[object.id] = isFound(object) ? rows[object.id, default: 0] + 1 : 0
        if rows[object.id] == 3, found[object.id] == nil { found[object.id] = (frame.time, object.kind) }
      }
    }
    return found
  }
}
