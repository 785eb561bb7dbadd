/// From the canvas to the picture that falls on the sensor: where the camera looks, sharpness, covers.
final class Lens {
  private var sums: [Int32] = []
  private var overlay: Picture?
  private var overlayKind: Cover?
  /// Where paint falls first, a value a pixel: kept, as noise is dear.
  private var blots: [Float] = []

  /// Copies the window at (x, y) of the canvas, in canvas pixels and parts of them.
  func look(at canvas: Picture, x: Double, y: Double, into out: Picture) {
    // Sixteenths of a pixel.
    let fx = Int32((x * 16).rounded())
    let fy = Int32((y * 16).rounded())
    shift(
      canvas.luma, canvas.width, Int(fx >> 4), Int(fy >> 4), fx & 15, fy & 15, out.luma, out.width, out.height
    )
    let hx = fx >> 1
    let hy = fy >> 1
    for (from, to) in [(canvas.cb, out.cb), (canvas.cr, out.cr)] {
      shift(
        from, canvas.width / 2, Int(hx >> 4), Int(hy >> 4), hx & 15, hy & 15, to, out.width / 2,
        out.height / 2)
    }
  }

  private func shift(
    _ from: UnsafePointer<UInt8>, _ stride: Int, _ x: Int, _ y: Int, _ fx: Int32, _ fy: Int32,
    _ to: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int
  ) {
    for row in 0..<height {
      let a = from + (y + row) * stride + x
      let out = to + row * width
      if fx == 0 && fy == 0 {
        out.update(from: a, count: width)
        continue
      }
      let b = a + (fy > 0 ? stride : 0)
      let w00 = (16 - fx) * (16 - fy)
      let w10 = fx * (16 - fy)
      let w01 = (16 - fx) * fy
      let w11 = fx * fy
      for column in 0..<width {
        let top = Int32(a[column]) &* w00 &+ Int32(a[column + 1]) &* w10
        let bottom = Int32(b[column]) &* w01 &+ Int32(b[column + 1]) &* w11
        out[column] = UInt8(truncatingIfNeeded: (top &+ bottom &+ 128) >> 8)
      }
    }
  }

  /// Two box blurs: about the disc of a lens out of focus.
  func blur(_ picture: Picture, radius: Double, horizontalOnly: Bool = false) {
    let luma = Int(radius.rounded())
    guard luma > 0 else { return }
    for (plane, width, height, r) in [
      (picture.luma, picture.width, picture.height, luma),
      (picture.cb, picture.width / 2, picture.height / 2, max(luma / 2, 1)),
      (picture.cr, picture.width / 2, picture.height / 2, max(luma / 2, 1)),
    ] {
      for _ in 0..<2 {
        boxRows(plane, width, height, r)
        if !horizontalOnly { boxColumns(plane, width, height, r) }
      }
    }
  }

  private func boxRows(_ plane: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int, _ r: Int) {
    var line = [UInt8](repeating: 0, count: width + 2 * r + 1)
    let size = Int32(2 * r + 1)
    for y in 0..<height {
      let row = plane + y * width
      for i in 0..<line.count { line[i] = row[min(max(i - r, 0), width - 1)] }
      var sum: Int32 = 0
      for i in 0..<2 * r { sum += Int32(line[i]) }
      for x in 0..<width {
        sum += Int32(line[x + 2 * r])
        row[x] = UInt8(truncatingIfNeeded: (sum + size / 2) / size)
        sum -= Int32(line[x])
      }
    }
  }

