import Base

struct JournalOldest: Hashable, Sendable {
  var epoch: String
  var seq: UInt64
}

/// What waits for a journal's writer: bounded, and what finds no room is told to the writer as lost.
final class JournalInlet: Sendable {
  private struct State {
    var errands: [JournalErrand] = []
    var bytes = 0
    var isClosed = false
    /// The writer has returned.
    var isOver = false
    var status = JournalStatus()
    var lost: [Int: UInt64] = [:]
    var oldest: [String: JournalOldest] = [:]
  }

  private let state = Monitor(State())
  private let most: Int

  init(most: Int) { self.most = most }

  func put(_ errand: JournalErrand) {
    state.withLock { state, held in
      precondition(!state.isClosed, "a closed journal is written to")
      if case .batch(let batch) = errand, state.bytes + batch.bytes > most {
        if let loss = JournalLoss(batch) { Self.lose(loss, &state.errands) }
      } else {
        if case .batch(let batch) = errand {
          state.bytes += batch.bytes
          state.status.waiting += batch.records.count
        }
        state.errands.append(errand)
      }
      held.wakeAll()
    }
  }

  /// Losses in a row that nobody waits to hear of take no more room than one.
  private static func lose(_ loss: JournalLoss, _ errands: inout [JournalErrand]) {
    if case .lose(var last)? = errands.last, last.stream == loss.stream, loss.done == nil {
      last.extend(by: loss)
      errands[errands.count - 1] = .lose(last)
    } else {
      errands.append(.lose(loss))
    }
  }

  /// Waits for errands; nil when there are none and none will come.
  func take() -> [JournalErrand]? {
    state.withLock { state, held in
      while state.errands.isEmpty, !state.isClosed { held.wait(&state) }
      guard !state.errands.isEmpty else { return nil }
      state.bytes = 0
      state.status.waiting = 0
      let errands = state.errands
      state.errands = []
      return errands
    }
  }

  func close() {
    state.withLock { state, held in
      state.isClosed = true
      held.wakeAll()
    }
  }

  /// The oldest seq that is held of each stream, by its name.
  var oldest: [String: JournalOldest] { state.withLock { state, _ in state.oldest } }

  func setOldest(_ oldest: [String: JournalOldest]) {
    state.withLock { state, _ in state.oldest = oldest }
  }

  /// Nothing is taken any more.
  func end() {
    state.withLock { state, held in
      state.isOver = true
      held.wakeAll()
    }
  }

  /// False where the writer hasn't ended by then.
  func waitForEnd(until deadline: MonotonicTime) -> Bool {
    state.withLock { state, held in
      while !state.isOver {
        guard held.wait(&state, until: deadline) else { return state.isOver }
      }
      return true
    }
  }

  func status(of stream: Int) -> (trouble: String?, lost: UInt64) {
    state.withLock { state, _ in (state.status.trouble, state.lost[stream] ?? 0) }
  }

  /// Notes records of a stream as lost for good.
  func lose(_ records: UInt64, of stream: Int) {
    state.withLock { state, _ in
      state.status.lost += records
      state.lost[stream, default: 0] += records
    }
  }

  var status: JournalStatus { state.withLock { state, _ in state.status } }

  func note(_ change: (inout JournalStatus) -> Void) {
    state.withLock { state, _ in change(&state.status) }
  }
}
