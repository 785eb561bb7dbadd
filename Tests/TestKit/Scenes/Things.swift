/// How one vehicle looks.
package struct VehicleLook: Sendable {
  package enum Body: Sendable { case saloon, van }
  var paint: Tint
  var body: Body
  /// Metres.
  var length: Double
  var height: Double

  package static func random(_ random: inout SceneRandom, ground: Int32) -> VehicleLook {
    let paints = [
      Tint(200, 200, 205), Tint(30, 32, 36), Tint(150, 25, 30), Tint(35, 70, 140), Tint(240, 240, 238),
      Tint(60, 80, 65), Tint(225, 180, 40),
    ]
    var tint = random.pick(paints)
    for _ in 0..<20 where !tint.standsOut(from: ground) { tint = random.pick(paints) }
    let van = random.chance(0.3)
    return VehicleLook(
      paint: tint, body: van ? .van : .saloon, length: van ? 4.9 : random.between(3.9, 4.6),
      height: van ? 2.0 : 1.45)
  }
}

/// A car or van from the side.
struct Vehicle {
  let look: VehicleLook

  /// `x`, `y`: the middle of the ground under it; `metre`: pixels a metre; `way`: 1 right, −1 left;
  /// `travelled`: pixels, turns the wheels.
  func draw(on s: Sprite, x: Double, y: Double, metre: Double, way: Double, travelled: Double) {
    let l = look.length * metre
    let h = look.height * metre
    let wheel = 0.32 * metre
    s.begin(x0: x - 0.54 * l - 14, y0: y - h * 1.08, x1: x + 0.54 * l + 14, y1: y + 0.1 * metre)
    func at(_ u: Double, _ v: Double) -> (Double, Double) { (x + way * u * l, y - v * h) }
    func hull(_ points: [(Double, Double)], round: Double = 0) -> Hull {
      let mapped = points.map { at($0.0, $0.1) }
      return Hull(way > 0 ? mapped : mapped.reversed(), round: round)
    }
    var body = Paint(look.paint, grain: 3)
    body.slopeY = 30 / h
    body.anchorX = x
    body.anchorY = y - 0.5 * h
    var glass = Paint(Tint(52, 62, 70), grain: 5)
    glass.slopeY = -40 / h
    glass.anchorX = x
    glass.anchorY = y - 0.8 * h
    let dark = Paint(Tint(22, 22, 24))
    s.fill(hull([(-0.49, 0.36), (0.49, 0.36), (0.47, 0.14), (-0.48, 0.14)], round: 0.05 * h), dark)
    switch look.body {
    case .saloon:
      s.fill(hull([(-0.27, 0.99), (0.1, 1.0), (0.29, 0.62), (-0.44, 0.62)], round: 0.1 * h), body)
      s.fill(hull([(-0.245, 0.93), (-0.06, 0.94), (-0.06, 0.64), (-0.37, 0.64)], round: 0.05 * h), glass)
      s.fill(hull([(-0.035, 0.94), (0.075, 0.94), (0.23, 0.64), (-0.035, 0.64)], round: 0.05 * h), glass)
      s.fill(
        hull([(-0.5, 0.64), (0.36, 0.68), (0.5, 0.52), (0.5, 0.22), (-0.5, 0.22)], round: 0.09 * h), body)
    case .van:
      s.fill(
        hull(
          [(-0.5, 1.0), (0.24, 1.0), (0.42, 0.6), (0.5, 0.5), (0.5, 0.16), (-0.5, 0.16)], round: 0.08 * h),
        body)
      s.fill(hull([(0.1, 0.92), (0.23, 0.92), (0.37, 0.6), (0.1, 0.6)], round: 0.04 * h), glass)
    }
    let (hx, hy) = at(0.47, 0.45)
    s.fill(Oval(hx, hy, 0.03 * l, 0.06 * h), Paint(Tint(235, 235, 220)))
    let (tx, ty) = at(-0.475, 0.45)
    s.fill(Oval(tx, ty, 0.02 * l, 0.06 * h), Paint(Tint(150, 20, 22)))
    for u in [-0.31, 0.31] {
      let (wx, _) = at(u, 0)
      let wy = y - wheel
      s.fill(Limb(circle: wx, wy, wheel), Paint(Tint(24, 24, 26)))
      s.fill(Limb(circle: wx, wy, wheel * 0.58), Paint(Tint(150, 152, 155), grain: 8))
      let angle = travelled / wheel
      for spoke in 0..<3 {
        let a = angle + Double(spoke) * SceneMath.turn / 6
        let dx = SceneMath.cos(a) * wheel * 0.5
        let dy = SceneMath.sin(a) * wheel * 0.5 * way
        s.fill(Limb(wx - dx, wy - dy, wx + dx, wy + dy, wheel * 0.07, wheel * 0.07), Paint(Tint(60, 60, 62)))
      }
    }
  }
}

