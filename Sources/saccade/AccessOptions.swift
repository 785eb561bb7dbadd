import ArgumentParser
import Base
import Service

/// Who may use the sockets of a daemon.
struct AccessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Who may subscribe, such as user:alice,group:video.", valueName: "list"))
  var allowSubscribe: String?

  @Option(help: ArgumentHelp("Who may control the daemon.", valueName: "list"))
  var allowControl: String?

  /// Nil leaves it to the mode of the socket's file.
  func subscribers(in surroundings: Surroundings) throws(Fault) -> AccessList? {
    try list(allowSubscribe, "--allow-subscribe", "SACCADE_ALLOW_SUBSCRIBE", surroundings)
  }

  func controllers(in surroundings: Surroundings) throws(Fault) -> AccessList? {
    try list(allowControl, "--allow-control", "SACCADE_ALLOW_CONTROL", surroundings)
  }

  private func list(
    _ given: String?, _ option: String, _ variable: String, _ surroundings: Surroundings
  ) throws(Fault) -> AccessList? {
    if let given { return try AccessList(given, at: option, accounts: .system) }
    guard let text = surroundings.environment[variable], !text.isEmpty else { return nil }
    return try AccessList(text, at: "$" + variable, accounts: .system)
  }
}
