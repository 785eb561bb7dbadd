/// Materials of backgrounds: colour of a point of a floor or wall, given in metres.
enum Surface {
  /// Share, 0…1, of a pixel that a joint of a grid covers. `footprint` is the pixel's size in metres there.
  static func joint(_ at: Double, every period: Double, width: Double, footprint: Double) -> Double {
    let p = at / period
    let off = abs(p - p.rounded()) * period
    let blur = max(footprint, 0.004)
    return (1 - SceneMath.smooth(off, width / 2, width / 2 + blur)) * min(1, width / blur * 1.5)
  }

  static func asphalt(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let fine = SceneMath.noise(x * 28, z * 28, seed) * min(1, 0.03 / footprint)
    let patches = SceneMath.fractal(x * 0.5, z * 0.5, seed &+ 5, octaves: 4)
    let tracks = SceneMath.noise(x * 0.08, z * 1.3, seed &+ 9)
    return Tint(y: 92 + Int32((fine * 16 + patches * 22 + tracks * 7).rounded()), u: 128, v: 128)
  }

  static func slabs(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32, size: Double = 0.6) -> Tint
  {
    let column = Int((x / size).rounded(.down))
    let row = Int((z / size).rounded(.down))
    let own = Double(SceneMath.hash(column, row, seed) & 255) / 255 - 0.5
    let dirt = SceneMath.fractal(x * 0.9, z * 0.9, seed &+ 3, octaves: 4)
    let fine = SceneMath.noise(x * 30, z * 30, seed &+ 4) * min(1, 0.03 / footprint)
    let gap = max(
      joint(x, every: size, width: 0.018, footprint: footprint),
      joint(z, every: size, width: 0.018, footprint: footprint * 2.5))
    let y = 138 + own * 20 * min(1, size / footprint / 3) + dirt * 18 + fine * 9 - gap * 46
    return Tint(y: Int32(y.rounded()), u: 125, v: 130)
  }

  static func tiles(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let size = 0.9
    let dark = (Int((x / size).rounded(.down)) + Int((z / size).rounded(.down))) & 1 == 0
    let vein = SceneMath.fractal(x * 1.7, z * 1.7, seed, octaves: 4)
    let gap = max(
      joint(x, every: size, width: 0.012, footprint: footprint),
      joint(z, every: size, width: 0.012, footprint: footprint * 2.5))
    let contrast = min(1, 0.12 / footprint)
    return Tint(
      y: Int32((150 + (dark ? -11 : 11) * contrast + vein * 12 - gap * 35).rounded()), u: 124, v: 132)
  }

  static func grass(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let blades = SceneMath.noise(x * 22, z * 11, seed) * min(1, 0.05 / footprint)
    let tufts = SceneMath.fractal(x * 1.4, z * 1.4, seed &+ 1, octaves: 4)
    let y = 88 + blades * 26 + tufts * 26
    return Tint(y: Int32(y.rounded()), u: 110 + Int32(tufts * 4), v: 119 + Int32(tufts * 6))
  }

  static func gravel(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let stones = SceneMath.noise(x * 34, z * 34, seed) * min(1, 0.04 / footprint)
    let wear = SceneMath.fractal(x * 0.7, z * 0.7, seed &+ 1, octaves: 4)
    return Tint(y: Int32((122 + stones * 30 + wear * 20).rounded()), u: 124, v: 131)
  }

  static func concrete(_ x: Double, _ z: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let stains = SceneMath.fractal(x * 0.35, z * 0.35, seed, octaves: 5)
    let fine = SceneMath.noise(x * 25, z * 25, seed &+ 2) * min(1, 0.03 / footprint)
    let seam = max(
      joint(x, every: 5, width: 0.02, footprint: footprint),
      joint(z, every: 5, width: 0.02, footprint: footprint * 2.5))
    return Tint(y: Int32((128 + stains * 26 + fine * 6 - seam * 40).rounded()), u: 127, v: 129)
  }

  static func brick(_ x: Double, _ y: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let row = (y / 0.075).rounded(.down)
    let shift = Int(row) & 1 == 0 ? 0.0 : 0.12
    let own =
      Double(SceneMath.hash(Int(((x + shift) / 0.24).rounded(.down)), Int(row), seed) & 255) / 255 - 0.5
    let gap = max(
      joint(x + shift, every: 0.24, width: 0.014, footprint: footprint),
      joint(y, every: 0.075, width: 0.014, footprint: footprint))
    let dirt = SceneMath.fractal(x * 0.6, y * 0.6, seed &+ 3, octaves: 3)
    let level = 104 + own * 34 * min(1, 0.06 / footprint) + gap * 40 + dirt * 14
    return Tint(y: Int32(level.rounded()), u: 117, v: 145 - Int32(gap * 10))
  }

  static func plaster(_ x: Double, _ y: Double, _ seed: UInt32, tint: Tint) -> Tint {
    let cloud = SceneMath.fractal(x * 0.5, y * 0.5, seed, octaves: 3)
    return tint.shifted((cloud * 7 + SceneMath.noise(x * 9, y * 9, seed &+ 1) * 2).rounded())
  }

  static func shelves(_ x: Double, _ y: Double, _ footprint: Double, _ seed: UInt32) -> Tint {
    let level = (y / 0.9).rounded(.down)
    let within = y - level * 0.9
    if within < 0.09 { return Tint(200, 110, 40) }
    let post = x - (x / 2.4).rounded(.down) * 2.4
    if post < 0.09 { return Tint(40, 60, 110) }
    let slot = Int((x / 0.55).rounded(.down))
    let h = SceneMath.hash(slot, Int(level), seed)
    let tall = 0.35 + Double(h & 255) / 600
    if within > tall { return Tint(38, 36, 36) }
    let colours = [
      Tint(165, 130, 90), Tint(190, 160, 120), Tint(120, 90, 62), Tint(60, 90, 120), Tint(200, 200, 195),
    ]
    let edge = joint(x, every: 0.55, width: 0.03, footprint: footprint)
    return colours[Int(h >> 9) % colours.count]
      .shifted(SceneMath.fractal(x * 5, y * 5, seed &+ 8, octaves: 2) * 12 - edge * 40)
  }
}
