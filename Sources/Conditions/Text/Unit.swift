import Base

/// What a number measures. Two numbers can be compared only within one dimension.
package enum Dimension: String, Hashable, Sendable {
  case number, share, time, pixels, length, pixelArea, area, volume, angle
  case pixelSpeed, shareSpeed, speed, frequency

  /// For the end of "takes …".
  package var described: String {
    switch self {
    case .number: "a number"
    case .share: "a share"
    case .time: "a time"
    case .pixels: "a length in pixels"
    case .length: "a length"
    case .pixelArea: "an area in pixels"
    case .area: "an area"
    case .volume: "a volume"
    case .angle: "an angle"
    case .pixelSpeed: "a speed in pixels"
    case .shareSpeed: "a speed in shares of the picture"
    case .speed: "a speed"
    case .frequency: "a frequency"
    }
  }
}

/// A unit as it is written, and what it means in the base unit of its dimension: seconds, metres, pixels,
/// shares (1 is everything), degrees, and what is made of them.
package struct Unit: Hashable, Sendable {
  package var name: String
  package var dimension: Dimension
  package var factor: Double

  /// Written right behind its number.
  private var isAttached: Bool { name == "%" || name == "°" }

  /// A number with it behind.
  func written(_ number: String) -> String { number + (isAttached ? "" : " ") + name }

  /// As attributes bear it at the end of their names.
  package var suffix: String {
    switch name {
    case "%": "percent"
    case "µm": "um"
    case "°": "degrees"
    case "1/s": "per_s"
    case "1/min": "per_min"
    case "1/h": "per_h"
    case "%/s": "percent_per_s"
    default:
      String(
        name.flatMap { c -> [Character] in
          switch c {
          case "²": ["2"]
          case "³": ["3"]
          case "µ": ["u"]
          case "/": Array("_per_")
          default: [c]
          }
        })
    }
  }
}

extension Unit {
  private static let table: [(Dimension, [(factor: Double, names: [String])])] = [
    (
      .time,
      [
        (1, ["s", "sec", "secs", "second", "seconds", "秒", "秒钟"]),
        (0.001, ["ms", "millisecond", "milliseconds", "毫秒"]),
        (60, ["min", "mins", "minute", "minutes", "分钟", "分"]),
        (3600, ["h", "hr", "hrs", "hour", "hours", "小时"]),
        (86400, ["d", "day", "days", "天"]),
      ]
    ),
    (
      .length,
      [
        (1, ["m", "metre", "metres", "meter", "meters", "米"]),
        (0.01, ["cm", "centimetre", "centimetres", "centimeter", "centimeters", "厘米", "公分"]),
        (0.001, ["mm", "millimetre", "millimetres", "millimeter", "millimeters", "毫米"]),
        (
          1e-6,
          [
            "µm", "μm", "um", "micron", "microns", "micrometre", "micrometres", "micrometer", "micrometers",
            "微米",
          ]
        ),
        (1000, ["km", "kilometre", "kilometres", "kilometer", "kilometers", "公里", "千米"]),
      ]
    ),
    (.pixels, [(1, ["px", "pixel", "pixels", "像素"])]),
    (.share, [(0.01, ["%", "percent", "％"])]),
    (.pixelArea, [(1, ["px²", "px2", "px^2", "平方像素"])]),
    (
      .area,
      [
        (1, ["m²", "m2", "m^2", "㎡", "平方米"]), (1e-4, ["cm²", "cm2", "cm^2", "平方厘米"]),
        (1e-6, ["mm²", "mm2", "mm^2", "平方毫米"]), (1e-12, ["µm²", "μm²", "um2", "um^2", "平方微米"]),
      ]
    ),
    (
      .volume,
      [
        (1, ["m³", "m3", "m^3", "立方米"]), (1e-6, ["cm³", "cm3", "cm^3", "ccm", "立方厘米"]),
        (1e-9, ["mm³", "mm3", "mm^3", "立方毫米"]), (1e-18, ["µm³", "μm³", "um3", "um^3", "立方微米"]),
      ]
    ),
    (.angle, [(1, ["°", "deg", "degree", "degrees", "度"])]),
    (
      .speed,
      [
        (1, ["m/s", "mps", "米/秒"]), (1 / 3.6, ["km/h", "kmh", "kph", "公里/小时", "千米/小时"]),
        (0.01, ["cm/s", "厘米/秒"]), (0.001, ["mm/s", "毫米/秒"]), (0.44704, ["mph"]),
      ]
    ),
    (.pixelSpeed, [(1, ["px/s", "像素/秒"])]),
    (.shareSpeed, [(0.01, ["%/s"])]),
    (
      .frequency,
      [(1, ["1/s", "/s", "Hz", "fps"]), (1 / 60, ["1/min", "/min"]), (1 / 3600, ["1/h", "/h"])]
    ),
  ]

