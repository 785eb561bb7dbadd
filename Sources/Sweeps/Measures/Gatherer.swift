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
  /// Of a root's section among those of the slice.
  private var places: [Int32: Int] = [:]
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

  /// The voxels of one component in one slice.
  struct Section {
    var root: Int32
    var runs: [Run]
    var voxels = 0

    /// Its grey values don't matter: its edge is a small part of it.
    var isLarge: Bool { voxels > 4000 }
  }

  /// Goes through the defects that have voxels in or near slice `index`. Returns those that have some in it.
  func gather(_ index: Int, _ window: SliceAnalyzer) -> [Section] {
    guard let here = window.slice(index) else { return [] }
    for (at, count) in touched { (visited + at).update(repeating: 0, count: count) }
    touched.removeAll(keepingCapacity: true)
    if grey.count < window.labeller.capacity {
      grey += [GreySums](repeating: GreySums(), count: window.labeller.capacity - grey.count)
    }
    let sections = sections(here, window)
    outline(sections, here, window)
    for section in sections {
      for run in section.runs { visit(run, .itself, section.root, here, as: 1, isOwn: true) }
    }
    claim(index, here, sections, window)
    for stencil in around {
      for section in sections where !section.isLarge {
        for run in section.runs { visit(run, stencil, section.root, here, as: 2, isOwn: false) }
      }
    }
    floors(sections, index, window)
    distances(sections, index, window)
    glare(sections, window)
    settle(index, window)
    for section in sections where section.isLarge {
      window.labeller.gather(section.root) { $0.isLarge = true }
    }
    return sections
  }

  /// In the order in which they first appear, so that the same slices give the same sums.
  private func sections(_ here: Slot, _ window: SliceAnalyzer) -> [Section] {
    var sections: [Section] = []
    places.removeAll(keepingCapacity: true)
    for run in here.runs {
      let root = window.labeller.root(of: run.component)
      let place = places[root] ?? sections.count
      if place == sections.count {
        places[root] = place
        sections.append(Section(root: root, runs: []))
      }
      sections[place].runs.append(run)
      sections[place].voxels += run.count
    }
    return sections
  }

  /// The voxels around defects of this slice and of those beside it, the nearest first.
  private func claim(_ index: Int, _ here: Slot, _ sections: [Section], _ window: SliceAnalyzer) {
    for stencil in nearby {
      if stencil.slice == 0 {
        for section in sections where !section.isLarge {
          for run in section.runs { visit(run, stencil, section.root, here, as: 1, isOwn: false) }
        }
      } else if let other = window.slice(index + stencil.slice) {
        for run in other.runs {
          let root = window.labeller.root(of: run.component)
          let isLarge = places[root].map { sections[$0].isLarge } ?? false
          if !isLarge { visit(run, stencil, root, here, as: 1, isOwn: false) }
        }
      }
    }
  }

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
        sums.shellVoxels += 1
      }
    }
    grey[Int(root)] = sums
  }

  private var changed: [Int32] = []

  private func settle(_ index: Int, _ window: SliceAnalyzer) {
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
        sums.shellVoxels += new.shellVoxels
        sums.peak = max(sums.peak, new.peak)
        sums.floor += new.floor
        sums.floorVoxels += new.floorVoxels
      }
    }
    changed.removeAll(keepingCapacity: true)
  }

  /// Values where a defect is so wide that nothing of its edge is left: three voxels from it in the slice, two on
  /// the diagonal and to the slices beside.
  private func floors(_ sections: [Section], _ index: Int, _ window: SliceAnalyzer) {
    let step = spacing.z < 1.6 * spacing.x ? 2 : 1
    guard let here = window.slice(index), let before = window.slice(index - step),
      let after = window.slice(index + step)
    else { return }
    for section in sections where !section.isLarge {
      for run in section.runs where run.count >= 5 { floors(run, section.root, here, before, after) }
    }
  }

  private func floors(_ run: Run, _ root: Int32, _ here: Slot, _ before: Slot, _ after: Slot) {
    let y = Int(run.row)
    guard y >= 3, y < height - 3 else { return }
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

  private func distances(_ sections: [Section], _ index: Int, _ window: SliceAnalyzer) {
    guard let here = window.slice(index) else { return }
    let search = SurfaceSearch(window: window, index: index)
    for section in sections where !section.isLarge {
      let runs = section.runs
      var gap = window.labeller.gathered(section.root).gap
      search.nearest(to: runs, gap: &gap)
      let opens = search.opens(runs)
      window.labeller.gather(section.root) { sums in
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
  private func glare(_ sections: [Section], _ window: SliceAnalyzer) {
    func middle(_ section: Section) -> SIMD2<Float> {
      var sum = SIMD2<Float>.zero
      for run in section.runs {
        sum += Float(run.count) * SIMD2(Float(run.start + run.end - 1) / 2, Float(run.row))
      }
      return sum / Float(section.voxels)
    }
    let bright = sections.filter { $0.runs.first?.mark == 2 && $0.voxels >= 4 }.map { section in
      let peak = max(window.labeller.gathered(section.root).peak, grey[Int(section.root)].peak)
      return (middle: middle(section), weight: peak * (Float(section.voxels) / Float.pi).squareRoot())
    }
    guard !bright.isEmpty else { return }
    for section in sections where section.runs.first?.mark != 2 {
      let here = middle(section)
      let glare = bright.reduce(Float(0)) { sum, there in
        let away = here - there.middle
        return sum + there.weight / max(1, (away * away).sum().squareRoot())
      }
      window.labeller.gather(section.root) { $0.glare = max($0.glare, glare) }
    }
  }

  private func outline(_ sections: [Section], _ here: Slot, _ window: SliceAnalyzer) {
    let tracer = OutlineTracer(window: window, here: here)
    for section in sections {
      window.labeller.gather(section.root) { sums in
        for run in section.runs { tracer.trace(run, into: &sums) }
      }
    }
  }
}

/// What one slice adds to the grey values of one defect.
struct GreySums {
  var isTouched = false
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

  static let itself = Stencil(slice: 0, row: 0, extent: 0)

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
