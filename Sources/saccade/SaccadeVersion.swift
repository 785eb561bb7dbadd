/// Of the command, as `--version` and the server's hello say it.
enum SaccadeVersion {
  static let text = "0.1.0"
}
