/// How a shape is filled.
struct Paint {
  var tint: Tint
  /// Strength of the cloth-like texture, in levels.
  var grain = 0.0
  /// Pixels a texture feature is wide.
  var grainSize = 4.0
  /// Levels a pixel to the right and down, from the anchor: a simple shading.
  var slopeX = 0.0
  var slopeY = 0.0
  var anchorX = 0.0
  var anchorY = 0.0
  /// 0…255.
  var opacity: Int32 = 255

  init(_ tint: Tint, grain: Double = 0, opacity: Double = 1) {
    self.tint = tint
    self.grain = grain
    self.opacity = Int32(opacity * 255)
  }
}

/// A small layer on which one thing is drawn before it goes into the picture: colour at full resolution and
/// coverage. Reused from one thing to the next; it allocates only when it must grow.
final class Sprite {
  /// Where its top left pixel lies on the canvas.
  private(set) var x = 0
  private(set) var y = 0
  private(set) var width = 0
  private(set) var height = 0
  private(set) var luma: UnsafeMutablePointer<UInt8>
  private(set) var cb: UnsafeMutablePointer<UInt8>
  private(set) var cr: UnsafeMutablePointer<UInt8>
  private(set) var alpha: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 16

  init() {
    luma = .allocate(capacity: capacity)
    cb = .allocate(capacity: capacity)
    cr = .allocate(capacity: capacity)
    alpha = .allocate(capacity: capacity)
  }

  deinit { release() }

  private func release() {
    luma.deallocate()
    cb.deallocate()
    cr.deallocate()
    alpha.deallocate()
  }

  /// Starts an empty layer over this part of the canvas.
  func begin(x0: Double, y0: Double, x1: Double, y1: Double) {
    x = Int(x0.rounded(.down)) & ~1
    y = Int(y0.rounded(.down)) & ~1
    width = max(2, (Int(x1.rounded(.up)) - x + 1) & ~1)
    height = max(2, (Int(y1.rounded(.up)) - y + 1) & ~1)
    if width * height > capacity {
      release()
      capacity = width * height
      luma = .allocate(capacity: capacity)
      cb = .allocate(capacity: capacity)
      cr = .allocate(capacity: capacity)
      alpha = .allocate(capacity: capacity)
    }
    alpha.update(repeating: 0, count: width * height)
    // Colour under no coverage shows where blur mixes it in.
    luma.update(repeating: 0, count: width * height)
    cb.update(repeating: 128, count: width * height)
    cr.update(repeating: 128, count: width * height)
  }

  /// Draws a shape, given in canvas coordinates, over what is there. `soft` is the width of its edge.
  func fill<S: Shape>(_ shape: S, _ paint: Paint, soft: Float = 1.2) {
    let b = shape.bounds
    let x0 = max(0, Int((b.x - soft).rounded(.down)) - x)
    let y0 = max(0, Int((b.y - soft).rounded(.down)) - y)
    let x1 = min(width, Int((b.z + soft).rounded(.up)) - x + 1)
    let y1 = min(height, Int((b.w + soft).rounded(.up)) - y + 1)
    guard x0 < x1, y0 < y1 else { return }
    let sharp = 255 / soft
    let plain = paint.grain == 0 && paint.slopeX == 0 && paint.slopeY == 0
    let step = Int32(256 / paint.grainSize)
    let anchorX = Int32(paint.anchorX.rounded(.down))
    let anchorY = Int32(paint.anchorY.rounded(.down))
    let grain = Int32(paint.grain * 16)
    let slopeX = Int32(paint.slopeX * 256)
    let slopeY = Int32(paint.slopeY * 256)
    SceneTexture.withTable { table in
      for py in y0..<y1 {
        let fy = Float(py + y) + 0.5
        for px in x0..<x1 {
          let d = shape.distance(Float(px + x) + 0.5, fy)
          let coverage = Int32(min(max(127.5 - d * sharp, 0), 255)) * paint.opacity / 255
          if coverage == 0 { continue }
          var level = paint.tint.y
          if !plain {
            let dx = Int32(truncatingIfNeeded: px + x) - anchorX
            let dy = Int32(truncatingIfNeeded: py + y) - anchorY
            let tx = Int((dx &* step) >> 6) & 255
            let ty = Int((dy &* step) >> 6) & 255
            level += (Int32(table[ty << 8 | tx]) &* grain) >> 11
            level += (dx &* slopeX &+ dy &* slopeY) >> 8
            level = min(max(level, 1), 254)
          }
          let i = py * width + px
          let under = Int32(alpha[i])
          if under == 0 || coverage == 255 {
            luma[i] = UInt8(level)
            cb[i] = UInt8(paint.tint.u)
            cr[i] = UInt8(paint.tint.v)
          } else {
            luma[i] = UInt8(Int32(luma[i]) + (level - Int32(luma[i])) * coverage / 255)
            cb[i] = UInt8(Int32(cb[i]) + (paint.tint.u - Int32(cb[i])) * coverage / 255)
            cr[i] = UInt8(Int32(cr[i]) + (paint.tint.v - Int32(cr[i])) * coverage / 255)
          }
          alpha[i] = UInt8(under + coverage * (255 - under) / 255)
        }
      }
    }
  }

  /// Smears it sideways over so many pixels, as a moving thing is during the exposure.
  func smear(_ length: Int) {
    guard length >= 2 else { return }
    let before = length / 2
    var sums = [SIMD4<Int32>](repeating: .zero, count: width + 1)
    for row in 0..<height {
      let base = row * width
      var sum = SIMD4<Int32>.zero
      for px in 0..<width {
        let a = Int32(alpha[base + px])
        sum &+= SIMD4(a, a * Int32(luma[base + px]), a * Int32(cb[base + px]), a * Int32(cr[base + px]))
        sums[px + 1] = sum
      }
      for px in 0..<width {
        let low = max(0, px - before)
        let high = min(width, px - before + length)
        let s = sums[high] &- sums[low]
        alpha[base + px] = UInt8(s.x / Int32(length))
        guard s.x > 0 else { continue }
        luma[base + px] = UInt8(s.y / s.x)
        cb[base + px] = UInt8(s.z / s.x)
        cr[base + px] = UInt8(s.w / s.x)
      }
    }
  }
}

/// A tile of smooth noise, −128…127, 256×256, for cloth, paint and bark.
enum SceneTexture {
  private static let table: [Int8] = {
    var random = SceneRandom(seed: 77)
    let coarse = (0..<64 * 64).map { _ in random.normal() }
    var tile = [Int8](repeating: 0, count: 65536)
    for y in 0..<256 {
      for x in 0..<256 {
        var sum = 0.0
        for (scale, weight) in [(4, 0.65), (8, 0.55)] {
          let period = 256 / scale
          let cx = x / scale
          let cy = y / scale
          let tx = Double(x % scale) / Double(scale)
          let ty = Double(y % scale) / Double(scale)
          let a = coarse[cy % period * 64 + cx % period]
          let b = coarse[cy % period * 64 + (cx + 1) % period]
          let c = coarse[(cy + 1) % period * 64 + cx % period]
          let d = coarse[(cy + 1) % period * 64 + (cx + 1) % period]
          sum += weight * (a + (b - a) * tx + ((c + (d - c) * tx) - (a + (b - a) * tx)) * ty)
        }
        tile[y << 8 | x] = Int8(min(max(sum * 64, -127), 127))
      }
    }
    return tile
  }()

  static func withTable<R>(_ body: (UnsafePointer<Int8>) -> R) -> R {
    // Safety: the table has 65536 elements, so its buffer has a base address.
    table.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
