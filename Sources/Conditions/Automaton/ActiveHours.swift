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

extension ActiveHours: CustomStringConvertible {
  package var description: String {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    let on = names.indices.filter { days >> UInt8($0) & 1 == 1 }.map { names[$0] }
    func clock(_ minutes: Int) -> String {
      let (h, m) = (minutes / 60, minutes % 60)
      return "\(h < 10 ? "0" : "")\(h):\(m < 10 ? "0" : "")\(m)"
    }
    let zone =
      switch offset {
      case nil: "in the machine's own time"
      case 0?: "UTC"
      case let offset?: (offset < 0 ? "-" : "+") + clock(abs(offset))
      }
    let range = from == to ? "all day" : "\(clock(from))-\(clock(to))"
    return (on.count == 7 ? "" : on.joined(separator: ",") + " ") + range + " " + zone
  }
}
