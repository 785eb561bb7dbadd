/// Walks along the surface of a defect in one slice: wherever a voxel of it has a face towards one that is not.
///
/// The surface lies where the smoothed values cross the threshold, found between the two by a straight line. Its area:
/// each face counts by how much the surface is turned towards it, |n·axis|, with n from the gradient; summed over the
/// three axes that is ∫ n² dS, the surface itself.
struct OutlineTracer {
  private let spacing: SIMD3<Double>
  private let here: Slot
  private let before: Slot?
  private let after: Slot?
  private let secondBefore: Slot?
  private let secondAfter: Slot?
  private let width: Int
  private let height: Int
  private let air: Float
  private let z: Double

  init(window: SliceAnalyzer, here: Slot) {
    self.here = here
    spacing = window.spacing
    before = window.slice(here.index - 1)
    after = window.slice(here.index + 1)
    secondBefore = window.slice(here.index - 2)
    secondAfter = window.slice(here.index + 2)
    width = here.width
    height = here.height
    air = here.levels?.air ?? 0
    z = Double(here.index)
  }

  func trace(_ run: Run, into sums: inout DefectSums) {
    let row = Int(run.row) * width
    let (start, end, y) = (Int(run.start), Int(run.end), Int(run.row))
    let left = crossing(row + start, start > 0 ? row + start - 1 : nil, here, run.mark)
    let right = crossing(row + end - 1, end < width ? row + end : nil, here, run.mark)
    let chord = Double(end - start - 1) + left + right
    let missed = Self.missed(chord)
    sums.chords += chord * missed
    add(&sums, [-left, 0, 0], x: start, y: y, missed)
    add(&sums, [right, 0, 0], x: end - 1, y: y, missed)
    for x in start..<end {
      let at = row + x
      let isTop = y == 0 || here.marks[at - width] != run.mark
      let isBottom = y == height - 1 || here.marks[at + width] != run.mark
      if isTop || isBottom {
        let up = isTop ? crossing(at, y > 0 ? at - width : nil, here, run.mark) : 0
        let down = isBottom ? crossing(at, y < height - 1 ? at + width : nil, here, run.mark) : 0
        let missed = isTop && isBottom ? Self.missed(up + down) : 1
        if isTop { add(&sums, [0, -up, 0], x: x, y: y, missed) }
        if isBottom { add(&sums, [0, down, 0], x: x, y: y, missed) }
      }
      let isFirst = before?.marks[at] != run.mark
      let isLast = after?.marks[at] != run.mark
      if isFirst || isLast {
        let back = isFirst ? before.map { crossing(at, at, $0, run.mark) } ?? 0.5 : 0
        let on = isLast ? after.map { crossing(at, at, $0, run.mark) } ?? 0.5 : 0
        let missed = isFirst && isLast ? Self.missed(back + on) : 1
        if isFirst { add(&sums, [0, 0, -back], x: x, y: y, missed) }
        if isLast { add(&sums, [0, 0, on], x: x, y: y, missed) }
      }
    }
  }

  /// A chord shorter than a voxel holds the middle of one that seldom: each that does stands for as many that don't.
  private static func missed(_ chord: Double) -> Double { 1 / min(1, max(0.1, chord)) }

  /// How far from a voxel of the defect towards one that is not the threshold is crossed, in voxels.
  private func crossing(_ inside: Int, _ outside: Int?, _ slot: Slot, _ mark: UInt8) -> Double {
    guard let outside else { return 0.5 }
    let sign: Float = mark == 2 ? -1 : 1
    let threshold = (mark == 3 ? 0.5 : here.threshold) * (here.level[inside] - air)
    let a = sign * (here.level[inside] - here.smooth[inside]) - threshold
    let b = sign * (here.level[inside] - slot.smooth[outside]) - threshold
    // Where the rim of the part ends the defect, there is no crossing.
    guard a > 0, b < 0 else { return 0.5 }
    return Double(a / (a - b))
  }

  /// `step` leads from a voxel of the defect to the surface, along one axis, in voxels.
  private func add(_ sums: inout DefectSums, _ step: SIMD3<Double>, x: Int, y: Int, _ missed: Double) {
    let point = (SIMD3(Double(x), Double(y), z) + step) * spacing
    sums.hull.add(SIMD3<Float>(point))
    let axis = step.x != 0 ? 0 : step.y != 0 ? 1 : 2
    let side = step[axis] < 0 ? -1 : 1
    let share = min(1, abs(step[axis]))
    // At the surface itself, between the voxels on its two sides: the one inside alone would have the surface of a
    // small sphere turned away from each axis.
    let inside = gradient(x, y, here, before, after)
    let outside =
      switch axis {
      case 0: gradient(x + side, y, here, before, after)
      case 1: gradient(x, y + side, here, before, after)
      default:
        side < 0 ? gradient(x, y, before, secondBefore, here) : gradient(x, y, after, here, secondAfter)
      }
    let normal = inside + (outside - inside) * share
    let length = (normal * normal).sum().squareRoot()
    let area = spacing.x * spacing.y * spacing.z / spacing[axis]
    // Without a gradient the surface may lie in any direction, of which the mean is a half.
    sums.surface += missed * area * (length > 0 ? abs(normal[axis]) / length : 0.5)
  }

  private func gradient(_ x: Int, _ y: Int, _ slot: Slot?, _ before: Slot?, _ after: Slot?) -> SIMD3<Double> {
    guard let slot, x > 0, x < width - 1, y > 0, y < height - 1 else { return .zero }
    let (at, plane) = (y * width + x, slot.smooth)
    var gradient = SIMD3(
      Double(plane[at + 1] - plane[at - 1]), Double(plane[at + width] - plane[at - width]), 0)
    if let before, let after { gradient.z = Double(after.smooth[at] - before.smooth[at]) }
    return gradient / spacing
  }
}
