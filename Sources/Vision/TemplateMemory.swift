import Base

/// A known thing, as the parser tells the encoder of it.
package struct Known: Sendable, Hashable {
  package var id: UInt64
  /// Where it was in the last look, 0…1 of the picture.
  package var box: Rect
  /// Picture widths and heights a second.
  package var velocityX: Double
  package var velocityY: Double
  /// Whether it was seen by itself: then its looks are remembered. Else it is searched for.
  package var isAlone: Bool

  package init(id: UInt64, box: Rect, velocityX: Double, velocityY: Double, isAlone: Bool) {
    self.id = id
    self.box = box
    self.velocityX = velocityX
    self.velocityY = velocityY
    self.isAlone = isAlone
  }
}

/// Where a known thing was found again among others, by its looks.
package struct Sighting: Sendable, Hashable {
  package var id: UInt64
  package var box: Rect
  /// 1 looks exactly the same … 0 doesn't at all.
  package var likeness: Double

  package init(id: UInt64, box: Rect, likeness: Double) {
    self.id = id
    self.box = box
    self.likeness = likeness
  }
}

/// Remembers how known things look, pixel by pixel, and finds them again where they are merged with others in
/// one region: a search around the predicted place for the least truncated difference.
struct TemplateMemory {
  private struct Template {
    var width: Int
    var height: Int
    /// Every `step`-th pixel each way.
    var step: Int
    var luma: [UInt8]
    var mask: [Bool]
    var count: Int
    var takenAt: MediaTime
  }

  private var templates: [UInt64: Template] = [:]
  private let width: Int
  private let height: Int

  /// Samples a side, at most.
  private static let mostColumns = 20
  private static let mostRows = 28
  /// A difference in levels from which a pixel counts as hidden.
  private static let hidden = 28
  private static let renewal = Nanoseconds.milliseconds(120)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Remembers things seen alone in the last picture. `objects` is not 0 where that picture had a thing.
  mutating func remember(
    _ known: [Known], last: UnsafePointer<UInt8>, objects: UnsafePointer<UInt8>, at time: MediaTime
  ) {
    if templates.count > known.count + 8 {
      let ids = Set(known.map(\.id))
      templates = templates.filter { ids.contains($0.key) }
    }
    for k in known where k.isAlone {
      if let old = templates[k.id], time - old.takenAt < Self.renewal { continue }
      guard let t = take(k.box, last, objects, at: time) else { continue }
      templates[k.id] = t
    }
  }

  private func take(
    _ box: Rect, _ picture: UnsafePointer<UInt8>, _ objects: UnsafePointer<UInt8>, at time: MediaTime
  ) -> Template? {
    let x0 = Int((box.x * Double(width)).rounded())
    let y0 = Int((box.y * Double(height)).rounded())
    let w = Int((box.width * Double(width)).rounded())
    let h = Int((box.height * Double(height)).rounded())
    guard w >= 3, h >= 3, x0 >= 0, y0 >= 0, x0 + w <= width, y0 + h <= height else { return nil }
    let step = max(
      1, max((w + Self.mostColumns - 1) / Self.mostColumns, (h + Self.mostRows - 1) / Self.mostRows))
    var t = Template(width: w, height: h, step: step, luma: [], mask: [], count: 0, takenAt: time)
    for y in stride(from: 0, to: h, by: step) {
      for x in stride(from: 0, to: w, by: step) {
        let i = (y0 + y) * width + x0 + x
        let isThing = objects[i] != 0
        t.luma.append(picture[i])
        t.mask.append(isThing)
        if isThing { t.count += 1 }
      }
    }
    return t.count >= 8 ? t : nil
  }

  /// Looks for things that weren't alone.
  func search(_ known: [Known], in picture: UnsafePointer<UInt8>, after dt: Double) -> [Sighting] {
    var found: [Sighting] = []
    for k in known where !k.isAlone {
      guard let t = templates[k.id] else { continue }
      let cx = (k.box.centre.x + k.velocityX * dt) * Double(width)
      let cy = (k.box.centre.y + k.velocityY * dt) * Double(height)
      let x = Int((cx - Double(t.width) / 2).rounded())
      let y = Int((cy - Double(t.height) / 2).rounded())
      let reachX = 3 + min(4, Int(abs(k.velocityX) * Double(width) * dt))
      let reachY = 2 + min(3, Int(abs(k.velocityY) * Double(height) * dt))
      if let s = best(t, picture, x: x, y: y, reachX: reachX, reachY: reachY) {
        found.append(
          Sighting(
            id: k.id,
            box: Rect(
              x: Double(s.x) / Double(width), y: Double(s.y) / Double(height),
              width: Double(t.width) / Double(width), height: Double(t.height) / Double(height)),
            likeness: s.likeness))
      }
    }
    return found
  }

  private func best(
    _ t: Template, _ picture: UnsafePointer<UInt8>, x: Int, y: Int, reachX: Int, reachY: Int
  ) -> (x: Int, y: Int, likeness: Double)? {
    var least = Int.max
    var sum = 0
    var tried = 0
    var at = (x, y)
    for dy in -reachY...reachY {
      for dx in -reachX...reachX {
        // Near the prediction first among equals: a little dearer with the distance.
        let price = cost(t, picture, x + dx, y + dy) + (abs(dx) + abs(dy)) * t.count / 6
        sum += price
        tried += 1
        if price < least {
          least = price
          at = (x + dx, y + dy)
        }
      }
    }
    let worst = t.count * Self.hidden
    let likeness = 1 - Double(least) / Double(worst)
    let mean = Double(sum) / Double(tried)
    // A place that is no better than those around it says nothing.
    guard likeness > 0.5, Double(least) < 0.88 * mean else { return nil }
    return (at.0, at.1, likeness)
  }

  /// Sum of truncated differences over the template's pixels; those outside of the picture count as hidden.
  private func cost(_ t: Template, _ picture: UnsafePointer<UInt8>, _ x0: Int, _ y0: Int) -> Int {
    var total = 0
    var i = 0
    t.luma.withUnsafeBufferPointer { luma in
      t.mask.withUnsafeBufferPointer { mask in
        for y in stride(from: y0, to: y0 + t.height, by: t.step) {
          for x in stride(from: x0, to: x0 + t.width, by: t.step) {
            if mask[i] {
              if x >= 0, y >= 0, x < width, y < height {
                total += min(Self.hidden, abs(Int(picture[y * width + x]) - Int(luma[i])))
              } else {
                total += Self.hidden
              }
            }
            i += 1
          }
        }
      }
    }
    return total
  }
}
