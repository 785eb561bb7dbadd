import CKernels

/// How the light on the scene differs from that in which the background was learnt: a gain for each patch.
///
/// A patch whose picture is the background times one number has only been lit differently. Light changes
/// smoothly from patch to patch, so patches that are explained and agree with their neighbours are grown
/// together; the largest group, and others that carry texture, are light. The inside of a plain object
/// is explained as well, but its edge is not, so it stays a group of its own without texture.
struct LightField: ~Copyable {
  /// Gain of a patch; 1 is unchanged.
  let gain: UnsafeMutablePointer<Float>
  /// Whether the patch itself showed its gain, or got it from its neighbours.
  let isExplained: UnsafeMutablePointer<Bool>
  /// True when no patch differs enough to matter.
  private(set) var isEven = true
  /// Share of the picture whose light changed visibly.
  private(set) var changedShare = 0.0
  /// Share of the picture that light explains, changed or not.
  private(set) var explainedShare = 1.0
  /// Mean gain over the explained patches.
  private(set) var meanGain = 1.0

  private struct Place {
    var index: Int
    var column: Int
    var row: Int
  }

  private struct Shape {
    var columns: Int
    var rows: Int
    var count: Int { columns * rows }

    func place(_ index: Int) -> Place { Place(index: index, column: index % columns, row: index / columns) }

    /// Right, left, below, above.
    @inline(__always)
    func forEachNeighbour(of p: Place, _ body: (Place) -> Void) {
      if p.column + 1 < columns { body(Place(index: p.index + 1, column: p.column + 1, row: p.row)) }
      if p.column > 0 { body(Place(index: p.index - 1, column: p.column - 1, row: p.row)) }
      if p.row + 1 < rows { body(Place(index: p.index + columns, column: p.column, row: p.row + 1)) }
      if p.row > 0 { body(Place(index: p.index - columns, column: p.column, row: p.row - 1)) }
    }
  }

  private let shape: Shape
  /// How much light the background has above black, in levels, for each patch.
  private let base: UnsafeMutablePointer<Double>
  /// Whether the background of a patch has a texture.
  private let isTextured: UnsafeMutablePointer<Bool>
  private let group: UnsafeMutablePointer<Int32>
  private let queue: UnsafeMutablePointer<Place>
  private var groupSize: [Int32] = []
  private var groupTexture: [Int32] = []

  /// Light that reaches fewer patches than this isn't worth a correction.
  private static let least = 8
  /// Black in limited-range video: light multiplies what lies above it.
  static let black = 16.0

  init(columns: Int, rows: Int) {
    shape = Shape(columns: columns, rows: rows)
    gain = .allocate(capacity: shape.count)
    gain.initialize(repeating: 1, count: shape.count)
    isExplained = .allocate(capacity: shape.count)
    isExplained.initialize(repeating: true, count: shape.count)
    base = .allocate(capacity: shape.count)
    base.initialize(repeating: 0, count: shape.count)
    isTextured = .allocate(capacity: shape.count)
    isTextured.initialize(repeating: false, count: shape.count)
    group = .allocate(capacity: shape.count)
    group.initialize(repeating: -1, count: shape.count)
    queue = .allocate(capacity: shape.count)
    queue.initialize(repeating: Place(index: 0, column: 0, row: 0), count: shape.count)
  }

  deinit {
    gain.deallocate()
    isExplained.deallocate()
    base.deallocate()
    isTextured.deallocate()
    group.deallocate()
    queue.deallocate()
  }

  /// Finds the field of this frame. `noise` is the standard deviation of a pixel, for each patch.
  mutating func estimate(_ patches: borrowing PatchStatistics, noise: UnsafePointer<Float>) {
    let count = shape.count
    // What is darker than a shadow leaves the light around it is a dark thing.
    let darkest = ShadowFilter.darkest * min(1, overallGain(patches))
    let shifted = saccade_patch_light(
      patches.sums, noise, Int32(count), Self.black, darkest, gain, base, isExplained, isTextured)
    // A few patches are a thing's plain inside, not light.
    if shifted < Self.least {
      isEven = true
      changedShare = 0
      var explained = 0
      for i in 0..<count {
        gain[i] = 1
        if isExplained[i] { explained += 1 }
      }
      explainedShare = Double(explained) / Double(count)
      meanGain = 1
      return
    }
    growGroups()
    accept(patches)
    if !isEven { fillUnexplained() }
  }

  /// How much light there is in all, against the background.
  private func overallGain(_ patches: borrowing PatchStatistics) -> Double {
    var now = 0.0
    var before = 0.0
    for i in 0..<shape.count {
      now += Double(patches.sums[i].current) - Self.black * Double(patches.sums[i].count)
      before += Double(patches.sums[i].background) - Self.black * Double(patches.sums[i].count)
    }
    return max(now, 0) / max(before, 1)
  }

