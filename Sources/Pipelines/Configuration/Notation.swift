import Base

/// Numbers and units as people write them.
enum Notation {
  /// The first is what a number without a unit was probably meant in.
  static let timeUnits: [(name: String, seconds: Double)] = [
    ("s", 1), ("ms", 0.001), ("min", 60), ("h", 3600),
  ]

  /// A decimal number; none of the other forms that `Double.init` takes, such as `0x1p3` or `nan`.
  static func decimal(_ text: String) -> Double? {
    guard text.utf8.contains(where: { (0x30...0x39).contains($0) }),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2B || $0 == 0x2D })
    else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The share nearest to what was written: 2.8 % is 0.028, which `2.8 / 100` misses by a bit.
  static func share(percent: Double) -> Double { (percent * 1e6).rounded() / 1e8 }

  static func time(_ value: Nanoseconds) -> String {
    for (name, seconds) in timeUnits.reversed() where name != "ms" {
      if value >= .seconds(seconds), value % .seconds(seconds) == 0 {
        return "\(value / .seconds(seconds)) \(name)"
      }
    }
    return "\(value / .milliseconds(1)) ms"
  }

  /// For units that people write out, or know from elsewhere.
  static func unitMeant(_ word: String, in units: [String]) -> String? {
    let meant =
      switch word.lowercased() {
      case "sec", "secs", "second", "seconds": "s"
      case "msec", "millisecond", "milliseconds": "ms"
      case "m", "minute", "minutes", "mins": "min"
      case "hour", "hours", "hr", "hrs": "h"
      case "percent", "pct", "per cent": "%"
      case "pixel", "pixels": "px"
      default: word.lowercased()
      }
    return units.contains(meant) ? meant : nil
  }
}
