/// Gathers what one slice adds to the defects in it: the values in and around them, their surface, how far the air
/// around the part is.
final class Gatherer {
  let width: Int
  let height: Int
  let spacing: SIMD3<Double>
  /// 0: nobody's yet; 1: a defect's, or of the two voxels around it; 2: material around that.
  private let visited: UnsafeMutablePointer<UInt8>
  /// What was visited, to be cleared again.
  private var touched: [(at: Int, count: Int)] = []
  private var grey: [GreySums] = []
  private var present: [Int32] = []
  private let nearby: [Stencil]
  private let around: [Stencil]

  init(width: Int, height: Int, spacing: SIMD3<Double>) {
    self.width = width
    self.height = height
    self.spacing = spacing
    visited = .allocate(capacity: width * height)
    visited.initialize(repeating: 0, count: width * height)
    // The nearest first: where two defects lie close, each gets what is nearer to it.
    nearby = Stencil.ball(radius: 1, spacing) + Stencil.ball(radius: 2, spacing)
    around = Stencil.ball(radius: 5, spacing).filter { $0.slice == 0 }
  }

  deinit { visited.deallocate() }

  /// How many slices before and after a defect add to it.
  var reach: Int { nearby.map { abs($0.slice) }.max() ?? 0 }

  /// Goes through the defects that have voxels in or near slice `index`. Returns the roots that have a run in it.
  func gather(_ index: Int, _ window: SliceAnalyzer) -> [Int32] {
    guard let here = window.slice(index) else { return [] }
    for (at, count) in touched { (visited + at).update(repeating: 0, count: count) }
    touched.removeAll(keepingCapacity: true)
    present.removeAll(keepingCapacity: true)
    if grey.count < window.labeller.capacity {
      grey += [GreySums](repeating: GreySums(), count: window.labeller.capacity - grey.count)
    }
    var own: [(run: Run, root: Int32)] = []
    for run in here.runs {
      let root = window.labeller.root(of: run.component)
      if !own.contains(where: { $0.root == root }) { present.append(root) }
      own.append((run, root))
    }
    outline(own, here, window)
    var sections: [Int32: Int] = [:]
    for (run, root) in own { sections[root, default: 0] += run.count }
    for (run, root) in own {
      visit(run, Stencil(slice: 0, row: 0, extent: 0), root, here, as: 1, isOwn: true)
    }
    let isLarge = { (root: Int32) in sections[root, default: 0] > Self.large }
    for stencil in nearby {
      if stencil.slice == 0 {
        for (run, root) in own where !isLarge(root) { visit(run, stencil, root, here, as: 1, isOwn: false) }
      } else if let other = window.slice(index + stencil.slice) {
        for run in other.runs {
          let root = window.labeller.root(of: run.component)
          if !isLarge(root) { visit(run, stencil, root, here, as: 1, isOwn: false) }
        }
      }
    }
    for stencil in around {
      for (run, root) in own where !isLarge(root) { visit(run, stencil, root, here, as: 2, isOwn: false) }
    }
    floors(own, index, window, isLarge: isLarge)
    distances(own, index, window, isLarge: isLarge)
    glare(own, window)
    settle(index, window, isLarge: isLarge)
    return present
  }

  /// Voxels of a section from which on its grey values don't matter: its edge is a small part of it.
  private static let large = 4000

