import CSlices

/// Reads slices, and keeps the file of the last one open. Used by one thread.
struct DicomFrameReader: ~Copyable {
  private let library: DicomLibrary
  private var path = ""
  private var pixels: DicomLibrary.Pixels?
  private var jpeg2000: JPEG2000Decoder?

  init(_ library: DicomLibrary) {
    self.library = library
  }

  /// Makes `path` the file that is read from. Blocks.
  mutating func open(_ path: String, _ kind: DicomKind, _ place: DicomPixelPlace) throws(DicomLibrary.Refusal)
  {
    if pixels != nil, path == self.path { return }
    pixels = nil
    pixels = try library.open(path, kind, place)
    self.path = path
  }

  /// Fills `values` with the image's values: rescaled, and more is denser. Its file has been opened.
  mutating func read(
    _ image: DicomImage, _ kind: DicomKind, into values: UnsafeMutablePointer<Float>
  ) throws(DicomLibrary.Refusal) {
    var slope = image.slope
    var intercept = image.intercept
    if kind.isInverted {
      // v becomes lowest + highest − v, within what its bits can hold.
      let raw = kind.layout.raw
      let ends = raw.is_signed != 0 ? -1 : Double(UInt64(1) << UInt64(raw.bits_stored)) - 1
      intercept += slope * ends
      slope = -slope
    }
    let frame = Int(image.frame)
    guard kind.layout.coding == SACCADE_DICOM_CODESTREAM else {
      try pixels?.read(frame, slope: slope, intercept: intercept, into: values)
      return
    }
    if jpeg2000 == nil { jpeg2000 = try JPEG2000Decoder.open() }
    try pixels?.withCodestream(frame) { bytes throws(DicomLibrary.Refusal) in
      try jpeg2000?.decode(
        bytes, width: kind.width, height: kind.height, isSigned: kind.layout.raw.is_signed != 0, slope: slope,
        intercept: intercept, into: values)
    }
  }
}
