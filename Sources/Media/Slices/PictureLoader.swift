import Base

/// Reads single pictures of 8 to 32 bits. Used by one thread.
final class PictureLoader {
  private(set) var pixels = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var text = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var png: PNGDecoder?
  /// What is odd about the picture loaded last.
  private(set) var warning: SweepWarning?

  deinit {
    pixels.deallocate()
    text.deallocate()
  }

  /// Loads a picture into `pixels`, if `isWanted` says so of its header. Returns that.
  func load(_ path: String, if isWanted: (PictureFormat) -> Bool) throws(Fault) -> PictureFormat {
    warning = nil
    let file = try SliceFile(path)
    let head = try file.head(Self.headBytes)
    switch SliceMagic(head) {
    case .png:
      let format = try Self.reading(head) { (bytes) throws(Fault) in
        try PNGHeader.read(bytes, at: path, fileBytes: file.size)
      }
      if isWanted(format) { try decodePNG(file, format) }
      return format
    case .pgm:
      let header = try Self.reading(head) { (bytes) throws(Fault) in try PGMHeader(bytes, at: path) }
      if isWanted(header.format) { try readPGM(file, header) }
      return header.format
    case .tiff: return try loadTIFF(path, fileBytes: file.size, isWanted)
    case .empty: throw Fault(.data, "the file is empty", at: path)
    case let other:
      throw Fault(
        .data, "this is no PNG, TIFF or PGM", at: path, cause: "its first bytes are those of \(other.name)",
        advice: "name pictures of 16 bits")
    }
  }

  /// Enough for a PGM's comments.
  private static let headBytes = 4096

  private static func reading<R>(
    _ head: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Fault) -> R
  ) throws(Fault) -> R {
    let result = head.withUnsafeBytes { bytes in
      Result { () throws(Fault) in try body(bytes) }
    }
    return try result.get()
  }

  private func makeRoom(_ bytes: Int) {
    if pixels.count == bytes { return }
    pixels.deallocate()
    pixels = .allocate(byteCount: bytes, alignment: 64)
  }

  private func decodePNG(_ file: borrowing SliceFile, _ format: PictureFormat) throws(Fault) {
    if png == nil { png = try PNGDecoder.open() }
    makeRoom(format.bytes)
    try png?.decode(file, format, into: pixels)
  }

  private func loadTIFF(
    _ path: String, fileBytes: Int, _ isWanted: (PictureFormat) -> Bool
  ) throws(Fault) -> PictureFormat {
    let file = try TIFFFile.open(path)
    let page = try file.select(0)
    try page.picture.check(at: path, fileBytes: fileBytes)
    let pages = max(file.count().pages, page.imageJ?.images ?? 1)
    guard pages == 1 else {
      throw Fault(
        .data, "a file among slices holds several pictures", at: path, cause: "it has \(pages) pages",
        advice: "name the file itself to read its pages as a sweep")
    }
    if isWanted(page.picture) {
      _ = try file.select(0)
      makeRoom(page.picture.bytes)
      try file.read(into: pixels)
    }
    return page.picture
  }

  private func readPGM(_ file: borrowing SliceFile, _ header: PGMHeader) throws(Fault) {
    let format = header.format
    if header.isText { return try readText(file, header) }
    guard file.size - header.length >= format.bytes else {
      throw Fault(
        .data, "this PGM is too short", at: file.path,
        cause: "\(format.width) × \(format.height) at \(format.sample.name) take \(format.bytes) bytes, "
          + "and \(max(0, file.size - header.length)) follow its header")
    }
    if file.size - header.length > format.bytes {
      warning = SweepWarning(
        code: "file_longer",
        text: "\(lastComponent(file.path)) has \(file.size) bytes where its header and picture take "
          + "\(header.length + format.bytes)")
    }
    makeRoom(format.bytes)
    let got = try file.read(into: pixels, at: header.length)
    guard got == format.bytes else {
      throw Fault(
        .data, "\(got) of \(format.bytes) bytes came, as the file has become shorter", at: file.path)
    }
  }

  private func readText(_ file: borrowing SliceFile, _ header: PGMHeader) throws(Fault) {
    let format = header.format
    let values = format.width * format.height
    // A value takes a digit and a blank.
    guard file.size - header.length >= values * 2 - 1, file.size <= format.bytes * 16 + Self.headBytes else {
      throw Fault(
        .data, "this PGM has not the length of its picture", at: file.path,
        cause: "\(format.width) × \(format.height) numbers in \(file.size) bytes")
    }
    makeRoom(format.bytes)
    text.deallocate()
    text = .allocate(byteCount: file.size, alignment: 1)
    let got = try file.read(into: text, at: 0)
    var numbers = PGMText(UnsafeRawBufferPointer(rebasing: text[..<got]), from: header.length)
    for index in 0..<values {
      guard let number = numbers.number(), number <= (format.sample.bytes == 1 ? 255 : 65535) else {
        throw Fault(
          .data, "this PGM can't be read", at: file.path,
          cause: "number \(index + 1) of \(values) is missing or too large")
      }
      if format.sample.bytes == 1 {
        pixels.storeBytes(of: UInt8(number), toByteOffset: index, as: UInt8.self)
      } else {
        pixels.storeBytes(of: UInt16(number), toByteOffset: index * 2, as: UInt16.self)
      }
    }
  }
}
