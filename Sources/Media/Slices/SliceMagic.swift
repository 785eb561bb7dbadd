/// What a file is, told by its first bytes.
enum SliceMagic: Hashable {
  case dicom, png, tiff, pgm, jpeg, metaImage, nrrd, gzip, empty, unknown

  /// - Parameter head: The file's first bytes; 256 are enough.
  init(_ head: [UInt8]) {
    func at(_ offset: Int, _ bytes: [UInt8]) -> Bool {
      head.count >= offset + bytes.count && head[offset..<offset + bytes.count].elementsEqual(bytes)
    }
    // First, as a DICOM file may begin with TIFF's or JPEG's bytes.
    if at(128, Array("DICM".utf8)) {
      self = .dicom
    } else if head.isEmpty {
      self = .empty
    } else if at(0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
      self = .png
    } else if at(0, [0x49, 0x49, 42, 0]) || at(0, [0x4d, 0x4d, 0, 42]) || at(0, [0x49, 0x49, 43, 0])
      || at(0, [0x4d, 0x4d, 0, 43])
    {
      self = .tiff
    } else if head.count > 2, head[0] == 0x50, (0x31...0x36).contains(head[1]),
      [0x20, 0x09, 0x0a, 0x0d, 0x23].contains(head[2])
    {
      self = .pgm
    } else if at(0, [0xff, 0xd8, 0xff]) {
      self = .jpeg
    } else if at(0, Array("NRRD000".utf8)) {
      self = .nrrd
    } else if at(0, [0x1f, 0x8b]) {
      self = .gzip
    } else if MetaImageHeader.looksLike(head) {
      self = .metaImage
    } else {
      self = .unknown
    }
  }

  /// For people.
  var name: String {
    switch self {
    case .dicom: "DICOM"
    case .png: "PNG"
    case .tiff: "TIFF"
    case .pgm: "PGM"
    case .jpeg: "JPEG"
    case .metaImage: "MetaImage"
    case .nrrd: "NRRD"
    case .gzip: "gzip"
    case .empty: "empty"
    case .unknown: "unknown"
    }
  }
}
