import Base

/// Where a volume's values lie, one slice after the other without compression, and what they are.
struct RawVolumeHeader {
  /// For people: `MetaImage`.
  var format: String
  /// The file that describes the volume, for messages.
  var path: String
  /// The file that holds the values.
  var dataPath: String
  /// Bytes before the first slice; nil where the values are the last bytes of the file.
  var offset: Int?
  var width: Int
  var height: Int
  var count: Int
  var sample: SampleFormat
  var spacing: VoxelSpacing?
  /// Where the first slice lies along the sweep's normal, in millimetres.
  var origin = 0.0
  /// The file may go on behind the values.
  var isFollowedByMore = false
  var warnings: [SweepWarning] = []

  var sliceBytes: Int { width * height * sample.bytes }

  /// Throws for sizes that no volume has, so that products of them don't overflow.
  static func check(_ sizes: [Int], _ field: String, at path: String) throws(Fault) {
    guard sizes.count == 3, sizes.allSatisfy({ $0 >= 1 && $0 <= 1 << 30 }),
      sizes[0] * sizes[1] <= mostPixels
    else {
      throw Fault(
        .data, "these are not the three sizes of a volume", at: path,
        cause: "`\(field)` is \(sizes.map(String.init).joined(separator: " "))",
        advice: "a sweep has a width, a height and a number of slices, at least 1 each")
    }
  }

  /// Of one slice: 16384 × 16384.
  static let mostPixels = 1 << 28

  /// A path in a header is relative to the header's folder.
  static func resolve(_ name: String, beside header: String) -> String {
    if name.hasPrefix("/") { return name }
    guard let slash = header.lastIndex(of: "/") else { return name }
    return header[...slash] + name
  }
}
