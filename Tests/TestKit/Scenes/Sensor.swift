/// What the camera adds: night mode, mains flicker, noise.
package struct Noise: Sendable, Hashable {
  /// Deviation, in levels, in black, and at full brightness, where the light's own noise adds to it.
  package var dark: Double
  package var bright: Double

  package init(dark: Double, bright: Double) {
    self.dark = dark
    self.bright = bright
  }

  package static let none = Noise(dark: 0, bright: 0)
  package static let clean = Noise(dark: 1.2, bright: 1.8)
  package static let usual = Noise(dark: 2, bright: 3)
  package static let strong = Noise(dark: 5, bright: 7)
}

final class Sensor {
  private var random: SceneRandom
  private let grain: [Int8]
  /// A prime length, so that rows taken from anywhere don't fall into step.
  private static let length = 1 << 19

  /// Levels of deviation that one unit of the grain stands for, in 1/4096.
  private static let unit = 40.0

  init(seed: UInt64) {
    random = SceneRandom(seed: seed, part: "sensor")
    var made = SceneRandom(seed: 99, part: "grain")
    var previous = 0.0
    // Neighbours are a little alike, as in a picture made from a colour mosaic.
    grain = (0..<Self.length).map { _ in
      let fresh = made.normal()
      let value = (fresh + 0.45 * previous) / 1.0966
      previous = fresh
      return Int8(min(max((value * Self.unit).rounded(), -127), 127))
    }
  }

  func addNoise(_ noise: Noise, to picture: Picture) {
    guard noise.bright > 0 else { return }
    let dark = Int32((noise.dark * 4096 / Self.unit).rounded())
    // Deviation grows with the root of the light; a straight line through both ends is near enough.
    let slope = Int32(((noise.bright - noise.dark) * 4096 / Self.unit / 235).rounded())
    add(to: picture.luma, picture.width, picture.height, dark, slope)
    // Chroma noise is coarser and weaker.
    let chroma = Int32((noise.dark * 0.6 * 4096 / Self.unit).rounded())
    add(to: picture.cb, picture.width / 2, picture.height / 2, chroma, 0)
    add(to: picture.cr, picture.width / 2, picture.height / 2, chroma, 0)
  }

  private func add(_ levels: Int32, _ grain: Int8, _ dark: Int32, _ slope: Int32) -> UInt8 {
    let sum = levels &+ ((Int32(grain) &* (dark &+ slope &* levels) &+ 2048) >> 12)
    return UInt8(truncatingIfNeeded: min(max(sum, 0), 255))
  }

  private func add(
    to plane: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int, _ dark: Int32, _ slope: Int32
  ) {
    grain.withUnsafeBufferPointer { grain in
      for y in 0..<height {
        let from = Int(random.next() % UInt64(Self.length - width))
        let row = plane + y * width
        for x in 0..<width { row[x] = add(Int32(row[x]), grain[from + x], dark, slope) }
      }
    }
  }

  /// The part of the brightness, or of a step in it, that a camera sees in infrared: foliage and warm colours are bright, blue
  /// ones dark.
  static func infrared(luma: Float, cb: Float, cr: Float) -> Float { luma * 0.8 + cr * 0.3 - cb * 0.3 }

  /// Night mode: colours become greys by how they reflect infrared, lit from the camera.
  func infrared(_ picture: Picture) {
    let width = picture.width
    let height = picture.height
    for y in 0..<height {
      let v = Float(y - height / 2) / Float(height)
      let row = picture.luma + y * width
      let cb = picture.cb + (y / 2) * (width / 2)
      let cr = picture.cr + (y / 2) * (width / 2)
      for x in 0..<width {
        let u = Float(x - width / 2) / Float(width)
        let level =
          Self.infrared(luma: Float(row[x]), cb: Float(cb[x / 2]), cr: Float(cr[x / 2])) + 14
        let light = 1.12 - (u * u + v * v) * 1.5
        row[x] = UInt8(min(max(16 + (level - 16) * light, 0), 240))
      }
    }
    picture.cb.update(repeating: 128, count: width * height / 2)
  }

  /// Bands roll through the picture, as rows are read one after the other under a light that pulses.
  func flicker(_ picture: Picture, hertz: Double, depth: Double, at time: Double, period: Double) {
    let width = picture.width
    for y in 0..<picture.height {
      let moment = time + period * 0.8 * Double(y) / Double(picture.height)
      let gain = Int32(((1 + depth * SceneMath.sin(SceneMath.turn * hertz * moment)) * 4096).rounded())
      let row = picture.luma + y * width
      for x in 0..<width {
        row[x] = UInt8(truncatingIfNeeded: min(16 + ((max(Int32(row[x]), 16) - 16) &* gain) >> 12, 255))
      }
    }
  }
}
