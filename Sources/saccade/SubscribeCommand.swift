import ArgumentParser
import Base
import Conditions
import Events
import Pipelines
import SaccadeClient

struct SubscribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscribe",
    abstract: "Print the records of a running daemon.",
    discussion: """
      Prints one JSON object a line, live, until the daemon stops or the reader goes. Without options that is \
      everything: 30 frame records a second for each stream, and all events.

      Examples:
        saccade subscribe --type event --pretty
        saccade subscribe --stream lobby --type frame --every 30 | jq .scene
        saccade subscribe --from oldest --type event
        saccade subscribe --type event --where 'in door and still > 10 s'
        saccade subscribe --constraint '静止超过10秒的目标' --output csv
        saccade subscribe --kind object --exec 'notify-send "$SACCADE_TEXT"'

      A command given by --exec is run by /bin/sh for each event, at most \(HookPool.atOnce) at a time, with the \
      record on its standard input and SACCADE_STREAM, SACCADE_EVENT, SACCADE_KIND, SACCADE_PHASE and \
      SACCADE_TEXT in its environment. Up to \(HookPool.mostWaiting) events wait; what finds no room is left \
      out and counted on standard error.

      Ends with 0 when the daemon says goodbye, 69 when it can't be reached or goes without a word.
      """)

  @Option(help: ArgumentHelp("Only this stream; may be given several times.", valueName: "name"))
  var stream: [String] = []

  @Option(help: ArgumentHelp("Only records of this type: frame or event.", valueName: "type"))
  var type: [RecordType] = []

  @Option(help: ArgumentHelp("Only events of this kind; may be given several times.", valueName: "kind"))
  var kind: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only events, and of frame records only objects, for which this holds, such as 'in door for 5 s'.",
      valueName: "condition"))
  var `where`: String?

  @OptionGroup var instruction: InstructionOptions

  @Option(help: ArgumentHelp("Each n-th frame record; events are never thinned out.", valueName: "n"))
  var every = 1

  @Option(
    help: ArgumentHelp(
      "Where to start: live, oldest, a time such as 2026-11-23T13:40:00Z, or STREAM=EPOCH:SEQ, once for each stream.",
      valueName: "where"))
  var from: [String] = ["live"]

  @Flag(help: "Readable lines: one for each event, and each second one for each stream.")
  var pretty = false

  @Option(
    help: ArgumentHelp(
      "Run a shell command for each event, with the record as its input.", valueName: "command"))
  var exec: String?

  @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
  var socket: String?

  func validate() throws {
    guard every >= 1 else { throw ValidationError("--every takes a whole number from 1 on.") }
    if exec != nil, !type.isEmpty, !type.contains(.event) {
      throw ValidationError("--exec runs for events; --type leaves them out.")
    }
    if `where` != nil, instruction.asksForThings {
      throw ValidationError("--where and the layers of an instruction exclude each other.")
    }
    _ = try start()
    _ = try format()
  }

  /// How the lines are written, which is the client's own affair.
  private func format() throws -> Instruction.Output {
    do throws(Instruction.Refused) {
      let asked =
        try Instruction(Instruction.Layers(output: instruction.output), Vocabulary()).output ?? .json
      if pretty, instruction.output != nil, asked != .text {
        throw Instruction.Refused(
          layer: .output, problem: Problem(0..<1, "--pretty is text, and this asks for \(asked.rawValue)"))
      }
      return pretty ? .text : asked
    } catch {
      throw InstructionOptions.fault(error.problem, in: instruction.output ?? "", option: "output")
    }
  }

  func run() throws {
    let surroundings = Surroundings.current
    var subscription = Subscription(every: every, from: try start())
    if !stream.isEmpty { subscription.streams = stream }
    if !type.isEmpty { subscription.types = type }
    // Frame records can't be of a kind; who asks for one wants events.
    if !kind.isEmpty {
      subscription.kinds = kind
      if type.isEmpty { subscription.types = [.event] }
    }
    subscription.where = `where`
    if instruction.asksForThings {
      subscription.instruction = Subscription.Instruction(
        system: instruction.system, input: instruction.input, constraint: instruction.constraint)
    }
    if exec != nil, type.isEmpty { subscription.types = [.event] }
    let paths = SocketPath.candidates(option: socket)
    try Subscriber(subscription, paths: paths, output: try format(), exec: exec, in: surroundings).run()
  }

  private func start() throws -> Subscription.Start {
    let wrong = ValidationError(
      "--from takes live, oldest, a time such as 2026-11-23T13:40:00Z, or STREAM=EPOCH:SEQ.")
    let positions = from.compactMap(Self.position)
    if !positions.isEmpty {
      guard positions.count == from.count else { throw wrong }
      return .positions(positions)
    }
    guard from.count == 1 else { throw wrong }
    switch from[0] {
    case "live": return .live
    case "oldest": return .oldest
    case let text:
      guard let time = WallTime(rfc3339: text) else { throw wrong }
      return .time(Timestamp(milliseconds: time.nanoseconds / 1_000_000))
    }
  }

  private static func position(_ text: String) -> Subscription.Position? {
    guard let equals = text.lastIndex(of: "="), let colon = text.lastIndex(of: ":"), equals < colon,
      let seq = UInt64(text[text.index(after: colon)...]), seq >= 1
    else { return nil }
    return Subscription.Position(
      stream: String(text[..<equals]), epoch: String(text[text.index(after: equals)..<colon]), seq: seq)
  }
}

extension RecordType: ExpressibleByArgument {}
