import Conditions
import Media

/// What lengths, areas and volumes of a report are called, and how many of their decimals mean something.
struct ReportScale {
  /// Ends of names: `_mm`, `_mm2`, `_mm3`, or `_voxel` and so on.
  let length: StaticString
  let area: StaticString
  let volume: StaticString
  let isMetric: Bool

  /// The smallest side of a voxel, its square, its volume.
  private let sides: (length: Double, area: Double, volume: Double)
  /// Of grey values.
  private let contrast: Double

  init(_ report: SweepReport) {
    let spacing = report.sweep.spacing
    isMetric = spacing != nil
    (length, area, volume) = isMetric ? ("_mm", "_mm2", "_mm3") : ("_voxel", "_voxel2", "_voxel3")
    let s = spacing ?? VoxelSpacing(x: 1, y: 1, z: 1)
    let least = min(s.x, s.y, s.z)
    sides = (least, least * least, s.x * s.y * s.z)
    contrast = report.material.flatMap { material in report.air.map { abs(material - $0) } } ?? 0
  }

  // For programs: micrometres, or a hundredth of a voxel where that is less.
  var lengthPlaces: Int { Self.places(sides.length, digits: 2, least: 3) }
  var areaPlaces: Int { Self.places(sides.area, digits: 2, least: 3) }
  var volumePlaces: Int { Self.places(sides.volume, digits: 2, least: 3) }
  var greyPlaces: Int { Self.places(contrast, digits: 4, least: 1) }

  // For people: a tenth of a voxel.
  var shownLengthPlaces: Int { Self.places(sides.length, digits: 1, least: 0) }
  var shownAreaPlaces: Int { Self.places(sides.area, digits: 1, least: 0) }
  var shownGreyPlaces: Int { Self.places(contrast, digits: 3, least: 0) }
  var shownVolumePlaces: Int { Self.places(sides.volume, digits: 1, least: 0) }

  /// Decimals with which a length of `unit` has so many digits behind its first, but no more than a double can hold.
  private static func places(_ unit: Double, digits: Int, least: Int) -> Int {
    guard unit.isNormal else { return max(least, digits) }
    var (exponent, power) = (0, unit)
    while power < 1, exponent > -12 { (exponent, power) = (exponent - 1, power * 10) }
    while power >= 10, exponent < 12 { (exponent, power) = (exponent + 1, power / 10) }
    return min(max(least, digits - exponent), 12)
  }

  /// The end of a measure's name.
  func suffix(_ fact: Fact) -> StaticString {
    switch fact.dimensions.first {
    case .length?: length
    case .area?: area
    case .volume?: volume
    default: ""
    }
  }
}
