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

  private let columns: Int
  private let rows: Int
  private var group: [Int32]
  private var queue: [Int32]
  private var groupSize: [Int32] = []
  private var groupTexture: [Int32] = []

  /// Light that reaches fewer patches than this isn't worth a correction.
  private static let least = 8
  /// Share of a texture's variance that an encoder may smear after a change.
  private static let smearing = 0.25
  /// Black in limited-range video: light multiplies what lies above it.
  static let black = 16.0

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    let count = columns * rows
    gain = .allocate(capacity: count)
    gain.initialize(repeating: 1, count: count)
    isExplained = .allocate(capacity: count)
    isExplained.initialize(repeating: true, count: count)
    group = [Int32](repeating: -1, count: count)
    queue = [Int32](repeating: 0, count: count)
  }

  deinit {
    gain.deallocate()
    isExplained.deallocate()
  }

  /// Finds the field of this frame. `noise` is the standard deviation of a pixel, for each patch.
  mutating func estimate(_ patches: borrowing PatchStatistics, noise: UnsafePointer<Float>) {
    let count = columns * rows
    groupSize.removeAll(keepingCapacity: true)
    groupTexture.removeAll(keepingCapacity: true)
    var shifted = 0
    // What is darker than a shadow leaves the light around it is a dark thing.
    let darkest = ShadowFilter.darkest * min(1, overallGain(patches))
    for i in 0..<count {
      let m = patches.moments(i)
      let base = max(m.background - Self.black, 3)
      let g = min(max((m.current - Self.black) / base, 0.05), 12)
      let sigma = Double(noise[i])
      let residual = m.currentVariance - 2 * g * m.covariance + g * g * m.backgroundVariance
      let allowed = 3 * (1 + g * g) * sigma * sigma + 3 + Self.smearing * g * g * m.backgroundVariance
      gain[i] = Float(g)
      isExplained[i] = residual <= allowed && g >= darkest
      if isExplained[i] && abs(m.current - m.background) > 2.0 + 0.7 * sigma { shifted += 1 }
      group[i] = -1
    }
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
    growGroups(patches, noise: noise)
    accept(patches)
    if !isEven { fillUnexplained() }
  }

  /// How much light there is in all, against the background.
  private func overallGain(_ patches: borrowing PatchStatistics) -> Double {
    var now = 0.0
    var before = 0.0
    for i in 0..<columns * rows {
      now += Double(patches.sums[i].current) - Self.black * Double(patches.sums[i].count)
      before += Double(patches.sums[i].background) - Self.black * Double(patches.sums[i].count)
    }
    return max(now, 0) / max(before, 1)
  }

  /// Labels groups of explained patches between which the light changes smoothly.
  private mutating func growGroups(_ patches: borrowing PatchStatistics, noise: UnsafePointer<Float>) {
    let count = columns * rows
    for seed in 0..<count where isExplained[seed] && group[seed] < 0 {
      let label = Int32(groupSize.count)
      var size: Int32 = 0
      var texture: Int32 = 0
      var head = 0
      var tail = 1
      queue[0] = Int32(seed)
      group[seed] = label
      while head < tail {
        let i = Int(queue[head])
        head += 1
        size += 1
        let sigma = Double(noise[i])
        if patches.backgroundVariance(i) > 8 * sigma * sigma + 12 { texture += 1 }
        let x = i % columns
        let y = i / columns
        for side in 0..<4 {
          let nx = x + (side == 0 ? 1 : side == 1 ? -1 : 0)
          let ny = y + (side == 2 ? 1 : side == 3 ? -1 : 0)
          guard nx >= 0, nx < columns, ny >= 0, ny < rows else { continue }
          let j = ny * columns + nx
          guard isExplained[j], group[j] < 0 else { continue }
          let level = Double(patches.sums[j].background) * patches.sums[j].pixelShare
          let step = Double(abs(gain[i] - gain[j])) * max(level - Self.black, 3)
          guard step <= 9 else { continue }
          group[j] = label
          queue[tail] = Int32(j)
          tail += 1
        }
      }
      groupSize.append(size)
      groupTexture.append(texture)
    }
  }

  /// Decides which groups are light, and measures how much of the picture changed.
  private mutating func accept(_ patches: borrowing PatchStatistics) {
    let count = columns * rows
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
  private mutating func fillUnexplained() {
    let count = columns * rows
    var head = 0
    var tail = 0
    for i in 0..<count {
      group[i] = isExplained[i] ? 0 : -1
      if isExplained[i] {
        queue[tail] = Int32(i)
        tail += 1
      }
    }
    if tail == 0 {
      for i in 0..<count { gain[i] = 1 }
      return
    }
    while head < tail {
      let i = Int(queue[head])
      head += 1
      let x = i % columns
      let y = i / columns
      for side in 0..<4 {
        let nx = x + (side == 0 ? 1 : side == 1 ? -1 : 0)
        let ny = y + (side == 2 ? 1 : side == 3 ? -1 : 0)
        guard nx >= 0, nx < columns, ny >= 0, ny < rows else { continue }
        let j = ny * columns + nx
        guard group[j] < 0 else { continue }
        group[j] = 0
        gain[j] = neighbourMean(nx, ny, known: { self.group[$0] >= 0 && $0 != j })
        queue[tail] = Int32(j)
        tail += 1
      }
    }
  }

  private func neighbourMean(_ x: Int, _ y: Int, known: (Int) -> Bool) -> Float {
    var sum: Float = 0
    var n: Float = 0
    for dy in -1...1 {
      for dx in -1...1 {
        let nx = x + dx
        let ny = y + dy
        guard nx >= 0, nx < columns, ny >= 0, ny < rows else { continue }
        let j = ny * columns + nx
        guard known(j) else { continue }
        sum += gain[j]
        n += 1
      }
    }
    return n > 0 ? sum / n : 1
  }

  /// The gains of the pixels of patch row `row`, at the height of its centres, in 1/256, by linear interpolation
  /// between the centres of its patches. `out` holds `width` values.
  func expand(row: Int, width: Int, into out: UnsafeMutablePointer<UInt16>) {
    let values = gain + row * columns
    let side = PatchStatistics.side
    for column in 0..<columns {
      // From the centre of this patch to that of the next; the first also covers the left margin.
      let here = values[column] * 256
      let there = values[min(column + 1, columns - 1)] * 256
      let centre = column * side + side / 2
      let slope = (there - here) / Float(side)
      if column == 0 {
        for x in 0..<min(centre, width) { out[x] = UInt16(here) }
      }
      let end = column == columns - 1 ? width : min(width, centre + side)
      var value = here + slope * 0.5
      for x in min(centre, width)..<max(min(centre, width), end) {
        out[x] = UInt16(value)
        value += slope
      }
    }
  }
}
