import Events
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
    (1_795_441_520_033, "2026-11-23T13:45:20.033Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (951_868_800_000, "2000-03-01T00:00:00.000Z"),
    (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    (4_107_456_000_000, "2100-02-28T00:00:00.000Z"),
    (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
  ])
  func `are written in UTC and read back`(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test func `every day of eight centuries follows the one before`() {
    var year = 1600
    var month = 1
    var day = 1
    // Counted by the rules of the calendar, not by the formula under test.
    for number in 0..<292_194 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      let milliseconds = Int64(number - 135_140) * 86_400_000 + 45_000_001
      let expected =
        "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T12:30:00.001Z"
      let time = Timestamp(milliseconds: milliseconds)
      guard time.description == expected, Timestamp(expected) == time else {
        Issue.record("day \(number): \(time) is not \(expected)")
        return
      }
      day += 1
      if day > lengths[month - 1] { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
    }
    #expect(year == 2400 && month == 1 && day == 1)
  }

  @Test func `what no written form can hold becomes the nearest that one can`() {
    #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
    #expect(Timestamp(milliseconds: .min).description == "0000-01-01T00:00:00.000Z")
  }

  @Test(arguments: [
    ("2026-11-23T13:40:00Z", 1_795_441_200_000), ("2026-11-23T13:40:00.5Z", 1_795_441_200_500),
    ("2026-11-23T13:40:00.123456789Z", 1_795_441_200_123), ("2016-12-31T23:59:60Z", 1_483_228_799_000),
  ])
  func `may have any fraction of a second`(text: String, milliseconds: Int64) {
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "now", "2026-11-23", "2026-11-23T13:45:20", "2026-11-23 13:45:20Z", "2026-11-23T13:45:20+01:00",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
    "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T13:60:20Z",
    "2026-11-23T13:45:61Z", "2026-11-23T13:45:20.Z", "2026-11-23T13:45:20.1x3Z", "+026-11-23T13:45:20Z",
    "2026-11-23T13:45:20.0000000000000Z",
  ])
  func `are refused where they are no time in UTC`(text: String) {
    #expect(Timestamp(text) == nil)
  }
}
