import Base
import Events
import Glibc
import Synchronization

/// What this process takes of the machine. Nil where the kernel doesn't tell.
package struct ProcessFigures: Sendable, Hashable {
  /// Proportional set size in bytes.
  package var memory: Int64?
  package var threads: Int64?
  package var descriptors: Int64?
  package var mostDescriptors: Int64?
  /// Computing, of all threads, in seconds.
  package var computing: Double?

  /// Costs a millisecond or two.
  package static func read() -> ProcessFigures {
    var figures = ProcessFigures()
    figures.memory = ProcessMemory.proportional()
    figures.threads = count("/proc/self/task")
    // The folder that is being read is one of them.
    figures.descriptors = count("/proc/self/fd").map { $0 - 1 }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      figures.mostDescriptors = Int64(clamping: limit.rlim_cur)
    }
    var spent = timespec()
    if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0 {
      figures.computing = Double(spent.tv_sec) + Double(spent.tv_nsec) / 1e9
    }
    return figures
  }

  private static func count(_ path: String) -> Int64? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var count: Int64 = 0
    while let entry = readdir(folder) {
      // Neither the folder itself nor the one above.
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }

  /// As `status` shows them.
  var json: [JSON.Field] {
    [
      .init("memory", .object([.init("pss_bytes", whole(memory))])),
      .init(
        "process",
        .object([
          .init("threads", whole(threads)), .init("descriptors", whole(descriptors)),
          .init("descriptors_limit", whole(mostDescriptors)),
          .init("cpu_seconds", computing.map { .number($0) } ?? .null),
        ])),
    ]
  }

  private func whole(_ value: Int64?) -> JSON { value.map { .integer($0) } ?? .null }
}

/// Reads the process's figures at most once a second.
final class ProcessGauge: Sendable {
  private let last = Mutex<(at: MonotonicTime, figures: ProcessFigures)?>(nil)

  func figures(at now: MonotonicTime) -> ProcessFigures {
    last.withLock { last in
      if let last, now - last.at < .seconds(1) { return last.figures }
      let figures = ProcessFigures.read()
      last = (now, figures)
      return figures
    }
  }
}