  /// Each unit under each of its names, long names first, so that the first that fits is the longest.
  package static let named: [(name: [Unicode.Scalar], unit: Unit)] = table.flatMap { dimension, units in
    units.flatMap { factor, names in
      names.map {
        (Array($0.unicodeScalars), Unit(name: names[0], dimension: dimension, factor: factor))
      }
    }
  }.sorted { $0.name.count > $1.name.count }

  /// The longest one that stands at a place and is not the beginning of another word. Of one letter the case counts always.
  static func longest(
    in scalars: [Unicode.Scalar], at: Int, inAnyCase: Bool = false
  ) -> (unit: Unit, length: Int)? {
    for (name, unit) in named where at + name.count <= scalars.count {
      let isSame = zip(scalars[at...], name).allSatisfy { here, c in
        here == c
          || inAnyCase && name.count > 1 && here.isASCII
            && here.properties.lowercaseMapping.unicodeScalars.first == c
      }
      let end = at + name.count
      guard isSame, end == scalars.count || !goesOn(name[name.count - 1], scalars[end]) else { continue }
      return (unit, name.count)
    }
    return nil
  }

  private static func goesOn(_ last: Unicode.Scalar, _ next: Unicode.Scalar) -> Bool {
    guard next != "/" else { return true }
    return last.isASCII && last.properties.isAlphabetic && next.isASCII
      && (next == "_" || next.properties.isAlphabetic || Lexer.isDigit(next))
  }

  package static func find(_ name: String) -> Unit? {
    let scalars = Array(name.unicodeScalars)
    return named.first { $0.name == scalars }?.unit
  }

  /// Those of a dimension, by their first names.
  package static func all(of dimension: Dimension) -> [Unit] {
    guard let units = table.first(where: { $0.0 == dimension })?.1 else { return [] }
    return units.map { Unit(name: $0.names[0], dimension: dimension, factor: $0.factor) }
  }

  /// What a word that is no unit was probably meant for, among those of these dimensions.
  package static func meant(_ word: String, among dimensions: [Dimension]) -> String? {
    let names = table.filter { dimensions.contains($0.0) }.flatMap { $0.1.flatMap(\.names) }
    guard let near = NearestWord.find(word, in: names.filter { $0.utf8.count > 1 }) else { return nil }
    return find(near)?.name
  }
}

/// A number with its unit, as it was written.
package struct Quantity: Hashable, Sendable {
  /// As written.
  package var number: Double
  /// Nil for a bare number.
  package var unit: Unit?

  package init(_ number: Double, _ unit: Unit? = nil) {
    self.number = number
    self.unit = unit
  }

  package var dimension: Dimension { unit?.dimension ?? .number }
  /// In the base unit.
  package var value: Double {
    guard let unit else { return number }
    // 2.8 % is 0.028, which 2.8 × 0.01 misses by a bit.
    return unit.factor < 1 && (1 / unit.factor).rounded() * unit.factor == 1
      ? number / (1 / unit.factor).rounded() : number * unit.factor
  }
  /// Of a time.
  package var nanoseconds: Int64 { Int64((value * 1e9).rounded()) }

  package var text: String {
    guard let unit else { return Quantity.plain(number) }
    return unit.written(Quantity.plain(number))
  }

  /// Without a needless `.0`.
  package static func plain(_ value: Double) -> String {
    if value == value.rounded() && abs(value) < 1e15 { return String(Int64(value)) }
    let text = String(value)
    // Small numbers come as 1e-05, which the language doesn't read.
    let parts = text.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]), exponent < 0 else { return text }
    let zeros = String(repeating: "0", count: -exponent - 1)
    return (value < 0 ? "-0." : "0.") + zeros + parts[0].filter(\.isNumber)
  }

  /// Three figures at most, for people.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    let size = abs(value)
    let scale: Double = size >= 100 ? 1 : size >= 10 ? 10 : size >= 1 ? 100 : 1000
    return plain((value * scale).rounded() / scale)
  }
}
