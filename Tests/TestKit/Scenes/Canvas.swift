/// What is under one thing on the canvas, counted while it is drawn.
struct DrawnMask {
  /// Pixels of it, also those outside the canvas and those hidden.
  var pixels = 0
  /// Sum over its shown pixels of the largest difference, in luma or either chroma, from what was there.
  var difference = 0
  /// The same for a camera that sees infrared: no colour, but other brightness.
  var infraredDifference = 0.0
  var shown = 0
  /// Around all its pixels, in canvas pixels: x0, y0, x1, y1, the last two exclusive.
  var x0 = Int.max
  var y0 = Int.max
  var x1 = Int.min
  var y1 = Int.min

  mutating func include(_ x: Int, _ y: Int) {
    pixels += 1
    x0 = min(x0, x)
    y0 = min(y0, y)
    x1 = max(x1, x + 1)
    y1 = max(y1, y + 1)
  }
}

/// The scene before the lens: the picture with a margin, whose pixel each thing is, and what stands in front.
final class Canvas {
  let picture: Picture
  /// Which thing shows at each pixel; 0 is the background.
  let owner: UnsafeMutableBufferPointer<UInt8>
  /// How much of each pixel a fixed thing in the foreground covers, 0…255, and how near that stands: the
  /// row of its foot. Nil until something stands in front.
  private(set) var frontAlpha: UnsafeMutableBufferPointer<UInt8>?
  private(set) var frontDepth: UnsafeMutableBufferPointer<Int16>?

  var width: Int { picture.width }
  var height: Int { picture.height }

  init(width: Int, height: Int) {
    picture = Picture(width: width, height: height)
    owner = .allocate(capacity: width * height)
    owner.update(repeating: 0)
  }

  deinit {
    owner.deallocate()
    frontAlpha?.deallocate()
    frontDepth?.deallocate()
  }

  func clear(to background: Picture) {
    picture.copy(from: background)
    owner.update(repeating: 0)
  }

  /// Declares the sprite a part of the foreground: it hides what stands farther than `depth`.
  func putInFront(_ sprite: Sprite, depth: Double) {
    let alpha = frontAlpha ?? .allocate(capacity: width * height)
    let depths = frontDepth ?? .allocate(capacity: width * height)
    if frontAlpha == nil {
      alpha.update(repeating: 0)
      depths.update(repeating: 0)
      frontAlpha = alpha
      frontDepth = depths
    }
    for row in max(0, -sprite.y)..<max(max(0, -sprite.y), min(sprite.height, height - sprite.y)) {
      for column in max(0, -sprite.x)..<max(max(0, -sprite.x), min(sprite.width, width - sprite.x)) {
        let a = sprite.alpha[row * sprite.width + column]
        let i = (row + sprite.y) * width + column + sprite.x
        guard a > 0, alpha[i] == 0 || depth >= Double(depths[i]) else { continue }
        alpha[i] = a
        depths[i] = Int16(depth)
      }
    }
  }

  /// Draws the sprite as thing `id`, behind whatever foreground is nearer than `depth`.
  func draw(_ sprite: Sprite, id: UInt8, depth: Double) -> DrawnMask {
    var mask = DrawnMask()
    let nearer = Int16(min(max(depth, -30000), 30000))
    let luma = picture.luma
    for row in 0..<sprite.height {
      let cy = row + sprite.y
      for column in 0..<sprite.width {
        let s = row * sprite.width + column
        var a = Int32(sprite.alpha[s])
        if a == 0 { continue }
        let cx = column + sprite.x
        if a >= 128 { mask.include(cx, cy) }
        guard cy >= 0, cy < height, cx >= 0, cx < width else { continue }
        let i = cy * width + cx
        if let frontAlpha, let frontDepth, frontDepth[i] > nearer { a = a * Int32(255 - frontAlpha[i]) / 255 }
        let old = Int32(luma[i])
        let new = Int32(sprite.luma[s])
        luma[i] = UInt8(old + (new - old) * a / 255)
        guard a >= 128 else { continue }
        owner[i] = id
        mask.shown += 1
        let c = (cy / 2) * (width / 2) + cx / 2
        let du = Int(sprite.cb[s]) - Int(picture.cb[c])
        let dv = Int(sprite.cr[s]) - Int(picture.cr[c])
        mask.difference += max(Int(abs(new - old)), abs(du), abs(dv))
        mask.infraredDifference += Double(
          abs(Sensor.infrared(luma: Float(new - old), cb: Float(du), cr: Float(dv))))
      }
    }
    drawColour(sprite, nearer: nearer)
    return mask
  }

