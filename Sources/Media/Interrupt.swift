import Base
import CFFmpeg
import Synchronization

/// Ends FFmpeg's blocking calls: on `stop`, from any thread, or when a deadline has passed.
final class Interrupt: Sendable {
  private let clocks: any Clocks
  private let stopped = Atomic<Bool>(false)
  /// On the monotonic clock; `Int64.max` for none.
  private let deadline = Atomic<Int64>(.max)
  private let sleep = Monitor(Sleep())

  private struct Sleep {
    var isAwaited = false
    var isHurried = false
  }

  init(_ clocks: any Clocks) { self.clocks = clocks }

  var isStopped: Bool { stopped.load(ordering: .acquiring) }

  /// For good.
  func stop() {
    stopped.store(true, ordering: .releasing)
    sleep.withLock { _, held in held.wakeAll() }
  }

  func allow(_ time: Nanoseconds?) {
    let end = time.map { clocks.monotonic().nanoseconds.addingReportingOverflow($0) }
    deadline.store(end.map { $0.overflow ? .max : $0.partialValue } ?? .max, ordering: .relaxed)
  }

  var isLate: Bool {
    let end = deadline.load(ordering: .relaxed)
    return end != .max && clocks.monotonic().nanoseconds > end
  }

  var shouldEnd: Bool { isStopped || isLate }

  /// A `wait` follows: who hurries from now on, hurries that one.
  func expectWait() {
    sleep.withLock { sleep, _ in sleep = Sleep(isAwaited: true) }
  }

  /// Sleeps; false when stopped meanwhile.
  func wait(until time: MonotonicTime) -> Bool {
    sleep.withLock { sleep, held in
      while !isStopped, !sleep.isHurried, clocks.monotonic() < time {
        if !held.wait(&sleep, until: time) { break }
      }
      sleep = Sleep()
      return !isStopped
    }
  }

  /// Ends the wait that goes on or was announced; false when there is none. Any thread.
  func hurry() -> Bool {
    sleep.withLock { sleep, held in
      guard sleep.isAwaited else { return false }
      sleep.isHurried = true
      held.wakeAll()
      return true
    }
  }

  /// For an AVFormatContext, which must not outlive this object.
  var callback: AVIOInterruptCB {
    AVIOInterruptCB(
      callback: { raw in
        // Safety: `opaque` below is never nil, and the owner of the context keeps this object.
        Unmanaged<Interrupt>.fromOpaque(raw!).takeUnretainedValue().shouldEnd ? 1 : 0
      },
      opaque: Unmanaged.passUnretained(self).toOpaque())
  }
}
