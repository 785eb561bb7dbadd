import ArgumentParser
import Base

/// A stretch of time as a person gives it: `10 min`, `30 d`.
struct Lapse: ExpressibleByArgument, Equatable {
  let nanoseconds: Nanoseconds

  private static let units: [(names: [String], seconds: Double)] = [
    (["s", "second", "seconds"], 1), (["min", "minute", "minutes"], 60), (["h", "hour", "hours"], 3600),
    (["d", "day", "days"], 86_400), (["w", "week", "weeks"], 604_800),
  ]
  // A hundred years, and far from the end of 64 bits.
  private static let longest = 3.2e9

  init?(argument: String) {
    let number = argument.prefix { $0.isNumber || $0 == "." }
    let name = argument.dropFirst(number.count).drop { $0 == " " }
    guard let count = Double(number), let unit = Self.units.first(where: { $0.names.contains(String(name)) }),
      count * unit.seconds <= Self.longest
    else { return nil }
    nanoseconds = Nanoseconds(count * unit.seconds * 1e9)
  }
}
