import Base

/// A sweep of pictures in files of their own, opened one at a time.
final class PictureSequence: SliceSource {
  let sweep: SweepDescription
  private let format: PictureFormat
  private let paths: [String]
  private let indices: [Int]
  private let loader = PictureLoader()
  private var conversion = SliceConversion()
  private var warnings: [SweepWarning]
  private var hasWarnedOfLength = false
  /// Of the next file.
  private var position = 0
  /// Of the next slice.
  private var index = 0

  /// Files looked into for one that can be read; a sweep that begins with more that can't is none.
  private static let mostUnreadable = 16

  /// - Parameter paths: In natural order, at least one.
  init(_ paths: [String], _ warnings: [SweepWarning], _ configuration: SweepConfiguration) throws(Fault) {
    self.paths = paths
    self.warnings = warnings
    indices = Numbering(paths.map(lastComponent)).indices
    format = try Self.usualFormat(paths, loader)
    sweep = SweepDescription(
      format: format.name, width: format.width, height: format.height, count: (indices.last ?? 0) + 1,
      spacing: configuration.spacing, precision: format.precision)
  }

  /// What two of the first three readable pictures agree in, so that one odd picture before the others decides nothing.
  private static func usualFormat(_ paths: [String], _ loader: PictureLoader) throws(Fault) -> PictureFormat {
    var formats: [PictureFormat] = []
    var first: Fault?
    for path in paths.prefix(mostUnreadable) {
      do { formats.append(try loader.load(path) { _ in true }) } catch { first = first ?? error }
      if formats.count == 3 { break }
    }
    guard let usual = formats.first else {
      var fault = first ?? Fault(.noInput, "there are no pictures")
      let tried = min(paths.count, mostUnreadable)
      if tried > 1 { fault.what = "none of the first \(tried) files can be read; here, \(fault.what)" }
      throw fault
    }
    if formats.count == 3, usual != formats[1], formats[1] == formats[2] { return formats[1] }
    return usual
  }

  func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading? {
    if !warnings.isEmpty { return .warning(warnings.removeFirst()) }
    guard position < paths.count else { return nil }
    let path = paths[position]
    let name = lastComponent(path)
    if index < indices[position] {
      defer { index = indices[position] }
      return .missing(
        SliceGap(
          indices: index..<indices[position],
          reason: "there is no file between \(lastComponent(paths[position - 1])) and \(name), "
            + "which \(indices[position] - index + 1) steps part"))
    }
    position += 1
    index += 1
    if let reason = load(path, into: values) {
      return .missing(SliceGap(indices: index - 1..<index, reason: "\(name): \(reason)"))
    }
    let z = sweep.spacing.map { Double(index - 1) * $0.z }
    return .slice(SliceInfo(index: index - 1, z: z, source: name))
  }

  /// Returns why the slice can't be used.
  private func load(_ path: String, into values: UnsafeMutableBufferPointer<Float>) -> String? {
    let found: PictureFormat
    do { found = try loader.load(path) { format.difference($0) == nil } } catch { return error.reason }
    if let reason = format.difference(found) { return reason }
    if let warning = loader.warning, !hasWarnedOfLength {
      hasWarnedOfLength = true
      warnings.append(warning)
    }
    guard let raw = loader.pixels.baseAddress else { return "it holds nothing" }
    let slice = UnsafeMutableBufferPointer(rebasing: values[..<(format.width * format.height)])
    let reason = conversion.fill(
      slice, width: format.width, from: raw, found.sample, lastComponent(path))
    if let warning = conversion.takeWarning() { warnings.append(warning) }
    return reason
  }
}
