import Glibc

/// Where the daemon's socket is looked for.
public enum SocketPath {
  /// Of the daemon that the system runs.
  public static let system = "/run/saccade/events.sock"

  /// The paths to try, in this order: `option` or `$SACCADE_SOCKET` alone where there is one; else the
  /// user's own places, then the system's.
  public static func candidates(
    option: String? = nil, environment: (String) -> String? = SocketPath.environment,
    user: UInt32 = geteuid()
  ) -> [String] {
    if let option { return [option] }
    if let path = environment("SACCADE_SOCKET"), !path.isEmpty { return [path] }
    var paths: [String] = []
    if let folder = environment("XDG_RUNTIME_DIR"), folder.hasPrefix("/") {
      paths.append("\(folder)/saccade/events.sock")
    }
    return paths + [temporary(user) + "/events.sock", system]
  }

  /// A variable of this process's environment.
  public static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func temporary(_ user: UInt32) -> String { "/tmp/saccade-\(user)" }

  /// In `/tmp` anyone can make a folder: one that isn't ours alone is not trusted.
  static func isTrusted(_ path: String, user: UInt32 = geteuid()) -> Bool {
    let folder = temporary(user)
    guard path.hasPrefix(folder + "/") else { return true }
    var info = stat()
    guard lstat(folder, &info) == 0 else { return true }
    return info.st_mode & S_IFMT == S_IFDIR && info.st_uid == user && info.st_mode & 0o077 == 0
  }
}
