import Base
import TestKit
import Testing

@Suite struct SceneTests {
  /// FNV-1a over some frames of a small rendering.
  private static func digest(_ name: String, seed: UInt64, frames: Range<Int>) throws -> UInt64 {
    var scene = try #require(Catalogue.scene(name, seed: seed))
    scene.width = 320
    scene.height = 180
    let renderer = SceneRenderer(scene)
    let picture = Picture(width: 320, height: 180)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    while renderer.nextFrame < frames.upperBound, let truth = renderer.render(into: picture) {
      guard frames.contains(truth.number - 1) else { continue }
      for byte in picture.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return hash
  }

  @Test(arguments: ["base-street", "foliage", "rain", "headlights", "infrared", "health-moved"])
  func aSceneIsTheSameEachTimeAndAnotherSeedIsAnotherScene(name: String) throws {
    let first = try Self.digest(name, seed: 1, frames: 60..<64)
    #expect(try Self.digest(name, seed: 1, frames: 60..<64) == first)
    #expect(try Self.digest(name, seed: 2, frames: 60..<64) != first)
  }

  @Test func everySceneRendersAndItsHealthIsDueWithinIt() throws {
    for entry in Catalogue.entries {
      var scene = try #require(Catalogue.scene(entry.name, seed: 101))
      scene.width = 160
      scene.height = 90
      let renderer = SceneRenderer(scene)
      let picture = Picture(width: 160, height: 90)
      #expect(renderer.render(into: picture) != nil, "\(entry.name)")
      for due in scene.health where due.due {
        #expect(due.begin >= 7 && due.full >= due.begin && due.full + 1 < scene.seconds, "\(entry.name)")
      }
    }
  }

  /// The drawn pixels are where the truth says: compared with the same scene without its actors.
  @Test(arguments: ["base-lobby", "base-plaza", "stops-street"])
  func truthBoxesLieAroundThePixelsThatThingsChange(name: String) throws {
    var scene = try #require(Catalogue.scene(name, seed: 1))
    scene.noise = .none
    scene.shadows = 0
    var empty = scene
    empty.actors = []
    let full = SceneRenderer(scene)
    let bare = SceneRenderer(empty)
    let a = Picture(width: 1280, height: 720)
    let b = Picture(width: 1280, height: 720)
    _ = bare.render(into: b)
    var checked = 0
    while let truth = full.render(into: a), truth.number < 400 {
      guard truth.number % 50 == 0 else { continue }
      var outside = 0
      var inside = [Int](repeating: 0, count: truth.objects.count)
      for y in 0..<720 {
        for x in 0..<1280 where abs(Int(a.luma[y * 1280 + x]) - Int(b.luma[y * 1280 + x])) > 16 {
          let px = (Double(x) + 0.5) / 1280
          let py = (Double(y) + 0.5) / 720
          var isInside = false
          for (i, o) in truth.objects.enumerated() {
            let r = o.full
            if px > r.x - 0.004, px < r.maxX + 0.004, py > r.y - 0.006, py < r.maxY + 0.006 {
              inside[i] += 1
              isInside = true
            }
          }
          if !isInside { outside += 1 }
        }
      }
      #expect(outside == 0, "frame \(truth.number)")
      for (i, o) in truth.objects.enumerated() where o.visible > 0.9 {
        #expect(Double(inside[i]) > 0.1 * o.box.area * 1280 * 720, "frame \(truth.number) object \(o.id)")
        checked += 1
      }
    }
    #expect(checked >= 5)
  }

  @Test func aFrozenPictureIsTheSameBytesAndAnEmptySceneHasNobody() throws {
    var scene = try #require(Catalogue.scene("health-frozen-empty", seed: 1))
    scene.width = 320
    scene.height = 180
    let due = try #require(scene.health.first { $0.due })
    let renderer = SceneRenderer(scene)
    let picture = Picture(width: 320, height: 180)
    let before = Picture(width: 320, height: 180)
    var same = 0
    var different = 0
    while let truth = renderer.render(into: picture) {
      #expect(truth.objects.isEmpty)
      let isSame = picture.bytes.elementsEqual(before.bytes)
      if truth.time >= due.begin && truth.time < due.end {
        same += isSame ? 1 : 0
      } else {
        different += isSame ? 1 : 0
      }
      before.copy(from: picture)
    }
    #expect(same >= 200)
    #expect(different == 0)
  }

  @Test func truthIsReadBackAsItWasWritten() throws {
    let scratch = Scratch("truth")
    let scene = try #require(Catalogue.scene("health-covered-hand", seed: 3))
    let object = ObjectTruth(
      id: 4, kind: "person", box: Rect(x: 0.1, y: 0.2, width: 0.05, height: 0.3),
      full: Rect(x: -0.1, y: 0.2, width: 0.25, height: 0.3), visible: 0.4, contrast: 31.5, latent: true)
    let frame = FrameTruth(number: 2, time: 0.03333, objects: [object])
    try scratch.write(TruthFile.line(scene.clip) + "\n" + TruthFile.line(frame) + "\n", to: "t.ndjson")
    let (clip, frames) = try TruthFile.read(scratch.file("t.ndjson"))
    #expect(TruthFile.line(clip) == TruthFile.line(scene.clip))
    #expect(frames.map { TruthFile.line($0) } == [TruthFile.line(frame)])
  }
}
