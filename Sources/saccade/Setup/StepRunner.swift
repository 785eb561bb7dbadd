import Base
import Glibc
import Language

/// Runs the programs of a setup, one after the other, with what they print in a log. They end with this process.
struct StepRunner {
  /// The log's path; it grows.
  let log: String
  let surroundings: Surroundings

  /// Waits for its end. Returns why it failed, with the last that it said; nil when it didn't.
  func run(_ words: [String]) throws(Fault) -> String? {
    let file = Glibc.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw Fault(.cannotCreate, "can't write the log", at: log, cause: String(cString: strerror(errno)))
    }
    defer { close(file) }
    let child = try GuardedChild(words[0], Array(words.dropFirst()), environment: surroundings.environment)
    defer { child.close() }
    var last = LastWords()
    while true {
      var end = pollfd(fd: child.watch, events: Int16(POLLIN), revents: 0)
      // Short enough that its pipe never stays full for long.
      _ = poll(&end, 1, 50)
      let status = child.status()
      drain(child.output, into: file, &last)
      guard let status else { continue }
      if status == "exit 0" { return nil }
      // The last lines tell that something failed, those before what.
      let said = last.all.suffix(6).map { Console.harmless($0) }.joined(separator: " | ")
      return "\(words[0]) ended with \(status)" + (said.isEmpty ? "" : ": \(said)")
    }
  }

  /// With all that is in it. What can't be removed stays.
  func remove(_ folder: String) {
    _ = try? run(["/bin/rm", "-rf", folder])
  }

  private func drain(_ output: Int32, into file: Int32, _ last: inout LastWords) {
    var bytes = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = read(output, &bytes, bytes.count)
      if count <= 0 { return }
      last.read(bytes[..<count])
      // A full disk is no reason to stop reading: the step itself will tell.
      _ = write(file, bytes, count)
    }
  }
}
