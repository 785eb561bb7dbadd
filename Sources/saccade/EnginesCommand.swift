import ArgumentParser
import Base
import Events
import VisionOpenVINO

struct EnginesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines",
    abstract: "Tell which engines for models are there, and whether they work.",
    discussion: """
      Looks for OpenVINO, loads it, and runs a tiny model on each of its devices. It is looked for in $SACCADE_OPENVINO, then in the folders \
      that `saccade setup openvino` fills, the virtual environment ($VIRTUAL_ENV) and the system's libraries.

      Examples:
        saccade engines
        saccade engines --json | jq -r '.openvino.devices[].name'
        SACCADE_OPENVINO=/opt/intel/openvino saccade engines

      Ends with 0 when OpenVINO works on a device, 69 when it is missing or works on none: then it says where it was \
      looked for, or what is wrong, and what to do.
      """)

  @Flag(help: "One line of JSON.")
  var json = false

  func run() throws {
    let search = OpenVINOSearch(environment: Surroundings.current.environment)
    do {
      let runtime = try OpenVINORuntime(search)
      let devices = try runtime.devices().map { device in
        let result = Result { () throws(Fault) in try runtime.prove(device.name) }
        return EnginePrinter.Device(device: device, fault: result.fault)
      }
      if let fault = devices.compactMap(\.fault).first, devices.allSatisfy({ $0.fault != nil }) {
        throw fault
      }
      try EnginePrinter.print(runtime, devices, json: json)
    } catch let fault as Fault {
      if json {
        try Console.print(EnginePrinter.json(fault).description)
      }
      throw fault
    }
  }
}

extension Result where Success == Void, Failure == Fault {
  fileprivate var fault: Fault? { if case .failure(let fault) = self { fault } else { nil } }
}

/// An engine, for people and for programs.
enum EnginePrinter {
  struct Device {
    var device: OpenVINORuntime.Device
    /// Why it doesn't work.
    var fault: Fault?
  }

  static func print(_ runtime: OpenVINORuntime, _ devices: [Device], json: Bool) throws {
    if json { return try Console.print(self.json(runtime, devices).description) }
    try Console.print(
      "OpenVINO \(runtime.version)\n  \(runtime.found.library) (\(runtime.found.origin))\n"
        + devices.map { "  \($0.device.name): \($0.device.fullName)" + text($0.fault) }.joined(
          separator: "\n"))
  }

  static func json(_ runtime: OpenVINORuntime, _ devices: [Device]) -> JSON {
    .object([
      .init(
        "openvino",
        .object([
          .init("works", .flag(true)), .init("version", .text(runtime.version)),
          .init("library", .text(runtime.found.library)), .init("origin", .text(runtime.found.origin)),
          .init("devices", .list(devices.map { json($0) })),
        ]))
    ])
  }

  private static func json(_ device: Device) -> JSON {
    .object([
      .init("name", .text(device.device.name)), .init("full_name", .text(device.device.fullName)),
      .init("works", .flag(device.fault == nil)),
      .init("error", device.fault.map { .text($0.description) } ?? .null),
    ])
  }

  private static func text(_ fault: Fault?) -> String {
    fault.map { ", doesn't work: " + ($0.cause ?? $0.what) } ?? ""
  }

  static func json(_ fault: Fault) -> JSON {
    .object([
      .init("openvino", .object([.init("works", .flag(false)), .init("error", .text(fault.description))]))
    ])
  }
}
