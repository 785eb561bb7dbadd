import Base
import Vision

/// Where the members of a crowd are within the one blob that they make: so that their silhouettes fill it and nothing
/// else, and none is far from where it was expected.
///
/// One member after the other is sought around its expected place while the others stay where they were found, a few
/// times round. What is told of each is the mean and the variance over all places tried, so that a member in the midst of
/// others, whom no edge of the blob places, stays as doubtful as it was. Lengths are in blocks of the figure.
struct CrowdFit {
  struct Member {
    /// Its middle as expected, and the standard deviation of that.
    var x: Double
    var y: Double
    var spreadX: Double
    var spreadY: Double
    var width: Double
    var height: Double
    var silhouette: Silhouette
  }

  struct Place {
    var x: Double
    var y: Double
    var varianceX: Double
    var varianceY: Double
  }

  private enum Ground { case background, own, other }

  /// How far a member is sought from where it was expected.
  private static let reach = 4
  private static let rounds = 3
  /// Neighbouring blocks tell much the same: so much of each counts as if it stood alone.
  private static let weight = 0.08
  /// The share of foreground that nobody fills: a shadow, a halo, somebody unknown.
  private static let unexplained = 0.1
  /// The share of blocks of a thing that are missed.
  private static let missed = 0.05
  /// What the width of a block leaves unknown of a place: the variance of an even spread.
  private static let grain = 1.0 / 12

  private let members: [Member]
  private let left: Int
  private let top: Int
  private let columns: Int
  private let rows: Int
  private let ground: [Ground]
  /// What the other members leave of each block: the product of the shares that they don't fill.
  private var rest: [Float]

  /// The blob that `members` make.
  init(_ foreground: Foreground, blob: Int, members: [Member]) {
    var (x0, y0, x1, y1) = (Int.max, Int.max, Int.min, Int.min)
    func take(_ lowX: Int, _ lowY: Int, _ highX: Int, _ highY: Int) {
      (x0, y0, x1, y1) = (min(x0, lowX), min(y0, lowY), max(x1, highX), max(y1, highY))
    }
    for b in foreground.blocks where Int(b.region) == blob {
      take(Int(b.x), Int(b.y), Int(b.x), Int(b.y))
    }
    for m in members {
      take(
        Int((m.x - m.width / 2).rounded(.down)), Int((m.y - m.height / 2).rounded(.down)),
        Int((m.x + m.width / 2).rounded(.up)), Int((m.y + m.height / 2).rounded(.up)))
    }
    let margin = Self.reach + 1
    left = x0 - margin
    top = y0 - margin
    columns = x1 - x0 + 1 + 2 * margin
    rows = y1 - y0 + 1 + 2 * margin
    // What is out of the picture tells nothing, and neither does what is somebody else's.
    var ground = [Ground](repeating: .other, count: columns * rows)
    rest = [Float](repeating: 1, count: columns * rows)
    for y in max(0, -top)..<max(0, -top, min(rows, foreground.rows - top)) {
      for x in max(0, -left)..<max(0, -left, min(columns, foreground.columns - left)) {
        ground[y * columns + x] = .background
      }
    }
    for b in foreground.blocks {
      let (x, y) = (Int(b.x) - left, Int(b.y) - top)
      guard x >= 0, y >= 0, x < columns, y < rows else { continue }
      ground[y * columns + x] = Int(b.region) == blob ? .own : .other
    }
    self.ground = ground
    self.members = members
  }

  /// Of each member, in their order.
  mutating func solve() -> [Place] {
    var places = members.map {
      Place(x: $0.x, y: $0.y, varianceX: $0.spreadX * $0.spreadX, varianceY: $0.spreadY * $0.spreadY)
    }
    // One alone depends on nobody.
    for _ in 0..<(members.count > 1 ? Self.rounds : 1) {
      for i in members.indices {
        for c in rest.indices { rest[c] = 1 }
        for j in members.indices where j != i { fill(members[j], places[j]) }
        places[i] = seek(members[i])
      }
    }
    return places
  }

