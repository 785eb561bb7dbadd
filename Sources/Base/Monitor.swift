import CLinux

/// A value behind a lock with a condition: for threads that wait for each other.
///
/// `Synchronization.Mutex` has no condition variable, and its slow path is invisible to ThreadSanitizer.
package final class Monitor<Value: ~Copyable>: @unchecked Sendable {
  // Safety: `value` is touched only between lock and unlock of `handle`.
  private let handle: OpaquePointer
  private var value: Value

  package init(_ value: consuming sending Value) {
    handle = saccade_monitor_create()
    self.value = value
  }

  deinit { saccade_monitor_destroy(handle) }

  /// Runs `body` with the lock held. `body` must not block on anything but `Held.wait`.
  package func withLock<R: ~Copyable, E: Error>(
    _ body: (inout Value, Held) throws(E) -> R
  ) throws(E) -> R {
    saccade_monitor_lock(handle)
    defer { saccade_monitor_unlock(handle) }
    return try body(&value, Held(handle: handle))
  }

  /// What can be done while the lock is held.
  package struct Held {
    fileprivate let handle: OpaquePointer

    /// Wakes every waiter.
    package func wakeAll() { saccade_monitor_broadcast(handle) }

    /// Gives the lock up until woken; wake-ups without a cause happen, so wait in a loop.
    ///
    /// Takes the guarded value, as other threads change it meanwhile: were it not handed over, the compiler
    /// might go on with what it read before (it did: a loop around a plain `wait()` never saw the change).
    package func wait(_ value: inout Value) {
      withUnsafeMutablePointer(to: &value) { saccade_monitor_wait(handle, $0) }
    }

    /// As `wait`, but at the latest until `deadline`. Returns false when it passed.
    package func wait(_ value: inout Value, until deadline: MonotonicTime) -> Bool {
      withUnsafeMutablePointer(to: &value) {
        saccade_monitor_wait_until(handle, deadline.nanoseconds, $0) == 0
      }
    }
  }
}