  /// Adds the voxels of a run, moved and lengthened, that nobody has visited.
  private func visit(
    _ run: Run, _ stencil: Stencil, _ root: Int32, _ slot: Slot, as kind: UInt8, isOwn: Bool
  ) {
    let y = Int(run.row) + stencil.row
    guard y >= 0, y < height else { return }
    let start = max(0, Int(run.start) - stencil.extent)
    let end = min(width, Int(run.end) + stencil.extent)
    let row = y * width
    touched.append((row + start, end - start))
    if !grey[Int(root)].isTouched {
      grey[Int(root)] = GreySums()
      grey[Int(root)].isTouched = true
      grey[Int(root)].slice = -1
      changed.append(root)
    }
    let air = slot.levels?.air ?? 0
    let sign: Float = run.mark == 2 ? -1 : 1
    var sums = grey[Int(root)]
    for x in start..<end where visited[row + x] == 0 {
      let at = row + x
      let isPlain = run.mark == 3 && kind == 1 ? slot.part[at] : slot.core[at] == 1
      if !isOwn, !isPlain || slot.marks[at] != 0 {
        // The part's own surface blurs into these; or they are another defect's.
        if kind == 1, !isPlain { sums.rim += 1 }
        if kind == 1 { visited[at] = 1 }
        continue
      }
      visited[at] = kind
      let off = Double(sign * (slot.level[at] - slot.values[at]))
      if kind == 1 {
        sums.excess += off
        sums.excessX += off * Double(x)
        sums.excessY += off * Double(y)
        sums.claimed += 1
        sums.contrast += Double(slot.level[at] - air)
        sums.level += Double(slot.level[at])
        if !isOwn {
          sums.fringe += off
          sums.fringeVoxels += 1
        } else {
          sums.peak = max(
            sums.peak,
            sign * (slot.level[at] - slot.smooth[at]) / max(slot.level[at] - air, .leastNormalMagnitude))
        }
      } else {
        sums.shell += off
        sums.shellSquares += off * off
        sums.shellVoxels += 1
      }
    }
    grey[Int(root)] = sums
  }

  private var changed: [Int32] = []

  private func settle(_ index: Int, _ window: SliceAnalyzer, isLarge: (Int32) -> Bool) {
    for root in changed {
      let new = grey[Int(root)]
      grey[Int(root)].isTouched = false
      window.labeller.gather(root) { sums in
        sums.excess += new.excess
        sums.excessSum += [new.excessX, new.excessY, new.excess * Double(index)]
        sums.claimed += new.claimed
        sums.contrast += new.contrast
        sums.level += new.level
        sums.rim += new.rim
        sums.fringe += new.fringe
        sums.fringeVoxels += new.fringeVoxels
        sums.shell += new.shell
        sums.shellSquares += new.shellSquares
        sums.shellVoxels += new.shellVoxels
        sums.peak = max(sums.peak, new.peak)
        sums.floor += new.floor
        sums.floorVoxels += new.floorVoxels
        sums.isLarge = sums.isLarge || isLarge(root)
      }
    }
    changed.removeAll(keepingCapacity: true)
  }

  /// Values where a defect is so wide that nothing of its edge is left: three voxels from it in the slice, two on
  /// the diagonal and to the slices beside.
  private func floors(
    _ own: [(run: Run, root: Int32)], _ index: Int, _ window: SliceAnalyzer, isLarge: (Int32) -> Bool
  ) {
    let step = spacing.z < 1.6 * spacing.x ? 2 : 1
    guard let here = window.slice(index), let before = window.slice(index - step),
      let after = window.slice(index + step)
    else { return }
    for (run, root) in own where run.count >= 5 && !isLarge(root) {
      let y = Int(run.row)
      guard y >= 3, y < height - 3 else { continue }
      let mark = run.mark
      for x in (Int(run.start) + 2)..<(Int(run.end) - 2) where x >= 3 && x < width - 3 {
        let at = y * width + x
        let m = here.marks
        guard m[at - 3] == mark, m[at + 3] == mark, m[at - 3 * width] == mark, m[at + 3 * width] == mark,
          m[at - 2 * width - 2] == mark, m[at - 2 * width + 2] == mark, m[at + 2 * width - 2] == mark,
          m[at + 2 * width + 2] == mark, before.marks[at] == mark, after.marks[at] == mark
        else { continue }
        grey[Int(root)].floor += Double(here.values[at])
        grey[Int(root)].floorVoxels += 1
      }
    }
  }