  /// Labels groups of explained patches between which the light changes smoothly.
  private mutating func growGroups() {
    groupSize.removeAll(keepingCapacity: true)
    groupTexture.removeAll(keepingCapacity: true)
    group.update(repeating: -1, count: shape.count)
    for seed in 0..<shape.count where isExplained[seed] && group[seed] < 0 {
      let label = Int32(groupSize.count)
      var texture: Int32 = 0
      group[seed] = label
      queue[0] = shape.place(seed)
      var (head, tail) = (0, 1)
      while head < tail {
        let at = queue[head]
        head += 1
        if isTextured[at.index] { texture += 1 }
        shape.forEachNeighbour(of: at) { next in
          guard isExplained[next.index], group[next.index] < 0 else { return }
          guard Double(abs(gain[at.index] - gain[next.index])) * base[next.index] <= 9 else { return }
          group[next.index] = label
          queue[tail] = next
          tail += 1
        }
      }
      groupSize.append(Int32(tail))
      groupTexture.append(texture)
    }
  }

  /// Decides which groups are light, and measures how much of the picture changed.
  private mutating func accept(_ patches: borrowing PatchStatistics) {
    let count = shape.count
    let largest = groupSize.max() ?? 0
    var changed = 0
    var explained = 0
    var total = 0.0
    var shifted = 0
    for i in 0..<count {
      guard group[i] >= 0 else { continue }
      let g = Int(group[i])
      let size = groupSize[g]
      let isLight =
        size == largest || Int(size) * 5 > count
        || (groupTexture[g] >= 4 && groupTexture[g] * 4 >= size)
      isExplained[i] = isLight
      guard isLight else { continue }
      explained += 1
      total += Double(gain[i])
      let s = patches.sums[i]
      let shift = abs(Double(s.current) - Double(s.background)) * s.pixelShare
      if shift > 2.5 { shifted += 1 }
      if shift > 5 && abs(gain[i] - 1) > 0.08 { changed += 1 }
    }
    changedShare = Double(changed) / Double(count)
    explainedShare = Double(explained) / Double(count)
    meanGain = explained > 0 ? total / Double(explained) : 1
    isEven = shifted < Self.least
    if isEven { for i in 0..<count { gain[i] = 1 } }
  }

  /// Gives every patch without a gain of its own the mean of its neighbours', from the outside in.
  private func fillUnexplained() {
    // −1 has no gain of its own yet, 0 has one, 1 has one and was queued.
    for i in 0..<shape.count { group[i] = isExplained[i] ? 0 : -1 }
    var (head, tail) = (0, 0)
    for i in 0..<shape.count where !isExplained[i] {
      shape.forEachNeighbour(of: shape.place(i)) { next in
        guard group[next.index] == 0 else { return }
        group[next.index] = 1
        queue[tail] = next
        tail += 1
      }
    }
    // All have one, or none.
    if tail == 0 {
      for i in 0..<shape.count where !isExplained[i] { gain[i] = 1 }
      return
    }
    var first = UnsafeMutableBufferPointer(start: queue, count: tail)
    first.sort { $0.index < $1.index }
    while head < tail {
      let at = queue[head]
      head += 1
      shape.forEachNeighbour(of: at) { next in
        guard group[next.index] < 0 else { return }
        gain[next.index] = neighbourMean(next)
        group[next.index] = 1
        queue[tail] = next
        tail += 1
      }
    }
  }

  /// The mean gain of what has one among the eight patches around.
  private func neighbourMean(_ place: Place) -> Float {
    var sum: Float = 0
    var n: Float = 0
    for y in max(0, place.row - 1)...min(shape.rows - 1, place.row + 1) {
      for x in max(0, place.column - 1)...min(shape.columns - 1, place.column + 1) {
        let i = y * shape.columns + x
        guard group[i] >= 0 else { continue }
        sum += gain[i]
        n += 1
      }
    }
    return n > 0 ? sum / n : 1
  }

  /// The gains of the pixels of patch row `row`, at the height of its centres, in 1/256, by linear interpolation
  /// between the centres of its patches. `out` holds `width` values.
  func expand(row: Int, width: Int, into out: UnsafeMutablePointer<UInt16>) {
    let values = gain + row * shape.columns
    let side = PatchStatistics.side
    for column in 0..<shape.columns {
      // From the centre of this patch to that of the next; the first also covers the left margin.
      let here = values[column] * 256
      let there = values[min(column + 1, shape.columns - 1)] * 256
      let centre = column * side + side / 2
      let slope = (there - here) / Float(side)
      if column == 0 {
        for x in 0..<min(centre, width) { out[x] = UInt16(here) }
      }
      let end = column == shape.columns - 1 ? width : min(width, centre + side)
      var value = here + slope * 0.5
      for x in min(centre, width)..<max(min(centre, width), end) {
        out[x] = UInt16(value)
        value += slope
      }
    }
  }
}
