import ArgumentParser
import Events
import SaccadeClient

/// Where the control socket is.
struct ControlOption: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's control socket.", valueName: "path"))
  var control: String?

  static let variable = "SACCADE_CONTROL"
  private static let name = "control.sock"

  /// Where a daemon was told to have it; nil for the usual place.
  func asked(in surroundings: Surroundings) -> String? {
    if let control { return control }
    return surroundings.environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The usual place: beside the event socket.
  static func beside(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }

  /// Where clients look, in this order.
  func candidates(in surroundings: Surroundings) -> [String] {
    if let path = asked(in: surroundings) { return [path] }
    return SocketPath.candidates { surroundings.environment[$0] }.map(Self.beside)
  }
}
