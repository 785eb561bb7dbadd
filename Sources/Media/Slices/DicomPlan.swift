import Base

/// What a sweep's reading gives, in order.
struct DicomPlan: Sendable {
  enum Entry: Sendable {
    /// Of the stack's slices, the one at `at`, which is the sweep's slice `index`.
    case slice(at: Int, index: Int)
    case missing(SliceGap)
    case warning(SweepWarning)
  }

  private(set) var entries: [Entry] = []
  /// Slices, and those that are missing.
  private(set) var count = 0

  /// A step from this many usual ones on is a gap.
  private static let gap = 1.5
  /// Steps may differ from the usual one by this share.
  private static let tolerance = 0.05
  /// More missing slices than this, or than twice those that are there, are none: a position is wrong.
  private static let mostMissing = 1000

  init(_ stack: DicomStack, _ catalogue: DicomCatalogue, at path: String, first: [SweepWarning]) throws(Fault)
  {
    var irregular = DicomWarnings()
    var gaps: [(before: Int, gap: SliceGap)] = []
    for at in stack.slices.indices {
      if at > 0, let step = stack.step, let z = stack.slices[at].z, let last = stack.slices[at - 1].z {
        let distance = z - last
        let names = (catalogue.name(stack.slices[at - 1].image), catalogue.name(stack.slices[at].image))
        let text =
          "from \(names.0) (z \(Number.short(last)) mm) to \(names.1) (z \(Number.short(z)) mm) the step is "
          + "\(Number.short(distance)) mm, and \(Number.short(step)) mm elsewhere"
        if distance >= Self.gap * step {
          let missing = (distance / step).rounded() - 1
          guard missing <= Double(max(Self.mostMissing, 2 * stack.slices.count)) else {
            throw Fault(.data, "a slice's position can't be right", at: path, cause: text)
          }
          let range = count..<(count + max(1, Int(missing)))
          gaps.append((at, SliceGap(indices: range, reason: text)))
          count = range.upperBound
        } else if abs(distance - step) > Self.tolerance * step {
          irregular.add("irregular_step", text)
        }
      }
      count += 1
    }
    entries = (first + irregular.all).map { .warning($0) }
    var index = 0
    var remaining = gaps[...]
    for at in stack.slices.indices {
      if let next = remaining.first, next.before == at {
        entries.append(.missing(next.gap))
        index = next.gap.indices.upperBound
        remaining.removeFirst()
      }
      entries.append(.slice(at: at, index: index))
      index += 1
    }
  }

  /// Says where numbers don't follow positions, which is harmless here but not for other software.
  static func disorder(_ stack: DicomStack, _ catalogue: DicomCatalogue) -> SweepWarning? {
    let slices = stack.slices
    guard stack.step != nil, slices.count > 2 else { return nil }
    let key = { (slice: DicomStack.Slice) in (slice.image.instance ?? 0, slice.image.frame) }
    let rises = key(slices[0]) < key(slices[1])
    for at in 1..<slices.count where (key(slices[at - 1]) < key(slices[at])) != rises {
      let names = (catalogue.name(slices[at - 1].image), catalogue.name(slices[at].image))
      return SweepWarning(
        code: "unordered",
        text:
          "the slices aren't numbered in the order of their positions (\(names.1) lies next to \(names.0)): "
          + "the positions count")
    }
    return nil
  }
}