  private func distances(
    _ own: [(run: Run, root: Int32)], _ index: Int, _ window: SliceAnalyzer, isLarge: (Int32) -> Bool
  ) {
    guard let here = window.slice(index) else { return }
    for root in present where !isLarge(root) {
      let runs = own.lazy.filter { $0.root == root }.map(\.run)
      let search = SurfaceSearch(window: window, index: index)
      var gap = window.labeller.gathered(root).gap
      search.nearest(to: runs, gap: &gap)
      let opens = search.opens(runs)
      window.labeller.gather(root) { sums in
        sums.gap = gap
        for run in runs where here.hasNotches {
          let row = Int(run.row) * width
          for x in (row + Int(run.start))..<(row + Int(run.end)) {
            sums.notchVoxels += here.notches[x] ? 1 : 0
          }
        }
        sums.opensBefore = sums.opensBefore || opens.before
        // A hole from outside goes on outside in each of its slices: only the last one tells.
        sums.opensAfter = sums.mark == 3 ? opens.after : sums.opensAfter || opens.after
        sums.isCut =
          sums.isCut
          || runs.contains { $0.row == 0 || $0.row == height - 1 || $0.start == 0 || $0.end == width }
      }
    }
  }

  /// What dense inclusions do to the dark defects of the slice.
  private func glare(_ own: [(run: Run, root: Int32)], _ window: SliceAnalyzer) {
    var middles: [Int32: (x: Float, y: Float, area: Float, isBright: Bool)] = [:]
    for (run, root) in own {
      let n = Float(run.count)
      var middle = middles[root] ?? (0, 0, 0, run.mark == 2)
      middle.x += n * Float(run.start + run.end - 1) / 2
      middle.y += n * Float(run.row)
      middle.area += n
      middles[root] = middle
    }
    let bright = middles.filter { $0.value.isBright && $0.value.area >= 4 }
    guard !bright.isEmpty else { return }
    for (root, here) in middles where !here.isBright {
      var glare: Float = 0
      for (other, there) in bright {
        let (dx, dy) = (here.x / here.area - there.x / there.area, here.y / here.area - there.y / there.area)
        let distance = max(1, (dx * dx + dy * dy).squareRoot())
        let peak = max(window.labeller.gathered(other).peak, grey[Int(other)].peak)
        glare += peak * (there.area / Float.pi).squareRoot() / distance
      }
      window.labeller.gather(root) { $0.glare = max($0.glare, glare) }
    }
  }

  private func outline(_ own: [(run: Run, root: Int32)], _ here: Slot, _ window: SliceAnalyzer) {
    let tracer = OutlineTracer(window: window, here: here)
    for (run, root) in own {
      window.labeller.gather(root) { tracer.trace(run, into: &$0) }
    }
  }
}

/// What one slice adds to the grey values of one defect.
struct GreySums {
  var isTouched = false
  var slice = -1
  var excess = 0.0
  var excessX = 0.0
  var excessY = 0.0
  var claimed = 0
  var contrast = 0.0
  var level = 0.0
  var rim = 0
  var fringe = 0.0
  var fringeVoxels = 0
  var shell = 0.0
  var shellSquares = 0.0
  var shellVoxels = 0
  var peak: Float = 0
  var floor = 0.0
  var floorVoxels = 0
}

/// Voxels beside a run: so many slices and rows away, and longer by so much at both ends.
struct Stencil: Hashable {
  var slice: Int
  var row: Int
  var extent: Int

  /// What lies within a ball around each voxel of a run. `radius` is in voxels of the slice.
  static func ball(radius: Int, _ spacing: SIMD3<Double>) -> [Stencil] {
    let ratio = spacing.z / spacing.x
    // The slices beside a defect hold a part of it, however thick they are.
    let slices = min(max(1, Int((Double(radius) / ratio).rounded(.down))), SliceAnalyzer.mostReach)
    let step = slices == 1 ? 1 : ratio
    var all: [Stencil] = []
    for slice in -slices...slices {
      for row in -radius...radius {
        let left = Double(radius * radius) - Double(row * row) - Double(slice * slice) * step * step
        if left >= 0, slice != 0 || row != 0 || left > 0 {
          all.append(Stencil(slice: slice, row: row, extent: Int(left.squareRoot())))
        }
      }
    }
    return all.sorted { abs($0.slice) + abs($0.row) < abs($1.slice) + abs($1.row) }
  }
}
