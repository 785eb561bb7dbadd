import Base
import CLinux
import Glibc

/// A program that runs in a process group of its own, with a pipe to its standard input. Used by
/// one thread, which waits for it: a child is always reaped.
struct ChildProcess {
  private let pid: pid_t
  private let input: Int32

  /// Starts a program, found by the PATH, with its arguments. The child shares standard output and error.
  init(_ words: [String], environment: [String: String]) throws(Fault) {
    let command = words.joined(separator: " ")
    var ends: [Int32] = [-1, -1]
    guard saccade_pipe(&ends) == 0 else { throw Self.fault(command, errno) }
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, reading, STDIN_FILENO)
    // Clients' connections among them: NIO lets accepted sockets pass to children, where they would never end.
    _ = saccade_spawn_close_from(&actions, STDERR_FILENO + 1)

    // What saccade blocks and ignores is not the child's affair.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var pipes = sigset_t()
    sigemptyset(&pipes)
    sigaddset(&pipes, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &pipes)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup($0.key + "=" + $0.value) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid = pid_t()
    let result = posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, &variables)
    guard result == 0 else {
      close(writing)
      throw Self.fault(command, result)
    }
    self.pid = pid
    input = writing
  }

  /// Writes to the child and closes its input. A child that reads nothing is no failure.
  func feed(_ bytes: [UInt8]) {
    defer { close(input) }
    bytes.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = write(input, rest.baseAddress, rest.count)
        if written > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        } else if errno != EINTR {
          return
        }
      }
    }
  }

  /// Waits for the end and reaps. At the deadline the child's group is told to stop, and two seconds later
  /// made to. Returns `exit 0`, `exit 3`, `signal 9`, ….
  func wait(until deadline: MonotonicTime, clocks: any Clocks) -> String {
    let watch = saccade_pidfd_open(pid)
    if watch >= 0 {
      defer { close(watch) }
      if !Self.ended(watch, by: deadline, clocks) {
        kill(-pid, SIGTERM)
        if !Self.ended(watch, by: deadline + .seconds(2), clocks) { kill(-pid, SIGKILL) }
      }
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? "exit \((status >> 8) & 0xFF)" : "signal \(signal)"
  }

  /// Whether it has ended by then; reaps nothing.
  func isOver(by deadline: MonotonicTime, clocks: any Clocks) -> Bool {
    let watch = saccade_pidfd_open(pid)
    guard watch >= 0 else { return true }
    defer { close(watch) }
    return Self.ended(watch, by: deadline, clocks)
  }

  /// Sends a signal to its whole group.
  func tell(_ signal: Int32) { kill(-pid, signal) }

  private static func ended(_ watch: Int32, by deadline: MonotonicTime, _ clocks: any Clocks) -> Bool {
    while true {
      let left = deadline - clocks.monotonic()
      var end = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
      let ready = poll(&end, 1, Int32(clamping: max(0, left / 1_000_000)))
      if ready > 0 { return true }
      if left <= 0 { return false }
    }
  }

  private static func fault(_ command: String, _ number: Int32) -> Fault {
    Fault(.system, "can't run `\(command)`", cause: String(cString: strerror(number)))
  }
}
