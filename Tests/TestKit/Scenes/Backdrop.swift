/// Paints the fixed background of a place once, with what stands in its foreground.
struct Backdrop {
  let place: Place
  let seed: UInt32
  /// Canvas pixels to a pixel of a picture 720 rows high, and the canvas's margin around the picture.
  let scale: Double
  let marginX: Double
  let marginY: Double
  /// The middle of the picture, in pixels of a picture 720 rows high.
  let middle: Double

  private func metre(_ y: Double) -> Double { place.perspective.metre(at: y) }
  private var wallMetre: Double { metre(place.wallBase) }
  private func cx(_ x: Double) -> Double { x * scale + marginX }
  private func cy(_ y: Double) -> Double { y * scale + marginY }

  /// Leaves the finished background in `canvas.picture` and its foreground declared.
  func paint(on canvas: Canvas) {
    paintSurfaces(canvas.picture)
    let sprite = Sprite()
    decorateWall(canvas, sprite)
    for pillar in place.pillars { raise(pillar, canvas, sprite) }
    hideBehindWall(canvas, sprite)
    canvas.owner.update(repeating: 0)
  }

  private func paintSurfaces(_ picture: Picture) {
    for row in 0..<picture.height {
      let y = (Double(row) + 0.5 - marginY) / scale
      for column in 0..<picture.width {
        let x = (Double(column) + 0.5 - marginX) / scale
        let tint = y < place.wallBase ? wall(x, y) : ground(x, y)
        picture.luma[row * picture.width + column] = UInt8(min(max(tint.y, 16), 235))
        if row & 1 == 0 && column & 1 == 0 {
          let c = (row / 2) * (picture.width / 2) + column / 2
          picture.cb[c] = UInt8(min(max(tint.u, 16), 240))
          picture.cr[c] = UInt8(min(max(tint.v, 16), 240))
        }
      }
    }
  }

  private func ground(_ px: Double, _ py: Double) -> Tint {
    let m = metre(py)
    let x = (px - middle) / m
    // A lens of 1000 pixels focal length.
    let z = 1000 / m
    let footprint = 1 / m / scale
    switch place.kind {
    case .street:
      if py < 302 || py > 575 { return kerb(py, Surface.slabs(x, z, footprint, seed)) }
      let dash = abs(py - 455) < 2.5 && (x / 3).truncatingRemainder(dividingBy: 2).magnitude < 1
      if dash { return Tint(y: 178 + Int32(SceneMath.noise(x * 9, z * 9, seed) * 18), u: 127, v: 129) }
      return Surface.asphalt(x, z, footprint, seed)
    case .lobby:
      let gloss = SceneMath.smooth(abs(px - 1000) + abs(py - 330), 520, 0)
      return Surface.tiles(x, z, footprint, seed).shifted((gloss * 34 - (py - 300) * 0.03).rounded())
    case .yard:
      let edge = SceneMath.fractal(x * 0.8, z * 0.8, seed &+ 40, octaves: 3) * 0.6
      let lawn = SceneMath.smooth(z + edge + x * 0.15, 17, 17.4) * (1 - SceneMath.smooth(z + edge, 30, 30.6))
      return Surface.gravel(x, z, footprint, seed).mixed(Surface.grass(x, z, footprint, seed), lawn)
    case .hall:
      let line = max(abs(x - 2.6) < 0.06 ? 1.0 : 0, abs(x + 2.6) < 0.06 ? 1.0 : 0)
      let light = 14 * SceneMath.sin(z * 0.9) * 0.4
      return Surface.concrete(x, z, footprint, seed).shifted(light).mixed(Tint(205, 175, 40), line * 0.8)
    case .plaza:
      let ring = (x * x + (z - 22) * (z - 22)).squareRoot()
      let inlay = Surface.joint(ring, every: 4, width: 0.25, footprint: footprint)
      return Surface.slabs(x, z, footprint, seed, size: 1.1).mixed(Tint(95, 88, 84), inlay * 0.6)
    }
  }

