// Numbers and strings as JSON, the same on every machine and with no allocation.
extension LineBuffer {
  /// A whole number with leading zeros.
  mutating func append(digits value: Int, _ places: Int) {
    var divisor = 1
    for _ in 1..<places { divisor *= 10 }
    while divisor > 0 {
      append(byte: 48 + UInt8(value / divisor % 10))
      divisor /= 10
    }
  }

  package mutating func append(integer value: UInt64) {
    // 20 digits hold any 64-bit number.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = 20
      var rest = value
      repeat {
        start -= 1
        digits[start] = 48 + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[start..<20])))
    }
  }

  package mutating func append(integer value: Int64) {
    if value < 0 { append("-") }
    append(integer: value.magnitude)
  }

  /// A number with at most `places` decimals, rounded half away from zero, without trailing zeros but always
  /// with one decimal: `24.7`, `0.0`, `-0.004`. What is not a number is `null`.
  package mutating func append(number value: Double, places: Int) {
    guard value.isFinite else { return append("null") }
    var scale: UInt64 = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * Double(scale)).rounded(.toNearestOrAwayFromZero)
    // Beyond 2^53 a double has no decimals left; the shortest form then is the standard library's.
    guard scaled < 9_007_199_254_740_992 else { return append(large: value) }
    var units = UInt64(scaled)
    if value < 0 && units > 0 { append("-") }
    append(integer: units / scale)
    append(".")
    units %= scale
    repeat {
      scale /= 10
      append(byte: 48 + UInt8(units / scale))
      units %= scale
    } while units > 0
  }

  /// Rare, and allocates: numbers of 2^53 units and more.
  private mutating func append(large value: Double) {
    var text = value.description
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  package mutating func append(flag: Bool) {
    if flag { append("true") } else { append("false") }
  }

  /// A quoted string. Control characters, quotes and backslashes are escaped; everything else stays UTF-8.
  package mutating func append(string: String) {
    append("\"")
    var copy = string
    copy.withUTF8 { append(escaping: $0) }
    append("\"")
  }

  private mutating func append(escaping bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for index in bytes.indices {
      let byte = bytes[index]
      guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
      append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<index])))
      start = index + 1
      append("\\")
      switch byte {
      case 0x22, 0x5C: append(byte: byte)
      case 0x08: append("b")
      case 0x09: append("t")
      case 0x0A: append("n")
      case 0x0C: append("f")
      case 0x0D: append("r")
      default:
        append("u00")
        append(hex: byte >> 4)
        append(hex: byte & 15)
      }
    }
    append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...])))
  }

  private mutating func append(hex nibble: UInt8) { append(byte: nibble < 10 ? 48 + nibble : 87 + nibble) }

  /// `["a","b"]`
  mutating func append(strings: [String]) {
    append("[")
    for index in strings.indices {
      if index > 0 { append(",") }
      append(string: strings[index])
    }
    append("]")
  }

  /// `[7,9]`
  mutating func append(integers: [UInt64]) {
    append("[")
    for index in integers.indices {
      if index > 0 { append(",") }
      append(integer: integers[index])
    }
    append("]")
  }
}