  /// Blocks that a member covers with its middle at a place.
  private func span(_ m: Member, x: Double, y: Double) -> (columns: Range<Int>, rows: Range<Int>) {
    func range(_ low: Double, _ length: Double, _ limit: Int) -> Range<Int> {
      let first = min(limit, max(0, Int(low.rounded())))
      return first..<min(limit, max(first + 1, Int((low + length).rounded())))
    }
    return (
      range(x - m.width / 2 - Double(left), m.width, columns),
      range(y - m.height / 2 - Double(top), m.height, rows)
    )
  }

  private func share(_ m: Member, x: Double, y: Double, column: Int, row: Int) -> Float {
    m.silhouette.share(
      (Double(column + left) + 0.5 - x) / m.width + 0.5, (Double(row + top) + 0.5 - y) / m.height + 0.5)
  }

  private mutating func fill(_ m: Member, _ p: Place) {
    let span = span(m, x: p.x, y: p.y)
    for row in span.rows {
      for column in span.columns {
        rest[row * columns + column] *= 1 - share(m, x: p.x, y: p.y, column: column, row: row)
      }
    }
  }

  /// Binary log-likelihood of what shows where a member would be, shifted by whole blocks, less that without it.
  private func likelihood(_ shape: Shape, _ dx: Int, _ dy: Int) -> Double {
    var sum: Float = 0
    var i = 0
    for row in shape.rows {
      // Never out of the grid: its margin is wider than any shift.
      let line = (row + dy) * columns + dx
      for column in shape.columns {
        let share = shape.levels[i]
        i += 1
        switch ground[line + column] {
        case .own: sum += Self.filled[Self.level(rest[line + column]) * Self.levels + share]
        case .background: sum += Self.empty[share]
        case .other: break
        }
      }
    }
    return Double(sum)
  }

  /// What a member fills where it is expected, by levels, row by row.
  private struct Shape {
    var columns: Range<Int>
    var rows: Range<Int>
    var levels: [Int] = []
  }

  private func shape(_ m: Member) -> Shape {
    let span = span(m, x: m.x, y: m.y)
    var shape = Shape(columns: span.columns, rows: span.rows)
    for row in span.rows {
      for column in span.columns {
        shape.levels.append(Self.level(share(m, x: m.x, y: m.y, column: column, row: row)))
      }
    }
    return shape
  }

  private func seek(_ m: Member) -> Place {
    func reach(_ spread: Double) -> Int { min(Self.reach, max(1, Int((2 * spread).rounded(.up)))) }
    let shape = shape(m)
    var (weight, x, y, xx, yy, best) = (0.0, 0.0, 0.0, 0.0, 0.0, -Double.infinity)
    for dy in -reach(m.spreadY)...reach(m.spreadY) {
      for dx in -reach(m.spreadX)...reach(m.spreadX) {
        let (offX, offY) = (Double(dx), Double(dy))
        let (p, q) = (offX / m.spreadX, offY / m.spreadY)
        // 0.72: half a square in natural logarithms, in binary ones.
        let score = Self.weight * likelihood(shape, dx, dy) - 0.72 * (p * p + q * q)
        if score > best {
          let less = exp2(best - score)
          (weight, x, y, xx, yy) = (weight * less, x * less, y * less, xx * less, yy * less)
          best = score
        }
        let w = exp2(score - best)
        (weight, x, y) = (weight + w, x + w * offX, y + w * offY)
        (xx, yy) = (xx + w * offX * offX, yy + w * offY * offY)
      }
    }
    (x, y) = (x / weight, y / weight)
    return Place(
      x: m.x + x, y: m.y + y, varianceX: max(0, xx / weight - x * x) + Self.grain,
      varianceY: max(0, yy / weight - y * y) + Self.grain)
  }

  // MARK: - Logarithms, by levels of 0…1

  private static let levels = 16

  private static func level(_ share: Float) -> Int { min(levels - 1, Int(share * Float(levels))) }

  private static func middle(_ level: Int) -> Double { (Double(level) + 0.5) / Double(levels) }

  /// For foreground: by what the others leave, then by what the member fills.
  private static let filled: [Float] = (0..<levels * levels).map { i in
    let unfilled = middle(i / levels) * (1 - unexplained)
    return Float(log2(1 - unfilled * (1 - middle(i % levels))) - log2(1 - unfilled))
  }

  /// For background: by what the member fills.
  private static let empty: [Float] = (0..<levels).map { Float(log2(max(missed, 1 - middle($0)))) }
}
