/// Light over the picture on a coarse grid, spread smoothly between its points: lamps, clouds, cast shadows,
/// headlights. It falls on the scene, so it moves with it when the camera shakes.
final class LightField {
  /// Canvas pixels between grid points.
  private static let cell = 8
  private let columns: Int
  private let rows: Int
  private var gains: [Int32]

  init(width: Int, height: Int) {
    columns = width / Self.cell + 2
    rows = height / Self.cell + 2
    gains = Array(repeating: 4096, count: columns * rows)
  }

  /// Lights the canvas as at `time`; does nothing where no effect changes the light.
  func apply(
    _ effects: [Effect], at time: Double, to picture: Picture, scale: Double, marginX: Double,
    marginY: Double,
    middle: Double
  ) {
    var any = false
    for effect in effects {
      switch effect {
      case .exposure(let curve):
        any = any || abs(curve.at(time) - 1) > 1e-4
      case .lamp(let curve, _, _, _):
        any = any || abs(curve.at(time) - 1) > 1e-4
      case .clouds, .castShadows, .headlights: any = true
      default: break
      }
    }
    guard any else { return }
    for row in 0..<rows {
      let y = (Double(row * Self.cell) - marginY) / scale
      for column in 0..<columns {
        let x = (Double(column * Self.cell) - marginX) / scale
        var gain = 1.0
        for effect in effects { gain *= Self.gain(effect, x, y, time, middle) }
        gains[row * columns + column] = Int32((min(gain, 7) * 4096).rounded())
      }
    }
    spread(over: picture)
  }

  /// The light at one point of the scene, 1 where nothing changes it.
  func gain(_ effects: [Effect], _ x: Double, _ y: Double, _ time: Double, _ middle: Double) -> Double {
    effects.reduce(1) { $0 * Self.gain($1, x, y, time, middle) }
  }

  private static func gain(_ effect: Effect, _ x: Double, _ y: Double, _ time: Double, _ middle: Double)
    -> Double
  {
    switch effect {
    case .exposure(let curve): return curve.at(time)
    case .lamp(let curve, let until, let border, let rightSide):
      let side = SceneMath.smooth(x, until - border / 2, until + border / 2)
      return 1 + (curve.at(time) - 1) * (rightSide ? side : 1 - side)
    case .clouds(let depth, let size, let speed):
      let n = SceneMath.fractal((x - speed * time) / size, y / size * 2.2 + time * 0.02, 4242, octaves: 2)
      return 1 - depth * SceneMath.smooth(n, -0.12, 0.22)
    case .castShadows(let shadows, let depth):
      var covered = 0.0
      for shadow in shadows { covered = max(covered, coverage(shadow, x, y, time, middle)) }
      return 1 - depth * covered
    case .headlights(let lights):
      var sum = 1.0
      for light in lights { sum += glow(light, x, y, time, middle) }
      return sum
    default: return 1
    }
  }

  private static func coverage(
    _ shadow: CastShadow, _ x: Double, _ y: Double, _ time: Double, _ middle: Double
  ) -> Double {
    let age = time - shadow.begin
    let reach = middle + shadow.size * 2
    let at = middle + (shadow.speed > 0 ? -reach : reach) + shadow.speed * age
    let size = shadow.size
    let soft = 9.0
    switch shadow.form {
    case .person:
      // A long shadow that leans away from a low sun, with legs that swing.
      let v = (shadow.y - y) / size
      guard v > -0.05, v < 1.05 else { return 0 }
      let u = (x - at - v * size * 0.7) / size
      let swing = 0.09 * SceneMath.sin(age * 9) * max(0, 0.45 - v)
      let half = v < 0.45 ? 0.05 : v < 0.82 ? 0.1 : 0.055
      let off = v < 0.45 ? min(abs(u - swing), abs(u + swing)) : abs(u)
      return 1 - SceneMath.smooth((off - half) * size, -soft / 2, soft / 2)
    case .bus:
      let dx = abs(x - at - (shadow.y - y) * 0.4) - size
      let dy = abs(y - shadow.y) - size * 0.35
      return 1 - SceneMath.smooth(max(dx, dy), -soft, soft)
    case .branch:
      // Comes and goes at the edge, as a bough in the wind before the sun.
      let bend = SceneMath.sin(age * 1.3) * 26 + SceneMath.sin(age * 2.9) * 9
      let n = SceneMath.fractal((x - shadow.y + bend) / 42, (y + bend * 0.4) / 30, 91, octaves: 3)
      let within = 1 - SceneMath.smooth(abs(x - shadow.y) / size, 0.6, 1)
      return SceneMath.smooth(n, 0.02, 0.2) * within * SceneMath.smooth(age, 0, 1)
    }
  }

  private static func glow(_ light: Headlight, _ x: Double, _ y: Double, _ time: Double, _ middle: Double)
    -> Double
  {
    let t = (time - light.begin) / light.seconds
    guard t > 0, t < 1 else { return 0 }
    let from = light.rightwards ? middle - 1000 : middle + 1000
    let to = light.rightwards ? middle + 1000 : middle - 1000
    let centre = from + (to - from) * t * t * (3 - 2 * t)
    let fade = SceneMath.smooth(t, 0, 0.2) * (1 - SceneMath.smooth(t, 0.8, 1))
    let dx = (x - centre) / 210
    let dy = (y - light.y) / 95
    let pool = 1 / (1 + (dx * dx + dy * dy) * (dx * dx + dy * dy))
    let beam = 1 - SceneMath.smooth(abs(y - light.y + 60 - abs(dx) * 8), 40, 190)
    let along = 1 - SceneMath.smooth(abs(dx), 0.8, 2.6)
    return light.strength * fade * (pool + 0.35 * beam * along)
  }

  private func spread(over picture: Picture) {
    let width = picture.width
    let cell = Self.cell
    var line = [Int32](repeating: 0, count: width)
    gains.withUnsafeBufferPointer { gains in
      line.withUnsafeMutableBufferPointer { line in
        for y in 0..<picture.height {
          let top = (y / cell) * columns
          let ty = Int32(y % cell)
          for column in 0..<(width + cell - 1) / cell {
            let i = top + column
            let a = gains[i] * (8 - ty) + gains[i + columns] * ty
            let b = gains[i + 1] * (8 - ty) + gains[i + columns + 1] * ty
            let step = (b - a) / 8
            let x0 = column * cell
            for k in 0..<min(cell, width - x0) { line[x0 + k] = (a + step * Int32(k)) / 8 }
          }
          let luma = picture.luma + y * width
          for x in 0..<width {
            let lit = 16 + (((Int32(luma[x]) - 16) &* line[x]) >> 12)
            luma[x] = UInt8(truncatingIfNeeded: min(max(lit, 0), 250))
          }
          if y & 1 == 0 { tintLine(picture, y: y, line: line) }
        }
      }
    }
  }

  /// Less light has less colour too.
  private func tintLine(_ picture: Picture, y: Int, line: UnsafeMutableBufferPointer<Int32>) {
    let half = picture.width / 2
    let cb = picture.cb + (y / 2) * half
    let cr = picture.cr + (y / 2) * half
    for x in 0..<half {
      let gain = min(line[2 * x], 4915)
      cb[x] = UInt8(truncatingIfNeeded: min(max(128 + (((Int32(cb[x]) - 128) &* gain) >> 12), 16), 240))
      cr[x] = UInt8(truncatingIfNeeded: min(max(128 + (((Int32(cr[x]) - 128) &* gain) >> 12), 16), 240))
    }
  }
}
