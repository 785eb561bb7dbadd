import Conditions

/// What a condition can ask of one defect: each measure as the interval in which it lies.
///
/// Three-valued: a comparison is decided only where the whole interval decides it.
package struct DefectFacts: Sendable {
  /// In metres, square and cubic metres, or plain numbers. What isn't known is missing.
  private var intervals: [Fact: ClosedRange<Double>] = [:]
  private var kinds: Set<String>

  /// Of a finished defect. `scale` is a length of the defect's own unit in metres: 0.001, or nil in voxels, of which no
  /// length can be asked. `step` is the distance of slices in the defect's unit.
  package init(_ defect: Defect, scale: Double?, step: Double) {
    kinds = [defect.kind.rawValue]
    func set(_ fact: Fact, _ value: Double?, _ doubt: Double, power: Double = 1) {
      guard let value, let scale else { return }
      let factor = power == 1 ? scale : power == 2 ? scale * scale : scale * scale * scale
      intervals[fact] = max(0, value - doubt) * factor...max(0, value + doubt) * factor
    }
    set(.diameter, defect.diameter, defect.diameterUncertainty)
    set(.feret, defect.feret, defect.lengthUncertainty)
    set(.enclosingDiameter, defect.enclosingDiameter, defect.lengthUncertainty)
    set(.gap, defect.gap, defect.lengthUncertainty)
    set(.neighbourGap, defect.neighbourGap, defect.lengthUncertainty)
    set(.depth, defect.depth.lowerBound, step / 2)
    set(.volume, defect.volume, defect.volumeUncertainty, power: 3)
    set(.surface, defect.surface, defect.surfaceUncertainty, power: 2)
    func share(_ value: Double, _ doubt: Double) -> ClosedRange<Double> {
      max(0, value - doubt)...min(1, value + doubt)
    }
    intervals[.sphericity] = share(defect.sphericity, defect.sphericityUncertainty)
    intervals[.compactness] = share(defect.compactness, defect.compactnessUncertainty)
    intervals[.contrast] = defect.contrast...defect.contrast
    intervals[.probability] = defect.probability...defect.probability
    intervals[.score] = defect.probability...defect.probability
    let count = Double(defect.slices.count)
    intervals[.slices] = count...count
  }

  /// Of an open one, of which only a lower bound of the size is known. Sound: a volume only grows.
  package init(_ open: SliceFindings.Open, slices: Int, scale: Double?) {
    kinds = open.isBright ? ["inclusion"] : ["pore", "crack"]
    if let scale {
      let least = open.leastDiameter * scale
      intervals[.diameter] = least...Double.infinity
      intervals[.volume] = Double.pi / 6 * least * least * least...Double.infinity
    }
    intervals[.slices] = Double(slices)...Double.infinity
  }

  /// Nil where what is known doesn't decide it.
  package func fulfils(_ condition: Condition) -> Bool? {
    switch condition {
    case .compare(let measure, let comparator, let quantity):
      return intervals[measure.fact].flatMap { Self.holds($0, comparator, quantity.value) }
    case .between(let measure, let a, let b):
      guard let interval = intervals[measure.fact] else { return nil }
      if interval.lowerBound >= a.value, interval.upperBound <= b.value { return true }
      return interval.upperBound < a.value || interval.lowerBound > b.value ? false : nil
    case .word(.kind, let words):
      if kinds.isSubset(of: words) { return true }
      return kinds.isDisjoint(with: words) ? false : nil
    case .near(.other(nil), let quantity):
      return intervals[.neighbourGap].flatMap { Self.holds($0, .lessOrEqual, quantity.value) }
    case .not(let inner): return fulfils(inner).map { !$0 }
    case .and(let all):
      let each = all.map(fulfils)
      return each.contains(false) ? false : each.contains(nil) ? nil : true
    case .or(let all):
      let each = all.map(fulfils)
      return each.contains(true) ? true : each.contains(nil) ? nil : false
    default: return nil
    }
  }

  /// On which side of a limit it lies.
  package func verdict(_ limit: SweepReport.Limit) -> SweepReport.Limit.Verdict? {
    guard let interval = intervals[limit.fact] else { return nil }
    let value = limit.value / limit.fact.reportUnits
    return interval.lowerBound > value ? .above : interval.upperBound < value ? .below : .undecided
  }

  private static func holds(_ interval: ClosedRange<Double>, _ comparator: Comparator, _ value: Double)
    -> Bool?
  {
    switch comparator {
    case .equal, .unequal:
      let isEqual: Bool? =
        interval.contains(value) ? interval.lowerBound == interval.upperBound ? true : nil : false
      return comparator == .equal ? isEqual : isEqual.map { !$0 }
    default:
      let (low, high) = (
        comparator.holds(interval.lowerBound, value), comparator.holds(interval.upperBound, value)
      )
      return low == high ? low : nil
    }
  }
}

extension Condition {
  /// The limits that it sets to measures of defects, in the order in which they are written.
  package var limits: [SweepReport.Limit] {
    switch self {
    case .compare(let measure, let comparator, let quantity):
      [SweepReport.Limit(measure.fact, "\(comparator.rawValue) \(quantity.text)", quantity)]
    case .between(let measure, let a, let b):
      [SweepReport.Limit(measure.fact, "≥ \(a.text)", a), SweepReport.Limit(measure.fact, "≤ \(b.text)", b)]
    default: parts.flatMap(\.limits)
    }
  }

  /// What can't be asked of the defects of a sweep, which are measured once and whole; nil when all can.
  package var unfitForDefects: Condition? {
    switch self {
    case .compare, .between, .word(.kind, _), .near(.other(nil), _): nil
    case .not, .and, .or: parts.lazy.compactMap(\.unfitForDefects).first
    default: self
    }
  }

  /// Whether it compares lengths, areas or volumes, which a scan without spacing doesn't have.
  package var needsSpacing: Bool {
    contains { part in
      switch part {
      case .compare(let measure, _, _), .between(let measure, _, _):
        [.length, .area, .volume].contains(measure.dimension)
      case .near: true
      default: false
      }
    }
  }
}

extension SweepReport.Limit {
  init(_ fact: Fact, _ text: String, _ quantity: Quantity) {
    self.init(fact: fact, text: text, value: quantity.value * fact.reportUnits)
  }
}

extension Fact {
  /// How many of the units of a report make one base unit: millimetres a metre, and what is made of them.
  fileprivate var reportUnits: Double {
    switch dimensions.first {
    case .length: 1e3
    case .area: 1e6
    case .volume: 1e9
    default: 1
    }
  }
}
