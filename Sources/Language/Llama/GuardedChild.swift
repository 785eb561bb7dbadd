import Base
import CLinux
import Glibc

/// A program that can't outlive the thread that started it. Owned by that thread, which reaps it.
package struct GuardedChild {
  package let pid: pid_t
  /// Readable once it is over; -1 where the kernel can't tell (before Linux 5.3).
  package let watch: Int32
  /// What it prints. Doesn't block.
  package let output: Int32

  /// The child gives way first when the machine is short of memory.
  private static let oomScore: Int32 = 800

  /// Throws when the program can't be started.
  package init(_ program: String, _ arguments: [String], environment: [String: String]) throws(Fault) {
    var ends: [Int32] = [-1, -1]
    guard saccade_pipe(&ends) == 0 else { throw Self.fault(program, errno) }
    defer { Glibc.close(ends[1]) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup($0.key + "=" + $0.value) } + [nil]
    defer { for text in words + variables { free(text) } }
    var pid = pid_t()
    let failure = program.withCString { path in
      words.withUnsafeBufferPointer { words in
        variables.withUnsafeBufferPointer { variables in
          var child = saccade_guarded_child(
            path: path, arguments: words.baseAddress, environment: variables.baseAddress, output: ends[1],
            oom_score: Self.oomScore)
          return saccade_start_guarded(&child, &pid)
        }
      }
    }
    guard failure == 0 else {
      Glibc.close(ends[0])
      throw Self.fault(program, failure)
    }
    self.pid = pid
    output = ends[0]
    watch = saccade_pidfd_open(pid)
  }

  /// To its whole group.
  package func tell(_ signal: Int32) { kill(-pid, signal) }

  /// `exit 0`, `signal 9`, …, once it is over; it is reaped then. Nil before. Doesn't wait.
  package func status() -> String? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7F
    return signal == 0 ? "exit \((status >> 8) & 0xFF)" : "signal \(signal)"
  }

  /// Lets go of its descriptors. After it is over.
  package func close() {
    Glibc.close(output)
    if watch >= 0 { Glibc.close(watch) }
  }

  /// Bytes that it has written to memory, swapped out or not: RssAnon, RssShmem and VmSwap of /proc/PID/status (proc(5)).
  /// Nil when it is over.
  func writtenMemory() -> Int? {
    let file = open("/proc/\(pid)/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { Glibc.close(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    var kilobytes = 0
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard let name = words.first, ["RssAnon:", "RssShmem:", "VmSwap:"].contains(name), words.count > 1
      else { continue }
      kilobytes += Int(words[1]) ?? 0
    }
    return kilobytes << 10
  }

  private static func fault(_ program: String, _ number: Int32) -> Fault {
    Fault(.system, "can't start", at: program, cause: String(cString: strerror(number)))
  }
}
