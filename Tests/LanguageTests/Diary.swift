import Base
import Language
import TestKit

/// What a server told so far.
final class Diary: Sendable {
  private let news = Monitor<[LlamaNews]>([])

  func write(_ news: LlamaNews) {
    self.news.withLock { all, held in
      all.append(news)
      held.wakeAll()
    }
  }

  /// Waits for the first that `find` takes.
  func wait<R: Sendable>(for find: @escaping @Sendable (LlamaNews) -> R?) async -> R? {
    await onThread { [news] in
      let deadline = SystemClocks().monotonic() + .seconds(400)
      return news.withLock { all, held in
        while true {
          if let found = all.lazy.compactMap(find).first { return found }
          if !held.wait(&all, until: deadline) { return nil }
        }
      }
    }
  }

  var pids: [Int32] {
    news.withLock { all, _ in
      all.compactMap { if case .started(let pid) = $0 { pid } else { nil } }
    }
  }

  func startedAgain() async -> Bool {
    await onThread { [news] in
      let deadline = SystemClocks().monotonic() + .seconds(400)
      return news.withLock { all, held in
        while all.count(where: { if case .started = $0 { true } else { false } }) < 2 {
          if !held.wait(&all, until: deadline) { return false }
        }
        return true
      }
    }
  }

  func ended() async -> LlamaEnd? { await wait { if case .ended(let end) = $0 { end } else { nil } } }
  func ready() async -> Nanoseconds? { await wait { if case .ready(let after) = $0 { after } else { nil } } }

  /// Of the last end; nil when there was none.
  func lastWords() async -> [String]? {
    news.withLock { all, _ in
      all.lazy.compactMap { if case .ended(let end) = $0 { end.lastWords } else { nil } }.last
    }
  }
}
