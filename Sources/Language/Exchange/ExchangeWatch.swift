import Base

/// The deadlines of one request, moved as it goes on. Any task.
final class ExchangeWatch: Sendable {
  private struct Due {
    var at: MonotonicTime
    var end: Result<ChatResult, ExchangeFailure>
  }

  private let due: Monitor<Due>
  private let begun: MonotonicTime
  private let limits: ExchangeLimits
  private let clocks: any Clocks

  /// Deadlines move closer too, when an answer is whole: a sleeping task sees that at its next look.
  private static let look: Nanoseconds = .milliseconds(100)

  init(limits: ExchangeLimits, clocks: any Clocks) {
    self.limits = limits
    self.clocks = clocks
    begun = clocks.monotonic()
    let isShort = limits.total <= limits.firstToken
    due = Monitor(
      Due(
        at: begun + min(limits.firstToken, limits.total),
        end: .failure(.tooSlow(isShort ? .total : .firstToken))))
  }

  var age: Nanoseconds { clocks.monotonic() - begun }

  func sawToken() {
    due.withLock { due, _ in due = Due(at: begun + limits.total, end: .failure(.tooSlow(.total))) }
  }

  /// From now on the deadline is no failure any more: what is there is the answer.
  func sawWhole(_ result: ChatResult) {
    let end = min(begun + limits.total, clocks.monotonic() + limits.afterAnswer)
    due.withLock { due, _ in
      if case .success = due.end {
        due.end = .success(result)
      } else {
        due = Due(at: end, end: .success(result))
      }
    }
  }

  /// Returns what the request ends with once a deadline has passed, or when the task is cancelled.
  func expire() async -> Result<ChatResult, ExchangeFailure> {
    while true {
      let due = due.withLock { due, _ in due }
      let left = due.at - clocks.monotonic()
      if left <= 0 { return due.end }
      do { try await Task.sleep(nanoseconds: UInt64(min(left, Self.look))) } catch {
        return .failure(.cancelled)
      }
    }
  }
}
