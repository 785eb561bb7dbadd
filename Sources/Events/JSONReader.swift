/// Reads one JSON value (RFC 8259), strictly: nothing behind it, no duplicate keys, UTF-8 only, bounded
/// depth. The caller bounds the length.
public struct JSONReader {
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offset in bytes, from 0.
    public var offset: Int
    public var message: String
    public var description: String { "\(message) at byte \(offset)" }
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var offset = 0
  private var depth = 0

  // No request and no record is nested deeper than 8; what is deeper is an attack on the stack.
  private static let deepest = 32

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  public static func read(_ bytes: some Collection<UInt8>) throws(Failure) -> JSON {
    let result = bytes.withContiguousStorageIfAvailable { read(buffer: $0) }
    if let result { return try result.get() }
    return try read(Array(bytes))
  }

  private static func read(buffer: UnsafeBufferPointer<UInt8>) -> Result<JSON, Failure> {
    do throws(Failure) {
      var reader = JSONReader(buffer)
      reader.skipSpace()
      let value = try reader.value()
      reader.skipSpace()
      if reader.offset < buffer.count { throw reader.failure("more after the value") }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ message: String, at place: Int? = nil) -> Failure {
    Failure(offset: place ?? offset, message: message)
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    offset += 1
    return true
  }

  private mutating func value() throws(Failure) -> JSON {
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try list()
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), .some(48...57): return try number()
    case nil: throw failure("the value is missing")
    default: throw failure("no JSON value starts like this")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(Failure) -> JSON {
    let end = offset + word.utf8CodeUnitCount
    let text = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard end <= bytes.count, bytes[offset..<end].elementsEqual(text) else {
      throw failure("no JSON value starts like this")
    }
    offset = end
    return value
  }

  private mutating func enter() throws(Failure) {
    depth += 1
    if depth > Self.deepest { throw failure("nested deeper than \(Self.deepest)") }
    offset += 1
    skipSpace()
  }

  private mutating func object() throws(Failure) -> JSON {
    try enter()
    defer { depth -= 1 }
    var fields: [JSON.Field] = []
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes is due") }
      let place = offset
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("the key \"\(key)\" twice", at: place) }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("a colon is due") }
      skipSpace()
      fields.append(JSON.Field(key, try value()))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(fields) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or closing brace is due") }
      skipSpace()
    }
  }

  private mutating func list() throws(Failure) -> JSON {
    try enter()
    defer { depth -= 1 }
    var items: [JSON] = []
    if take(UInt8(ascii: "]")) { return .list(items) }
    while true {
      items.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return .list(items) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or closing bracket is due") }
      skipSpace()
    }
  }
}

// Strings and numbers.
extension JSONReader {
  private mutating func string() throws(Failure) -> String {
    let opening = offset
    offset += 1
    var plain = offset
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[plain..<offset]
        offset += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw failure("not UTF-8", at: opening)
        }
        return valid
      case UInt8(ascii: "\\"):
        text += bytes[plain..<offset]
        offset += 1
        text += Array(String(try escape()).utf8)
        plain = offset
      case 0..<0x20: throw failure("a control character in a string")
      default: offset += 1
      }
    }
    throw failure("a string without end", at: opening)
  }

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    let place = offset
    guard let byte = next else { throw failure("a string without end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // A character beyond 16 bits is a pair of units.
      guard unit < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
        throw failure("half a character", at: place)
      }
      let low = try hexUnit()
      guard (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(low) - 0xDC00)
      else { throw failure("half a character", at: place) }
      return scalar
    default: throw failure("an unknown escape", at: place)
    }
  }

  private mutating func hexUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits are due")
      }
      unit = unit << 4 | UInt16(digit)
      offset += 1
    }
    return unit
  }

  private mutating func digits() throws(Failure) {
    let start = offset
    while let byte = next, byte >= 48, byte <= 57 { offset += 1 }
    if offset == start { throw failure("a digit is due") }
  }

  private mutating func number() throws(Failure) -> JSON {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    let zero = next == 48
    let whole = offset
    try digits()
    if zero && offset > whole + 1 { throw failure("a number with a leading zero", at: start) }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw failure("a number out of range", at: start)
    }
    return .number(value)
  }
}
