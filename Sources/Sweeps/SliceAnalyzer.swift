import CKernels
import Media

/// Looks at the slices of one stretch of a sweep without holes, in their order, and finds what is in the part.
///
/// A slice is told when what comes after it has been looked at as far as it matters: a few slices later. All work
/// is done on the caller's thread. Planes of a few slices are held, whatever the length of the sweep.
package final class SliceAnalyzer {
  /// How many slices a defect's blur reaches at the most. Slices closer than a third of a voxel are not thought of.
  static let mostReach = 6

  package let width: Int
  package let height: Int
  let setting: SweepSetting
  let spacing: SIMD3<Double>

  private var slots: [Slot]
  // How many slices have passed each stage.
  private var received = 0
  private var smoothed = 0
  private var masked = 0
  private var marked = 0
  private var told = 0
  private var hasEnded = false

  private var parts: PartFinder
  private var background: Background
  private var line: [Float]
  private var pairs: [Int32]
  private let floats: UnsafeMutablePointer<Float>
  private let core: Bitmap
  /// How far from a slice the smoothing takes values: less where slices lie further apart than voxels.
  private let side: Float
  /// How many slices beside one matter to it: two voxels' worth, and at least two.
  private let reach: Int

  private(set) var grain = Grain()
  private(set) var edge = EdgeWidth()
  var labeller: RunLabeller<DefectSums>
  private var hollows: HollowFinder
  private var teller: SliceTeller

  /// - Parameter spacing: Sides of a voxel in mm; nil measures in voxels.
  /// - Parameter pictures: Whether to keep a picture of each defect, and maps of the part.
  package init(
    width: Int, height: Int, spacing: VoxelSpacing?, setting: SweepSetting, pictures: Bool = false
  ) {
    self.width = width
    self.height = height
    self.setting = setting
    self.spacing = spacing.map { [$0.x, $0.y, $0.z] } ?? [1, 1, 1]
    let ratio = Float(self.spacing.x / self.spacing.z)
    side = 0.25 * min(1, ratio * ratio)
    reach = min(max(2, Int((2 / self.spacing.z * self.spacing.x).rounded(.down))), Self.mostReach)
    // Those before the one that is told, for what lies around its defects; those after it that must be marked before
    // it is told, masked before they are marked, and read before they are masked; and the one that is being read.
    slots = (0..<(max(3, reach) + 1 + 2 * reach + 2)).map { _ in Slot(width: width, height: height) }
    parts = PartFinder(width: width, height: height, setting: setting.part)
    background = Background(width: width, height: height)
    line = [Float](repeating: 0, count: width)
    pairs = [Int32](repeating: 0, count: width + 2)
    floats = .allocate(capacity: 3 * width)
    core = Bitmap(width: width, height: height)
    labeller = RunLabeller(height: height)
    hollows = HollowFinder(width: width, height: height, spacing: self.spacing)
    teller = SliceTeller(width: width, height: height, spacing: self.spacing, pictures: pictures)
  }

  deinit { floats.deallocate() }

  /// Where the next slice's values go; `advance` takes them in.
  package var next: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: slot(received).values, count: width * height)
  }

  /// Values beyond this either way, and what is no number, can't be reckoned with; no scanner writes them.
  package static let largestValue: Float = 1e12

  /// Of what `next` holds the first value that can't be reckoned with, and its place.
  package var unusable: (value: Float, column: Int, row: Int)? {
    let (values, count) = (slot(received).values, width * height)
    let at = saccade_first_beyond(values, count, Self.largestValue)
    return at < count ? (values[at], at % width, at / width) : nil
  }

  /// The slice that `next` held is complete, and none of its values is unusable. `tell` gets each slice that is done with, at most one.
  package func advance(_ tell: (SliceFindings) -> Void) {
    slot(received).index = received
    received += 1
    run(tell)
  }

  /// No further slice follows these: tells the rest, and ends all that is open. The next slice begins anew, with what
  /// is known of levels and noise.
  package func finish(_ tell: (SliceFindings) -> Void) {
    hasEnded = true
    run(tell)
    hasEnded = false
    (received, smoothed, masked, marked, told) = (0, 0, 0, 0, 0)
    for slot in slots { slot.index = -1 }
    background.forget()
    teller.forget()
  }

  /// So many slices are missing before the next one.
  package func skip(_ count: Int) { teller.skip(count) }

  /// Of the newest slices.
  package var scan: (air: Float, material: Float, noise: Float, edge: Double)? {
    parts.levels.map { ($0.air, $0.material, grain.raw, edge.voxels) }
  }

  package var maps: PartMaps? { teller.mapper?.maps }

  private func slot(_ index: Int) -> Slot { slots[index % slots.count] }
  /// Nil before the first and after the last slice.
  func slice(_ index: Int) -> Slot? {
    guard index >= 0, index < received else { return nil }
    let slot = slot(index)
    return slot.index == index ? slot : nil
  }

  private func run(_ tell: (SliceFindings) -> Void) {
    func may(_ done: Int, _ needed: Int) -> Bool { done > needed || (hasEnded && done == received) }
    while smoothed < received, may(received, smoothed + 1) { smooth(smoothed) }
    while masked < smoothed { findPart(masked) }
    while marked < masked, may(masked, marked + reach) { markDefects(marked) }
    if hasEnded, marked == received {
      if seeksHollows { teller.add(hollows: hollows.finish()) }
      labeller.interrupt()
      teller.finish(labeller.finished)
    }
    while told < marked, may(marked, told + reach) {
      tell(teller.findings(told, of: hasEnded ? received : nil, self))
      told += 1
    }
  }

  /// They are air, and the part's side must be its surface.
  private var seeksHollows: Bool { setting.part == .brighterThanAir && setting.seeks(mark: 1) }

  private func smooth(_ index: Int) {
    let here = slot(index)
    // The newest slice is the only one whose rows haven't been smoothed.
    let last = slice(index + 1) ?? here
    if index == 0 { flatten(here) }
    if last !== here { flatten(last) }
    let first = slice(index - 1) ?? here
    saccade_mix_planes(first.flat, here.flat, last.flat, side, here.count, here.smooth)
    smoothed += 1
  }

  private func flatten(_ slot: Slot) {
    saccade_smooth_plane(slot.values, Int32(width), Int32(height), floats, slot.flat)
  }

  private func findPart(_ index: Int) {
    let here = slot(index)
    parts.find(here, after: slice(index - 1))
    edge.learn(here)
    if seeksHollows { teller.add(hollows: hollows.add(here.part)) }
    masked += 1
  }

  private func markDefects(_ index: Int) {
    let here = slot(index)
    here.runs.removeAll(keepingCapacity: true)
    defer { marked += 1 }
    guard let levels = here.levels else {
      here.marks.update(repeating: 0, count: here.count)
      here.core.update(repeating: 0, count: here.count)
      here.coreVoxels = 0
      label(here)
      return
    }
    core.set(here.inner, .shrink, .eight)
    for other in [index - 1, index + 1] {
      if let slot = slice(other) { core.keep(slot.inner) }
    }
    // Slices further apart than two voxels are not blurred into each other.
    if spacing.z < 1.6 * spacing.x {
      for away in 2...reach {
        for other in [index - away, index + away] {
          if let slot = slice(other) { core.keep(slot.part) }
        }
      }
    }
    core.copy(to: here.core)
    here.coreVoxels = core.ones
    let expected = slice(index - 1).flatMap { $0.levels == nil ? nil : UnsafePointer($0.level) }
    if let spread = background.learn(here.smooth, core: here.core, levels: levels, expected: expected) {
      grain.add(smooth: spread)
    }
    mark(here, levels)
    grain.learn(here)
    label(here)
  }

  private func label(_ here: Slot) {
    labeller.label(&here.runs, slice: here.index) { DefectSums(mark: 0, slice: here.index) }
    teller.finish(labeller.finished)
    for run in here.runs {
      labeller.gather(labeller.root(of: run.component)) { sums in
        sums.mark = run.mark
        sums.add(run, slice: here.index)
      }
    }
  }

  private func mark(_ here: Slot, _ levels: Levels) {
    // With a slice missing on one side less noise is averaged out.
    let isEnd = slice(here.index - 1) == nil || slice(here.index + 1) == nil
    let noise = grain.smooth * (isEnd ? 1.3 : 1) / max(levels.contrast, .leastNormalMagnitude)
    let least = max(Float(setting.sensitivity), 5 * noise)
    (here.threshold, here.noise) = (least, noise)
    let never = Float.infinity
    let dark = setting.seeks(mark: 1) ? least : never
    let bright = setting.seeks(mark: 2) ? least : never
    var passage = 0
    for y in 0..<height {
      background.spread(background.grid, row: y, into: &line)
      (here.level + y * width).update(from: line, count: width)
      let row = here.marks + y * width
      let isMarked = saccade_mark_row(
        here.smooth + y * width, line, here.core + y * width, levels.air, dark, bright, Int32(width), row)
      var isAny = isMarked != 0
      while passage < here.passages.count, here.passages[passage].row == y {
        let run = here.passages[passage]
        (row + Int(run.start)).update(repeating: 3, count: run.count)
        passage += 1
        isAny = true
      }
      // What is dark beside a notch is one with it.
      if here.hasNotches { isAny = markNotches(here, y) || isAny }
      if isAny { findRuns(row, y, &here.runs) }
    }
    (here.lowest, here.highest) = background.extremes
  }

  /// A notch lies beside material or air of the part in the slices before and after; where the part itself begins or
  /// ends, its ragged face is none.
  private func markNotches(_ here: Slot, _ y: Int) -> Bool {
    let beside = [slice(here.index - 1), slice(here.index + 1)].compactMap { $0 }
    var isAny = false
    for at in (y * width)..<((y + 1) * width) where here.notches[at] {
      guard beside.allSatisfy({ $0.part[at] }) else { continue }
      here.marks[at] = 1
      isAny = true
    }
    return isAny
  }

  private func findRuns(_ row: UnsafePointer<UInt8>, _ y: Int, _ runs: inout [Run]) {
    let first = runs.count
    for mark in [UInt8(1), 2, 3] {
      for i in 0..<Int(saccade_find_runs(row, Int32(width), mark, &pairs)) {
        runs.append(Run(row: y, start: Int(pairs[2 * i]), end: Int(pairs[2 * i + 1]), mark: mark))
      }
    }
    runs[first...].sort { $0.start < $1.start }
  }
}

extension SweepSetting {
  /// Cracks are air: what is dark may be one.
  func seeks(mark: UInt8) -> Bool {
    mark == 1 ? sought.contains(.pore) || sought.contains(.crack) : sought.contains(.inclusion)
  }
}
