import Base
import Events

extension WallTime {
  /// Reads `2026-11-23T13:45:20Z`, with parts of a second or an offset such as `+01:00` if wanted
  /// (RFC 3339, from 1970 to 2261). Nil for anything else, also for a day that does not exist.
  package init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let offset = Self.offset(bytes), let whole = Timestamp(text.prefix(19) + "Z"),
      let nanoseconds = Self.fraction(bytes[19..<(bytes.count - offset.length)])
    else { return nil }
    let seconds = whole.milliseconds / 1000 - offset.seconds
    // 2262-01-01, just before 64 bits are full.
    guard whole.milliseconds >= 0, seconds < 9_214_646_400 else { return nil }
    self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
  }

  /// The zone at the end: how many bytes it takes, and by how much it is ahead of UTC.
  private static func offset(_ bytes: [UInt8]) -> (length: Int, seconds: Int64)? {
    if bytes.last == UInt8(ascii: "Z") { return (1, 0) }
    let zone = bytes.suffix(6)
    let digits = zone.enumerated().filter { [1, 2, 4, 5].contains($0.offset) }.map { Int64($0.element) - 48 }
    guard bytes.count >= 25, let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      zone[zone.startIndex + 3] == UInt8(ascii: ":"), digits.allSatisfy({ (0...9).contains($0) })
    else { return nil }
    let hours = digits[0] * 10 + digits[1]
    let minutes = digits[2] * 10 + digits[3]
    guard hours < 24, minutes < 60 else { return nil }
    return (6, (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60))
  }

  /// Nanoseconds of `.033`; 0 of nothing.
  private static func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let first = bytes.first else { return 0 }
    let digits = bytes.dropFirst()
    guard first == UInt8(ascii: "."), (1...9).contains(digits.count),
      digits.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    var value: Int64 = 0
    for place in 0..<9 {
      value = value * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place]) - 48 : 0)
    }
    return value
  }
}
