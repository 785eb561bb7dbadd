import Base

/// What the writer does when the ring is full.
package enum RingPolicy: Sendable, Hashable {
  /// Live: the oldest frame goes, the writer never waits.
  case newestWins
  /// Recordings: the writer waits until every reader has taken the oldest frame; nothing is lost.
  case writerWaits
}

/// A few frames between one writer and many readers. The ring owns the frames; readers borrow them.
///
/// A borrowed slot is pinned: the writer skips it, so that a slow reader holds up nobody. Frames that the
/// ring lets go are destroyed on the writer's thread, outside of the lock. All slots exist from the start.
package final class FrameRing<Frame: ~Copyable>: @unchecked Sendable {
  // Safety: a slot is written only by the one writer while it is neither pinned nor published (`State`), and
  // read only while pinned; both facts change under the monitor's lock.
  let slots: UnsafeMutableBufferPointer<Frame?>
  let monitor: Monitor<RingState>

  /// - Parameter slots: At least 2; one more than there are readers that work in parallel keeps the writer
  ///   from dropping.
  package init(slots count: Int = 4, policy: RingPolicy) {
    precondition(count >= 2, "a ring of \(count) slots")
    slots = .allocate(capacity: count)
    for index in 0..<count { slots.initializeElement(at: index, to: nil) }
    monitor = Monitor(RingState(slots: count, policy: policy))
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }

  /// Hands a frame over. Called by the one writer only.
  ///
  /// With `writerWaits` it blocks until a slot is free or the ring is closed. With `newestWins` it never
  /// blocks; when readers have pinned every slot the new frame is dropped and counted.
  /// Returns false once the ring is closed: the frame was not taken.
  @discardableResult
  package func publish(_ frame: consuming Frame) -> Bool {
    let place = monitor.withLock { (state: inout RingState, held) -> RingState.Place in
      while true {
        let place = state.placeForNext()
        guard case .full = place else { return place }
        held.wait(&state)
      }
    }
    guard case .slot(let index) = place else {
      if case .dropped = place { return true }
      return false
    }
    // The old frame leaves by the swap and dies here, outside of the lock.
    var incoming: Frame? = consume frame
    swap(&slots[index], &incoming)
    monitor.withLock { (state: inout RingState, held) in
      state.published(index)
      held.wakeAll()
    }
    return true
  }

  /// No frame will follow. Readers get what is left, then `ended`.
  package func end() {
    monitor.withLock { (state: inout RingState, held) in
      state.isEnded = true
      held.wakeAll()
    }
  }

  /// Everything stops: a waiting writer and all waiting readers return at once, with `closed`.
  package func close() {
    monitor.withLock { (state: inout RingState, held) in
      state.isClosed = true
      held.wakeAll()
    }
  }

  /// Wakes every reader that waits: it returns `woken`. A reader that doesn't wait now returns `woken` from
  /// its next wait.
  package func wake() {
    monitor.withLock { (state: inout RingState, held) in
      state.wakes &+= 1
      held.wakeAll()
    }
  }

  /// For a source that turns out to be live, or not, once it is open.
  package func setPolicy(_ policy: RingPolicy) {
    monitor.withLock { (state: inout RingState, held) in
      state.policy = policy
      held.wakeAll()
    }
  }

  /// A reader of its own position. A live reader starts at the newest frame held, a recording's at the
  /// oldest held; frames that were published before the first reader came wait for it in a recording.
  package func makeReader() -> RingReader<Frame> { RingReader(self) }

  /// Frames published so far.
  package var published: UInt64 { monitor.withLock { (state: inout RingState, _) in state.newest } }
  /// Frames dropped because every slot was pinned.
  package var dropped: UInt64 { monitor.withLock { (state: inout RingState, _) in state.dropped } }
}
