import ArgumentParser

struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup", abstract: "Install what models need, into a cache of your own.",
    subcommands: [SetupOpenVINOCommand.self, SetupLlamaCommand.self])
}
