import Glibc

/// A point on a stream's media clock: 0 at the first frame of an epoch, never back.
package struct MediaTime: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  package init(seconds: Double) { nanoseconds = Int64((seconds * 1e9).rounded()) }

  package static let zero = MediaTime(nanoseconds: 0)
  package var seconds: Double { Double(nanoseconds) / 1e9 }

  package static func < (a: MediaTime, b: MediaTime) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func - (a: MediaTime, b: MediaTime) -> Nanoseconds { a.nanoseconds - b.nanoseconds }
  package static func + (a: MediaTime, b: Nanoseconds) -> MediaTime {
    MediaTime(nanoseconds: a.nanoseconds + b)
  }
}

/// A point on this machine's CLOCK_MONOTONIC: for deadlines and arrivals, never shown to anyone.
package struct MonotonicTime: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func - (a: MonotonicTime, b: MonotonicTime) -> Nanoseconds {
    a.nanoseconds - b.nanoseconds
  }
  package static func + (a: MonotonicTime, b: Nanoseconds) -> MonotonicTime {
    MonotonicTime(nanoseconds: a.nanoseconds + b)
  }
}

/// A point in UTC, from 1970-01-01.
package struct WallTime: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (a: WallTime, b: WallTime) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func - (a: WallTime, b: WallTime) -> Nanoseconds { a.nanoseconds - b.nanoseconds }
  package static func + (a: WallTime, b: Nanoseconds) -> WallTime {
    WallTime(nanoseconds: a.nanoseconds + b)
  }
}

/// A length of time in nanoseconds. `Swift.Duration` is 128 bits wide and slow where a frame passes.
package typealias Nanoseconds = Int64

extension Nanoseconds {
  package static func seconds(_ value: Double) -> Nanoseconds { Nanoseconds((value * 1e9).rounded()) }
  package static func milliseconds(_ value: Int64) -> Nanoseconds { value * 1_000_000 }
  package var inSeconds: Double { Double(self) / 1e9 }
  package var inMilliseconds: Double { Double(self) / 1e6 }
}

/// Where time comes from. Only `main` makes a `SystemClocks`; everything else is handed one.
package protocol Clocks: Sendable {
  func monotonic() -> MonotonicTime
  func wall() -> WallTime
  /// Computing that the calling thread has done, from an arbitrary start: what waits costs nothing.
  func computing() -> Nanoseconds
}

extension Clocks {
  /// Where computing isn't measured, time passing counts as such.
  package func computing() -> Nanoseconds { monotonic().nanoseconds }
}

package struct SystemClocks: Clocks {
  package init() {}

  package func monotonic() -> MonotonicTime { MonotonicTime(nanoseconds: Self.read(CLOCK_MONOTONIC)) }
  package func wall() -> WallTime { WallTime(nanoseconds: Self.read(CLOCK_REALTIME)) }

  package func computing() -> Nanoseconds { Self.read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