  private func drawColour(_ sprite: Sprite, nearer: Int16) {
    let half = width / 2
    for row in stride(from: 0, to: sprite.height, by: 2) {
      let cy = row + sprite.y
      guard cy >= 0, cy < height else { continue }
      for column in stride(from: 0, to: sprite.width, by: 2) {
        let cx = column + sprite.x
        guard cx >= 0, cx < width else { continue }
        var a: Int32 = 0
        var u: Int32 = 0
        var v: Int32 = 0
        for corner in 0..<4 {
          let s = (row + corner / 2) * sprite.width + column + corner % 2
          let part = Int32(sprite.alpha[s])
          a += part
          u += part * Int32(sprite.cb[s])
          v += part * Int32(sprite.cr[s])
        }
        guard a > 0 else { continue }
        u /= a
        v /= a
        a /= 4
        let i = cy * width + cx
        if let frontAlpha, let frontDepth, frontDepth[i] > nearer { a = a * Int32(255 - frontAlpha[i]) / 255 }
        let c = (cy / 2) * half + cx / 2
        picture.cb[c] = UInt8(Int32(picture.cb[c]) + (u - Int32(picture.cb[c])) * a / 255)
        picture.cr[c] = UInt8(Int32(picture.cr[c]) + (v - Int32(picture.cr[c])) * a / 255)
      }
    }
  }

  /// Darkens the ground under a shape: a soft shadow, `strength` 0…1.
  func shade<S: Shape>(_ shape: S, strength: Double, soft: Float, depth: Double) {
    let b = shape.bounds
    let x0 = max(0, Int(b.x - soft))
    let y0 = max(0, Int(b.y - soft))
    let x1 = min(width, Int(b.z + soft) + 1)
    let y1 = min(height, Int(b.w + soft) + 1)
    guard x0 < x1, y0 < y1 else { return }
    let full = Float(strength) * 256
    let luma = picture.luma
    let nearer = Int16(min(max(depth, -30000), 30000))
    for y in y0..<y1 {
      for x in x0..<x1 {
        let t = min(max(0.5 - shape.distance(Float(x) + 0.5, Float(y) + 0.5) / (2 * soft), 0), 1)
        if t == 0 { continue }
        let i = y * width + x
        if let frontDepth, frontDepth[i] > nearer { continue }
        let keep = 256 - Int32(full * t * t * (3 - 2 * t))
        luma[i] = UInt8(16 + (max(Int32(luma[i]), 16) - 16) * keep / 256)
      }
    }
  }

  /// Counts the pixels of every thing that show within the window, and puts boxes around them.
  func visible(
    id: UInt8, within mask: DrawnMask, window: (x: Int, y: Int, width: Int, height: Int)
  ) -> DrawnMask {
    var seen = DrawnMask()
    guard mask.pixels > 0 else { return seen }
    let x0 = max(mask.x0, window.x, 0)
    let y0 = max(mask.y0, window.y, 0)
    let x1 = min(mask.x1, window.x + window.width, width)
    let y1 = min(mask.y1, window.y + window.height, height)
    guard x0 < x1, y0 < y1 else { return seen }
    for y in y0..<y1 {
      for x in x0..<x1 where owner[y * width + x] == id { seen.include(x, y) }
    }
    return seen
  }
}
