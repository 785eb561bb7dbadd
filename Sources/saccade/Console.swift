import Base
import Glibc

/// The two streams that a person or a script reads: results on standard output, all else on standard
/// error. Each call writes one whole piece, from any thread.
enum Console {
  /// Whoever read standard output has gone: `| head` has seen enough.
  struct Closed: Error {}

  /// A result, with a line feed. Throws `Closed`, or a `Fault` when the disk is full.
  static func print(_ text: String) throws {
    try write(text + "\n")
  }

  static func write(_ text: String) throws { try check(put(text, on: STDOUT_FILENO)) }

  static func write(_ bytes: [UInt8]) throws {
    try check(bytes.withUnsafeBytes { put($0, on: STDOUT_FILENO) })
  }

  /// Calls `gone` when whoever read standard output has gone, even if nothing is written then. On a thread
  /// of its own, for the rest of the process.
  static func watchOutput(_ gone: @escaping @Sendable () -> Void) {
    _ = WorkerThread(name: "output") {
      var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
      while poll(&output, 1, -1) < 0, errno == EINTR {}
      gone()
    }
  }

  private static func check(_ failure: Int32) throws {
    if failure == EPIPE { throw Closed() }
    if failure != 0 {
      throw Fault(.io, "can't write to standard output", cause: String(cString: strerror(failure)))
    }
  }

  /// A line for people. Never fails: with nobody there to read it, nothing can be done about it.
  static func tell(_ text: String) { _ = put(text + "\n", on: STDERR_FILENO) }

  static func say(_ fault: Fault) {
    guard Surroundings.current.errorIsJournal else { return tell("saccade: " + fault.description) }
    // Each line is an entry of its own.
    let lines = fault.description.split(separator: "\n", omittingEmptySubsequences: false)
    tell(lines.map { "<3>" + $0 }.joined(separator: "\n"))
  }

  /// Part of a line, for progress on a terminal.
  static func sketch(_ text: String) { _ = put(text, on: STDERR_FILENO) }

  /// Text that came from elsewhere, fit for a terminal: control characters can't move the cursor.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { kept.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
    return String(kept)
  }

  /// As `harmless`, but the text may have several lines.
  static func harmless(lines text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { harmless(String($0)) }
      .joined(separator: "\n")
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

  /// 0, or the errno.
  private static func put(_ text: String, on descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { put(UnsafeRawBufferPointer($0), on: descriptor) }
  }

  private static func put(_ bytes: UnsafeRawBufferPointer, on descriptor: Int32) -> Int32 {
    var rest = bytes
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      } else if errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
