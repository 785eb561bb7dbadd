import Base

/// What came of waiting for a frame.
package enum Reading<Result> {
  case frame(Result)
  /// The deadline passed.
  case timedOut
  /// `wake` was called.
  case woken
  /// The writer ended and this reader has had everything.
  case ended
  /// The ring was closed.
  case closed
}

/// One reader's place in a ring. Used by one thread at a time; another may call the ring's `wake`.
///
/// While it exists a recording's writer waits for it, so let go of it when reading stops early.
package final class RingReader<Frame: ~Copyable>: @unchecked Sendable {
  // Safety: `wakesSeen` belongs to the one thread that reads.
  private let ring: FrameRing<Frame>
  private let number: Int
  private var wakesSeen: UInt64

  init(_ ring: FrameRing<Frame>) {
    self.ring = ring
    (number, wakesSeen) = ring.monitor.withLock { (state: inout RingState, _) in
      (state.addReader(), state.wakes)
    }
  }

  deinit {
    let number = number
    ring.monitor.withLock { (state: inout RingState, held) in
      state.removeReader(number)
      held.wakeAll()
    }
  }

  /// Waits for a frame that this reader hasn't had, the oldest still held, and lends it to `body`.
  ///
  /// - Parameters:
  ///   - deadline: On CLOCK_MONOTONIC; nil waits without limit.
  ///   - body: Runs without the lock, as long as it likes. Also gets how many frames were lost to this
  ///     reader since its last one (never any in a recording).
  package func next<R>(
    until deadline: MonotonicTime? = nil, _ body: (borrowing Frame, UInt64) throws -> R
  ) rethrows -> Reading<R> {
    try read(newestOnly: false, deadline, body)
  }

  /// As `next`, but takes the newest frame and counts those passed over as lost to this reader.
  package func newest<R>(
    until deadline: MonotonicTime? = nil, _ body: (borrowing Frame, UInt64) throws -> R
  ) rethrows -> Reading<R> {
    try read(newestOnly: true, deadline, body)
  }

  private enum Wait {
    case pinned(slot: Int, lapped: UInt64)
    case timedOut, woken, ended, closed
  }

  private func read<R>(
    newestOnly: Bool, _ deadline: MonotonicTime?, _ body: (borrowing Frame, UInt64) throws -> R
  ) rethrows -> Reading<R> {
    switch wait(newestOnly: newestOnly, deadline) {
    case .timedOut: return .timedOut
    case .woken: return .woken
    case .ended: return .ended
    case .closed: return .closed
    case .pinned(let slot, let lapped):
      defer { unpin(slot) }
      // Safety: a slot is pinned only while it holds a frame.
      return .frame(try lend(ring.slots.baseAddress! + slot, lapped, body))
    }
  }

  private func lend<R>(
    _ slot: UnsafeMutablePointer<Frame?>, _ lapped: UInt64, _ body: (borrowing Frame, UInt64) throws -> R
  ) rethrows -> R {
    switch slot.pointee {
    case .some(let frame): return try body(frame, lapped)
    case .none: preconditionFailure("a pinned slot without a frame")
    }
  }

  private func wait(newestOnly: Bool, _ deadline: MonotonicTime?) -> Wait {
    ring.monitor.withLock { (state: inout RingState, held) -> Wait in
      while true {
        if state.isClosed { return .closed }
        if let (slot, lapped) = state.pinNext(for: number, newestOnly: newestOnly) {
          return .pinned(slot: slot, lapped: lapped)
        }
        if state.isEnded { return .ended }
        if state.wakes != wakesSeen {
          wakesSeen = state.wakes
          return .woken
        }
        if let deadline {
          if !held.wait(&state, until: deadline) {
            // A frame may have come together with the deadline.
            guard let (slot, lapped) = state.pinNext(for: number, newestOnly: newestOnly) else {
              return .timedOut
            }
            return .pinned(slot: slot, lapped: lapped)
          }
        } else {
          held.wait(&state)
        }
      }
    }
  }

  private func unpin(_ slot: Int) {
    ring.monitor.withLock { (state: inout RingState, held) in
      state.unpin(slot)
      // A recording's writer goes on once its oldest frame is both taken and free.
      if state.policy == .writerWaits { held.wakeAll() }
    }
  }
}
