/// How one person looks. Lengths are shares of the height.
package struct PersonLook: Sendable {
  var skin: Tint
  var hair: Tint
  var top: Tint
  var legs: Tint
  var shoes: Tint
  var bag: Tint?
  var coat: Bool
  var girth: Double
  /// Metres.
  var height: Double

  /// A look drawn by lot whose clothes stand out from a ground of brightness `ground`, or, with `dull`, nearly
  /// don't in one of them.
  package static func random(_ random: inout SceneRandom, ground: Int32, dull: Bool = false) -> PersonLook {
    let cloth: [Tint] = [
      Tint(30, 32, 40), Tint(45, 55, 95), Tint(150, 35, 40), Tint(225, 222, 215), Tint(60, 95, 60),
      Tint(205, 180, 60), Tint(70, 70, 78), Tint(35, 90, 130), Tint(190, 110, 60), Tint(110, 45, 100),
      Tint(235, 140, 150), Tint(20, 22, 24), Tint(240, 235, 225), Tint(40, 130, 120),
    ]
    func chosen(from ground: Int32) -> Tint {
      var best = random.pick(cloth)
      for _ in 0..<20 where !best.standsOut(from: ground) { best = random.pick(cloth) }
      return best
    }
    let top = chosen(from: ground)
    var legs = dull ? Tint(y: ground + Int32(random.between(-10, 10)), u: 127, v: 129) : chosen(from: ground)
    if legs == top { legs = legs.lit(0.8) }
    return PersonLook(
      skin: random.pick([Tint(224, 172, 140), Tint(190, 140, 105), Tint(120, 80, 58), Tint(235, 195, 170)]),
      hair: random.pick([
        Tint(40, 28, 20), Tint(90, 62, 38), Tint(25, 24, 26), Tint(160, 130, 80), Tint(150, 148, 145),
      ]),
      top: top, legs: legs, shoes: random.pick([Tint(28, 26, 25), Tint(80, 60, 45), Tint(215, 215, 210)]),
      bag: random.chance(0.35) ? random.pick(cloth) : nil, coat: random.chance(0.3),
      girth: random.between(0.92, 1.25), height: random.between(1.55, 1.9))
  }
}

extension Tint {
  /// Whether a thing of this colour differs clearly from neutral ground of that brightness.
  func standsOut(from ground: Int32) -> Bool {
    abs(y - ground) >= 30 || max(abs(u - 128), abs(v - 128)) >= 28
  }
}

/// Draws a walking or standing person from the limbs up.
struct Person {
  let look: PersonLook

