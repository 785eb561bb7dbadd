import Conditions
import Events

/// One self-contained page: nothing is loaded from elsewhere, and what needs no script is there without one.
///
/// All that comes from outside the program goes through `escaped`.
struct ReportPage {
  let report: SweepReport
  let scale: ReportScale
  /// Indices of the entries that are drawn and listed, in order of ids.
  let listed: [Int]

  // Browsers lay out tables of this length within a second or two; JSON and CSV hold the rest.
  static let mostListed = 5000

  init(_ report: SweepReport) {
    self.report = report
    scale = ReportScale(report)
    let all = report.indicesByID
    guard all.count > Self.mostListed else {
      listed = all
      return
    }
    let entries = report.entries
    let first = all.sorted {
      let (a, b) = (entries[$0], entries[$1])
      guard a.isReported == b.isReported else { return a.isReported }
      return (a.defect.diameter, b.defect.id) > (b.defect.diameter, a.defect.id)
    }
    listed = first.prefix(Self.mostListed).sorted { entries[$0].defect.id < entries[$1].defect.id }
  }

  var tongue: Tongue { report.tongue }
  var isEnglish: Bool { report.tongue == .en }

  /// In the page's language, to be written as it is.
  func said(_ word: ReportWord, _ values: String...) -> String { escaped(word.said(in: tongue, values)) }

  /// `mm`, or what voxels are called.
  var unit: String { scale.isMetric ? "mm" : ReportWord.voxelUnit.said(in: tongue) }
  var areaUnit: String { unit + "²" }
  var volumeUnit: String { unit + "³" }

  func unit(of fact: Fact) -> String {
    switch fact.dimensions.first {
    case .length?: " " + unit
    case .area?: " " + areaUnit
    case .volume?: " " + volumeUnit
    default: ""
    }
  }

  func length(_ value: Double) -> String { value.shown(scale.shownLengthPlaces) }

  /// `2.14 ± 0.12`: an uncertainty is never shown as none.
  func measured(_ value: Double, _ uncertainty: Double, places: Int) -> String {
    var least = 1.0
    for _ in 0..<places { least /= 10 }
    return value.shown(places) + " ± " + max(uncertainty, least).shown(places)
  }

  func diameter(_ defect: Defect) -> String {
    measured(defect.diameter, defect.diameterUncertainty, places: scale.shownLengthPlaces)
  }

  func volume(_ defect: Defect) -> String {
    measured(defect.volume, defect.volumeUncertainty, places: scale.shownVolumePlaces)
  }

  /// Behind measures of a scan that isn't exact.
  var mark: String { report.isExact ? "" : "<sup>†</sup>" }

  enum Status: Int, CaseIterable {
    case reported, undecided, filtered

    init(_ entry: SweepReport.Entry) {
      self = entry.fulfils.map { $0 ? .reported : .filtered } ?? .undecided
    }

    /// Of the style sheet.
    var name: String { ["r", "u", "n"][rawValue] }
    var word: ReportWord { [.statusReported, .statusUndecided, .statusFiltered][rawValue] }
  }
}

/// Text between tags and in quoted attributes, with nothing in it that ends either.
func escaped(_ text: String) -> String {
  guard text.utf8.contains(where: { [0x26, 0x3C, 0x3E, 0x22, 0x27].contains($0) }) else { return text }
  var safe = ""
  safe.reserveCapacity(text.utf8.count + 16)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": safe += "&amp;"
    case "<": safe += "&lt;"
    case ">": safe += "&gt;"
    case "\"": safe += "&quot;"
    case "'": safe += "&#39;"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

extension Double {
  /// For people, with so many decimals, zeros and all; `–` where there is no number.
  func shown(_ places: Int) -> String {
    let text = drawn(places)
    guard isFinite else { return "–" }
    return text.first == "-" ? "−" + text.dropFirst() : text
  }

  /// For drawings: as `shown`, in characters that programs read; 0 where there is no number.
  func drawn(_ places: Int) -> String {
    guard isFinite else { return "0" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let units = (magnitude * scale).rounded(.toNearestOrAwayFromZero)
    // Beyond 2^53 doubles have no decimals.
    guard units < 9_007_199_254_740_992 else { return description }
    let whole = String(Int(units))
    let digits = String(repeating: "0", count: max(0, places + 1 - whole.count)) + whole
    let sign = self < 0 && units > 0 ? "-" : ""
    guard places > 0 else { return sign + digits }
    return sign + digits.dropLast(places) + "." + digits.suffix(places)
  }

  /// With as few decimals as it has, six at most.
  var shownShort: String {
    var text = shown(6)[...]
    guard text.contains(".") else { return String(text) }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }
}
