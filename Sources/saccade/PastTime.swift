import ArgumentParser
import Base
import Events
import Pipelines

/// A time as a person gives it: `2026-11-23T13:45:20Z`, or how long ago it was, such as `10 min`.
struct PastTime: ExpressibleByArgument, Equatable {
  private enum Given: Equatable {
    case time(Timestamp)
    case ago(milliseconds: Int64)
  }

  private let given: Given

  private static let units: [(names: [String], seconds: Double)] = [
    (["s", "second", "seconds"], 1), (["min", "minute", "minutes"], 60), (["h", "hour", "hours"], 3600),
    (["d", "day", "days"], 86_400), (["w", "week", "weeks"], 604_800),
  ]
  // A thousand years, and far from the end of 64 bits.
  private static let longest = 3.2e10

  init?(argument: String) {
    if let time = WallTime(rfc3339: argument) {
      given = .time(Timestamp(milliseconds: time.nanoseconds / 1_000_000))
      return
    }
    let number = argument.prefix { $0.isNumber || $0 == "." }
    var name = argument.dropFirst(number.count).drop { $0 == " " }
    if name.hasSuffix(" ago") { name = name.dropLast(4) }
    guard let count = Double(number), let unit = Self.units.first(where: { $0.names.contains(String(name)) }),
      count * unit.seconds <= Self.longest
    else { return nil }
    given = .ago(milliseconds: Int64(count * unit.seconds * 1000))
  }

  func time(now: WallTime) -> Timestamp {
    switch given {
    case .time(let time): time
    case .ago(let milliseconds): Timestamp(milliseconds: now.nanoseconds / 1_000_000 - milliseconds)
    }
  }
}
