import Base
import CLinux
import Events
import Glibc
import Pipelines

/// Tells others of event records: runs a shell command with the record on its standard input, or posts it to an
/// address.
///
/// A few run at the same time, in the order in which the records came; a bounded number waits, and what finds no
/// room, or fails however often it is tried, is counted and told. What takes too long is ended.
final class HookPool: Sendable {
  struct Job: Sendable {
    var hook: Hook
    /// The record as it came, with its line feed.
    var line: [UInt8]
    /// For commands that need no JSON: `SACCADE_KIND` and the like.
    var variables: [String: String]
  }

  private struct Queue {
    var jobs: [Job] = []
    var isClosed = false
    /// Left out for want of room, and given up.
    var lost = 0
    var toldLoss: MonotonicTime?
  }

  static let atOnce = 4
  static let mostWaiting = 256
  /// What takes longer hangs.
  static let limit: Nanoseconds = .seconds(60)

  private let surroundings: Surroundings
  private let queue = Monitor(Queue())
  private let workers: [WorkerThread]

  /// - Parameter pauses: Before each further try of what failed.
  init(pauses: [Nanoseconds] = [], in surroundings: Surroundings) {
    self.surroundings = surroundings
    let queue = queue
    workers = (1...Self.atOnce).map { number in
      WorkerThread(name: "exec-\(number)") {
        while let job = Self.next(queue) { Self.run(job, pauses, queue, surroundings) }
      }
    }
  }

  /// Never blocks.
  func add(_ job: Job) {
    let hasRoom = queue.withLock { queue, held in
      guard queue.jobs.count < Self.mostWaiting else { return false }
      queue.jobs.append(job)
      held.wakeAll()
      return true
    }
    if !hasRoom { Self.lose(queue, surroundings, "\(job.hook) is too slow for them") }
  }

  /// Waits until what runs has ended, with `runsWaiting` also what waits; returns how many events were lost. Call once.
  func finish(runsWaiting: Bool) -> Int {
    queue.withLock { queue, held in
      queue.isClosed = true
      if !runsWaiting {
        queue.lost += queue.jobs.count
        queue.jobs = []
      }
      held.wakeAll()
    }
    for worker in workers { worker.join() }
    return queue.withLock { queue, _ in queue.lost }
  }

  private static func lose(_ queue: Monitor<Queue>, _ surroundings: Surroundings, _ why: String) {
    let now = surroundings.clocks.monotonic()
    let told: Int? = queue.withLock { queue, _ in
      queue.lost += 1
      if let last = queue.toldLoss, now - last < .seconds(1) { return nil }
      queue.toldLoss = now
      return queue.lost
    }
    if let told { Console.tell("saccade: \(told) events left out so far: \(why)") }
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

  private static func run(
    _ job: Job, _ pauses: [Nanoseconds], _ queue: Monitor<Queue>, _ surroundings: Surroundings
  ) {
    for attempt in 0...pauses.count {
      let status = perform(job, surroundings)
      if status == "exit 0" { return }
      Console.tell("saccade: \(job.hook): \(status)")
      guard attempt < pauses.count else { break }
      // A pool that is closing tries nothing again.
      let goesOn = queue.withLock { queue, held in
        let deadline = surroundings.clocks.monotonic() + pauses[attempt]
        while !queue.isClosed, surroundings.clocks.monotonic() < deadline {
          _ = held.wait(&queue, until: deadline)
        }
        return !queue.isClosed
      }
      guard goesOn else { break }
    }
    if !pauses.isEmpty { lose(queue, surroundings, "\(job.hook) failed") }
  }

  private static func perform(_ job: Job, _ surroundings: Surroundings) -> String {
    var environment = surroundings.environment
    for (name, value) in job.variables { environment[name] = value }
    do {
      let child = try ChildProcess(job.hook.words, environment: environment)
      child.feed(job.line)
      let deadline = surroundings.clocks.monotonic() + limit
      return child.wait(until: deadline, clocks: surroundings.clocks)
    } catch {
      return "\(error)"
    }
  }
}

extension HookPool.Job {
  /// - Parameter line: The record as it came, without its line feed.
  init(_ hook: Hook, _ record: EventRecord, _ line: [UInt8]) {
    // An environment can't hold a zero byte.
    let text = String(record.event.text.unicodeScalars.filter { $0.value != 0 }.map(Character.init))
    self.init(
      hook: hook, line: line + [10],
      variables: [
        "SACCADE_STREAM": record.stream, "SACCADE_EVENT": record.event.id, "SACCADE_KIND": record.event.kind,
        "SACCADE_PHASE": record.event.phase.rawValue, "SACCADE_TEXT": text,
      ])
  }
}

extension Hook {
  /// The program and its arguments.
  ///
  /// curl posts: it knows proxies, certificates and redirects, and a hook is run seldom enough for a process of its own.
  var words: [String] {
    switch self {
    case .command(let command): ["/bin/sh", "-c", command]
    case .address(let url):
      [
        "curl", "--silent", "--show-error", "--fail", "--max-time", "20", "--output", "/dev/null", "--header",
        "content-type: application/json", "--data-binary", "@-", "--", url,
      ]
    }
  }
}
