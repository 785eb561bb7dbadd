import ArgumentParser
import Base
import Glibc

/// Where the journal lies.
struct JournalOption: ParsableArguments {
  @Option(help: ArgumentHelp("The journal's file.", valueName: "path"))
  var journal: String?

  static let variable = "SACCADE_JOURNAL"
  private static let name = "journal.db"

  /// Where a daemon keeps one: where it is told to, or in the folder that systemd gives it for its state; nil for none.
  func forWriting(in surroundings: Surroundings) -> String? {
    if let journal { return journal }
    if let named = surroundings.environment[Self.variable], !named.isEmpty { return named }
    guard let folders = surroundings.environment["STATE_DIRECTORY"],
      let first = folders.split(separator: ":").first
    else { return nil }
    return "\(first)/\(Self.name)"
  }

  /// Where commands find one.
  func forReading(in surroundings: Surroundings) throws(Fault) -> String {
    let service = "/var/lib/saccade/\(Self.name)"
    if let path = forWriting(in: surroundings) { return path }
    guard access(service, F_OK) == 0 else {
      throw Fault(
        .noInput, "there is no journal at \(service)",
        advice: "name it by --journal PATH or $\(Self.variable); `saccade run --journal PATH` makes one")
    }
    return service
  }
}
