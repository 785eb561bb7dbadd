/// A bush or the crown of a tree: thousands of leaves on boughs that the wind moves.
package struct Foliage: Sendable {
  struct Leaf: Sendable {
    var x: Double
    var y: Double
    var length: Double
    var width: Double
    var angle: Double
    var tint: Tint
    var bough: Int
    var flutter: Double
    var freedom: Double
  }
  private let leaves: [Leaf]
  private let boughs: [(phase: Double, rate: Double, reach: Double)]
  /// The row of its foot, which says what it stands before; pixels of a picture 720 rows high.
  package let foot: Double

  /// `x`, `y` is the middle, `width` and `height` the size of the crown.
  package init(x: Double, y: Double, width: Double, height: Double, foot: Double, seed: UInt64) {
    var random = SceneRandom(seed: seed, part: "foliage")
    self.foot = foot
    let count = max(5, Int(width * height / 1300))
    var boughs: [(phase: Double, rate: Double, reach: Double)] = []
    var leaves: [Leaf] = []
    for bough in 0..<count {
      var u = 0.0
      var v = 0.0
      repeat {
        u = random.between(-1, 1)
        v = random.between(-1, 1)
      } while u * u + v * v > 0.85
      let bx = x + u * width / 2
      let by = y + v * height / 2
      let spread = random.between(24, 44)
      let reach = (0.725 - 0.275 * v) * random.between(0.6, 1.2)
      boughs.append((random.between(0, SceneMath.turn), random.between(0.7, 1.5), reach))
      for _ in 0..<random.whole(46, 64) {
        let dx = random.normal() * spread * 0.55
        let dy = random.normal() * spread * 0.42
        // Light comes from above: the upper leaves of a bough are the bright ones.
        let light = 0.62 - dy / spread * 0.45 + random.between(-0.18, 0.18) - v * 0.12
        let base = Tint(58, 92, 40).mixed(Tint(116, 128, 52), random.unit() * 0.6)
        leaves.append(
          Leaf(
            x: bx + dx, y: by + dy, length: random.between(4, 8), width: random.between(1.8, 3.2),
            angle: random.between(0, SceneMath.turn), tint: base.lit(min(max(light * 1.35, 0.25), 1.7)),
            bough: bough,
            flutter: random.between(0, SceneMath.turn), freedom: random.between(0.4, 1.3)))
      }
    }
    leaves.sort { $0.tint.y < $1.tint.y }
    self.leaves = leaves
    self.boughs = boughs
  }

  /// Wind as a share of the strongest gust, −0.2…1, at a place and time: gusts cross the picture.
  private static func gust(_ x: Double, _ time: Double) -> Double {
    let n = SceneMath.fractal(time * 0.55 - x / 500, 3.1, 17, octaves: 3)
    return SceneMath.smooth(n, -0.45, 0.45) * 1.1 - 0.1
  }

  /// `wind`: pixels that the outermost twigs move in a gust.
  func draw(
    on canvas: Canvas, at time: Double, wind: Double, scale: Double, marginX: Double, marginY: Double,
    owner: UInt8
  ) {
    var sway: [(x: Double, y: Double, gust: Double)] = []
    for bough in boughs {
      let gust = Self.gust(bough.phase * 40, time)
      let swing = SceneMath.sin(time * bough.rate * SceneMath.turn + bough.phase)
      let lean = gust * (0.65 + 0.35 * swing) + 0.06 * swing
      sway.append(
        (lean * wind * bough.reach, (lean * 0.25 + 0.12 * gust * swing) * wind * bough.reach, gust))
    }
    let depth = Int16(min(max(foot * scale + marginY, -30000), 30000))
    for leaf in leaves {
      let (sx, sy, gust) = sway[leaf.bough]
      let beat = SceneMath.sin(time * 19 * leaf.freedom + leaf.flutter) * (0.12 + 0.88 * max(gust, 0))
      let x = (leaf.x + sx * (0.8 + 0.3 * leaf.freedom) + beat * 1.1) * scale + marginX
      let y = (leaf.y + sy + beat * 0.5) * scale + marginY
      // A leaf that turns shows its lighter underside.
      let tint = leaf.tint.shifted(beat * 13)
      stamp(
        leaf, x, y, angle: leaf.angle + beat * 0.5, tint: tint, scale: scale, on: canvas, depth: depth,
        owner: owner)
    }
  }

  private func stamp(
    _ leaf: Leaf, _ x: Double, _ y: Double, angle: Double, tint: Tint, scale: Double, on canvas: Canvas,
    depth: Int16,
    owner: UInt8
  ) {
    let c = Float(SceneMath.cos(angle))
    let s = Float(SceneMath.sin(angle))
    let long = Float(leaf.length * scale)
    let wide = Float(leaf.width * scale)
    // The leaf is where u² + |v| < 1, so its tips and flanks bound it.
    let reachX = Int(max(abs(c) * long, abs(s) * wide)) + 1
    let reachY = Int(max(abs(s) * long, abs(c) * wide)) + 1
    let x0 = max(0, Int(x) - reachX)
    let x1 = min(canvas.width - 1, Int(x) + reachX)
    let y0 = max(0, Int(y) - reachY)
    let y1 = min(canvas.height - 1, Int(y) + reachY)
    guard x0 <= x1, y0 <= y1 else { return }
    let cu = c / long
    let su = s / long
    let cv = c / wide
    let sv = s / wide
    let luma = canvas.picture.luma
    let owners = canvas.owner
    let fronts = canvas.frontDepth
    let half = canvas.width / 2
    for py in y0...y1 {
      let dy = Float(py) + 0.5 - Float(y)
      for px in x0...x1 {
        let dx = Float(px) + 0.5 - Float(x)
        let u = dx * cu + dy * su
        let v = dy * cv - dx * sv
        let inside = 1 - u * u - abs(v)
        if inside <= 0 { continue }
        let i = py * canvas.width + px
        if let fronts, fronts[i] > depth { continue }
        let a = Int32(min(inside * wide, 1) * 255)
        luma[i] = UInt8(Int32(luma[i]) + (tint.y - Int32(luma[i])) * a / 255)
        if a >= 128 { owners[i] = owner }
        if py & 1 == 0 && px & 1 == 0 {
          let k = (py / 2) * half + px / 2
          canvas.picture.cb[k] = UInt8(
            Int32(canvas.picture.cb[k]) + (tint.u - Int32(canvas.picture.cb[k])) * a / 255)
          canvas.picture.cr[k] = UInt8(
            Int32(canvas.picture.cr[k]) + (tint.v - Int32(canvas.picture.cr[k])) * a / 255)
        }
      }
    }
  }
}
