import Base

/// MetaImage (`.mhd`, `.mha`): lines of `Key = Value`, the last of which names the file with the values.
///
/// Keys are those of ITK's MetaIO, lengths are millimetres.
struct MetaImageHeader {
  private let path: String
  private var fields: [String: String] = [:]
  /// Bytes up to the end of the last line.
  private var length = 0

  /// Enough for any header.
  private static let mostBytes = 64 << 10

  static func looksLike(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head.prefix(256), as: UTF8.self)
    return ["ObjectType", "NDims", "Comment"].contains { text.hasPrefix($0) }
      && text.contains("=") && (text.contains("NDims") || text.contains("ObjectType"))
  }

  static func read(_ path: String) throws(Fault) -> RawVolumeHeader {
    let file = try SliceFile(path)
    return try MetaImageHeader(try file.head(mostBytes), at: path).volume()
  }

  private init(_ head: [UInt8], at path: String) throws(Fault) {
    self.path = path
    for line in head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      length += line.count + 1
      let text = String(decoding: line, as: UTF8.self)
      guard let equals = text.firstIndex(of: "=") else { continue }
      let key = trimmed(text[..<equals])
      fields[key] = trimmed(text[text.index(after: equals)...])
      if key == "ElementDataFile" { return }
    }
    throw Fault(
      .data, "the header doesn't say where the values are", at: path,
      cause: "there is no line `ElementDataFile = …`", advice: "write the header again")
  }

  private func volume() throws(Fault) -> RawVolumeHeader {
    try refuse("CompressedData", "True", "compressed values are not read", "write the volume uncompressed")
    try refuse("BinaryData", "False", "values as text are not read", "write the volume as binary data")
    let sizes = (fields["DimSize"] ?? "").split(separator: " ").map { Int($0) ?? 0 }
    try RawVolumeHeader.check(sizes, "DimSize", at: path)
    if let dimensions = fields["NDims"], dimensions != "3" {
      throw unreadable("NDims", dimensions, "only volumes of 3 dimensions are read")
    }
    if let channels = fields["ElementNumberOfChannels"], channels != "1" {
      throw unreadable("ElementNumberOfChannels", channels, "only one value a voxel is read")
    }
    let file = fields["ElementDataFile"] ?? ""
    let isLocal = ["LOCAL", "Local", "local"].contains(file)
    if file.isEmpty || file.hasPrefix("LIST") || file.contains("%") || !isLocal && file.contains(" ") {
      throw Fault(
        .data, "only a volume in one file is read", at: path, cause: "`ElementDataFile = \(file)`",
        advice: "write the volume to one file")
    }
    let (spacing, warnings) = try spacing()
    return RawVolumeHeader(
      format: "MetaImage", path: path,
      dataPath: isLocal ? path : RawVolumeHeader.resolve(file, beside: path),
      offset: try offset(isLocal), width: sizes[0], height: sizes[1], count: sizes[2],
      sample: SampleFormat(try kind(), isBigEndian: isBigEndian), spacing: spacing,
      origin: origin(), warnings: warnings)
  }

  private func kind() throws(Fault) -> SampleFormat.Kind {
    let name = fields["ElementType"] ?? ""
    switch name {
    case "MET_UCHAR": return .uint8
    case "MET_CHAR": return .int8
    case "MET_USHORT": return .uint16
    case "MET_SHORT": return .int16
    case "MET_UINT": return .uint32
    case "MET_INT": return .int32
    case "MET_FLOAT": return .float32
    default:
      throw unreadable("ElementType", name, "only integers of 8, 16 or 32 bits and MET_FLOAT are read")
    }
  }

  private var isBigEndian: Bool {
    isTrue(fields["BinaryDataByteOrderMSB"] ?? fields["ElementByteOrderMSB"] ?? "False")
  }

  /// Nil: the values are the last bytes.
  private func offset(_ isLocal: Bool) throws(Fault) -> Int? {
    if isLocal { return length }
    guard let text = fields["HeaderSize"] else { return 0 }
    guard let size = Int(text), size >= -1 else {
      throw unreadable("HeaderSize", text, "it is a number of bytes, or -1")
    }
    return size == -1 ? nil : size
  }

  private func spacing() throws(Fault) -> (VoxelSpacing?, [SweepWarning]) {
    let key = fields["ElementSpacing"] == nil ? "ElementSize" : "ElementSpacing"
    guard let text = fields[key] else { return (nil, []) }
    let values = text.split(separator: " ").compactMap { Double($0) }
    guard let spacing = VoxelSpacing(millimetres: values) else {
      let warning = SweepWarning(
        code: "spacing_unusable",
        text: "`\(key) = \(text)` in \(lastComponent(path)) is not three lengths, so the spacing is not known"
      )
      return (nil, [warning])
    }
    return (spacing, [])
  }

  /// The first voxel's place along the direction from slice to slice.
  private func origin() -> Double {
    func numbers(_ keys: [String]) -> [Double] {
      let text = keys.lazy.compactMap { fields[$0] }.first ?? ""
      return text.split(separator: " ").compactMap { Double($0) }
    }
    let place = numbers(["Offset", "Position", "Origin"])
    let axes = numbers(["TransformMatrix", "Rotation", "Orientation"])
    guard place.count == 3, place.allSatisfy(\.isFinite) else { return 0 }
    guard axes.count == 9, axes.allSatisfy(\.isFinite) else { return place[2] }
    return place[0] * axes[6] + place[1] * axes[7] + place[2] * axes[8]
  }

  private func refuse(_ key: String, _ value: String, _ what: String, _ advice: String) throws(Fault) {
    guard let found = fields[key], isTrue(found) == isTrue(value) else { return }
    throw Fault(.data, what, at: path, cause: "`\(key) = \(found)`", advice: advice)
  }

  private func isTrue(_ text: String) -> Bool { ["True", "true", "TRUE", "1"].contains(text) }

  private func unreadable(_ key: String, _ value: String, _ advice: String) -> Fault {
    Fault(.data, "a volume of this kind is not read", at: path, cause: "`\(key) = \(value)`", advice: advice)
  }
}
