/// Finds pores that have broken through to the side of the part so widely that in their slices they are a part of the air
/// around it: hollows that the slices before and after don't have.
///
/// A voxel of air belongs to one where the part is both within a few slices before it and within a few after it: walls
/// that lean, and holes that run along the slices, have it on one side at most. So it is known only some slices later.
struct HollowFinder {
  /// How high a hollow may be: twice so many voxels.
  private static let reach = 8.0
  /// Voxels below which it may be a roughness of the surface.
  private static let least = 12

  private let depth: Int
  private let ring: [Bitmap]
  private let before: Bitmap
  private let after: Bitmap
  private let found: Bitmap
  private let scratch: Bitmap
  private var pairs: [Int32]
  private var labeller: RunLabeller<DefectSums>
  private var received = 0
  private var looked = 0
  private let spacing: SIMD3<Double>

  init(width: Int, height: Int, spacing: SIMD3<Double>) {
    self.spacing = spacing
    depth = max(2, Int((Self.reach * spacing.x / spacing.z).rounded()))
    ring = (0...(2 * depth)).map { _ in Bitmap(width: width, height: height) }
    before = Bitmap(width: width, height: height)
    after = Bitmap(width: width, height: height)
    found = Bitmap(width: width, height: height)
    scratch = Bitmap(width: width, height: height)
    pairs = [Int32](repeating: 0, count: width + 2)
    labeller = RunLabeller(height: height)
  }

  /// Takes in where the part is in the next slice. Returns the hollows that have ended.
  mutating func add(_ part: Bitmap) -> [DefectSums] {
    ring[received % ring.count].set(part)
    received += 1
    return received > depth ? look(looked) : []
  }

  /// No slice follows these. Returns the rest.
  mutating func finish() -> [DefectSums] {
    var ended: [DefectSums] = []
    while looked < received { ended += look(looked) }
    labeller.interrupt()
    ended += take()
    (received, looked) = (0, 0)
    return ended
  }

  private mutating func look(_ index: Int) -> [DefectSums] {
    looked += 1
    let here = ring[index % ring.count]
    gather(max(0, index - depth)..<index, into: before)
    gather((index + 1)..<min(received, index + depth + 1), into: after)
    found.set(before)
    found.keep(after)
    found.remove(here)
    // Three voxels wide at least: a surface is rough by one or two.
    scratch.set(found, .shrink, .four)
    var runs: [Run] = []
    if !scratch.isEmpty {
      before.set(scratch, .grow, .eight)
      found.keep(before)
      for y in 0..<here.height {
        for i in 0..<found.runs(of: true, row: y, &pairs) {
          runs.append(Run(row: y, start: Int(pairs[2 * i]), end: Int(pairs[2 * i + 1]), mark: 4))
        }
      }
    }
    labeller.label(&runs, slice: index) { DefectSums(mark: 4, slice: index) }
    for run in runs {
      labeller.gather(labeller.root(of: run.component)) { sums in
        sums.add(run, slice: index)
        Self.outline(run, index, found, spacing, &sums)
      }
    }
    return take()
  }

  private func gather(_ range: Range<Int>, into bitmap: Bitmap) {
    bitmap.clear()
    for index in range { bitmap.add(ring[index % ring.count]) }
  }

  /// Its surface by the faces of its voxels: seen from all sides, a body shows two thirds of them.
  private static func outline(
    _ run: Run, _ index: Int, _ found: Bitmap, _ spacing: SIMD3<Double>, _ sums: inout DefectSums
  ) {
    sums.chords += Double(run.count)
    let (y, z) = (Double(run.row), Double(index))
    for dy in [-0.5, 0.5] {
      for dz in [-0.5, 0.5] {
        sums.hull.add(SIMD3<Float>(SIMD3(Double(run.start) - 0.5, y + dy, z + dz) * spacing))
        sums.hull.add(SIMD3<Float>(SIMD3(Double(run.end) - 0.5, y + dy, z + dz) * spacing))
      }
    }
    var faces = 2 * spacing.y * spacing.z
    let row = Int(run.row) * found.width
    for x in (row + Int(run.start))..<(row + Int(run.end)) {
      if run.row == 0 || !found[x - found.width] { faces += spacing.x * spacing.z }
      if Int(run.row) == found.height - 1 || !found[x + found.width] { faces += spacing.x * spacing.z }
    }
    sums.surface += 2 / 3.0 * faces
  }

  private mutating func take() -> [DefectSums] {
    var ended: [DefectSums] = []
    for root in labeller.finished {
      var sums = labeller.gathered(root)
      labeller.release(root)
      guard sums.voxels >= Self.least, sums.lastSlice > sums.firstSlice else { continue }
      // The faces at its first and last slice, about those of a disc in the middle of it.
      let slices = Double(sums.lastSlice - sums.firstSlice + 1)
      sums.surface += 2 / 3.0 * 2 * Double(sums.voxels) / slices * spacing.x * spacing.y
      sums.gap = 0
      sums.isLarge = true
      ended.append(sums)
    }
    return ended
  }
}
