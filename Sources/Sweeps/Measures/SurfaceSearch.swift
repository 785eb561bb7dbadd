/// Looks for the air around the part from a defect's section in one slice, in that slice and the two before and after.
struct SurfaceSearch {
  private let slices: [(offset: Int, slot: Slot)]
  private let spacing: SIMD3<Double>
  private let here: Slot
  private let window: SliceAnalyzer
  private let index: Int

  private static let depth = 2

  init(window: SliceAnalyzer, index: Int) {
    self.window = window
    self.index = index
    // Safety of the force: the caller looks at this very slice.
    here = window.slice(index).unsafelyUnwrapped
    spacing = window.spacing
    slices = (-Self.depth...Self.depth).sorted { abs($0) < abs($1) }.compactMap { offset in
      window.slice(index + offset).map { (offset, $0) }
    }
  }

  /// Lowers `gap` to the millimetres from the section's outermost voxels to the air, between centres of voxels, if that is less.
  func nearest(to runs: some Sequence<Run>, gap: inout Double) {
    var (columns, rows, count) = (0.0, 0.0, 0.0)
    for run in runs {
      let n = Double(run.count)
      columns += n * Double(run.start + run.end - 1) / 2
      rows += n * Double(run.row)
      count += n
    }
    guard count > 0 else { return }
    let centre = (x: Int((columns / count).rounded()), y: Int((rows / count).rounded()))
    var radius = 0.0
    for run in runs {
      for x in [run.start, run.end - 1] {
        let away = SIMD3(Double(Int(x) - centre.x), Double(Int(run.row) - centre.y), 0) * spacing
        radius = max(radius, (away * away).sum().squareRoot())
      }
    }
    // No voxel is nearer than the middle is, less their distance from it.
    var reach = gap + radius
    guard let found = nearest(centre.x, centre.y, &reach) else { return }
    if reach > 6 * radius {
      // So far away one and the same voxel of air is the nearest to all, within a twelfth of the radius.
      for run in runs {
        for x in [run.start, run.end - 1] {
          let away = (SIMD3(Double(x), Double(run.row), 0) - found) * spacing
          gap = min(gap, (away * away).sum().squareRoot())
        }
      }
    } else {
      for run in runs {
        for x in [run.start, run.end - 1] { _ = nearest(Int(x), Int(run.row), &gap) }
      }
    }
  }

  /// The voxel of air that is nearer than `gap`, which becomes its distance; as column, row and slice from here.
  private func nearest(_ x: Int, _ y: Int, _ gap: inout Double) -> SIMD3<Double>? {
    var square = gap * gap
    var best: SIMD3<Double>?
    for (offset, slot) in slices {
      let along = Double(offset) * spacing.z
      let base = along * along
      var away = 0
      while true {
        let down = Double(away) * spacing.y
        guard base + down * down < square, away < slot.height else { break }
        for row in away == 0 ? [y] : [y - away, y + away] {
          guard let columns = slot.outside.distance(column: x, row: row) else { continue }
          let across = Double(columns) * spacing.x
          let found = base + down * down + across * across
          if found < square {
            square = found
            // Which side doesn't matter to a distance of this size.
            let isRight = x + columns < slot.width && !slot.part[row * slot.width + x + columns]
            best = [Double(isRight ? x + columns : x - columns), Double(row), Double(offset)]
          }
        }
        away += 1
      }
    }
    if best != nil { gap = square.squareRoot() }
    return best
  }

  /// Whether most of a section goes on, as air, into the air around the part in the slices before or after.
  ///
  /// The rim that is left out between a defect and the air is up to three slices thick.
  func opens(_ runs: some Sequence<Run>) -> (before: Bool, after: Bool) {
    (opens(runs, step: -1), opens(runs, step: 1))
  }

  private func opens(_ runs: some Sequence<Run>, step: Int) -> Bool {
    let next = (1...3).compactMap { window.slice(index + step * $0) }
    guard next.contains(where: { !$0.outside.isEmpty }) else { return false }
    var (open, all) = (0, 0)
    for run in runs {
      for x in run.start..<run.end {
        let at = Int(run.row) * here.width + Int(x)
        all += 1
        for slot in next {
          guard let levels = slot.levels, slot.smooth[at] < levels.surface else { break }
          if !slot.part[at] {
            open += 1
            break
          }
        }
      }
    }
    return open * 2 > all
  }
}
