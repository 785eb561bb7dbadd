import Base

/// Whether two boxes look like parts of one thing. All in picture heights.
enum Belonging {
  /// Much smaller than `main` and close to it, as a foot is to a person whose trousers look like the ground.
  static func isSatellite(_ box: Rect, of main: Rect) -> Bool {
    guard box.area < 0.5 * main.area else { return false }
    let gapX = max(0, max(box.x - main.maxX, main.x - box.maxX))
    let gapY = max(0, max(box.y - main.maxY, main.y - box.maxY))
    let shared = min(box.maxX, main.maxX) - max(box.x, main.x)
    if gapX == 0 && shared > 0.4 * box.width {
      return gapY < 0.012 + 0.3 * min(main.height, 1.5 * main.width)
    }
    return gapX < 0.006 + 0.3 * min(main.width, main.height) && gapY < 0.006 + 0.12 * main.height
  }

  /// One above the other with hardly a gap: the parts of someone dressed like the background in between. Two
  /// people one behind the other are taller than that.
  static func stacks(_ a: Rect, on b: Rect) -> Bool {
    let shared = min(a.maxX, b.maxX) - max(a.x, b.x)
    let gap = max(a.y - b.maxY, b.y - a.maxY)
    let joined = union([a, b])
    return shared > 0.6 * min(a.width, b.width) && gap < 0.02 && gap < 0.3 * max(a.height, b.height)
      && max(a.width, b.width) < 2.2 * min(a.width, b.width) && joined.height < 3 * joined.width
  }

  /// Side by side or one above the other, each with the upright shape of a whole: two that came as one.
  static func areTwo(_ a: Rect, _ b: Rect) -> Bool {
    let gapX = gapAcross(a, b)
    let gapY = max(a.y - b.maxY, b.y - a.maxY)
    if max(gapX, gapY) > 0.02 + 0.3 * min(max(a.width, a.height), max(b.width, b.height)) { return true }
    guard min(a.height, b.height) > 0.5 * max(a.height, b.height) else { return false }
    if gapX > leastGap { return areSideBySide(a, b, sharing: 0.5) }
    // The head of the one may reach beside the feet of the other.
    return gapY > -0.2 * min(a.height, b.height) && isUpright(a, 1.4) && isUpright(b, 1.4)
  }

  /// With a gap between them, side by side for so much of the lesser height, each with the upright shape of a whole.
  static func areSideBySide(_ a: Rect, _ b: Rect, sharing share: Double) -> Bool {
    let least = min(a.height, b.height)
    return gapAcross(a, b) > leastGap && least > 0.5 * max(a.height, b.height)
      && min(a.maxY, b.maxY) - max(a.y, b.y) > share * least && isUpright(a) && isUpright(b)
  }

  /// Higher than wide by this factor, as those are who walk.
  static func isUpright(_ r: Rect, _ factor: Double = 1.1) -> Bool { r.height > factor * r.width }

  private static let leastGap = 0.003

  private static func gapAcross(_ a: Rect, _ b: Rect) -> Double { max(a.x - b.maxX, b.x - a.maxX) }

  static func union(_ rects: [Rect]) -> Rect {
    var out = rects[0]
    for r in rects.dropFirst() {
      let x = min(out.x, r.x)
      let y = min(out.y, r.y)
      out = Rect(x: x, y: y, width: max(out.maxX, r.maxX) - x, height: max(out.maxY, r.maxY) - y)
    }
    return out
  }
}
