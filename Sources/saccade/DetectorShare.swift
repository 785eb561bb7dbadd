import ArgumentParser
import Base

/// How much of a device's time detectors may take.
struct DetectorShare: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most of a device's time that detectors may take, all streams together: '100 %' unless told.",
      valueName: "share"))
  var detectorShare: Percentage?

  /// Above 0 and up to 1.
  func value(in surroundings: Surroundings) throws(Fault) -> Double {
    let given = try surroundings.given(detectorShare, "SACCADE_DETECTOR_SHARE", "a share such as '40 %'")
    guard let share = given?.share else { return 1 }
    guard share >= 0.01, share <= 1 else {
      throw Fault(.usage, "detectors may take from 1 % to 100 % of a device", advice: "see --detector-share")
    }
    return share
  }
}

/// A share as a person gives it: `40 %`.
struct Percentage: ExpressibleByArgument, Equatable {
  let share: Double

  init?(argument: String) {
    guard argument.hasSuffix("%") else { return nil }
    let digits = argument.dropLast().reversed().drop { $0 == " " }.reversed()
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(String(digits))
    else { return nil }
    share = value / 100
  }
}
