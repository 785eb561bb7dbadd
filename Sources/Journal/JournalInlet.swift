import Base

/// What waits for a journal's writer: bounded, and what finds no room is told to the writer as lost.
final class JournalInlet: Sendable {
  private struct State {
    var errands: [JournalErrand] = []
    var bytes = 0
    var isClosed = false
    var status = JournalStatus()
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

  var status: JournalStatus { state.withLock { state, _ in state.status } }

  func note(_ change: (inout JournalStatus) -> Void) {
    state.withLock { state, _ in change(&state.status) }
  }
}