  private func boxColumns(_ plane: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int, _ r: Int) {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: width * height)
    defer { copy.deallocate() }
    copy.update(from: plane, count: width * height)
    sums = Array(repeating: 0, count: width)
    let size = Int32(2 * r + 1)
    for i in -r..<r { for x in 0..<width { sums[x] += Int32(copy[min(max(i, 0), height - 1) * width + x]) } }
    for y in 0..<height {
      let enter = copy + min(y + r, height - 1) * width
      let leave = copy + max(y - r, 0) * width
      for x in 0..<width {
        let sum = sums[x] &+ Int32(enter[x])
        plane[y * width + x] = UInt8(truncatingIfNeeded: (sum &+ size / 2) / size)
        sums[x] = sum &- Int32(leave[x])
      }
    }
  }

  /// Lays a cover over the picture; `progress` 0 none … 1 all of it, `tremble` seconds.
  func cover(_ picture: Picture, with kind: Cover, progress: Double, tremble: Double, seed: UInt32) {
    guard progress > 0 else { return }
    if overlayKind != kind || overlay?.width != picture.width {
      overlay = Self.paint(kind, width: picture.width, height: picture.height, seed: seed)
      overlayKind = kind
      if kind == .spray {
        let w = Double(picture.width)
        let h = Double(picture.height)
        blots = (0..<picture.width * picture.height).map { i in
          Float(
            SceneMath.fractal(
              Double(i % picture.width) / w * 7, Double(i / picture.width) / h * 4, seed &+ 60, octaves: 3))
        }
      }
    }
    guard let overlay else { return }
    let width = picture.width
    let height = picture.height
    let dx =
      kind == .spray ? 0 : Int((SceneMath.sin(tremble * 7) * 3 + SceneMath.sin(tremble * 17) * 1.5).rounded())
    var line = [Int32](repeating: 0, count: width)
    for y in 0..<height {
      for x in 0..<width { line[x] = alpha(kind, x, y, width, height, progress) }
      let row = y * width
      for x in 0..<width where line[x] > 0 {
        let from = row + min(max(x + dx, 0), width - 1)
        let old = Int32(picture.luma[row + x])
        picture.luma[row + x] = UInt8(
          truncatingIfNeeded: old + (Int32(overlay.luma[from]) - old) * line[x] / 256)
      }
      guard y & 1 == 0 else { continue }
      let half = (y / 2) * (width / 2)
      for x in 0..<width / 2 where line[2 * x] > 0 {
        let u = Int32(picture.cb[half + x])
        let v = Int32(picture.cr[half + x])
        picture.cb[half + x] = UInt8(
          truncatingIfNeeded: u + (Int32(overlay.cb[half + x]) - u) * line[2 * x] / 256)
        picture.cr[half + x] = UInt8(
          truncatingIfNeeded: v + (Int32(overlay.cr[half + x]) - v) * line[2 * x] / 256)
      }
    }
  }

  private func alpha(
    _ kind: Cover, _ x: Int, _ y: Int, _ width: Int, _ height: Int, _ progress: Double
  ) -> Int32 {
    let u = Double(x) / Double(width)
    let v = Double(y) / Double(height)
    switch kind {
    case .hand:
      // Comes from the lower right; a strip at the far edge stays open.
      let front = (1 - u) * 0.75 + (1 - v) * 0.35 + 0.03 * SceneMath.sin(v * 14)
      return Int32(256 * (1 - SceneMath.smooth(front, progress * 1.12 - 0.08, progress * 1.12)))
    case .cloth:
      let front = v + 0.04 * SceneMath.sin(u * 9)
      return Int32(256 * (1 - SceneMath.smooth(front, progress * 1.15 - 0.08, progress * 1.15)))
    case .spray:
      // Blots that grow together; a little shows through thin paint.
      return Int32(
        246 * SceneMath.smooth(Double(blots[y * width + x]), 0.75 - progress * 1.7, 1.05 - progress * 1.7))
    }
  }

  private static func paint(_ kind: Cover, width: Int, height: Int, seed: UInt32) -> Picture {
    let picture = Picture(width: width, height: height)
    let unit = Double(height) / 720
    for row in 0..<height {
      for column in 0..<width {
        let x = Double(column) / unit
        let y = Double(row) / unit
        let tint: Tint
        switch kind {
        case .hand:
          // Fingers side by side, far too near to be sharp.
          let across = x * 0.5 + y * 0.86
          let finger = (across / 190 - (across / 190).rounded()) * 2
          let form = 1 - finger * finger * 0.55
          tint = Tint(150, 98, 78).lit(
            0.55 * form + 0.12 * SceneMath.fractal(x / 160, y / 160, seed, octaves: 2))
        case .cloth:
          let fold = SceneMath.fractal(x / 170, y / 480, seed &+ 2, octaves: 2) * 24
          let weave = SceneMath.sin(x * 0.55) * 3 + SceneMath.sin(y * 0.55) * 3
          tint = Tint(96, 104, 140).shifted(fold + weave)
        case .spray:
          tint = Tint(60, 62, 60).shifted(SceneMath.fractal(x / 90, y / 90, seed &+ 3, octaves: 3) * 14)
        }
        picture.luma[row * width + column] = UInt8(min(max(tint.y, 16), 235))
        if row & 1 == 0 && column & 1 == 0 {
          let c = (row / 2) * (width / 2) + column / 2
          picture.cb[c] = UInt8(tint.u)
          picture.cr[c] = UInt8(tint.v)
        }
      }
    }
    return picture
  }
}