  private func kerb(_ py: Double, _ slab: Tint) -> Tint {
    let lip = py > 296 && py < 302 || py > 575 && py < 582
    return lip ? Tint(y: 165, u: 127, v: 129).shifted(py.truncatingRemainder(dividingBy: 3)) : slab
  }

  private func wall(_ px: Double, _ py: Double) -> Tint {
    let x = (px - middle) / wallMetre
    let y = (place.wallBase - py) / wallMetre
    let footprint = 1 / wallMetre / scale
    let foot = SceneMath.smooth(y, 0.25, 0) * 18
    switch place.kind {
    case .street:
      return
        (px < 640
        ? Surface.brick(x, y, footprint, seed) : Surface.plaster(x, y, seed, tint: Tint(205, 190, 160)))
        .shifted(-foot)
    case .lobby:
      let panel = y < 1.0 ? Tint(140, 105, 72) : Tint(215, 208, 196)
      let seam = y < 1.0 ? Surface.joint(x, every: 0.8, width: 0.02, footprint: footprint) * 30 : 0
      return Surface.plaster(x, y, seed, tint: panel).shifted(-foot - seam)
    case .yard:
      let board = x - (x / 0.16).rounded(.down) * 0.16
      if y > 2.2 {
        return Tint(170, 190, 210).shifted(SceneMath.fractal(x * 0.12, y * 0.3, seed, octaves: 4) * 22)
      }
      let own = Double(SceneMath.hash(Int((x / 0.16).rounded(.down)), 1, seed) & 255) / 255 - 0.5
      return Tint(118, 92, 66).shifted(
        own * 26 - (board < 0.02 ? 30 : 0) + SceneMath.noise(x * 20, y * 3, seed) * 8 - foot)
    case .hall:
      return Surface.shelves(x, y, footprint, seed).shifted(-foot)
    case .plaza:
      return Surface.plaster(x, y, seed, tint: Tint(175, 165, 150))
        .shifted(-Surface.joint(y, every: 0.8, width: 0.05, footprint: footprint) * 25 - foot)
    }
  }

  private func decorateWall(_ canvas: Canvas, _ s: Sprite) {
    var random = SceneRandom(seed: UInt64(seed), part: "wall")
    let windows: [(x: Double, y: Double, w: Double, h: Double)]
    switch place.kind {
    case .street:
      windows =
        (0..<11).map { (Double($0) * 150 - 160, random.between(92, 98), 74, 88) }
        + (0..<11).map { (Double($0) * 150 - 160, -30, 74, 70) }
    case .lobby: windows = [(60, 60, 130, 80), (420, 52, 120, 74), (1080, 40, 230, 110)]
    case .plaza: windows = (0..<16).map { (Double($0) * 105 - 150, 8, 52, 34) }
    case .yard, .hall: windows = []
    }
    for window in windows
    where !place.doors.contains(where: { $0.1 > window.x - 8 && $0.0 < window.x + window.w + 8 }) {
      s.begin(
        x0: cx(window.x - 6), y0: cy(window.y - 6), x1: cx(window.x + window.w + 6),
        y1: cy(window.y + window.h + 8))
      s.fill(
        Hull(box: cx(window.x - 4), cy(window.y - 4), (window.w + 8) * scale, (window.h + 10) * scale),
        Paint(Tint(225, 222, 214), grain: 3))
      var glass = Paint(
        random.pick([Tint(60, 75, 90), Tint(82, 90, 98), Tint(46, 52, 60), Tint(120, 130, 138)]), grain: 14)
      glass.grainSize = 9 * scale
      glass.slopeY = 0.35 / scale
      glass.slopeX = -0.2 / scale
      glass.anchorX = cx(window.x + window.w / 2)
      glass.anchorY = cy(window.y + window.h / 2)
      s.fill(Hull(box: cx(window.x), cy(window.y), window.w * scale, window.h * scale), glass)
      s.fill(
        Hull(box: cx(window.x + window.w / 2 - 1.5), cy(window.y), 3 * scale, window.h * scale),
        Paint(Tint(215, 212, 205)))
      s.fill(
        Hull(box: cx(window.x), cy(window.y + window.h * 0.4), window.w * scale, 3 * scale),
        Paint(Tint(215, 212, 205)))
      _ = canvas.draw(s, id: 0, depth: 30000)
    }
    for door in place.doors {
      let top = place.wallBase - 2.15 * wallMetre
      s.begin(x0: cx(door.0 - 8), y0: cy(top - 8), x1: cx(door.1 + 8), y1: cy(place.wallBase + 1))
      s.fill(
        Hull(
          box: cx(door.0 - 5), cy(top - 5), (door.1 - door.0 + 10) * scale, (place.wallBase - top + 5) * scale
        ),
        Paint(Tint(235, 230, 222)))
      var dark = Paint(Tint(58, 54, 52), grain: 8)
      dark.slopeY = 0.25 / scale
      dark.anchorX = cx(door.0)
      dark.anchorY = cy(top)
      s.fill(Hull(box: cx(door.0), cy(top), (door.1 - door.0) * scale, (place.wallBase - top) * scale), dark)
      _ = canvas.draw(s, id: 0, depth: 30000)
    }
  }

