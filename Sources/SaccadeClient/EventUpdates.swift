import Events
import Glibc

extension EventSubscriber {
  /// The updates as an asynchronous sequence, to be iterated once. The blocking reads run on a thread of their
  /// own, which reads the next update only when the one before was taken: a slow consumer slows the reading,
  /// and the server's `on_lag` decides what is lost. Leaving the loop or cancelling the task ends the thread.
  public var updates: Updates { Updates(subscriber: self) }

  public struct Updates: AsyncSequence, Sendable {
    public typealias Element = Update
    public typealias Failure = ClientError

    let subscriber: EventSubscriber

    public func makeAsyncIterator() -> Iterator { Iterator(subscriber) }
  }

  public struct Iterator: AsyncIteratorProtocol {
    private let reader: Reader

    fileprivate init(_ subscriber: EventSubscriber) { reader = Reader(subscriber) }

    public mutating func next() async throws(ClientError) -> Update? {
      try await next(isolation: nil)
    }

    /// Nil when the task was cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ClientError) -> Update? {
      let reader = reader
      let result = await withTaskCancellationHandler {
        await reader.next()
      } onCancel: {
        reader.subscriber.cancel()
      }
      switch result {
      case .success(let update): return update
      case .failure(let error) where error.kind == .cancelled: return nil
      case .failure(let error): throw error
      }
    }
  }
}

/// Reads on a thread of its own, one update for each that is asked for.
private final class Reader: Sendable {
  typealias Answer = Result<EventSubscriber.Update, ClientError>

  let subscriber: EventSubscriber
  private let asked = Turnstile()

  init(_ subscriber: EventSubscriber) {
    self.subscriber = subscriber
    Self.startThread(subscriber, asked)
  }

  deinit {
    subscriber.cancel()
    asked.finish()
  }

  func next() async -> Answer {
    await withCheckedContinuation { asked.ask($0) }
  }

  private static func startThread(_ subscriber: EventSubscriber, _ asked: Turnstile) {
    let work = Work(subscriber: subscriber, asked: asked)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { raw in
        // Safety: `pthread_create` hands over what it was given below.
        Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(result == 0, "pthread_create: errno \(result)")
    pthread_detach(thread)
  }

  private final class Work {
    let subscriber: EventSubscriber
    let asked: Turnstile

    init(subscriber: EventSubscriber, asked: Turnstile) {
      self.subscriber = subscriber
      self.asked = asked
    }

    func run() {
      while let continuation = asked.wait() {
        do throws(ClientError) {
          continuation.resume(returning: .success(try subscriber.next()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
  }
}

/// One question at a time, from a task to a thread.
private final class Turnstile: @unchecked Sendable {
  // Safety: `waiting` and `isFinished` are touched with the mutex held; mutex and condition stay where they
  // were allocated.
  typealias Continuation = CheckedContinuation<Reader.Answer, Never>

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: Continuation?
  private var isFinished = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  func ask(_ continuation: Continuation) {
    pthread_mutex_lock(mutex)
    precondition(waiting == nil, "a second question while the first waits")
    waiting = continuation
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
  }

  /// The next question; nil when there will be none.
  func wait() -> Continuation? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let continuation = waiting {
        waiting = nil
        return continuation
      }
      if isFinished { return nil }
      pthread_cond_wait(changed, mutex)
    }
  }

  func finish() {
    pthread_mutex_lock(mutex)
    isFinished = true
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
  }
}
