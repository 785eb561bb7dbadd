import ArgumentParser
import Base
import Events
import SaccadeClient

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Let a running daemon read its pipelines again.",
    discussion: """
      Streams whose pipelines are the same lose no record. Waits until it is done, and tells what was kept, added, \
      restarted and removed. If a pipeline is wrong, all streams run on as they were.

      Examples:
        saccade reload
        saccade reload --control /run/saccade/lobby/control.sock

      Ends with 78 when a pipeline is wrong, 69 when no daemon can be reached, 77 when you may not.
      """)

  @OptionGroup var place: ControlOption
  @OptionGroup var printed: ControlOutput

  func run() throws { try printed.run(.reload, place) }
}

struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Let a running daemon try lost cameras now.",
    discussion: """
      A camera that is gone is tried again after 1, 2, 4 … 60 seconds; this cuts the wait short. Without names, all \
      that wait are tried.

      Examples:
        saccade retry
        saccade retry garage

      Ends with 64 when there is no such stream, 69 when no daemon can be reached, 77 when you may not.
      """)

  @Argument(help: ArgumentHelp("Names of streams.", valueName: "stream"))
  var streams: [String] = []

  @OptionGroup var place: ControlOption
  @OptionGroup var printed: ControlOutput

  func run() throws { try printed.run(.retry(streams: streams.isEmpty ? nil : streams), place) }
}

struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Let a running daemon end some of its streams.",
    discussion: """
      Their open events end, and subscribers are told. The streams stay listed as ended until the pipelines are read \
      again (`saccade reload`), which starts them anew. The daemon runs on, also without any stream.

      Examples:
        saccade stop garage

      Ends with 64 when there is no such stream, 69 when no daemon can be reached, 77 when you may not.
      """)

  @Argument(help: ArgumentHelp("Names of streams.", valueName: "stream"))
  var streams: [String]

  @OptionGroup var place: ControlOption
  @OptionGroup var printed: ControlOutput

  func run() throws { try printed.run(.stop(streams: streams), place) }
}

/// How a control command asks and prints.
struct ControlOutput: ParsableArguments {
  @Flag(help: "The daemon's answer, as one line of JSON.")
  var json = false

  func run(_ ask: ControlRequest.Ask, _ place: ControlOption) throws {
    let answer: JSON
    do throws(ClientError) {
      var connection = try EventConnection(
        paths: place.candidates(in: .current), option: "--control or \(ControlOption.variable)")
      answer = try connection.perform(ask)
    } catch {
      throw Fault(error)
    }
    if json { return try Console.print(answer.description) }
    try Console.write(Console.harmless(lines: Self.text(answer)))
  }

  /// A line for each thing that was done to some streams: `kept: lobby, garage`.
  static func text(_ answer: JSON) -> String {
    (answer.fields ?? []).compactMap { field in
      guard let names = field.value.items?.compactMap(\.text), !names.isEmpty else { return nil }
      let words = field.key.split(separator: "_").joined(separator: " ")
      return words + ": " + names.joined(separator: ", ") + "\n"
    }
    .joined()
  }
}
