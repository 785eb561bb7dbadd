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

  init?(argument: String) {
    if let time = WallTime(rfc3339: argument) {
      given = .time(Timestamp(milliseconds: time.nanoseconds / 1_000_000))
      return
    }
    let text = argument.hasSuffix(" ago") ? String(argument.dropLast(4)) : argument
    guard let lapse = Lapse(argument: text) else { return nil }
    given = .ago(milliseconds: lapse.nanoseconds / 1_000_000)
  }

  func time(now: WallTime) -> Timestamp {
    switch given {
    case .time(let time): time
    case .ago(let milliseconds): Timestamp(milliseconds: now.nanoseconds / 1_000_000 - milliseconds)
    }
  }
}
