import Base

/// Work for one device, one piece at a time, shared by streams in turn. Has a thread of its own.
///
/// A stream has room for one piece that waits; a newer one takes its place, and the older is dropped and counted:
/// nothing piles up, whatever the device takes. A stream that always has work never makes another wait longer than
/// one piece of every other stream.
package final class DeviceQueue: Sendable {
  private let state: Monitor<State>
  private let thread: WorkerThread

  private struct State: ~Copyable {
    var lanes: [Lane] = []
    /// Index of the lane whose turn is next.
    var turn = 0
    var isClosed = false
    var isOver = false
  }

  /// A stream's place in the queue. Any thread may use it.
  package final class Lane: Sendable {
    package let stream: String
    /// Pieces that a newer one took the place of.
    package let dropped = Counter()
    /// Pieces that ran.
    package let done = Counter()
    fileprivate let waiting = Monitor<Piece?>(nil)

    fileprivate init(_ stream: String) { self.stream = stream }
  }

  fileprivate final class Piece: @unchecked Sendable {
    // Safety: made by one thread, then run once by the queue's; `submit` takes it as `sending`.
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  /// - Parameter name: Of the device; its thread is `detect` and this.
  package init(name: String) {
    let state = Monitor(State())
    self.state = state
    thread = WorkerThread(name: "detect \(name)") { Self.work(state) }
  }

  /// A place for a stream, until `leave`.
  package func join(_ stream: String) -> Lane {
    let lane = Lane(stream)
    state.withLock { state, _ in state.lanes.append(lane) }
    return lane
  }

  /// Takes a stream's place away; what waits there is dropped. A piece that runs goes on to its end.
  package func leave(_ lane: Lane) {
    let last = state.withLock { state, _ in
      if let index = state.lanes.firstIndex(where: { $0 === lane }) {
        state.lanes.remove(at: index)
        if state.turn > index { state.turn -= 1 }
      }
      return lane.take()
    }
    if last != nil { lane.dropped.add() }
  }

  /// Has `run` called on the queue's thread when it is the stream's turn, unless a newer piece comes before
  /// that or the queue closes. Never blocks for long.
  package func submit(_ lane: Lane, _ run: sending @escaping () -> Void) {
    let piece = Piece(run)
    // What was replaced holds a frame: it dies outside the lock.
    let (older, isTaken) = state.withLock { state, held in
      guard !state.isClosed, state.lanes.contains(where: { $0 === lane }) else { return (Piece?.none, false) }
      let older = lane.put(piece)
      held.wakeAll()
      return (older, true)
    }
    if older != nil || !isTaken { lane.dropped.add() }
  }

  /// Drops what waits, and returns once the piece that runs is over, or false at the deadline: a device that hangs must not
  /// keep the process from its end. Call once, from another thread than the queue's.
  @discardableResult
  package func close(until deadline: MonotonicTime = MonotonicTime(nanoseconds: .max / 2)) -> Bool {
    let isOver = state.withLock { state, held in
      state.isClosed = true
      held.wakeAll()
      while !state.isOver {
        if !held.wait(&state, until: deadline) { return state.isOver }
      }
      return true
    }
    if isOver { thread.join() }
    let lanes = state.withLock { state, _ in state.lanes }
    for lane in lanes where lane.take() != nil { lane.dropped.add() }
    return isOver
  }

  private static func work(_ state: Monitor<State>) {
    while let (lane, piece) = next(state) {
      piece.run()
      lane.done.add()
    }
    state.withLock { state, held in
      state.isOver = true
      held.wakeAll()
    }
  }

  private static func next(_ state: Monitor<State>) -> (Lane, Piece)? {
    state.withLock { state, held in
      while !state.isClosed {
        for step in 0..<state.lanes.count {
          let index = (state.turn + step) % state.lanes.count
          let lane = state.lanes[index]
          guard let piece = lane.take() else { continue }
          state.turn = index + 1
          return (lane, piece)
        }
        held.wait(&state)
      }
      return nil
    }
  }
}

extension DeviceQueue.Lane {
  fileprivate func put(_ piece: DeviceQueue.Piece) -> DeviceQueue.Piece? {
    waiting.withLock { waiting, _ in
      let older = waiting
      waiting = piece
      return older
    }
  }

  fileprivate func take() -> DeviceQueue.Piece? {
    waiting.withLock { waiting, _ in
      let piece = waiting
      waiting = nil
      return piece
    }
  }
}
