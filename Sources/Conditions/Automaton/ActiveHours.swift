/// The hours of the week in which something is looked for.
package struct ActiveHours: Hashable, Sendable {
  /// Bit 0 is Monday.
  package var days: UInt8
  /// Minutes from midnight. An end at or before the beginning lies on the next day.
  package var from: Int
  package var to: Int
  /// Minutes east of Greenwich; nil for the time of the machine.
  package var offset: Int?

  package init(days: UInt8 = 0x7F, from: Int, to: Int, offset: Int? = nil) {
    self.days = days
    self.from = from
    self.to = to
    self.offset = offset
  }

  /// - Parameter localOffset: of the machine's own time at this moment, in minutes east of Greenwich.
  package func contains(secondsSince1970 seconds: Int64, localOffset: Int) -> Bool {
    let minutes = (seconds + Int64(offset ?? localOffset) * 60).flooredDivision(by: 60)
    let day = Int(minutes.flooredDivision(by: 1440))
    let minute = Int(minutes - Int64(day) * 1440)
    // 1970 began on a Thursday.
    let weekday = ((day + 3) % 7 + 7) % 7
    func isOn(_ day: Int) -> Bool { days >> UInt8((day + 7) % 7) & 1 == 1 }
    if from < to { return isOn(weekday) && minute >= from && minute < to }
    return isOn(weekday) && minute >= from || isOn(weekday - 1) && minute < to
  }
}

extension Int64 {
  func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
