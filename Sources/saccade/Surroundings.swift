import Base
import Glibc
import Synchronization

/// What the process was started with, read once; nothing below `saccade` reads it.
struct Surroundings: Sendable {
  let environment: [String: String]
  let clocks: any Clocks
  /// Whether people read along.
  let errorIsTerminal: Bool
  let outputIsTerminal: Bool
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
    self.environment = environment
    clocks = SystemClocks()
    errorIsTerminal = isatty(STDERR_FILENO) == 1
    outputIsTerminal = isatty(STDOUT_FILENO) == 1
    user = getuid()
  }

  /// Commands get no arguments but the user's: they find their surroundings here.
  static var current: Surroundings {
    guard let known = held.withLock({ $0 }) else { preconditionFailure("no surroundings before launch") }
    return known
  }

  static func keep(_ surroundings: Surroundings) { held.withLock { $0 = surroundings } }

  private static let held = Mutex<Surroundings?>(nil)
}
