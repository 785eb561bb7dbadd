/// A grey picture as PNG (ISO/IEC 15948): one byte a pixel, not compressed.
///
/// A pixel of 0 is transparent, and the higher it is the more it covers, so that the picture fits a light page and a dark one.
struct GreyPNG {
  private(set) var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height, "\(width)×\(height) pixels")
    // 8 bits, colours from a palette, no interlacing.
    append("IHDR", Self.big(UInt32(width)) + Self.big(UInt32(height)) + [8, 3, 0, 0, 0])
    append("PLTE", (0..<256).flatMap { _ in Self.grey })
    append("tRNS", (0..<256).map { $0 == 0 ? 0 : UInt8(Self.faintest + (255 - Self.faintest) * $0 / 340) })
    var rows: [UInt8] = []
    rows.reserveCapacity(pixels.count + height)
    for row in 0..<height {
      rows.append(0)
      rows += pixels[row * width..<(row + 1) * width]
    }
    append("IDAT", Self.stored(rows))
    append("IEND", [])
  }

  private static let grey: [UInt8] = [112, 120, 130]
  private static let faintest = 40

  private static func big(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private mutating func append(_ name: StaticString, _ data: [UInt8]) {
    bytes += Self.big(UInt32(data.count))
    let start = bytes.count
    name.withUTF8Buffer { bytes += $0 }
    bytes += data
    bytes += Self.big(Self.check(bytes[start...]))
  }

  /// A zlib stream (RFC 1950) of blocks that are stored as they are (RFC 1951, 3.2.4).
  private static func stored(_ data: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    let longest = 65535
    for start in stride(from: 0, to: data.count, by: longest) {
      let block = data[start..<min(start + longest, data.count)]
      let length = UInt16(block.count)
      stream.append(start + longest >= data.count ? 1 : 0)
      for half in [length, ~length] { stream += [UInt8(truncatingIfNeeded: half), UInt8(half >> 8)] }
      stream += block
    }
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in data {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return stream + big(b << 16 | a)
  }

  private static let checks: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }

  /// CRC-32 as in PNG's annex D.
  private static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { checks[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
  }
}

/// Binary data in text: RFC 4648.
enum Base64 {
  static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      bits <<= UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        text.append(
          place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
