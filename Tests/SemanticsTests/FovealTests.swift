import ModelKit
import Synchronization
import TestKit
import Testing

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
    let seconds = 14.0
    let clip = try Clip(scene, seconds: seconds) { frames in
      TruthDetector(frames) { looks.withLock { $0 += 1 } }
    }
    let share = Double(looks.withLock { $0 }) / Double(clip.frames.count)
    #expect(share > 0 && share <= example.share)
    #expect(clip.records.contains { $0.encoder.ran == ["patch-grid", "truth"] })

    // When looking at every frame first finds each, and when the records first say what it is.
    var late: [String] = []
    var count = 0
    // What shows only as the clip ends can't be told in time.
    for (id, found) in EveryFrame.ofTruth(clip.frames).found where found.time < seconds - Self.latest {
      count += 1
      let told = FrameTruth.told(id, found.label, by: clip.records, from: found.time, clip.frames)
      let delay = told.map { $0 - found.time } ?? .infinity
      if delay > Self.latest { late.append("\(found.label) \(id) of \(found.time) s: \(delay) s later") }
    }
    #expect(count >= 2)
    #expect(late.isEmpty, "\(late) of \(count)")
  }
}
