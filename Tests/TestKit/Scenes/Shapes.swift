/// A shape with a signed distance, in pixels: negative inside. Edges are smoothed from it.
protocol Shape {
  /// x0, y0, x1, y1 around it.
  var bounds: SIMD4<Float> { get }
  func distance(_ x: Float, _ y: Float) -> Float
}

/// A limb: a line with a round end at each side, of different thickness. A circle when both ends agree.
struct Limb: Shape {
  let ax, ay, bx, by, ra, rb: Float
  private let dx, dy, inverse: Float

  init(_ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ ra: Double, _ rb: Double) {
    self.ax = Float(ax)
    self.ay = Float(ay)
    self.bx = Float(bx)
    self.by = Float(by)
    self.ra = Float(ra)
    self.rb = Float(rb)
    dx = self.bx - self.ax
    dy = self.by - self.ay
    let length = dx * dx + dy * dy
    inverse = length > 1e-6 ? 1 / length : 0
  }

  init(circle x: Double, _ y: Double, _ radius: Double) { self.init(x, y, x, y, radius, radius) }

  var bounds: SIMD4<Float> {
    let r = max(ra, rb)
    return SIMD4(min(ax, bx) - r, min(ay, by) - r, max(ax, bx) + r, max(ay, by) + r)
  }

  @inline(__always)
  func distance(_ x: Float, _ y: Float) -> Float {
    let px = x - ax
    let py = y - ay
    let t = min(max((px * dx + py * dy) * inverse, 0), 1)
    let ex = px - t * dx
    let ey = py - t * dy
    return (ex * ex + ey * ey).squareRoot() - (ra + t * (rb - ra))
  }
}

/// An upright ellipse; the distance is exact at the edge only.
struct Oval: Shape {
  let cx, cy, rx, ry: Float

  init(_ cx: Double, _ cy: Double, _ rx: Double, _ ry: Double) {
    self.cx = Float(cx)
    self.cy = Float(cy)
    self.rx = Float(max(rx, 0.5))
    self.ry = Float(max(ry, 0.5))
  }

  var bounds: SIMD4<Float> { SIMD4(cx - rx, cy - ry, cx + rx, cy + ry) }

  @inline(__always)
  func distance(_ x: Float, _ y: Float) -> Float {
    let u = (x - cx) / rx
    let v = (y - cy) / ry
    let k = (u * u + v * v).squareRoot()
    // To first order: the implicit function over its slope.
    let slope = (u * u / (rx * rx) + v * v / (ry * ry)).squareRoot()
    return slope > 1e-6 ? k * (k - 1) / slope : -min(rx, ry)
  }
}

/// A convex polygon with rounded corners; points run clockwise on the screen.
struct Hull: Shape {
  private let edges: [SIMD4<Float>]
  private let round: Float
  let bounds: SIMD4<Float>

  init(_ points: [(Double, Double)], round: Double = 0) {
    var edges: [SIMD4<Float>] = []
    var box = SIMD4<Float>(.infinity, .infinity, -.infinity, -.infinity)
    for (i, p) in points.enumerated() {
      let q = points[(i + 1) % points.count]
      let ex = q.0 - p.0
      let ey = q.1 - p.1
      let length = (ex * ex + ey * ey).squareRoot()
      guard length > 1e-6 else { continue }
      edges.append(SIMD4(Float(p.0), Float(p.1), Float(ey / length), Float(-ex / length)))
      box = SIMD4(
        min(box.x, Float(p.0)), min(box.y, Float(p.1)), max(box.z, Float(p.0)), max(box.w, Float(p.1)))
    }
    self.edges = edges
    self.round = Float(round)
    bounds = box
  }

  init(box x: Double, _ y: Double, _ w: Double, _ h: Double, round: Double = 0) {
    self.init([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], round: round)
  }

  @inline(__always)
  func distance(_ x: Float, _ y: Float) -> Float {
    var far = -Float.infinity
    var second = -Float.infinity
    for e in edges {
      let d = (x - e.x) * e.z + (y - e.y) * e.w
      if d > far {
        second = far
        far = d
      } else if d > second {
        second = d
      }
    }
    guard round > 0, far > -round, second > -round else { return far }
    let u = far + round
    let v = second + round
    return (u * u + v * v).squareRoot() - round
  }
}
