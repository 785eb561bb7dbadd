/// Finds where the part is in each slice, and what of the air in it comes from outside.
struct PartFinder {
  private let setting: SweepSetting.Part
  private var finder = LevelFinder()
  private var mask: PartMask
  private let scratch: Bitmap
  private let spare: Bitmap
  /// Of the newest slice that showed them.
  private(set) var levels: Levels?

  init(width: Int, height: Int, setting: SweepSetting.Part) {
    self.setting = setting
    mask = PartMask(width: width, height: height)
    scratch = Bitmap(width: width, height: height)
    spare = Bitmap(width: width, height: height)
  }

  /// `before` is the slice before, nil for the first.
  mutating func find(_ here: Slot, after before: Slot?) {
    switch setting {
    case .brighterThanAir:
      levels = finder.levels(of: here) ?? levels
      here.levels = levels
      guard let levels else { return clear(here) }
      here.part.set(over: levels.surface, in: here.smooth)
      mask.fill(
        here.part, after: before?.part, outside: &here.outside,
        passages: &here.passages)
      close(here)
    case .range(let range, let contrast):
      let middle = (range.lowerBound + range.upperBound) / 2
      levels = levels ?? Levels(air: middle - contrast, material: middle)
      here.levels = levels
      here.passages.removeAll()
      mask.fill(here.smooth, within: range, here.part, scratch: here.core, outside: &here.outside)
    }
    here.inner.set(here.part, .shrink, .eight)
  }

  /// Counts narrow notches, and what lies behind narrow necks, as of the part: a pore that has broken through to the
  /// side is still a pore.
  ///
  /// Closing with an octagon of radius 4: grown twice by a square and twice by a cross, then shrunk as often. What is
  /// closed counts where an octagon of five voxels fits in: at a concave corner of 90° it is narrower.
  private mutating func close(_ slot: Slot) {
    let (closed, other) = (slot.notches, scratch)
    other.set(slot.part, .grow, .eight)
    closed.set(other, .grow, .four)
    for (change, neighbours) in Self.closing {
      other.set(closed, change, neighbours)
      closed.set(other)
    }
    mask.fillBehindNecks(closed, but: slot.passages)
    closed.remove(slot.part)
    if !slot.passages.isEmpty { keepNarrowPassages(slot) }
    other.set(closed, .shrink, .eight)
    spare.set(other, .shrink, .four)
    slot.hasNotches = !spare.isEmpty
    guard slot.hasNotches else { return closed.clear() }
    other.set(spare, .grow, .eight)
    spare.set(other, .grow, .four)
    closed.keep(spare)
    slot.part.add(closed)
  }

  /// A passage that is narrow all over is no notch in a wider one: it stays what it is.
  private mutating func keepNarrowPassages(_ slot: Slot) {
    let (wide, other) = (spare, scratch)
    wide.clear()
    for run in slot.passages { wide.fill(run) }
    for neighbours in [Bitmap.Neighbours.eight, .four, .eight, .four] {
      other.set(wide, .shrink, neighbours)
      wide.set(other)
    }
    other.clear()
    for run in mask.narrow(slot.passages, wide) { other.fill(run) }
    slot.notches.remove(other)
  }

  private static let closing: [(Bitmap.Change, Bitmap.Neighbours)] = [
    (.grow, .eight), (.grow, .four), (.shrink, .eight), (.shrink, .four), (.shrink, .eight), (.shrink, .four),
  ]

  private func clear(_ slot: Slot) {
    slot.passages.removeAll()
    slot.notches.clear()
    slot.hasNotches = false
    slot.part.clear()
    slot.inner.clear()
    slot.outside.setAll(width: slot.width, height: slot.height)
  }
}
