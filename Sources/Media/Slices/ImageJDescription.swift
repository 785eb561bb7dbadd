import Base

/// What ImageJ writes into a TIFF's ImageDescription: lines of `key=value`, the first of which is `ImageJ=…`.
struct ImageJDescription {
  private var fields: [String: String] = [:]

  init?(_ text: String) {
    guard text.hasPrefix("ImageJ=") else { return nil }
    for line in text.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      fields[String(line[..<equals])] = trimmed(line[line.index(after: equals)...])
    }
  }

  /// Pictures in the file, also where only one has tags.
  var images: Int { count("images") }
  var slices: Int { count("slices") }
  var frames: Int { count("frames") }
  var channels: Int { count("channels") }

  /// Resolution is pixels in a unit; the step from slice to slice is in the description, in the same unit.
  func spacing(xResolution: Double, yResolution: Double) -> VoxelSpacing? {
    guard let millimetres = fields["unit"].flatMap({ Self.millimetres[$0.lowercased()] }),
      let step = fields["spacing"].flatMap(Double.init)
    else { return nil }
    return VoxelSpacing(millimetres: [
      millimetres / xResolution, millimetres / yResolution, abs(step) * millimetres,
    ])
  }

  private func count(_ key: String) -> Int { max(1, fields[key].flatMap { Int($0) } ?? 1) }

  /// ImageJ writes µ as an escape.
  private static let millimetres: [String: Double] = [
    "mm": 1, "millimeter": 1, "millimetre": 1, "cm": 10, "centimeter": 10, "m": 1000, "meter": 1000,
    "inch": 25.4, "in": 25.4, "um": 1e-3, "\\u00b5m": 1e-3, "\u{b5}m": 1e-3, "\u{3bc}m": 1e-3,
    "micron": 1e-3, "microns": 1e-3, "micrometer": 1e-3, "nm": 1e-6, "nanometer": 1e-6,
  ]
}
