import Base
import CLinux
import Glibc

/// Runs a shell command for each event record, with the record on its standard input.
///
/// A few run at the same time, in the order in which the records came; a bounded number of records
/// waits, and what finds no room is counted and told. A command that takes too long is ended.
final class ExecHook: Sendable {
  struct Job: Sendable {
    /// The record as it came, with its line feed.
    var line: [UInt8]
    /// For commands that need no JSON: `SACCADE_KIND` and the like.
    var variables: [String: String]
  }

  private struct Queue {
    var jobs: [Job] = []
    var isClosed = false
    var dropped = 0
    var toldDrops: MonotonicTime?
  }

  static let atOnce = 4
  static let mostWaiting = 256
  /// A command that takes longer hangs.
  static let limit: Nanoseconds = .seconds(60)

  private let command: String
  private let surroundings: Surroundings
  private let queue = Monitor(Queue())
  private let workers: [WorkerThread]

  init(_ command: String, in surroundings: Surroundings) {
    self.command = command
    self.surroundings = surroundings
    let queue = queue
    workers = (1...Self.atOnce).map { number in
      WorkerThread(name: "exec-\(number)") {
        while let job = Self.next(queue) { Self.run(command, job, surroundings) }
      }
    }
  }

  /// Never blocks.
  func add(_ job: Job) {
    let now = surroundings.clocks.monotonic()
    let told: Int? = queue.withLock { queue, held in
      guard queue.jobs.count < Self.mostWaiting else {
        queue.dropped += 1
        if let last = queue.toldDrops, now - last < .seconds(1) { return nil }
        queue.toldDrops = now
        return queue.dropped
      }
      queue.jobs.append(job)
      held.wakeAll()
      return nil
    }
    if let told {
      Console.tell("saccade: \(told) events left out so far: `\(command)` is too slow for them")
    }
  }

  /// Waits until the commands that run have ended, with `runsWaiting` also those that wait; returns how
  /// many events were left out. Call once.
  func finish(runsWaiting: Bool) -> Int {
    queue.withLock { queue, held in
      queue.isClosed = true
      if !runsWaiting {
        queue.dropped += queue.jobs.count
        queue.jobs = []
      }
      held.wakeAll()
    }
    for worker in workers { worker.join() }
    return queue.withLock { queue, _ in queue.dropped }
  }

  private static func next(_ queue: Monitor<Queue>) -> Job? {
    queue.withLock { queue, held in
      while queue.jobs.isEmpty {
        if queue.isClosed { return nil }
        held.wait(&queue)
      }
      return queue.jobs.removeFirst()
    }
  }

  private static func run(_ command: String, _ job: Job, _ surroundings: Surroundings) {
    var environment = surroundings.environment
    for (name, value) in job.variables { environment[name] = value }
    do {
      let child = try ChildProcess(shell: command, environment: environment)
      child.feed(job.line)
      let deadline = surroundings.clocks.monotonic() + limit
      let status = child.wait(until: deadline, clocks: surroundings.clocks)
      if status != "exit 0" { Console.tell("saccade: `\(command)`: \(status)") }
    } catch {
      Console.say(error)
    }
  }
}
