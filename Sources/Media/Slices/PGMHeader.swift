import Base

/// The header of a PGM: `P5` or `P2`, width, height and largest value as text, with comments from `#` to a line's end.
struct PGMHeader {
  var format: PictureFormat
  /// Values are numbers as text (`P2`).
  var isText: Bool
  /// Bytes before the first value.
  var length: Int

  /// - Parameter bytes: The file's first bytes, with all of the header.
  init(_ bytes: UnsafeRawBufferPointer, at path: String) throws(Fault) {
    guard bytes.count > 2, bytes[1] == UInt8(ascii: "5") || bytes[1] == UInt8(ascii: "2") else {
      let kind = bytes.count > 1 ? "P\(UnicodeScalar(bytes[1]))" : "nothing"
      throw Fault(
        .data, "only grey pictures of the PNM formats are read", at: path, cause: "the file is \(kind)",
        advice: "write one grey value a pixel (PGM, `P5`)")
    }
    var text = PGMText(bytes, from: 2)
    guard let width = text.number(), let height = text.number(), let largest = text.number(),
      (1...65535).contains(largest)
    else {
      throw Fault(
        .data, "the header of this PGM can't be read", at: path,
        cause: "it has no width, height and largest value up to 65535", advice: "write the file again")
    }
    isText = bytes[1] == UInt8(ascii: "2")
    format = PictureFormat(
      kind: .pgm, width: width, height: height,
      sample: isText
        ? SampleFormat(native: largest > 255 ? .uint16 : .uint8)
        : SampleFormat(largest > 255 ? .uint16 : .uint8, isBigEndian: true))
    try format.check(at: path)
    // One blank, whatever it is, ends the header.
    length = text.position + 1
  }
}

/// Numbers between blanks and comments.
struct PGMText {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// The next number, at most 9 digits long; nil at the end and for anything else.
  mutating func number() -> Int? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      } else if byte != 0x20, !(0x09...0x0d).contains(byte) {
        break
      } else {
        position += 1
      }
    }
    var value: Int?
    var digits = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      value = (value ?? 0) * 10 + Int(bytes[position] - 0x30)
      position += 1
      digits += 1
      if digits > 9 { return nil }
    }
    return value
  }
}
