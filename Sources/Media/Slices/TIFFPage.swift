import Base
import CSlices

/// What the tags of a TIFF's page say, for a page that can be read exactly.
struct TIFFPage {
  var picture: PictureFormat
  /// ImageJ's description, where there is one.
  var imageJ: ImageJDescription?
  var xResolution: Double
  var yResolution: Double
  var isBigEndian: Bool
  /// Where the page's values begin, for one whose values lie uncompressed one behind the other.
  var offset: Int?

  /// Throws for every page whose values would not be those in the file.
  init(_ facts: UnsafePointer<saccade_tiff_page>, at path: String) throws(Fault) {
    let page = facts.pointee
    func refuse(_ what: String, _ value: String, _ advice: String) -> Fault {
      Fault(.data, what, at: path, cause: value, advice: advice)
    }
    guard page.samples == 1, page.photometric <= 1 else {
      throw refuse(
        "pictures in colour or with transparency are not read",
        "SamplesPerPixel is \(page.samples), PhotometricInterpretation \(page.photometric)",
        "write one grey value a pixel")
    }
    let kind: SampleFormat.Kind
    switch (page.bits, page.sample_format) {
    case (8, 1): kind = .uint8
    case (16, 1): kind = .uint16
    case (32, 1): kind = .uint32
    case (8, 2): kind = .int8
    case (16, 2): kind = .int16
    case (32, 2): kind = .int32
    case (32, 3): kind = .float32
    default:
      throw refuse(
        "values of this kind are not read",
        "BitsPerSample is \(page.bits), SampleFormat \(page.sample_format)",
        "write integers of 8, 16 or 32 bits, or floating point of 32")
    }
    let isInverted = page.photometric == 0
    if isInverted, page.sample_format != 1 {
      throw refuse(
        "signed values whose least is white are not read",
        "PhotometricInterpretation is 0, SampleFormat \(page.sample_format)", "write BlackIsZero")
    }
    let lossy = Self.lossy[page.compression]
    picture = PictureFormat(
      kind: .tiff, width: Int(page.width), height: Int(page.height), sample: SampleFormat(native: kind),
      precision: lossy.map { .lossy($0) })
    try picture.check(at: path)
    xResolution = Double(page.x_resolution)
    yResolution = Double(page.y_resolution)
    isBigEndian = page.is_big_endian != 0
    if page.compression == 1, page.is_contiguous != 0, !isInverted { offset = Int(exactly: page.offset) }
    // Safety: the array lies within `facts`, and ends with a zero.
    let text = withUnsafePointer(to: facts.pointee.description) {
      $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: page.description)) {
        String(cString: $0)
      }
    }
    imageJ = ImageJDescription(text)
  }

  /// Values of TIFF's Compression that may have changed the samples.
  private static let lossy: [UInt16: String] = [
    6: "jpeg", 7: "jpeg", 34712: "jpeg2000", 34887: "lerc", 34892: "jpeg", 50001: "webp", 50002: "jpegxl",
  ]
}
