import Base

/// What a device does in one go, for a stream.
package protocol DeviceWork: AnyObject, Sendable {
  /// Whether `other`, of another stream, can be done in the same go as this, which leads, and those that joined.
  func admits(_ other: Self, beside joined: [Self]) -> Bool
  /// Does this and those that it admitted. Blocks until they are done.
  func run(with joined: [Self])
}

/// Work for one device, one go at a time, shared by streams in turn. Has a thread of its own.
///
/// A stream has room for one piece that waits; a newer one takes its place, and the older is dropped and counted:
/// nothing piles up, whatever the device takes. A stream that always has work never makes another wait longer than
/// one piece of every other stream. What waits behind a piece and goes with it in one is done with it.
package final class DeviceQueue<Work: DeviceWork>: Sendable {
  private let state: Monitor<State>
  private let thread: WorkerThread

  private struct State: ~Copyable {
    var lanes: [Lane] = []
    /// Index of the lane whose turn is next.
    var turn = 0
    var rest: DeviceRest
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
    /// Those of them that another stream's took along.
    package let joined = Counter()
    fileprivate let waiting = Monitor<Work?>(nil)

    fileprivate init(_ stream: String) { self.stream = stream }

    fileprivate func put(_ piece: Work) -> Work? {
      waiting.withLock { waiting, _ in
        let older = waiting
        waiting = piece
        return older
      }
    }

    fileprivate func take(if suits: (Work) -> Bool = { _ in true }) -> Work? {
      waiting.withLock { waiting, _ in
        guard let piece = waiting, suits(piece) else { return nil }
        waiting = nil
        return piece
      }
    }
  }

  /// - Parameters:
  ///   - name: Of the device; its thread is `detect` and this.
  ///   - share: Of its time that work may take, above 0 and up to 1.
  package init(name: String, share: Double = 1, clocks: any Clocks = SystemClocks()) {
    let state = Monitor(State(rest: DeviceRest(share: share)))
    self.state = state
    thread = WorkerThread(name: "detect \(name)") { Self.work(state, clocks) }
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

  /// Has the piece run on the queue's thread when it is the stream's turn, unless a newer one comes before
  /// that or the queue closes. Never blocks for long.
  package func submit(_ lane: Lane, _ piece: Work) {
    // What was replaced holds a frame: it dies outside the lock.
    let (older, isTaken) = state.withLock { state, held in
      guard !state.isClosed, state.lanes.contains(where: { $0 === lane }) else { return (Work?.none, false) }
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

  private static func work(_ state: Monitor<State>, _ clocks: any Clocks) {
    while let pieces = next(state, clocks) {
      let start = clocks.monotonic()
      pieces[0].work.run(with: pieces.dropFirst().map(\.work))
      let end = clocks.monotonic()
      state.withLock { state, _ in state.rest.note(from: start, to: end) }
      for piece in pieces { piece.lane.done.add() }
      for piece in pieces.dropFirst() { piece.lane.joined.add() }
    }
    state.withLock { state, held in
      state.isOver = true
      held.wakeAll()
    }
  }

  private struct Piece {
    var lane: Lane
    var work: Work
  }

  /// What is done in the next go, the one first whose turn it is.
  private static func next(_ state: Monitor<State>, _ clocks: any Clocks) -> [Piece]? {
    state.withLock { state, held in
      while !state.isClosed {
        let now = clocks.monotonic()
        if let until = state.rest.end(at: now) {
          _ = held.wait(&state, until: until)
          continue
        }
        if let pieces = take(&state) { return pieces }
        held.wait(&state)
      }
      return nil
    }
  }

  private static func take(_ state: inout State) -> [Piece]? {
    let order = (0..<state.lanes.count).map { (state.turn + $0) % state.lanes.count }
    var pieces: [Piece] = []
    for index in order {
      let lane = state.lanes[index]
      let work = lane.take { work in
        guard let first = pieces.first else { return true }
        return first.work.admits(work, beside: pieces.dropFirst().map(\.work))
      }
      guard let work else { continue }
      if pieces.isEmpty { state.turn = index + 1 }
      pieces.append(Piece(lane: lane, work: work))
    }
    return pieces.isEmpty ? nil : pieces
  }
}
