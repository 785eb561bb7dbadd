import Base

/// Decides when a llama-server is started, asked and ended. Pure: time comes in, and what to do goes out.
package struct LlamaWatch {
  package enum Action: Hashable {
    case start
    /// Ask whether it is well.
    case look
    case kill(LlamaEnd.Cause)
  }

  private enum State {
    case pausing(until: MonotonicTime)
    case loading(since: MonotonicTime, nextLook: MonotonicTime?)
    case ready(since: MonotonicTime, nextLook: MonotonicTime?, misses: Int)
    /// Killed, but not over yet.
    case ending(LlamaEnd.Cause, since: MonotonicTime)
  }

  private var state: State
  private var pause: Nanoseconds = firstPause
  private let readyWithin: Nanoseconds
  private let memoryLimit: Int?

  package static let firstPause: Nanoseconds = .seconds(1)
  package static let longestPause: Nanoseconds = .seconds(60)
  /// Between looks while it loads, and later.
  package static let lookWhileLoading: Nanoseconds = .milliseconds(500)
  package static let look: Nanoseconds = .seconds(5)
  /// Looks in a row without an answer: it answers them while it computes, so that this is no sign of work.
  package static let mostMisses = 3

  package init(readyWithin: Nanoseconds, memoryLimit: Int?, now: MonotonicTime) {
    self.readyWithin = readyWithin
    self.memoryLimit = memoryLimit
    state = .pausing(until: now)
  }

  /// What is due. A look that is given out is answered by `looked` before there is another.
  package mutating func tick(now: MonotonicTime) -> Action? {
    switch state {
    case .pausing(let until): return until <= now ? .start : nil
    case .loading(let since, let next):
      if now - since >= readyWithin { return kill(.neverReady, since) }
      guard let next, next <= now else { return nil }
      state = .loading(since: since, nextLook: nil)
      return .look
    case .ready(let since, let next, let misses):
      guard let next, next <= now else { return nil }
      state = .ready(since: since, nextLook: nil, misses: misses)
      return .look
    case .ending: return nil
    }
  }

  /// When `tick` has something to do at the latest.
  package var nextTick: MonotonicTime? {
    switch state {
    case .pausing(let until): until
    case .loading(let since, let next): min(next ?? since + readyWithin, since + readyWithin)
    case .ready(_, let next, _): next
    case .ending: nil
    }
  }

  package mutating func started(now: MonotonicTime) {
    state = .loading(since: now, nextLook: now + Self.lookWhileLoading)
  }

  /// It couldn't be started. Returns the pause until the next try.
  package mutating func couldNotStart(now: MonotonicTime) -> Nanoseconds { rest(now: now) }

  /// A look has ended. Returns how long loading took, when it has just ended; or what to do.
  package mutating func looked(isWell: Bool, now: MonotonicTime) -> (loadedIn: Nanoseconds?, action: Action?)
  {
    switch state {
    case .loading(let since, _):
      guard isWell else {
        state = .loading(since: since, nextLook: now + Self.lookWhileLoading)
        return (nil, nil)
      }
      state = .ready(since: since, nextLook: now + Self.look, misses: 0)
      return (now - since, nil)
    case .ready(let since, _, let misses):
      let misses = isWell ? 0 : misses + 1
      if misses >= Self.mostMisses { return (nil, kill(.silent, since)) }
      state = .ready(since: since, nextLook: now + Self.look, misses: misses)
      return (nil, nil)
    case .pausing, .ending: return (nil, nil)
    }
  }

  /// - Parameter bytes: What it has written to memory.
  package mutating func measured(bytes: Int) -> Action? {
    guard let memoryLimit, bytes > memoryLimit else { return nil }
    switch state {
    case .loading(let since, _), .ready(let since, _, _):
      return kill(.overMemory(bytes: bytes, limit: memoryLimit), since)
    case .pausing, .ending: return nil
    }
  }

  /// It is over. Returns why, how long it ran, and the pause until the next start.
  package mutating func ended(now: MonotonicTime) -> (
    cause: LlamaEnd.Cause, ran: Nanoseconds, nextIn: Nanoseconds
  ) {
    let (cause, since): (LlamaEnd.Cause, MonotonicTime) =
      switch state {
      case .ending(let cause, let since): (cause, since)
      case .loading(let since, _), .ready(let since, _, _): (.crash, since)
      case .pausing(let until): (.crash, until)
      }
    // One that ran well for long begins anew at once.
    if now - since > Self.longestPause, cause != .neverReady { pause = Self.firstPause }
    return (cause, now - since, rest(now: now))
  }

  private mutating func kill(_ cause: LlamaEnd.Cause, _ since: MonotonicTime) -> Action {
    state = .ending(cause, since: since)
    return .kill(cause)
  }

  private mutating func rest(now: MonotonicTime) -> Nanoseconds {
    let length = pause
    state = .pausing(until: now + length)
    pause = min(2 * pause, Self.longestPause)
    return length
  }
}