/// A dog from the side.
struct Dog {
  let coat: Tint

  func draw(
    on s: Sprite, x: Double, y: Double, height h: Double, stride: Double, walking: Double, way: Double
  ) {
    s.begin(x0: x - 1.1 * h, y0: y - 1.15 * h, x1: x + 1.1 * h, y1: y + 0.08 * h)
    var fur = Paint(coat, grain: 10)
    fur.grainSize = max(2, h / 12)
    fur.anchorX = x
    fur.anchorY = y
    let far = Paint(coat.lit(0.75), grain: 6)
    let phase = stride * SceneMath.turn
    for (index, root) in [(-0.5, -0.42), (0.5, 0.4), (0.0, -0.48), (1.0, 0.34)].enumerated() {
      let swing = walking * SceneMath.sin(phase + root.0 * SceneMath.turn) * 0.28
      let rx = x + way * root.1 * h
      let fx = rx + way * swing * h
      let lift = walking * max(0, SceneMath.cos(phase + root.0 * SceneMath.turn)) * 0.08
      s.fill(Limb(rx, y - 0.45 * h, fx, y - (0.05 + lift) * h, 0.1 * h, 0.055 * h), index < 2 ? far : fur)
    }
    let wag = SceneMath.sin(phase * 2) * 0.08
    s.fill(
      Limb(x - way * 0.55 * h, y - 0.66 * h, x - way * 0.85 * h, y - (0.9 + wag) * h, 0.06 * h, 0.03 * h), fur
    )
    s.fill(Limb(x - way * 0.42 * h, y - 0.58 * h, x + way * 0.4 * h, y - 0.6 * h, 0.18 * h, 0.22 * h), fur)
    s.fill(Limb(x + way * 0.42 * h, y - 0.66 * h, x + way * 0.62 * h, y - 0.86 * h, 0.14 * h, 0.12 * h), fur)
    s.fill(Limb(x + way * 0.64 * h, y - 0.88 * h, x + way * 0.88 * h, y - 0.82 * h, 0.13 * h, 0.07 * h), fur)
    s.fill(Limb(x + way * 0.6 * h, y - 0.95 * h, x + way * 0.54 * h, y - 0.8 * h, 0.06 * h, 0.05 * h), far)
  }
}

/// A trolley, or with no wheels a parcel.
struct Crate {
  let tint: Tint
  let wheels: Bool

  func draw(on s: Sprite, x: Double, y: Double, width w: Double, height h: Double, travelled: Double) {
    s.begin(x0: x - 0.56 * w, y0: y - 1.1 * h, x1: x + 0.56 * w, y1: y + 0.06 * h)
    let low = wheels ? 0.16 : 0.0
    var face = Paint(tint, grain: 5)
    face.slopeX = -20 / w
    face.anchorX = x
    face.anchorY = y - h / 2
    s.fill(Hull(box: x - w / 2, y - h * 0.9, w, h * (0.9 - low), round: 0.04 * h), face)
    s.fill(
      Hull([
        (x - w * 0.44, y - h), (x + w * 0.5, y - h), (x + w * 0.5, y - h * 0.86), (x - w * 0.5, y - h * 0.86),
      ]),
      Paint(tint.lit(1.18), grain: 3))
    s.fill(Hull(box: x - w * 0.5, y - h * 0.52, w, h * 0.07), Paint(tint.lit(0.55)))
    s.fill(Hull(box: x - w * 0.04, y - h * 0.9, w * 0.08, h * (0.9 - low)), Paint(tint.lit(0.8), grain: 3))
    guard wheels else { return }
    for u in [-0.36, 0.36] {
      s.fill(Limb(circle: x + u * w, y - h * 0.09, h * 0.09), Paint(Tint(26, 26, 28)))
      let a = travelled / (h * 0.09)
      s.fill(
        Limb(
          circle: x + u * w + SceneMath.cos(a) * h * 0.045, y - h * 0.09 + SceneMath.sin(a) * h * 0.045,
          h * 0.025),
        Paint(Tint(140, 140, 140)))
    }
  }
}
