import Base

/// A colour as video keeps it: limited range, BT.601.
package struct Colour: Sendable, Hashable {
  package var luma: UInt8
  package var cb: UInt8
  package var cr: UInt8

  /// From red, green and blue of 0…255.
  package init(red: Double, green: Double, blue: Double) {
    func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }
    luma = byte(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255)
    cb = byte(128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255)
    cr = byte(128 + (112 * red - 93.786 * green - 18.214 * blue) / 255)
  }

  package static let black = Colour(red: 0, green: 0, blue: 0)
  package static let white = Colour(red: 255, green: 255, blue: 255)
  package static let red = Colour(red: 240, green: 60, blue: 50)
  package static let green = Colour(red: 60, green: 210, blue: 90)
  package static let blue = Colour(red: 70, green: 130, blue: 250)
  package static let yellow = Colour(red: 250, green: 220, blue: 60)
}

/// An upright 4:2:0 picture to draw on. Lives only inside the closure that got it.
///
/// Places are 0…1 of the upright picture from the top left, as in records; what lies outside is cut off.
package struct Canvas: ~Copyable {
  /// Pixels.
  package let width: Int
  package let height: Int
  let planes: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)
  let strides: (Int, Int, Int)

  /// Of a line that is well seen at this size, in pixels.
  package var pen: Int { max(1, height / 360) }
  /// Pixels that a line of text needs from top to top, at `text`'s usual size.
  package var textHeight: Int { (TinyFont.height + 2) * textScale }
  var textScale: Int { max(1, (height + 180) / 360) }

  private func column(_ x: Double) -> Int { Int((max(-1, min(2, x)) * Double(width)).rounded()) }
  private func row(_ y: Double) -> Int { Int((max(-1, min(2, y)) * Double(height)).rounded()) }

  /// Paints pixels from (x, y) on; `strength` 1 covers what was there.
  package func fill(x: Int, y: Int, width w: Int, height h: Int, _ colour: Colour, strength: Double = 1) {
    let (x0, x1) = (max(0, x), min(width, x + w))
    let (y0, y1) = (max(0, y), min(height, y + h))
    guard x0 < x1, y0 < y1 else { return }
    let weight = Int(max(0, min(1, strength)) * 256)
    func blend(_ plane: UnsafeMutablePointer<UInt8>, _ stride: Int, _ half: Int, _ value: UInt8) {
      for y in (y0 >> half)...((y1 - 1) >> half) {
        let line = plane + y * stride
        for x in (x0 >> half)...((x1 - 1) >> half) {
          line[x] = UInt8((Int(line[x]) * (256 - weight) + Int(value) * weight) >> 8)
        }
      }
    }
    blend(planes.0, strides.0, 0, colour.luma)
    blend(planes.1, strides.1, 1, colour.cb)
    blend(planes.2, strides.2, 1, colour.cr)
  }

  package func fill(_ rect: Rect, _ colour: Colour, strength: Double = 1) {
    let (x, y) = (column(rect.x), row(rect.y))
    fill(
      x: x, y: y, width: column(rect.maxX) - x, height: row(rect.maxY) - y, colour, strength: strength)
  }

  /// The outline of a box, its lines inside of it.
  package func rectangle(_ rect: Rect, _ colour: Colour, thickness: Int? = nil) {
    let pen = thickness ?? 2 * pen
    let (x0, y0, x1, y1) = (column(rect.x), row(rect.y), column(rect.maxX), row(rect.maxY))
    fill(x: x0, y: y0, width: x1 - x0, height: pen, colour)
    fill(x: x0, y: y1 - pen, width: x1 - x0, height: pen, colour)
    fill(x: x0, y: y0, width: pen, height: y1 - y0, colour)
    fill(x: x1 - pen, y: y0, width: pen, height: y1 - y0, colour)
  }

  package func line(from a: Point, to b: Point, _ colour: Colour, thickness: Int? = nil) {
    let pen = thickness ?? 2 * pen
    let (x0, y0, x1, y1) = (column(a.x), row(a.y), column(b.x), row(b.y))
    let steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in 0...steps {
      let x = x0 + (x1 - x0) * step / steps
      let y = y0 + (y1 - y0) * step / steps
      fill(x: x - pen / 2, y: y - pen / 2, width: pen, height: pen, colour)
    }
  }

  package func outline(_ polygon: Polygon, _ colour: Colour, thickness: Int? = nil) {
    var previous = polygon.points[polygon.points.count - 1]
    for corner in polygon.points {
      line(from: previous, to: corner, colour, thickness: thickness)
      previous = corner
    }
  }

  /// Tints where a small mask of `columns` × `rows` cells, stretched over `rect`, says so.
  package func tint(
    _ rect: Rect, columns: Int, rows: Int, _ colour: Colour, strength: Double = 0.4,
    where isSet: (_ column: Int, _ row: Int) -> Bool
  ) {
    for cellRow in 0..<rows {
      let top = row(rect.y + rect.height * Double(cellRow) / Double(rows))
      let bottom = row(rect.y + rect.height * Double(cellRow + 1) / Double(rows))
      for cellColumn in 0..<columns where isSet(cellColumn, cellRow) {
        let left = column(rect.x + rect.width * Double(cellColumn) / Double(columns))
        let right = column(rect.x + rect.width * Double(cellColumn + 1) / Double(columns))
        fill(x: left, y: top, width: right - left, height: bottom - top, colour, strength: strength)
      }
    }
  }

  /// One line of ASCII with its top left corner at (x, y) in pixels, moved to be inside of the picture.
  /// Returns its width in pixels.
  @discardableResult
  package func text(
    _ text: String, x: Int, y: Int, _ colour: Colour, on background: Colour? = .black, scale: Int? = nil
  ) -> Int {
    let scale = scale ?? textScale
    let letters = text.unicodeScalars
    let textWidth = (letters.count * TinyFont.advance + 1) * scale
    let textHeight = (TinyFont.height + 2) * scale
    let left = max(0, min(x, width - textWidth))
    let top = max(0, min(y, height - textHeight))
    if let background {
      fill(x: left, y: top, width: textWidth, height: textHeight, background, strength: 0.65)
    }
    var at = left + scale
    for letter in letters {
      let columns = TinyFont.columns(of: letter)
      for x in 0..<5 {
        for y in 0..<TinyFont.height where TinyFont.isSet(columns, x: x, y: y) {
          fill(x: at + x * scale, y: top + (y + 1) * scale, width: scale, height: scale, colour)
        }
      }
      at += TinyFont.advance * scale
    }
    return textWidth
  }

  /// As above, at a place of 0…1.
  @discardableResult
  package func text(_ words: String, at place: Point, _ colour: Colour, on background: Colour? = .black)
    -> Int
  {
    text(words, x: column(place.x), y: row(place.y), colour, on: background)
  }
}
