import ArgumentParser
import Base
import Glibc
import Service
import Synchronization

/// What the process was started with, read once; nothing below `saccade` reads it.
struct Surroundings: Sendable {
  /// Without what is meant for this process alone.
  let environment: [String: String]
  let service: ServiceVariables
  let clocks: any Clocks
  /// Whether people read along.
  let errorIsTerminal: Bool
  let outputIsTerminal: Bool
  /// Whether the journal reads along: it stamps lines itself, and takes their level from <n> at their start
  /// (sd-daemon(3)).
  let errorIsJournal: Bool
  let user: uid_t

  init() {
    var environment: [String: String] = [:]
    var next = environ
    // Safety: `environ` is a list of zero-ended texts that ends with nil, and nobody changes it.
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      next += 1
    }
    service = ServiceVariables(taking: &environment, pid: getpid())
    self.environment = environment
    clocks = SystemClocks()
    errorIsTerminal = isatty(STDERR_FILENO) == 1
    outputIsTerminal = isatty(STDOUT_FILENO) == 1
    user = getuid()
    errorIsJournal = Self.isJournal(STDERR_FILENO, named: environment["JOURNAL_STREAM"])
  }

  /// `JOURNAL_STREAM` goes on to children whose output may be something else, so it names what it means: device
  /// and inode (systemd.exec(5)).
  private static func isJournal(_ descriptor: Int32, named name: String?) -> Bool {
    var info = stat()
    guard let name, fstat(descriptor, &info) == 0 else { return false }
    return name == "\(info.st_dev):\(info.st_ino)"
  }

  /// What an option says, else a variable.
  func given<Value: ExpressibleByArgument>(
    _ option: Value?, _ variable: String, _ form: String
  ) throws(Fault) -> Value? {
    if let option { return option }
    guard let text = environment[variable], !text.isEmpty else { return nil }
    guard let value = Value(argument: text) else {
      throw Fault(.usage, "$\(variable) is '\(text)', and takes \(form)")
    }
    return value
  }

  /// Commands get no arguments but the user's: they find their surroundings here.
  static var current: Surroundings {
    guard let known = held.withLock({ $0 }) else { preconditionFailure("no surroundings before launch") }
    return known
  }

  static func keep(_ surroundings: Surroundings) { held.withLock { $0 = surroundings } }

  private static let held = Mutex<Surroundings?>(nil)
}