  /// - Parameters:
  ///   - x, y: where the feet meet the ground, canvas pixels.
  ///   - height: pixels from sole to crown.
  ///   - stride: where in the step it is, in turns: two steps are one turn.
  ///   - walking: 0 standing … 1 walking.
  ///   - heading: −1 left … 0 towards or away from us … 1 right.
  ///   - idle: seconds, for the small movements of someone who stands.
  func draw(
    on s: Sprite, x: Double, y: Double, height h: Double, stride: Double, walking: Double, heading: Double,
    idle: Double
  ) {
    let side = abs(heading)
    let way = heading < 0 ? -1.0 : 1.0
    let phase = stride * SceneMath.turn
    let sway = (1 - walking) * SceneMath.sin(idle * 1.7) * 0.008
    let bob = walking * (0.5 - 0.5 * SceneMath.cos(2 * phase)) * 0.018
    s.begin(x0: x - 0.42 * h, y0: y - 1.06 * h, x1: x + 0.42 * h, y1: y + 0.06 * h)
    func px(_ u: Double) -> Double { x + u * h }
    func py(_ v: Double) -> Double { y - v * h }
    func paint(_ tint: Tint, grain: Double = 9) -> Paint {
      var p = Paint(tint, grain: grain)
      p.grainSize = max(2, h / 28)
      p.slopeX = -34 / h
      p.slopeY = -10 / h
      p.anchorX = x
      p.anchorY = y - 0.55 * h
      return p
    }
    let hipX = sway
    let hipY = 0.51 - bob
    let shoulderX = sway * 1.5 + walking * side * way * 0.025
    let shoulderY = 0.815 - bob
    let broad = (0.102 - 0.022 * side) * look.girth

    func leg(_ sign: Double, tint: Tint) {
      let swing = walking * SceneMath.sin(phase) * sign
      let lift = walking * max(0, SceneMath.cos(phase) * sign)
      let thigh = swing * 0.42
      // The knee bends while the leg comes forward.
      let shin = thigh - lift * 0.75 - walking * max(0, -swing) * 0.3
      let apart = (0.05 * (1 - side) + 0.018) * sign
      let hx = hipX + apart
      let kneeX = hx + way * side * SceneMath.sin(thigh) * 0.25 + apart * 0.1
      let kneeY = hipY - SceneMath.cos(thigh) * 0.25
      let shorten = 1 - (1 - side) * lift * 0.22
      let footX = kneeX + way * side * SceneMath.sin(shin) * 0.245
      let footY = max(0.025, kneeY - SceneMath.cos(shin) * 0.24 * shorten)
      s.fill(Limb(px(hx), py(hipY), px(kneeX), py(kneeY), 0.07 * h * look.girth, 0.05 * h), paint(tint))
      s.fill(Limb(px(kneeX), py(kneeY), px(footX), py(footY), 0.05 * h, 0.034 * h), paint(tint))
      let toe = footX + way * (0.03 + 0.055 * side)
      s.fill(
        Limb(px(footX - way * 0.01), py(footY - 0.004), px(toe), py(footY - 0.012), 0.028 * h, 0.02 * h),
        paint(look.shoes, grain: 4))
    }
    func arm(_ sign: Double, tint: Tint) {
      let swing = -walking * SceneMath.sin(phase) * sign * 0.55
      let elbowBend = 0.25 + 0.35 * walking
      let sx = shoulderX + sign * broad * (1 - side) * 1.05 + sign * 0.01
      let ex = sx + way * side * SceneMath.sin(swing) * 0.165 + sign * (1 - side) * 0.02
      let ey = shoulderY - 0.02 - SceneMath.cos(swing) * 0.16
      let fore = swing + elbowBend
      let wx = ex + way * side * SceneMath.sin(fore) * 0.15 + sign * (1 - side) * 0.005
      let wy =
        ey - SceneMath.cos(fore) * 0.15
        * (1 - 0.2 * (1 - side) * walking * max(0, SceneMath.sin(phase) * sign))
      s.fill(Limb(px(sx), py(shoulderY - 0.015), px(ex), py(ey), 0.044 * h, 0.036 * h), paint(tint))
      s.fill(Limb(px(ex), py(ey), px(wx), py(wy), 0.036 * h, 0.026 * h), paint(tint))
      s.fill(Limb(circle: px(wx), py(wy - 0.012), 0.027 * h), paint(look.skin, grain: 3))
    }

    arm(-1, tint: look.top.lit(0.8))
    leg(-1, tint: look.legs.lit(0.84))
    leg(1, tint: look.legs)
    if let bag = look.bag, side > 0.5 {
      s.fill(
        Limb(
          px(shoulderX - way * 0.1), py(0.76 - bob), px(shoulderX - way * 0.09), py(0.6 - bob), 0.06 * h,
          0.065 * h),
        paint(bag))
    }
    s.fill(
      Limb(px(hipX), py(hipY + 0.02), px(shoulderX), py(shoulderY - 0.06), broad * 0.86 * h, broad * h),
      paint(look.top))
    s.fill(
      Limb(
        px(shoulderX - broad * 0.55 * (1 - side)), py(shoulderY - 0.02),
        px(shoulderX + broad * 0.55 * (1 - side)),
        py(shoulderY - 0.02), broad * 0.62 * h, broad * 0.62 * h), paint(look.top))
    if look.coat {
      s.fill(
        Hull(
          [
            (px(hipX - broad * 0.8), py(hipY + 0.06)), (px(hipX + broad * 0.8), py(hipY + 0.06)),
            (px(hipX + broad * 1.15), py(hipY - 0.17)), (px(hipX - broad * 1.15), py(hipY - 0.17)),
          ], round: 0.02 * h), paint(look.top.lit(0.94)))
    }
    let headX = shoulderX * 1.1 + way * side * 0.012
    s.fill(
      Limb(px(shoulderX), py(shoulderY), px(headX), py(0.88 - bob), 0.032 * h, 0.032 * h),
      paint(look.skin.lit(0.8), grain: 2))
    s.fill(
      Limb(px(headX), py(0.893 - bob), px(headX), py(0.942 - bob), 0.047 * h, 0.056 * h),
      paint(look.skin, grain: 3))
    s.fill(
      Limb(
        px(headX - way * side * 0.018), py(0.945 - bob), px(headX - way * side * 0.03), py(0.915 - bob),
        0.053 * h,
        0.04 * h), paint(look.hair, grain: 6))
    arm(1, tint: look.top.lit(1.06))
  }
}
