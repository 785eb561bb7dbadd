import Base
import CLinux
import Glibc
import NIOPosix

/// A llama-server in a process of its own: started, asked whether it is well, ended when it uses too much memory, and started
/// anew, after a pause that grows, when it ends. It can't outlive this process. One thread does all that and tells the news.
package final class LlamaServer: Sendable {
  private struct State {
    var isStopping = false
    /// The last look's answer and at which start it was asked, until the thread takes it.
    var seen: (isWell: Bool, start: UInt64)?
  }

  private let state = Monitor(State())
  private let wake: WakePipe
  private let thread: WorkerThread
  private let client: LanguageClient
  private let group: MultiThreadedEventLoopGroup

  /// Between looks at its memory: at a gigabyte a second it gets that far beyond the limit.
  private static let measure: Nanoseconds = .milliseconds(500)
  /// From being asked to end to being ended.
  private static let patience: Nanoseconds = .seconds(5)

  /// Starts it soon. Throws where the plan can't work.
  ///
  /// - Parameters:
  ///   - environment: What is meant for llama-server itself is left out.
  ///   - tell: Called on the server's thread, which it must not hold up.
  package init(
    _ plan: LlamaPlan, environment: [String: String], clocks: any Clocks,
    tell: @escaping @Sendable (LlamaNews) -> Void
  ) throws(Fault) {
    try plan.check()
    wake = try WakePipe()
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    client = LanguageClient(
      try plan.address, key: nil, dialect: .llamaServer, limits: ExchangeLimits(), on: group, clocks: clocks)
    let (state, wake, client) = (state, wake, client)
    let variables = LlamaPlan.environment(from: environment)
    thread = WorkerThread(name: "llama") {
      var keeper = LlamaKeeper(
        plan: plan, environment: variables, clocks: clocks, tell: tell,
        look: { start in
          Task {
            let isWell = await client.checkHealth() == nil
            state.withLock { state, _ in state.seen = (isWell, start) }
            wake.write()
          }
        })
      while !state.withLock({ state, _ in state.isStopping }) {
        if let seen = state.withLock({ state, _ in state.seen.take() }) {
          keeper.looked(isWell: seen.isWell, start: seen.start)
        }
        keeper.step(wake: wake, atMost: Self.measure)
      }
      keeper.stop(within: Self.patience)
    }
  }

  /// Ends it in order, within seconds, and waits for that. Call once.
  package func stop() {
    state.withLock { state, _ in state.isStopping = true }
    wake.write()
    thread.join()
    client.shutDown()
    // Fails only when it was shut down before.
    try? group.syncShutdownGracefully()
  }
}

/// Wakes a thread that polls. Any thread may write.
final class WakePipe: Sendable {
  let reading: Int32
  private let writing: Int32

  init() throws(Fault) {
    var ends: [Int32] = [-1, -1]
    guard saccade_pipe(&ends) == 0 else {
      throw Fault(.system, "can't make a pipe", cause: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// A full pipe wakes as well.
  func write() {
    var byte: UInt8 = 0
    _ = Glibc.write(writing, &byte, 1)
  }

  func drain() {
    var bytes = (0 as UInt64, 0 as UInt64)
    while read(reading, &bytes, 16) > 0 {}
  }
}
