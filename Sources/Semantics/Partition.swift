import Base
import Vision

/// Shares a frame's foreground out among the tracks that were expected there.
///
/// Every block goes to the track whose predicted box it lies in or next to, the nearest by its own size. So pieces of
/// one thing stay together, things merged in one region are told apart, and what is left belongs to nobody
/// yet.
struct Partition {
  /// What fell to one track.
  struct Share {
    var blocks = 0
    /// Extents, in picture heights.
    var x0 = Double.infinity
    var y0 = Double.infinity
    var x1 = -Double.infinity
    var y1 = -Double.infinity
    /// The region that most of its blocks belong to.
    var region: Int?
    /// Others have blocks of the same region.
    var isContested = false
    /// Every region that it has blocks of.
    var regions: [Int] = []

    var box: Rect { Rect(x: x0, y: y0, width: x1 - x0, height: y1 - y0) }

    mutating func add(_ other: Rect, blocks more: Int) {
      blocks += more
      x0 = min(x0, other.x)
      y0 = min(y0, other.y)
      x1 = max(x1, other.maxX)
      y1 = max(y1, other.maxY)
    }
  }

  /// A connected piece that fell to nobody.
  struct Rest {
    var box: Rect
    var blocks: Int
    var region: Int
  }

  var shares: [Share]
  var rests: [Rest] = []
  /// Area of each region's blocks, in squared picture heights.
  private(set) var regionAreas: [Double]
  /// The blocks of each track, by index.
  private(set) var owners: [Int]

  /// `boxes` are the predicted boxes and `regionBoxes` those of the regions, in picture heights; `aspect` is the
  /// picture's width in heights.
  init(_ figure: Figure, boxes: [Rect], aspect: Double, regionBoxes: [Rect]) {
    let regions = regionBoxes.count
    shares = [Share](repeating: Share(), count: boxes.count)
    owners = [Int](repeating: -1, count: figure.blocks.count)
    regionAreas = []
    let width = figure.blockWidth * aspect
    let height = figure.blockHeight
    var votes = [Int: Int]()
    var totals = [Int](repeating: 0, count: regions)
    for (i, b) in figure.blocks.enumerated() {
      let r = Int(b.region)
      if b.region != Figure.noRegion { totals[r] += 1 }
      let x = (Double(b.x) + 0.5) * width
      let y = (Double(b.y) + 0.5) * height
      guard let t = Self.nearest(x, y, boxes) else { continue }
      owners[i] = t
      if b.region != Figure.noRegion { votes[t * 4096 + r, default: 0] += 1 }
    }
    regionAreas = totals.map { Double($0) * width * height }
    var most = [Int](repeating: 0, count: boxes.count)
    for (key, n) in votes.sorted(by: { $0.key < $1.key }) where n > most[key / 4096] {
      most[key / 4096] = n
      shares[key / 4096].region = key % 4096
    }
    // Of a region that mostly lies elsewhere, the rim within reach is not taken.
    var ownersOfRegion = [Int](repeating: 0, count: regions)
    for (key, n) in votes.sorted(by: { $0.key < $1.key }) {
      let t = key / 4096
      let r = key % 4096
      var isOwn = shares[t].region == r
      if !isOwn, n * 2 >= totals[r], let main = shares[t].region {
        // And of one that lies within, only what looks like a part of the same thing.
        let a = regionBoxes[r]
        let b = regionBoxes[main]
        isOwn = Belonging.isSatellite(a, of: b) || Belonging.stacks(a, on: b)
      }
      if isOwn { ownersOfRegion[r] += 1 } else { votes[key] = 0 }
    }
    for (i, b) in figure.blocks.enumerated() where owners[i] >= 0 {
      let t = owners[i]
      if b.region != Figure.noRegion, votes[t * 4096 + Int(b.region)] == 0 {
        owners[i] = -1
        continue
      }
      shares[t].blocks += 1
    }
    measureExtents(figure, width: width, height: height)
    for (key, n) in votes.sorted(by: { $0.key < $1.key }) where n > 0 {
      let t = key / 4096
      let r = key % 4096
      // A few blocks of a region at the rim of another's don't make it a crowd.
      guard n * 10 > shares[t].blocks else { continue }
      shares[t].regions.append(r)
      if ownersOfRegion[r] > 1 { shares[t].isContested = true }
    }
    collectRests(figure, width: width, height: height)
  }

  /// The extents of each share, without the outermost sixtieth on each side: a speck must not stretch a thing.
  private mutating func measureExtents(_ figure: Figure, width: Double, height: Double) {
    var xs = [[UInt16]](repeating: [], count: shares.count)
    var ys = xs
    for (i, b) in figure.blocks.enumerated() where owners[i] >= 0 {
      xs[owners[i]].append(b.x)
      ys[owners[i]].append(b.y)
    }
    for t in shares.indices where !xs[t].isEmpty {
      xs[t].sort()
      ys[t].sort()
      let cut = xs[t].count / 60
      let last = xs[t].count - 1 - cut
      shares[t].x0 = Double(xs[t][cut]) * width
      shares[t].x1 = Double(xs[t][last] + 1) * width
      shares[t].y0 = Double(ys[t][cut]) * height
      shares[t].y1 = Double(ys[t][last] + 1) * height
    }
  }

  private static func nearest(_ x: Double, _ y: Double, _ boxes: [Rect]) -> Int? {
    var best: Int?
    var least = 1.0
    for (t, b) in boxes.enumerated() {
      let margin = 0.012 + 0.12 * min(b.width, b.height)
      let dx = abs(x - b.x - b.width / 2) / (b.width / 2 + margin)
      guard dx < 1 else { continue }
      let dy = abs(y - b.y - b.height / 2) / (b.height / 2 + margin)
      let d = max(dx, dy)
      if d < least {
        least = d
        best = t
      }
    }
    return best
  }

  /// Joins the blocks without an owner that touch, or nearly.
  private mutating func collectRests(_ figure: Figure, width: Double, height: Double) {
    var cells = [Int: Int]()
    for (i, b) in figure.blocks.enumerated() where owners[i] < 0 && b.region != Figure.noRegion {
      cells[Int(b.y) << 16 | Int(b.x)] = i
    }
    guard !cells.isEmpty else { return }
    var stack: [Int] = []
    for (seed, b) in figure.blocks.enumerated() where owners[seed] < 0 && b.region != Figure.noRegion {
      guard cells.removeValue(forKey: Int(b.y) << 16 | Int(b.x)) != nil else { continue }
      var votes = [Int: Int]()
      var x0 = Int(b.x)
      var x1 = Int(b.x)
      var y0 = Int(b.y)
      var y1 = Int(b.y)
      var count = 0
      stack.append(seed)
      while let i = stack.popLast() {
        let block = figure.blocks[i]
        let x = Int(block.x)
        let y = Int(block.y)
        count += 1
        votes[Int(block.region), default: 0] += 1
        x0 = min(x0, x)
        x1 = max(x1, x)
        y0 = min(y0, y)
        y1 = max(y1, y)
        for ny in (y - 1)...(y + 1) {
          for nx in (x - 1)...(x + 1) where nx >= 0 && ny >= 0 {
            if let j = cells.removeValue(forKey: ny << 16 | nx) { stack.append(j) }
          }
        }
      }
      let region = votes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }[0].key
      rests.append(
        Rest(
          box: Rect(
            x: Double(x0) * width, y: Double(y0) * height, width: Double(x1 - x0 + 1) * width,
            height: Double(y1 - y0 + 1) * height), blocks: count, region: region))
    }
  }
}
