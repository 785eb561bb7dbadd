import Base

/// How much of a thing's box it fills, and where: learnt over its stride while it is seen by itself.
struct Silhouette: Sendable {
  private static let columns = 6
  private static let rows = 10
  /// Time over which it is learnt, in seconds.
  private static let memory = 0.5

  /// The share of looks in which each part of the box was foreground, row by row.
  private var shares = [Float](repeating: 0.6, count: columns * rows)
  private var looks = 0

  /// Takes in where the blobs of a thing are within its box, in picture heights.
  mutating func take(_ blobs: [Int], of foreground: Foreground, in box: Rect, after dt: Double) {
    let (w, h) = (foreground.blockWidth, foreground.blockHeight)
    let (left, top) = (Int(box.x / w), Int(box.y / h))
    let across = Int(box.maxX / w) - left + 1
    let down = Int(box.maxY / h) - top + 1
    var isThere = [Bool](repeating: false, count: across * down)
    for block in foreground.blocks where blobs.contains(Int(block.region)) {
      let (x, y) = (Int(block.x) - left, Int(block.y) - top)
      if x >= 0, y >= 0, x < across, y < down { isThere[y * across + x] = true }
    }
    looks += 1
    let share = Float(max(1 - exp2(-dt / Self.memory), 1 / Double(looks + 1)))
    for row in 0..<Self.rows {
      let y = Int((box.y + (Double(row) + 0.5) / Double(Self.rows) * box.height) / h) - top
      for column in 0..<Self.columns {
        let x = Int((box.x + (Double(column) + 0.5) / Double(Self.columns) * box.width) / w) - left
        let there = isThere[min(down - 1, max(0, y)) * across + min(across - 1, max(0, x))]
        let i = row * Self.columns + column
        shares[i] += ((there ? 1 : 0) - shares[i]) * share
      }
    }
  }

  /// At a place in the box, 0…1 each way.
  func share(_ x: Double, _ y: Double) -> Float {
    let column = min(Self.columns - 1, max(0, Int(x * Double(Self.columns))))
    let row = min(Self.rows - 1, max(0, Int(y * Double(Self.rows))))
    return shares[row * Self.columns + column]
  }
}
