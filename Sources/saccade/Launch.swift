import ArgumentParser
import Base
import Glibc
import Pipelines

/// Runs a command and turns whatever it throws into a message and an exit code.
enum Launch {
  static func run(_ arguments: [String], on surroundings: Surroundings) -> Int32 {
    Surroundings.keep(surroundings)
    do {
      try refuseUnknownCommand(arguments)
      var command = try Saccade.parseAsRoot(arguments)
      try command.run()
      return EXIT_SUCCESS
    } catch let fault as Fault {
      Console.say(fault)
      return fault.code.rawValue
    } catch let found as PipelineFaults {
      found.faults.forEach(Console.say)
      return found.code.rawValue
    } catch is Console.Closed {
      return EXIT_SUCCESS
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      return answer(of: error)
    }
  }

  /// The parser would call it an unexpected argument.
  private static func refuseUnknownCommand(_ arguments: [String]) throws {
    guard let word = arguments.first, !word.hasPrefix("-") else { return }
    let known = Saccade.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !known.contains(word) else { return }
    let advice =
      NearestWord.find(word, in: known).map { "did you mean `\($0)`?" }
      ?? "the commands are " + known.map { "`\($0)`" }.joined(separator: ", ")
    throw Fault(.usage, "there is no command `\(word)`", advice: advice)
  }

  /// Help, the version, and what the parser didn't understand.
  private static func answer(of error: any Error) -> Int32 {
    let text = Saccade.fullMessage(for: error)
    let code = Saccade.exitCode(for: error)
    if code == .success {
      try? Console.print(text)
      return EXIT_SUCCESS
    }
    Console.tell(text)
    // Anything the parser refuses is wrong usage; the rest is a fault of ours.
    return code == .validationFailure ? Fault.Code.usage.rawValue : Fault.Code.software.rawValue
  }
}
