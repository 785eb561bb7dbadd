import Base
import Vision

/// A frame's foreground, blob by blob, with the tracks that were expected at each.
///
/// A track claims a blob when a good part of the blob lies where the track was expected, or a good part of the
/// track's usual pixels does. Several claims on one blob are things that hide each other, or parts that turn out to be
/// one thing; a blob without a claim is something new. Lengths are in picture heights.
struct Foreground: Sendable {
  /// A connected part of the foreground: a region of the observation, by the same index.
  struct Blob: Sendable {
    var box: Rect
    /// Its size in blocks of the figure.
    var mass = 0
    /// Indices of the tracks that claim it, in their order.
    var claims: [Int] = []

    var isContested: Bool { claims.count > 1 }
  }

  private(set) var blobs: [Blob]
  let blocks: [Figure.Block]
  /// Size of a block.
  let blockWidth: Double
  let blockHeight: Double
  /// Blocks of the whole picture each way.
  let columns: Int
  let rows: Int
  /// Blocks of a blob within reach of a track: `counts[track * blobs.count + blob]`.
  private var counts: [Int]
  /// Blocks of a blob that lie nearer to this track than to any other, measured by the tracks' own sizes.
  private var nearest: [Int]
  /// For each track, the blobs that it claims, in their order.
  private(set) var claimed: [[Int]]

  /// Where a track is expected, and how many blocks it usually has.
  struct Expectation {
    var box: Rect
    var mass: Double
  }

  init(_ figure: Figure, regions: [Rect], expected: [Expectation], aspect: Double) {
    blobs = regions.map { Blob(box: $0) }
    counts = [Int](repeating: 0, count: expected.count * regions.count)
    nearest = counts
    claimed = [[Int]](repeating: [], count: expected.count)
    blocks = figure.blocks
    blockWidth = figure.blockWidth * aspect
    blockHeight = figure.blockHeight
    columns = figure.blockWidth > 0 ? Int((1 / figure.blockWidth).rounded(.up)) : 0
    rows = figure.blockHeight > 0 ? Int((1 / figure.blockHeight).rounded(.up)) : 0
    let reaches = expected.map { Reach($0.box) }
    for block in blocks where block.region != Figure.noRegion {
      let blob = Int(block.region)
      blobs[blob].mass += 1
      let p = middle(of: block)
      var closest: Int?
      var least = 1.0
      for t in reaches.indices {
        let d = reaches[t].distance(p.x, p.y)
        guard d < 1 else { continue }
        counts[t * blobs.count + blob] += 1
        if d < least {
          least = d
          closest = t
        }
      }
      if let closest { nearest[closest * blobs.count + blob] += 1 }
    }
    claim(expected)
  }

  /// A box with a margin.
  private struct Reach {
    private let x: Double
    private let y: Double
    private let scaleX: Double
    private let scaleY: Double

    init(_ b: Rect) {
      let margin = 0.012 + 0.12 * min(b.width, b.height)
      x = b.x + b.width / 2
      y = b.y + b.height / 2
      scaleX = 1 / (b.width / 2 + margin)
      scaleY = 1 / (b.height / 2 + margin)
    }

    /// 0 in the middle of the box, 1 where the margin around it ends.
    func distance(_ px: Double, _ py: Double) -> Double { max(abs(px - x) * scaleX, abs(py - y) * scaleY) }
  }

  private mutating func claim(_ expected: [Expectation]) {
    for t in expected.indices {
      for b in blobs.indices where blobs[b].mass > 0 {
        let n = reach(t, b)
        guard n >= 2, Double(n) >= 0.3 * expected[t].mass || 2 * n >= blobs[b].mass else { continue }
        blobs[b].claims.append(t)
      }
    }
    // Who has most of itself in one blob leaves others to those who have most of themselves there.
    let home = expected.indices.map { t in
      blobs.indices.filter { blobs[$0].claims.contains(t) }.max { reach(t, $0) < reach(t, $1) }
    }
    for b in blobs.indices where blobs[b].isContested && blobs[b].claims.contains(where: { home[$0] == b }) {
      blobs[b].claims = blobs[b].claims.filter { t in
        guard let own = home[t], own != b else { return true }
        return Double(reach(t, own)) < 0.5 * expected[t].mass
      }
    }
    for b in blobs.indices { for t in blobs[b].claims { claimed[t].append(b) } }
  }

  func middle(of block: Figure.Block) -> Point {
    Point(x: (Double(block.x) + 0.5) * blockWidth, y: (Double(block.y) + 0.5) * blockHeight)
  }

  var blockArea: Double { blockWidth * blockHeight }

  /// Blocks whose middles lie in a box.
  func blocks(in box: Rect) -> Int { blocks.count { box.contains(middle(of: $0)) } }

  /// Blocks of the blob that lie where the track was expected, margin included.
  func reach(_ track: Int, _ blob: Int) -> Int { counts[track * blobs.count + blob] }

  /// Blocks of the blob that are this track's if each goes to the nearest.
  func share(_ track: Int, _ blob: Int) -> Int { nearest[track * blobs.count + blob] }

  /// Whether most of the blob lies where the track was expected.
  func isWithin(_ blob: Int, _ track: Int) -> Bool {
    10 * reach(track, blob) >= 6 * blobs[blob].mass
  }

  mutating func claim(_ blob: Int, by track: Int) {
    blobs[blob].claims.append(track)
    claimed[track].append(blob)
  }

  mutating func withdraw(_ track: Int) {
    for b in claimed[track] { blobs[b].claims.removeAll { $0 == track } }
    claimed[track].removeAll()
  }

  mutating func withdraw(_ track: Int, from blob: Int) {
    blobs[blob].claims.removeAll { $0 == track }
    claimed[track].removeAll { $0 == blob }
  }
}
