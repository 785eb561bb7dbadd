import ArgumentParser
import Base
import Journal

/// What a daemon's journal keeps, and for how long.
struct JournalKeeping: ParsableArguments {
  enum Frames: String, ExpressibleByArgument, CaseIterable {
    case eachSecond = "each-second"
    case all
  }

  @Option(
    help: ArgumentHelp(
      "Which frame records the journal keeps: one a second and those of events, or all.", valueName: "which"))
  var journalFrames: Frames?

  @Option(help: ArgumentHelp("How long the journal keeps a record: '30 d' unless told.", valueName: "time"))
  var journalAge: Lapse?

  @Option(
    help: ArgumentHelp(
      "The oldest records go where the journal holds more than this: '4 GiB' unless told.", valueName: "size")
  )
  var journalSize: ByteCount?

  // What holds less loses events before a subscriber can have come back.
  private static let least: (age: Nanoseconds, bytes: Int64) = (.seconds(60), 1 << 20)

  func options(in surroundings: Surroundings) throws(Fault) -> JournalOptions {
    var options = JournalOptions()
    if let frames = try surroundings.given(journalFrames, "SACCADE_JOURNAL_FRAMES", "each-second or all") {
      options.frames = frames == .all ? .all : .eachSecond
    }
    if let age = try surroundings.given(journalAge, "SACCADE_JOURNAL_AGE", "a time such as '30 d'") {
      guard age.nanoseconds >= Self.least.age else {
        throw Fault(.usage, "a journal keeps its records for a minute at least", advice: "see --journal-age")
      }
      options.keptFor = age.nanoseconds
    }
    if let size = try surroundings.given(journalSize, "SACCADE_JOURNAL_SIZE", "a size such as '4 GiB'") {
      guard size.bytes >= Self.least.bytes else {
        throw Fault(.usage, "a journal may hold 1 MiB at least", advice: "see --journal-size")
      }
      options.keptBytes = size.bytes
    }
    return options
  }
}
