import Base

/// NRRD (`.nrrd`, `.nhdr`): lines of `field: value` up to an empty line, the values behind it or in a file of their own.
///
/// Fields are those of teem's NRRD 1 to 5.
struct NRRDHeader {
  private let path: String
  private var fields: [String: String] = [:]
  /// Bytes up to the end of the empty line.
  private var length = 0

  /// Enough for any header.
  private static let mostBytes = 64 << 10

  static func read(_ path: String) throws(Fault) -> RawVolumeHeader {
    let file = try SliceFile(path)
    return try NRRDHeader(try file.head(mostBytes), at: path).volume()
  }

  private init(_ head: [UInt8], at path: String) throws(Fault) {
    self.path = path
    var hasEnded = false
    for line in head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      length += line.count + 1
      let text = trimmed(Substring(String(decoding: line, as: UTF8.self)))
      if text.isEmpty {
        hasEnded = true
        break
      }
      guard !text.hasPrefix("#"), let colon = text.firstIndex(of: ":") else { continue }
      // `key:=value` is for other programs.
      if text[colon...].hasPrefix(":=") { continue }
      fields[text[..<colon].lowercased()] = trimmed(text[text.index(after: colon)...])
    }
    if !hasEnded, fields["data file"] == nil, fields["datafile"] == nil {
      throw Fault(
        .data, "the header doesn't say where the values are", at: path,
        cause: "no empty line ends it, and there is no `data file`", advice: "write the header again")
    }
  }

  private func volume() throws(Fault) -> RawVolumeHeader {
    let encoding = fields["encoding"] ?? ""
    guard encoding.lowercased() == "raw" else {
      throw unreadable("encoding", encoding, "write the volume with the encoding `raw`")
    }
    if let dimension = fields["dimension"], dimension != "3" {
      throw unreadable("dimension", dimension, "only volumes of 3 dimensions are read")
    }
    let sizes = words("sizes").map { Int($0) ?? 0 }
    try RawVolumeHeader.check(sizes, "sizes", at: path)
    if let kinds = fields["kinds"],
      !words("kinds").allSatisfy({ ["domain", "space", "???", "none"].contains($0) })
    {
      throw unreadable("kinds", kinds, "only one value a voxel is read")
    }
    if let lines = fields["line skip"] ?? fields["lineskip"], lines != "0" {
      throw unreadable("line skip", lines, "write the values without lines of text before them")
    }
    let kind = try kind()
    var isBigEndian = false
    if SampleFormat(kind).bytes > 1 {
      let endian = fields["endian"] ?? ""
      guard endian == "big" || endian == "little" else {
        throw unreadable("endian", endian, "it is `big` or `little`")
      }
      isBigEndian = endian == "big"
    }
    let (dataPath, offset) = try place()
    let (spacing, origin, warnings) = spacing()
    return RawVolumeHeader(
      format: "NRRD", path: path, dataPath: dataPath, offset: offset, width: sizes[0], height: sizes[1],
      count: sizes[2], sample: SampleFormat(kind, isBigEndian: isBigEndian), spacing: spacing,
      origin: origin, warnings: warnings)
  }

  private func kind() throws(Fault) -> SampleFormat.Kind {
    let name = fields["type"] ?? ""
    switch name {
    case "uchar", "unsigned char", "uint8", "uint8_t": return .uint8
    case "signed char", "int8", "int8_t": return .int8
    case "ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t": return .uint16
    case "short", "short int", "signed short", "signed short int", "int16", "int16_t": return .int16
    case "uint", "unsigned int", "uint32", "uint32_t": return .uint32
    case "int", "signed int", "int32", "int32_t": return .int32
    case "float": return .float32
    default: throw unreadable("type", name, "only integers of 8, 16 or 32 bits and `float` are read")
    }
  }

  /// The file with the values, and how many bytes lie before them; nil: they are its last bytes.
  private func place() throws(Fault) -> (path: String, offset: Int?) {
    let skip = fields["byte skip"] ?? fields["byteskip"] ?? "0"
    guard let bytes = Int(skip), bytes >= -1, bytes < 1 << 48 else {
      throw unreadable("byte skip", skip, "it is a number of bytes, or -1")
    }
    guard let name = fields["data file"] ?? fields["datafile"] else {
      return (path, bytes == -1 ? nil : length + bytes)
    }
    if name.hasPrefix("LIST") || name.contains("%") || name.isEmpty {
      throw unreadable("data file", name, "write the volume to one file")
    }
    return (RawVolumeHeader.resolve(name, beside: path), bytes == -1 ? nil : bytes)
  }

  private func spacing() -> (VoxelSpacing?, origin: Double, [SweepWarning]) {
    let axes = words("space directions").map(Self.vector)
    let lengths = axes.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let key = axes.isEmpty ? "spacings" : "space directions"
    guard let text = fields[key] else { return (nil, 0, []) }
    func unknown(_ why: String) -> (VoxelSpacing?, origin: Double, [SweepWarning]) {
      let text = "\(why) in \(lastComponent(path)), so the spacing is not known"
      return (nil, 0, [SweepWarning(code: "spacing_unusable", text: text)])
    }
    let units = fields["space units"] ?? fields["units"] ?? "\"mm\""
    // As in `"mm" "mm" "mm"`: one unit for all.
    let names = Set(units.split { $0 == "\"" || $0 == " " }.map { $0.lowercased() })
    guard names.count == 1, let scale = names.first.flatMap({ Self.millimetres[$0] }) else {
      return unknown("the unit is `\(units)`")
    }
    let values = axes.isEmpty ? words("spacings").compactMap { Double($0) } : lengths
    guard let spacing = VoxelSpacing(millimetres: values.map { $0 * scale }) else {
      return unknown("`\(key): \(text)` is not three lengths")
    }
    return (spacing, axes.count == 3 ? origin(along: axes[2], lengths[2]) * scale : 0, [])
  }

  /// The first voxel's place along the direction from slice to slice.
  private func origin(along axis: [Double], _ length: Double) -> Double {
    let place = Self.vector((fields["space origin"] ?? "").filter { $0 != " " })
    guard place.count == axis.count, place.allSatisfy(\.isFinite) else { return 0 }
    return zip(place, axis).reduce(0) { $0 + $1.0 * $1.1 / length }
  }

  /// `(1,0,0)`.
  private static func vector(_ text: String) -> [Double] {
    text.filter { $0 != "(" && $0 != ")" }.split(separator: ",").compactMap { Double($0) }
  }

  /// Words between blanks; blanks within parentheses part nothing.
  private func words(_ key: String) -> [String] {
    var depth = 0
    let text = (fields[key] ?? "").filter { character in
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      return depth == 0 || character != " "
    }
    return text.split(separator: " ").map(String.init)
  }

  private static let millimetres: [String: Double] = [
    "mm": 1, "cm": 10, "m": 1000, "um": 1e-3, "\u{b5}m": 1e-3, "\u{3bc}m": 1e-3, "nm": 1e-6,
  ]

  private func unreadable(_ key: String, _ value: String, _ advice: String) -> Fault {
    Fault(.data, "a volume of this kind is not read", at: path, cause: "`\(key): \(value)`", advice: advice)
  }
}
