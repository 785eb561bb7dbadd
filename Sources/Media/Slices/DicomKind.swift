import CSlices

/// What many slices have in common: how their pixels are coded, their size, how they lie.
struct DicomKind: Sendable, Hashable {
  var layout: DicomLayout
  var syntax: DicomSyntax
  var photometric: String
  var modality: String
  var hasLookup: Bool
  var isLossy: Bool
  var isLocalizer: Bool
  var hasRescale: Bool
  var rescaleType: String
  /// Nil where the file doesn't say or says nonsense.
  var orientation: DicomOrientation?
  /// Millimetres from column to column and from row to row.
  var spacing: Spacing?

  struct Spacing: Sendable, Hashable {
    var x: Double
    var y: Double
  }

  init(_ header: saccade_dicom_header, _ frame: saccade_dicom_frame) {
    layout = DicomLayout(header.layout)
    syntax = DicomSyntax(DicomText.string(header.transfer_syntax))
    photometric = DicomText.string(header.photometric)
    modality = DicomText.string(header.modality)
    hasLookup = header.has_lookup != 0
    isLossy = header.is_lossy != 0 || syntax.isLossy
    isLocalizer = header.is_localizer != 0
    hasRescale = frame.says(SACCADE_DICOM_HAS_RESCALE)
    rescaleType = DicomText.string(frame.rescale_type)
    orientation = frame.says(SACCADE_DICOM_HAS_ORIENTATION) ? DicomOrientation(frame.orientation) : nil
    // The file has the step from row to row first.
    spacing =
      frame.says(SACCADE_DICOM_HAS_SPACING) && frame.spacing.0 > 0 && frame.spacing.1 > 0
      ? Spacing(x: frame.spacing.1, y: frame.spacing.0) : nil
  }

  var width: Int { Int(layout.raw.columns) }
  var height: Int { Int(layout.raw.rows) }

  /// Values are Hounsfield units: CT, unless its values are said to be of another kind.
  var isHounsfield: Bool {
    modality == "CT" && hasRescale && (rescaleType == "HU" || rescaleType.isEmpty)
  }

  /// Less is denser. The file asks a viewer to show its lowest values brightest, and they aren't of a scale that has a
  /// meaning of its own, as Hounsfield units have.
  var isInverted: Bool {
    photometric == "MONOCHROME1" && layout.isInteger && !isHounsfield
  }

  /// A quarter of a gigapixel: more than any detector has, and a gigabyte of values.
  private static let mostPixels = 1 << 28

  /// Why such slices can't be read; nil where they can. A phrase that goes on after a file's name.
  var refusal: String? {
    let raw = layout.raw
    if layout.coding == SACCADE_DICOM_UNREADABLE { return "is coded as \(syntax.name), which isn't read" }
    if raw.samples_per_pixel != 1 {
      return
        "is in colour (\(photometric), \(raw.samples_per_pixel) samples a pixel), and a sweep has one value a pixel"
    }
    if photometric == "PALETTE COLOR" {
      return "is in colours of a palette, and a sweep has one value a pixel"
    }
    if hasLookup { return "has values that go through a table (ModalityLUTSequence), which isn't read" }
    if raw.rows == 0 || raw.columns == 0 || width * height > Self.mostPixels {
      return "is \(width) × \(height) pixels"
    }
    let isCoded = layout.coding == SACCADE_DICOM_CODEC || layout.coding == SACCADE_DICOM_CODESTREAM
    let widths: [UInt16] = isCoded ? [8, 16, 32] : layout.isInteger ? [1, 8, 16, 32] : [32, 64]
    if !widths.contains(raw.bits_allocated) {
      return "has \(raw.bits_allocated) bits a sample, which isn't read"
    }
    if raw.bits_stored == 0 || raw.high_bit >= raw.bits_allocated || raw.bits_stored > raw.high_bit + 1 {
      return "has \(raw.bits_stored) bits below bit \(raw.high_bit) of \(raw.bits_allocated), which can't be"
    }
    return nil
  }
}

/// What has to be known to read the samples of a kind of slice.
struct DicomLayout: Sendable, Hashable {
  /// Frames and places of pixels are those of one file.
  private(set) var raw: saccade_dicom_layout

  init(_ layout: saccade_dicom_layout) {
    raw = layout
    raw.frames = 0
    raw.pixels_at = 0
    raw.pixels_length = 0
  }

  /// That of the file whose pixels lie at `place`.
  func at(_ place: DicomPixelPlace) -> saccade_dicom_layout {
    var layout = raw
    layout.frames = UInt32(place.frames)
    layout.pixels_at = place.offset
    layout.pixels_length = place.length
    return layout
  }

  var coding: saccade_dicom_coding { saccade_dicom_coding(UInt32(raw.coding)) }
  var isInteger: Bool { UInt32(raw.samples) == SACCADE_DICOM_INTEGERS.rawValue }

  /// Of a picture, uncompressed.
  var bitsPerFrame: Int { Int(raw.columns) * Int(raw.rows) * Int(raw.bits_allocated) }

  static func == (a: Self, b: Self) -> Bool { a.key == b.key }
  func hash(into hasher: inout Hasher) { key.hash(into: &hasher) }

  private var key: SIMD16<UInt32> {
    [
      raw.columns, raw.rows, UInt32(raw.samples_per_pixel), UInt32(raw.bits_allocated),
      UInt32(raw.bits_stored),
      UInt32(raw.high_bit), UInt32(raw.is_signed), UInt32(raw.is_big_endian), UInt32(raw.is_words),
      UInt32(raw.samples), UInt32(raw.coding), 0, 0, 0, 0, 0,
    ]
  }
}

/// Where a file's pixels lie.
struct DicomPixelPlace: Sendable, Hashable {
  var frames: Int
  /// In bytes; the length is −1 where the file leaves it open.
  var offset: Int64
  var length: Int64
}

enum DicomText {
  /// A C array of characters up to its zero.
  static func string<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension saccade_dicom_frame {
  func says(_ what: Int) -> Bool { Int(has) & what != 0 }
}
