import Base

/// Picks the series that is the sweep.
struct DicomSeriesChoice {
  let catalogue: DicomCatalogue

  /// The series that the user asks for, else the only one that can be meant. Warnings name those left out.
  func choose(_ wanted: String?, at path: String, _ warnings: inout DicomWarnings) throws(Fault)
    -> DicomSeries
  {
    let all = catalogue.series
    guard !all.isEmpty else { throw nothing(at: path) }
    if let wanted {
      if let found = all.first(where: { $0.identifier == wanted }) { return found }
      if let number = Int(wanted), all.indices.contains(number - 1) { return all[number - 1] }
      throw Fault(
        .usage, "there is no series \(wanted)", at: path, cause: list,
        advice: "give the number of one of these")
    }
    if all.count == 1 { return all[0] }
    let sweeps = all.indices.filter { isSweep(all[$0]) }
    guard sweeps.count == 1 else {
      throw Fault(
        .usage, "there are \(all.count) series, and more than one can be the sweep", at: path, cause: list,
        advice: "name one of them with `--series`, by its number in this list")
    }
    for index in all.indices where index != sweeps[0] {
      warnings.add("series_left_out", "series \(index + 1) is left out: \(describe(all[index]))")
    }
    return all[sweeps[0]]
  }

  /// Images below which a series is taken for an overview or a single shot.
  private static let fewestImages = 3

  private func isSweep(_ series: DicomSeries) -> Bool {
    guard series.images.count >= Self.fewestImages else { return false }
    return !series.images.allSatisfy { catalogue.kind($0).isLocalizer } && isParallel(series)
  }

  /// Slices that lie every way are an overview. Those that don't say how they lie pass.
  private func isParallel(_ series: DicomSeries) -> Bool {
    guard let first = catalogue.kind(series.images[0]).orientation else { return true }
    let near = series.images.filter { catalogue.kind($0).orientation.map(first.isNear) ?? false }
    return near.count * 2 > series.images.count
  }

  private func nothing(at path: String) -> Fault {
    if catalogue.withoutPixels > 0, catalogue.leftOut.isEmpty {
      return Fault(
        .data, "there is no DICOM slice here", at: path,
        cause: "\(catalogue.withoutPixels) DICOM files have no pixels", advice: "check the path")
    }
    guard let first = catalogue.leftOut.first else {
      return Fault(.data, "there is no DICOM slice here", at: path, advice: "check the path")
    }
    if catalogue.folder == nil { return Fault(.data, "can't read the sweep: it \(first.reason)", at: path) }
    let rest = catalogue.leftOut.count - 1
    return Fault(
      .data, "there is no DICOM slice here that can be read", at: path,
      cause: "\(first.file) \(first.reason)" + (rest > 0 ? "; \(rest) more files can't be read" : ""))
  }

  private var list: String {
    catalogue.series.indices.map { "\($0 + 1): \(describe(catalogue.series[$0]))" }.joined(separator: "; ")
  }

  /// Nothing of this comes from the patient.
  private func describe(_ series: DicomSeries) -> String {
    let kind = catalogue.kind(series.images[0])
    let step = DicomStack.step(series.images, catalogue)
    var parts = [
      kind.modality.isEmpty ? "no modality" : kind.modality,
      "\(series.images.count) \(series.images.count == 1 ? "slice" : "slices") of \(kind.width) × \(kind.height)",
    ]
    if kind.isLocalizer { parts.append("localizer") }
    if let spacing = kind.spacing {
      let sides = [spacing.x, spacing.y] + (step.map { [$0] } ?? [])
      parts.append(sides.map { Number.short($0) }.joined(separator: " × ") + " mm")
    }
    return parts.joined(separator: ", ")
  }
}
