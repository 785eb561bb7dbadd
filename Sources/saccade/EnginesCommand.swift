import ArgumentParser
import Base
import Events
import VisionOpenVINO

struct EnginesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "Tell which engines for models are there, and whether they work.",
    discussion: """
      Looks for OpenVINO, loads it, and asks it for its devices. It is looked for in $SACCADE_OPENVINO, then in the folders \
      that `saccade setup openvino` fills, the virtual environment ($VIRTUAL_ENV) and the system's libraries.

      Examples:
        saccade engines
        saccade engines --json | jq -r '.openvino.devices[].name'
        SACCADE_OPENVINO=/opt/intel/openvino saccade engines

      Ends with 0 when all of them work, 69 when one is missing or doesn't work: then it says where it was looked \
      for and what to do.
      """)

  @Flag(help: "One line of JSON.")
  var json = false

  func run() throws {
    let search = OpenVINOSearch(environment: Surroundings.current.environment)
    do {
      let runtime = try OpenVINORuntime(search)
      try EnginePrinter.print(runtime, runtime.devices(), json: json)
    } catch let fault as Fault {
      if json {
        try Console.print(EnginePrinter.json(fault).description)
      }
      throw fault
    }
  }
}

/// An engine, for people and for programs.
enum EnginePrinter {
  static func print(_ runtime: OpenVINORuntime, _ devices: [OpenVINORuntime.Device], json: Bool) throws {
    if json { return try Console.print(self.json(runtime, devices).description) }
    try Console.print(
      "OpenVINO \(runtime.version)\n  \(runtime.found.library) (\(runtime.found.origin))\n"
        + devices.map { "  \($0.name): \($0.fullName)" }.joined(separator: "\n"))
  }

  static func json(_ runtime: OpenVINORuntime, _ devices: [OpenVINORuntime.Device]) -> JSON {
    .object([
      .init(
        "openvino",
        .object([
          .init("works", .flag(true)), .init("version", .text(runtime.version)),
          .init("library", .text(runtime.found.library)), .init("origin", .text(runtime.found.origin)),
          .init(
            "devices",
            .list(
              devices.map {
                .object([.init("name", .text($0.name)), .init("full_name", .text($0.fullName))])
              })),
        ]))
    ])
  }

  static func json(_ fault: Fault) -> JSON {
    .object([
      .init("openvino", .object([.init("works", .flag(false)), .init("error", .text(fault.description))]))
    ])
  }
}
