/// A point in UTC as records carry it: milliseconds from 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  /// The last millisecond that the written form can hold; it starts at 0000-01-01.
  static let last = Timestamp(milliseconds: 253_402_300_799_999)
  static let first = Timestamp(milliseconds: -62_167_219_200_000)
}

// Days and dates by Howard Hinnant's `days_from_civil` and `civil_from_days`
// (https://howardhinnant.github.io/date_algorithms.html): exact for the proleptic Gregorian calendar. They
// count from 0000-03-01, so that the leap day is the last day of a year.
struct CivilDate: Hashable {
  var year: Int
  var month: Int
  var day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  init(daysSince1970 days: Int) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSince1970: Int {
    let y = month <= 2 ? year - 1 : year
    let era = y.flooredQuotient(400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Whether there is such a day: month 1…12, day 1…28, 29, 30 or 31.
  var exists: Bool {
    (1...12).contains(month) && day >= 1 && CivilDate(daysSince1970: daysSince1970) == self
  }
}

extension Int {
  func flooredQuotient(_ divisor: Int) -> Int {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}

extension Timestamp {
  /// Reads `2026-11-23T13:45:20Z`, with or without a fraction of a second, of which the milliseconds are
  /// kept. Nil for anything else: another zone, a day that doesn't exist, a 24th hour.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    // Shortest: 2026-11-23T13:45:20Z
    guard bytes.count >= 20, bytes.count <= 32, bytes.last == UInt8(ascii: "Z") else { return nil }
    func digits(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    func mark(_ index: Int, _ character: Unicode.Scalar) -> Bool {
      bytes[index] == UInt8(ascii: character)
    }
    guard mark(4, "-"), mark(7, "-"), mark(10, "T"), mark(13, ":"), mark(16, ":"),
      let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10),
      let hour = digits(11..<13), let minute = digits(14..<16), let second = digits(17..<19)
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // A leap second is taken as the last second before it, as POSIX clocks do.
    guard date.exists, hour < 24, minute < 60, second <= 60 else { return nil }

    var milliseconds = 0
    if bytes.count > 20 {
      guard mark(19, "."), bytes.count > 21, digits(20..<bytes.count - 1) != nil else { return nil }
      for place in 0..<3 {
        let index = 20 + place
        milliseconds = milliseconds * 10 + (index < bytes.count - 1 ? Int(bytes[index] - 48) : 0)
      }
    }
    let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + min(second, 59)
    self.init(milliseconds: Int64(seconds * 1000 + milliseconds))
  }
}

extension LineBuffer {
  /// Writes `2026-11-23T13:45:20.033Z` without quotes. What lies outside the years 0…9999 is written as the
  /// nearest that lies within.
  mutating func append(_ time: Timestamp) {
    let milliseconds = Int(
      min(max(time, Timestamp.first), Timestamp.last).milliseconds)
    let days = milliseconds.flooredQuotient(86_400_000)
    let ofDay = milliseconds - days * 86_400_000
    let date = CivilDate(daysSince1970: days)
    append(digits: date.year, 4)
    append("-")
    append(digits: date.month, 2)
    append("-")
    append(digits: date.day, 2)
    append("T")
    append(digits: ofDay / 3_600_000, 2)
    append(":")
    append(digits: ofDay / 60_000 % 60, 2)
    append(":")
    append(digits: ofDay / 1000 % 60, 2)
    append(".")
    append(digits: ofDay % 1000, 3)
    append("Z")
  }
}

extension Timestamp: CustomStringConvertible {
  public var description: String {
    var buffer = LineBuffer()
    buffer.append(self)
    return buffer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
