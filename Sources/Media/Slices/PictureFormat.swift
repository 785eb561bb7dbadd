import Base

/// What a picture's header says. Slices of one sweep agree in it.
struct PictureFormat: Hashable {
  var kind: SliceMagic
  var width: Int
  var height: Int
  var sample: SampleFormat
  var precision: SweepDescription.Precision

  /// - Parameter precision: Nil for a codec that keeps the samples.
  init(
    kind: SliceMagic, width: Int, height: Int, sample: SampleFormat,
    precision: SweepDescription.Precision? = nil
  ) {
    self.kind = kind
    self.width = width
    self.height = height
    self.sample = sample
    self.precision = precision ?? sample.precision
  }

  var bytes: Int { width * height * sample.bytes }

  /// For people: `PNG, 16 bit`.
  var name: String { "\(kind.name), \(sample.name)" }

  /// Throws for a size that no slice has, before memory is taken for it.
  func check(at path: String) throws(Fault) {
    guard width >= 1, height >= 1, width <= 1 << 28, height <= 1 << 28,
      width * height <= RawVolumeHeader.mostPixels
    else {
      throw Fault(
        .data, "this is not the size of a slice", at: path, cause: "\(width) × \(height)",
        advice: "write the file again")
    }
  }

  /// Throws where a compressed file of so many bytes can't hold the picture.
  func check(at path: String, fileBytes: Int) throws(Fault) {
    try check(at: path)
    // Deflate packs a run into a thousandth; what fits in some megabytes costs nothing to try.
    guard bytes <= 64 << 20 || bytes / 2000 <= fileBytes else {
      throw Fault(
        .data, "the file is too short for its picture", at: path,
        cause: "\(width) × \(height) at \(sample.name) in \(fileBytes) bytes", advice: "write the file again")
    }
  }

  /// Why `other` is no slice of the same sweep.
  func difference(_ other: PictureFormat) -> String? {
    if (other.width, other.height) != (width, height) {
      return "it is \(other.width) × \(other.height), the sweep is \(width) × \(height)"
    }
    if other.sample.kind != sample.kind || other.precision != precision {
      return "its values are \(other.name), the sweep's are \(name)"
    }
    return other.kind == kind ? nil : "it is \(other.kind.name), the sweep is \(kind.name)"
  }
}
