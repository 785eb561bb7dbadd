import Glibc
import Pipelines

/// Where the server puts its socket (docs/protocol.md, Connecting). Clients ask `SaccadeClient.SocketPath`.
struct SocketPlace {
  var path: String
  /// The folder is the user's alone; the server makes it.
  var isOwnFolder = false

  /// Where the server listens: `--socket`, `SACCADE_SOCKET`, a pipeline's key, else the user's own place.
  static func forServer(option: String?, pipelines: [Pipeline], in surroundings: Surroundings) -> SocketPlace
  {
    if let path = asked(option, surroundings) ?? pipelines.compactMap(\.socket).first {
      return SocketPlace(path: path)
    }
    return ofUser(surroundings)
  }

  private static func asked(_ option: String?, _ surroundings: Surroundings) -> String? {
    if let option { return option }
    guard let path = surroundings.environment["SACCADE_SOCKET"], !path.isEmpty else { return nil }
    return path
  }

  private static func ofUser(_ surroundings: Surroundings) -> SocketPlace {
    if let folder = surroundings.environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") {
      return SocketPlace(path: folder + "/saccade/events.sock", isOwnFolder: true)
    }
    return SocketPlace(path: "/tmp/saccade-\(surroundings.user)/events.sock", isOwnFolder: true)
  }
}
