import Base
import Vision

/// What shows in a blob beside those who claim it: somebody who came in together with them, unseen.
extension Tracker {
  /// It is larger than this many of the smallest claimant, and this many blocks; and this wide at least, in blocks.
  private static let least = 0.8
  private static let fewest = 8
  private static let narrowest = 3
  /// How much larger a blob is than its claimants together, where there is room for one more.
  private static let room = 1.2
  /// It fills so much of its box.
  private static let fill = 0.35
  /// Limbs reach beyond the usual box by this much of its shorter side.
  private static let limbs = 0.25

  func leftovers(_ foreground: Foreground, _ anchors: [Int], _ regions: [Region]) -> [Find] {
    foreground.blobs.indices.flatMap { b -> [Find] in
      let claims = foreground.blobs[b].claims
      // Whose box is that of the blob leaves nothing of it.
      let areApart = claims.allSatisfy { a in
        let t = tracks[anchors[a]]
        return t.isMerged || t.isCrowded
      }
      guard !claims.isEmpty, areApart, !isResidue(regions[b]), !isLight(regions[b]),
        Double(foreground.blobs[b].mass) > Self.room * mass(of: claims, anchors)
      else { return [] }
      return leftovers(of: b, foreground, claims.map { tracks[anchors[$0]] }, regions[b])
    }
  }

  private func leftovers(
    of b: Int, _ foreground: Foreground, _ claimants: [Track], _ region: Region
  ) -> [Find] {
    let (w, h) = (foreground.blockWidth, foreground.blockHeight)
    let taken = claimants.map { t in
      let usual = t.usualBox
      return usual.grown(by: 0.5 * w + Self.limbs * min(usual.width, usual.height))
    }
    let least = max(Double(Self.fewest), Self.least * (claimants.map(\.mass).min() ?? 0))
    let free = foreground.blocks.filter { block in
      guard Int(block.region) == b else { return false }
      let middle = foreground.middle(of: block)
      return !taken.contains { $0.contains(middle) }
    }
    return Self.connected(free).compactMap { piece in
      guard Double(piece.blocks) > least, min(piece.width, piece.height) >= Self.narrowest,
        Double(piece.blocks) > Self.fill * Double(piece.width * piece.height)
      else { return nil }
      let box = Rect(
        x: Double(piece.x) * w, y: Double(piece.y) * h, width: Double(piece.width) * w,
        height: Double(piece.height) * h)
      var own = region
      own.box = toPicture(box)
      return Find(region: own, box: box, mass: piece.blocks, isLeftover: true)
    }
  }

  private struct Piece {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    var blocks: Int
  }

  /// The parts of a set of blocks that hang together by their sides.
  private static func connected(_ blocks: [Figure.Block]) -> [Piece] {
    guard let left = blocks.map(\.x).min(), let right = blocks.map(\.x).max(),
      let top = blocks.map(\.y).min(), let bottom = blocks.map(\.y).max()
    else { return [] }
    // With an empty border, so that neighbours need no check.
    let columns = Int(right - left) + 3
    var open = [Bool](repeating: false, count: columns * (Int(bottom - top) + 3))
    for b in blocks { open[(Int(b.y - top) + 1) * columns + Int(b.x - left) + 1] = true }
    var pieces: [Piece] = []
    var stack: [Int] = []
    for start in open.indices where open[start] {
      var (lowX, lowY, highX, highY, count) = (Int.max, Int.max, 0, 0, 0)
      open[start] = false
      stack.append(start)
      while let c = stack.popLast() {
        let (x, y) = (c % columns - 1, c / columns - 1)
        (lowX, lowY, highX, highY) = (min(lowX, x), min(lowY, y), max(highX, x), max(highY, y))
        count += 1
        for n in [c - 1, c + 1, c - columns, c + columns] where open[n] {
          open[n] = false
          stack.append(n)
        }
      }
      pieces.append(
        Piece(
          x: lowX + Int(left), y: lowY + Int(top), width: highX - lowX + 1, height: highY - lowY + 1,
          blocks: count))
    }
    return pieces
  }
}
