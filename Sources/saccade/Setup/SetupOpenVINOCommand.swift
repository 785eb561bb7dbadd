import ArgumentParser
import Base
import Glibc
import VisionOpenVINO

struct SetupOpenVINOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openvino",
    abstract: "Install OpenVINO, which runs detection models, in a folder of its own.",
    discussion: """
      Fetches OpenVINO's package for Python from PyPI by `python3 -m pip` (about 60 MB), unpacks it, and tries whether it \
      loads. Nothing else on the machine is changed, and nothing of Python is needed later. When it is already there and \
      works, nothing is done.

      Examples:
        saccade setup openvino
        sudo saccade setup openvino                  for the service, in /var/lib/saccade/openvino
        saccade setup openvino --wheel openvino-2026.4.1-….whl   without network

      Ends with 0 when it is there and works, 69 when python3, pip or the network is missing or the package doesn't \
      work, 73 when the folder can't be made.
      """)

  @Option(
    help: ArgumentHelp(
      "Where to; without it $XDG_DATA_HOME/saccade/openvino or ~/.local/share/saccade/openvino, for root /var/lib/saccade/openvino.",
      valueName: "path"))
  var folder: String?

  @Option(help: ArgumentHelp("A package that was fetched before.", valueName: "file"))
  var wheel: String?

  func run() throws {
    let surroundings = Surroundings.current
    let target = try folder.map { try Self.absolute($0) } ?? Self.usualFolder(surroundings)
    if wheel == nil, let runtime = try? OpenVINORuntime(OpenVINOSearch(path: target, environment: [:])) {
      try Console.print("OpenVINO \(runtime.version) is already in \(target)")
      return
    }
    let start = surroundings.clocks.monotonic()
    let setup = OpenVINOSetup(
      target: target, package: wheel ?? "openvino==\(OpenVINOSetup.version)",
      environment: surroundings.environment, clocks: surroundings.clocks)
    let version = try setup.run()
    let took = (surroundings.clocks.monotonic() - start).inSeconds
    let megabytes = (setup.bytes + 500_000) / 1_000_000
    try Console.print(
      "installed OpenVINO \(version) in \(target): \(megabytes) MB, in \(Int(took.rounded())) s\n"
        + "`saccade engines` shows its devices")
  }

  private static func usualFolder(_ surroundings: Surroundings) throws -> String {
    if surroundings.user == 0 { return OpenVINOSearch.systemFolder }
    if let folder = OpenVINOSearch.ownFolder(surroundings.environment) { return folder }
    throw Fault(
      .usage, "nobody says where to install it", cause: "neither XDG_DATA_HOME nor HOME is an absolute path",
      advice: "give --folder")
  }

  private static func absolute(_ path: String) throws -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { throw Fault(.system, "can't tell the current folder") }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }
}