  private func raise(_ pillar: (x: Double, width: Double, foot: Double), _ canvas: Canvas, _ s: Sprite) {
    let trunk = place.kind == .yard
    let x0 = cx(pillar.x)
    let w = pillar.width * scale
    canvas.shade(
      Oval(x0 + w * 0.9, cy(pillar.foot), w * 1.3, w * 0.28), strength: 0.4, soft: Float(w * 0.3),
      depth: 30000)
    s.begin(x0: x0 - w, y0: 0, x1: x0 + 2 * w, y1: cy(pillar.foot) + 4)
    var stone = Paint(
      trunk ? Tint(82, 66, 50) : place.kind == .street ? Tint(70, 74, 72) : Tint(196, 190, 180),
      grain: trunk ? 20 : 6)
    stone.slopeX = -34 / w
    stone.anchorX = x0 + w / 2
    stone.grainSize = trunk ? 3 : 8
    s.fill(
      Hull([
        (x0, 0), (x0 + w, 0), (x0 + w * (trunk ? 1.12 : 1), cy(pillar.foot)),
        (x0 - w * (trunk ? 0.12 : 0), cy(pillar.foot)),
      ]), stone)
    s.fill(Hull(box: x0 - w * 0.12, cy(pillar.foot) - w * 0.3, w * 1.24, w * 0.3 + 2), stone)
    _ = canvas.draw(s, id: 0, depth: 30000)
    canvas.putInFront(s, depth: cy(pillar.foot))
  }

  /// Who goes through a door walks behind the wall beside it.
  private func hideBehindWall(_ canvas: Canvas, _ s: Sprite) {
    guard !place.doors.isEmpty else { return }
    var left = -1000.0
    for door in place.doors + [(4000, 4100)] {
      s.begin(x0: cx(left), y0: 0, x1: cx(door.0), y1: cy(place.wallBase))
      s.fill(Hull(box: cx(left), -10, (door.0 - left) * scale, cy(place.wallBase) + 10), Paint(Tint(0, 0, 0)))
      canvas.putInFront(s, depth: cy(place.wallBase))
      left = door.1
    }
    for door in place.doors {
      let top = place.wallBase - 2.15 * wallMetre
      s.begin(x0: cx(door.0), y0: 0, x1: cx(door.1), y1: cy(top))
      s.fill(Hull(box: cx(door.0), -10, (door.1 - door.0) * scale, cy(top) + 10), Paint(Tint(0, 0, 0)))
      canvas.putInFront(s, depth: cy(place.wallBase))
    }
  }
}
