import Base

/// Which pixels of the small picture nobody may see: every one that a polygon touches.
struct PrivacyMask {
  private let width: Int
  private let height: Int
  private let coveredX: Double
  private let coveredY: Double
  private var luma: [Int32] = []
  private var chroma: [Int32] = []

  init(_ polygons: [Polygon], for picture: PeripheralPicture) {
    width = picture.width
    height = picture.height
    coveredX = picture.coveredX
    coveredY = picture.coveredY
    let cellWidth = coveredX / Double(width)
    let cellHeight = coveredY / Double(height)
    var hidden = [Bool](repeating: false, count: picture.chromaWidth * picture.chromaHeight)
    for y in 0..<height {
      for x in 0..<width {
        let cell = Rect(
          x: Double(x) * cellWidth, y: Double(y) * cellHeight, width: cellWidth, height: cellHeight)
        guard polygons.contains(where: { $0.touches(cell) }) else { continue }
        luma.append(Int32(y * width + x))
        hidden[y / 2 * picture.chromaWidth + x / 2] = true
      }
    }
    chroma = hidden.indices.filter { hidden[$0] }.map(Int32.init)
  }

  func fits(_ picture: PeripheralPicture) -> Bool {
    picture.width == width && picture.height == height && picture.coveredX == coveredX
      && picture.coveredY == coveredY
  }

  /// Black, in either range.
  static let black: UInt8 = 16

  func paint(_ picture: PeripheralPicture) {
    for index in luma { picture.luma[Int(index)] = Self.black }
    for index in chroma {
      picture.cb[Int(index)] = 128
      picture.cr[Int(index)] = 128
    }
  }
}

extension Polygon {
  /// Whether the rectangle and this polygon share any point.
  func touches(_ cell: Rect) -> Bool {
    let corners = [
      Point(x: cell.x, y: cell.y), Point(x: cell.maxX, y: cell.y), Point(x: cell.x, y: cell.maxY),
      Point(x: cell.maxX, y: cell.maxY),
    ]
    if corners.contains(where: contains) { return true }
    var previous = points[points.count - 1]
    for corner in points {
      if cell.isCrossed(from: previous, to: corner) { return true }
      previous = corner
    }
    return false
  }
}

extension Rect {
  /// Whether a line between two points has a part in this rectangle (Liang and Barsky's clipping).
  fileprivate func isCrossed(from a: Point, to b: Point) -> Bool {
    var (enter, leave) = (0.0, 1.0)
    for (start, step, low, high) in [(a.x, b.x - a.x, x, maxX), (a.y, b.y - a.y, y, maxY)] {
      if step == 0 {
        if start < low || start > high { return false }
      } else {
        let (one, other) = ((low - start) / step, (high - start) / step)
        enter = max(enter, min(one, other))
        leave = min(leave, max(one, other))
      }
    }
    return enter <= leave
  }
}
