import Base
import TestKit
import Testing
import VisionOpenVINO

@Suite("A picture in a model's input")
struct PlacementTests {
  private let input = PixelRect(x: 0, y: 0, width: 640, height: 640)

  @Test(
    "keeps its proportions in the middle of a letterbox",
    arguments: [
      (1280, 720, PixelRect(x: 0, y: 140, width: 640, height: 360)),
      (720, 1280, PixelRect(x: 140, y: 0, width: 360, height: 640)),
      (640, 640, PixelRect(x: 0, y: 0, width: 640, height: 640)),
      (32, 16, PixelRect(x: 0, y: 160, width: 640, height: 320)),
      (10_000, 1, PixelRect(x: 0, y: 319, width: 640, height: 1)),
    ])
  func letterbox(_ width: Int, _ height: Int, _ place: PixelRect) {
    #expect(input.place(width: width, height: height, .letterbox) == place)
    #expect(input.place(width: width, height: height, .stretch) == input)
  }

  @Test(arguments: 0..<200)
  func `gives each box back where it was`(_ seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    let place = PixelRect(x: 3, y: 7, width: 320, height: 256).place(
      width: .random(in: 1...2000, using: &random), height: .random(in: 1...2000, using: &random),
      seed % 2 == 0 ? .letterbox : .stretch)
    let placement = Placement(
      region: Rect(x: 0.25, y: 0.5, width: 0.5, height: 0.25), x: Double(place.x), y: Double(place.y),
      width: Double(place.width), height: Double(place.height))
    let x = Double.random(in: 0...0.8, using: &random)
    let y = Double.random(in: 0...0.8, using: &random)
    let size = 0.1
    let candidate = Candidate(
      left: Float(placement.x + x * placement.width), top: Float(placement.y + y * placement.height),
      right: Float(placement.x + (x + size) * placement.width),
      bottom: Float(placement.y + (y + size) * placement.height), label: 0, score: 1)
    let box = try #require(placement.box(candidate))
    // Floats of some hundred pixels carry 24 bits.
    for (found, wanted) in [(box.x, x), (box.y, y), (box.width, size), (box.height, size)] {
      #expect(
        abs(found - wanted) * Double(max(place.width, place.height)) < 1e-3
          * Double(max(place.width, place.height) / min(place.width, place.height) + 1))
    }
    let found = RegionDetections(
      region: placement.region, detections: [ClassDetection(box: box, label: 0, score: 1)])
    let frame = found.boxInFrame(found.detections[0])
    #expect(abs(frame.x - (0.25 + box.x / 2)) < 1e-12)
    #expect(abs(frame.height - box.height / 4) < 1e-12)
  }

  @Test func `cuts boxes at its edges and knows none beyond them`() {
    let placement = Placement(
      region: Rect(x: 0, y: 0, width: 1, height: 1), x: 10, y: 10, width: 100, height: 50)
    let over = Candidate(left: 0, top: 0, right: 60, bottom: 35, label: 0, score: 1)
    #expect(placement.box(over) == Rect(x: 0, y: 0, width: 0.5, height: 0.5))
    #expect(placement.box(Candidate(left: 0, top: 0, right: 9, bottom: 35, label: 0, score: 1)) == nil)
  }

  @Test(arguments: 1...12)
  func `is split into tiles that cover it once`(_ count: Int) {
    let tiles = PixelRect(x: 0, y: 0, width: 161, height: 97).tiles(count)
    #expect(tiles.count >= count)
    #expect(tiles.reduce(0) { $0 + $1.width * $1.height } == 161 * 97)
    for (index, tile) in tiles.enumerated() {
      #expect(tile.width > 0 && tile.height > 0)
      for other in tiles[(index + 1)...] {
        let isApart =
          tile.x + tile.width <= other.x || other.x + other.width <= tile.x
          || tile.y + tile.height <= other.y || other.y + other.height <= tile.y
        #expect(isApart)
      }
    }
  }

  @Test(
    "is split so that the tiles' shorter sides are long",
    arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (6, 3, 2), (9, 3, 3)])
  func split(_ count: Int, _ columns: Int, _ rows: Int) {
    let tiles = PixelRect(x: 0, y: 0, width: 640, height: 480).tiles(count)
    #expect(Set(tiles.map(\.x)).count == columns)
    #expect(Set(tiles.map(\.y)).count == rows)
  }
}
