/// Rain and snow: things in the air between camera and scene, each at its own distance.
struct Weather {
  private struct Drop {
    var x: Double
    var y: Double
    /// 0 far … 1 at the lens.
    var near: Double
    var drift: Double
  }
  private let drops: [Drop]
  private let snow: Bool
  private let wind: Double

  init(count: Int, snow: Bool, wind: Double, seed: UInt64) {
    var random = SceneRandom(seed: seed, part: snow ? "snow" : "rain")
    self.snow = snow
    self.wind = wind
    drops = (0..<count).map { _ in
      let n = random.unit()
      return Drop(
        x: random.unit(), y: random.unit(), near: n * n * n, drift: random.between(0, SceneMath.turn))
    }
  }

  /// Draws over the finished picture, which shows `Double(width) / scale` × 720 pixels of the scene.
  func draw(on picture: Picture, at time: Double, scale: Double, strength: Double) {
    let width = Double(picture.width)
    let height = Double(picture.height)
    for drop in drops {
      let fall = (snow ? 60 + 420 * drop.near : 900 + 1500 * drop.near) * scale
      let span = height + 120 * scale
      let at = drop.y * span + fall * time
      let round = (at / span).rounded(.down)
      let y = at - round * span - 60 * scale
      // Another place for each fall, so that no streak comes back where it was.
      let lot = Double(SceneMath.hash(Int(round), Int(drop.x * 1e6), 5) >> 8) / 16_777_216
      var x = lot * (width + 200 * scale) - 100 * scale + wind * (y - height / 2)
      if snow {
        x += SceneMath.sin(time * (0.8 + drop.near) + drop.drift) * (6 + 26 * drop.near) * scale
        let radius = (0.7 + 5 * drop.near) * scale
        let alpha = (0.85 - 0.45 * drop.near) * strength
        stroke(picture, x, y, x - wind * fall / 60, y - fall / 60, radius, alpha, level: 226)
      } else {
        let length = fall / 60
        let radius = (0.55 + 1.5 * drop.near) * scale
        let alpha = (0.16 + 0.2 * (1 - drop.near)) * strength
        stroke(picture, x, y, x - wind * length, y - length, radius, alpha, level: 205)
      }
    }
  }

  private func stroke(
    _ picture: Picture, _ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ radius: Double,
    _ alpha: Double,
    level: Int32
  ) {
    let shape = Limb(ax, ay, bx, by, radius, radius)
    let b = shape.bounds
    let x0 = max(0, Int(b.x) - 1)
    let x1 = min(picture.width, Int(b.z) + 2)
    let y0 = max(0, Int(b.y) - 1)
    let y1 = min(picture.height, Int(b.w) + 2)
    guard x0 < x1, y0 < y1 else { return }
    let soft = Float(max(1.2, radius))
    for y in y0..<y1 {
      for x in x0..<x1 {
        let t = min(max(0.5 - shape.distance(Float(x) + 0.5, Float(y) + 0.5) / soft, 0), 1)
        if t == 0 { continue }
        let a = Int32(t * Float(alpha) * 256)
        let i = y * picture.width + x
        let old = Int32(picture.luma[i])
        picture.luma[i] = UInt8(old + (level - old) * a / 256)
        if x & 1 == 0 && y & 1 == 0 {
          let c = (y / 2) * (picture.width / 2) + x / 2
          picture.cb[c] = UInt8(Int32(picture.cb[c]) + (128 - Int32(picture.cb[c])) * a / 256)
          picture.cr[c] = UInt8(Int32(picture.cr[c]) + (128 - Int32(picture.cr[c])) * a / 256)
        }
      }
    }
  }
}
