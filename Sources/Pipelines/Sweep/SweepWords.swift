import Conditions
import Media
import Sweeps

/// What records say of a sweep in words, in the pipeline's language.
struct SweepWords: Sendable {
  let tongue: Tongue
  let unit: String

  init(_ tongue: Tongue, hasSpacing: Bool) {
    self.tongue = tongue
    unit = hasSpacing ? "mm" : tongue == .en ? "voxels" : "体素"
  }

  func name(_ kind: Defect.Kind) -> String {
    switch (kind, tongue) {
    case (.pore, .en): "pore"
    case (.inclusion, .en): "inclusion"
    case (.crack, .en): "crack"
    case (.pore, .zh): "孔隙"
    case (.inclusion, .zh): "夹杂"
    case (.crack, .zh): "裂纹"
    }
  }

  private func place(_ defect: Defect) -> String {
    switch (defect.location, tongue) {
    case (.internal, .en):
      defect.gap.map { "\(number($0)) \(unit) below the surface" } ?? "inside the part"
    case (.internal, .zh): defect.gap.map { "距表面 \(number($0)) \(unit)" } ?? "在零件内部"
    case (.surfaceBreaking, .en): "open to the surface"
    case (.surfaceBreaking, .zh): "表面开口"
    case (.truncated, .en): "cut off by the end of the scan"
    case (.truncated, .zh): "被扫描边界截断"
    }
  }

  /// "pore 12: diameter 2.14 ± 0.12 mm, 3.20 mm below the surface".
  func sentence(_ defect: Defect, verdict: SweepReport.Limit.Verdict?) -> String {
    let size = "\(number(defect.diameter)) ± \(number(defect.diameterUncertainty)) \(unit)"
    let doubt =
      verdict == .undecided ? tongue == .en ? "; undecided at the limit" : "；是否超限未判定" : ""
    switch tongue {
    case .en: return "\(name(defect.kind)) \(defect.id): diameter \(size), \(place(defect))\(doubt)"
    case .zh: return "\(name(defect.kind)) \(defect.id)：等效直径 \(size)，\(place(defect))\(doubt)"
    }
  }

  /// Of one that is still growing.
  func sentence(_ open: SliceFindings.Open) -> String {
    let least = number(open.leastDiameter)
    switch tongue {
    case .en:
      let what = open.isBright ? "inclusion" : "pore or crack"
      return open.leastDiameter > 0
        ? "\(what) \(open.id): diameter at least \(least) \(unit)" : "\(what) \(open.id) begins"
    case .zh:
      let what = open.isBright ? "夹杂" : "孔隙或裂纹"
      return open.leastDiameter > 0
        ? "\(what) \(open.id)：等效直径至少 \(least) \(unit)" : "\(what) \(open.id) 开始"
    }
  }

  func merged(_ id: UInt64, into other: UInt64) -> String {
    tongue == .en ? "defect \(id) is a part of defect \(other)" : "缺陷 \(id) 属于缺陷 \(other)"
  }

  func hole(_ id: UInt64) -> String {
    tongue == .en ? "defect \(id) is a part of a hole that runs through" : "缺陷 \(id) 属于通孔"
  }

  var notClinical: String {
    tongue == .en ? "for research only, not for clinical use" : "仅供研究，不得用于临床"
  }

  var noSpacing: String {
    tongue == .en
      ? "the scan doesn't say how large its voxels are: give their sides with `--spacing x,y,z` for sizes in millimetres"
      : "扫描未注明体素边长：用 `--spacing x,y,z` 给出后，尺寸才以毫米计"
  }

  func tooCoarse(_ side: Double, _ limit: SweepReport.Limit) -> String {
    let voxels = number(limit.value / side)
    return tongue == .en
      ? "voxels of \(number(side)) mm are too coarse for a \(limit.fact.rawValue) \(limit.text): that is "
        + "\(voxels) voxels, and sizes are exact from 4 voxels on"
      : "体素边长 \(number(side)) mm 对限值 \(limit.text) 过粗：仅 \(voxels) 个体素，4 个体素以上尺寸才准确"
  }

  func inexact(_ precision: SweepDescription.Precision) -> String? {
    switch (precision, tongue) {
    case (.exact, _): nil
    case (.eightBit, .en): "values have 8 bits: sizes of small defects are less exact than they say"
    case (.eightBit, .zh): "数据仅 8 位：小缺陷的尺寸精度低于标示值"
    case (.lossy(let codec), .en): "\(codec) has changed the values: sizes are less exact than they say"
    case (.lossy(let codec), .zh): "\(codec) 有损压缩改变了数据：尺寸精度低于标示值"
    }
  }

  /// With two decimals.
  func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let cents = abs(hundredths) % 100
    return "\(hundredths < 0 ? "-" : "")\(abs(hundredths) / 100).\(cents < 10 ? "0" : "")\(cents)"
  }
}
