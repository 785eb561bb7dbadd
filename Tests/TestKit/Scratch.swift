import Foundation

/// A folder of a test's own that goes away, with all in it, when the test lets go of it.
package final class Scratch: Sendable {
  package let path: String

  package init(_ name: String = "test") {
    let base = FileManager.default.temporaryDirectory.path
    path = base + "/saccade-\(name)-\(UUID().uuidString.prefix(8))"
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { preconditionFailure("no folder at \(path): \(error)") }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func file(_ name: String) -> String { path + "/" + name }

  /// Writes a small file and returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }

  package func read(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}
