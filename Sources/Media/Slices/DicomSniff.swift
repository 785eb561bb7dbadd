import Base
import Glibc

/// What a file's first bytes say that it is. FFmpeg takes some DICOM files for TIFF or JPEG, so this comes first.
enum DicomSniff: Sendable, Hashable {
  case dicom
  case empty
  /// Not DICOM: in words, `a JPEG picture`; nil where they don't say.
  case other(String?)
  case unreadable(String)

  /// Bytes that are looked at.
  private static let reach = 1024

  /// Blocks while it reads.
  init(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      self = .unreadable(String(cString: strerror(errno)))
      return
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      self = .other("not a file")
      return
    }
    self = withUnsafeTemporaryAllocation(byteCount: Self.reach, alignment: 1) { buffer in
      let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
      guard count >= 0 else { return .unreadable(String(cString: strerror(errno))) }
      return DicomSniff(UnsafeRawBufferPointer(rebasing: buffer[..<count]), fileSize: Int(status.st_size))
    }
  }

  /// - Parameter bytes: The first of a file.
  init(_ bytes: UnsafeRawBufferPointer, fileSize: Int) {
    if bytes.isEmpty {
      self = .empty
    } else if bytes.count >= 132, bytes[128..<132].elementsEqual("DICM".utf8) {
      self = .dicom
    } else if let other = Self.magics.first(where: { bytes.starts(with: $0.bytes) }) {
      self = .other(other.name)
    } else if Self.isDataSet(bytes, fileSize) {
      self = .dicom
    } else {
      self = .other(nil)
    }
  }

  private static let magics: [(bytes: [UInt8], name: String)] = [
    ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
    (Array("II*\0".utf8), "a TIFF picture"),
    (Array("MM\0*".utf8), "a TIFF picture"),
    (Array("GIF8".utf8), "a GIF picture"),
    (Array("BM".utf8), "a BMP picture"),
    (Array("%PDF".utf8), "a PDF document"),
    ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
    ([0x1F, 0x8B], "a gzip archive"),
    ([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50], "a JPEG 2000 picture"),
    ([0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 codestream"),
  ]

  /// Whether a data set without the preamble of a file begins here, as files of before 1996 do. Takes at least three
  /// elements in rising order of which the first is of the groups 2 or 8.
  private static func isDataSet(_ bytes: UnsafeRawBufferPointer, _ fileSize: Int) -> Bool {
    elements(bytes, fileSize, isBigEndian: false, isExplicit: true) >= 3
      || elements(bytes, fileSize, isBigEndian: true, isExplicit: true) >= 3
      || elements(bytes, fileSize, isBigEndian: false, isExplicit: false) >= 3
  }

  /// How many elements can be read one after the other; 0 as soon as one makes no sense.
  private static func elements(
    _ bytes: UnsafeRawBufferPointer, _ fileSize: Int, isBigEndian: Bool, isExplicit: Bool
  ) -> Int {
    func word(_ at: Int) -> Int {
      let pair = (Int(bytes[at]), Int(bytes[at + 1]))
      return isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0
    }
    func long(_ at: Int) -> Int {
      isBigEndian ? word(at) << 16 | word(at + 2) : word(at + 2) << 16 | word(at)
    }
    var at = 0
    var count = 0
    var last = -1
    while at + 12 <= bytes.count {
      let tag = word(at) << 16 | word(at + 2)
      let group = tag >> 16
      guard tag > last, count > 0 || group == 2 || group == 8 else { return 0 }
      last = tag
      var length = long(at + 4)
      var header = 8
      if isExplicit {
        guard let representation = String(validating: bytes[(at + 4)..<(at + 6)], as: UTF8.self) else {
          return 0
        }
        if longOnes.contains(representation) {
          length = long(at + 8)
          header = 12
        } else if shortOnes.contains(representation) {
          length = word(at + 6)
        } else {
          return 0
        }
      }
      count += 1
      // A sequence without a length: what came before decides.
      if length == 0xFFFF_FFFF { return count }
      guard length <= fileSize - at - header else { return 0 }
      at += header + length
    }
    return count
  }

  /// Value representations of explicit data sets, by the size of their length (DICOM PS3.5, 7.1.2).
  private static let longOnes: Set<String> = [
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UC", "UN", "UR", "UT",
  ]
  private static let shortOnes: Set<String> = [
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST",
    "TM",
    "UI", "UL", "US",
  ]
}
