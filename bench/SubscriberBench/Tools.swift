import Base
import Glibc

/// Starts this program again; its descriptor 3 is ours to read.
func spawn(_ arguments: [String]) -> (process: pid_t, output: Int32) {
  var ends: [Int32] = [0, 0]
  pipe(&ends)
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
  var words = (["readers"] + arguments).map { strdup($0) } + [nil]
  var process: pid_t = 0
  let result = posix_spawn(&process, "/proc/self/exe", &actions, nil, &words, environ)
  precondition(result == 0, "posix_spawn: \(result)")
  close(ends[1])
  return (process, ends[0])
}

/// CPU seconds of this process, user and system.
func usage() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

func waitUntil(_ time: MonotonicTime) {
  var spec = timespec(
    tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_nsec: Int(time.nanoseconds % 1_000_000_000))
  while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &spec, nil) == EINTR {}
}

func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
