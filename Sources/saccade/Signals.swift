import Base
import Glibc
import Synchronization

/// The one place that owns SIGINT, SIGTERM and SIGHUP.
///
/// They are blocked in every thread and waited for by one, so that no handler runs in the middle of
/// anything. The first asks for an orderly stop; the second ends the process on the spot.
final class Signals: Sendable {
  /// Called once, on the signals' thread, with the signal's number.
  typealias Handler = @Sendable (Int32) -> Void

  private let first = Atomic<Int32>(0)

  /// Make it before any thread that lives longer: threads inherit what is blocked. What comes from now on waits
  /// for `watch`.
  init() {
    var set = Self.owned
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// As both in one.
  convenience init(_ onFirst: @escaping Handler) {
    self.init()
    watch(onFirst)
  }

  /// Call once. With `onHangup`, SIGHUP asks for that and not for the stop.
  func watch(onHangup: (@Sendable () -> Void)? = nil, _ onFirst: @escaping Handler) {
    _ = WorkerThread(name: "signals") { [self] in wait(onHangup, onFirst) }
  }

  /// The signal that asked for the stop; nil when none has come.
  var received: Int32? {
    let number = first.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  private func wait(_ onHangup: (@Sendable () -> Void)?, _ onFirst: Handler) {
    var set = Self.owned
    while true {
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { continue }
      if number == SIGHUP, let onHangup {
        if received == nil { onHangup() }
      } else if received == nil {
        first.store(number, ordering: .releasing)
        onFirst(number)
      } else {
        _exit(128 + number)
      }
    }
  }

  private static var owned: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
    return set
  }
}
