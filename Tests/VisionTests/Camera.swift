import Base
import Media
import TestKit

/// A camera before a textured wall, drawn straight into the small picture that the encoder looks at.
struct Camera {
  static let width = 320
  static let height = 180

  /// Something in front of the wall, in pixels, with a texture of its own.
  struct Thing: Sendable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// Mean level, 16…235; nil for a stain, which changes each of the wall's own by `stain`, up or down.
    var level: Int? = 200
    var stain = 0

    var box: Rect {
      Rect(
        x: Double(x) / Double(Camera.width), y: Double(y) / Double(Camera.height),
        width: Double(width) / Double(Camera.width), height: Double(height) / Double(Camera.height))
    }
  }

  private let wall: [Int]
  private let fabric: [Int]
  private let grain: [Int]
  private let seed: UInt64

  /// `noise` is the standard deviation of a pixel, in levels.
  init(seed: UInt64 = 1, noise: Double = 1.5) {
    self.seed = seed
    var random = SceneRandom(seed: seed)
    let (columns, rows) = (Self.width / 10 + 1, Self.height / 10 + 1)
    let tiles = (0..<(columns * rows)).map { _ in random.whole(60, 170) }
    wall = (0..<(Self.width * Self.height)).map { i in
      tiles[i / Self.width / 10 * columns + i % Self.width / 10] + random.whole(-10, 10)
    }
    fabric = (0..<4096).map { _ in random.whole(-14, 14) }
    grain = (0..<(1 << 17)).map { _ in Int((random.normal() * noise).rounded()) }
  }

  /// The picture of one frame; `light` is the gain at a pixel.
  func fill(
    _ picture: PeripheralPicture, frame: Int, things: [Thing] = [], light: ((Int, Int) -> Double)? = nil
  ) {
    picture.resize(width: Self.width, height: Self.height)
    var random = SceneRandom(seed: seed &+ UInt64(frame), part: "frame")
    let shift = random.whole(0, grain.count - wall.count)
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let i = y * Self.width + x
        var level = wall[i]
        for t in things where x >= t.x && x < t.x + t.width && y >= t.y && y < t.y + t.height {
          let thread = fabric[((y - t.y) * 61 + x - t.x) & 4095]
          level = t.level.map { $0 + thread } ?? level + (thread > 0 ? t.stain : -t.stain)
        }
        if let light { level = 16 + Int((Double(level - 16) * light(x, y)).rounded()) }
        picture.luma[i] = UInt8(min(235, max(16, level + grain[shift + i])))
      }
    }
    picture.cb.update(repeating: 120)
    picture.cr.update(repeating: 134)
  }

  /// Something close covers the lens: no detail, a little brighter to one corner.
  func cover(_ picture: PeripheralPicture, frame: Int) {
    fill(picture, frame: frame) { _, _ in 0 }
    for i in picture.luma.indices { picture.luma[i] += UInt8(14 + (i % Self.width + i / Self.width) / 6) }
  }

  static func info(_ number: Int, at time: Double, segment: Int = 1) -> FrameInfo {
    FrameInfo(
      number: UInt64(number), segment: segment, time: MediaTime(seconds: time),
      arrival: MonotonicTime(nanoseconds: 0), wall: WallTime(nanoseconds: 0), width: 640, height: 360)
  }
}
