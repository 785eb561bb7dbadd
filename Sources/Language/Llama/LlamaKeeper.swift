import Base
import Glibc

/// The process of a llama-server and what is decided about it. Owned by one thread.
struct LlamaKeeper {
  private let plan: LlamaPlan
  private let environment: [String: String]
  private let clocks: any Clocks
  private let tell: @Sendable (LlamaNews) -> Void
  private let look: @Sendable (UInt64) -> Void
  private var watch: LlamaWatch
  private var child: GuardedChild?
  /// How often it was started: an answer of the one before tells nothing.
  private var starts: UInt64 = 0
  private var words = LastWords()
  /// It has closed its output: that is no news again and again.
  private var isMute = false
  private var nextMeasure: MonotonicTime

  /// - Parameter look: Begins to ask whether it is well; the answer comes by `looked`, with the number given.
  init(
    plan: LlamaPlan, environment: [String: String], clocks: any Clocks,
    tell: @escaping @Sendable (LlamaNews) -> Void, look: @escaping @Sendable (UInt64) -> Void
  ) {
    self.plan = plan
    self.environment = environment
    self.clocks = clocks
    self.tell = tell
    self.look = look
    let now = clocks.monotonic()
    nextMeasure = now
    watch = LlamaWatch(readyWithin: plan.readyWithin, memoryLimit: plan.memoryLimit, now: now)
  }

  mutating func looked(isWell: Bool, start: UInt64) {
    guard start == starts else { return }
    let (loadedIn, action) = watch.looked(isWell: isWell, now: clocks.monotonic())
    if let loadedIn { tell(.ready(after: loadedIn)) }
    if let action { perform(action) }
  }

  /// Does what is due, then waits for something to happen, for so long at most.
  mutating func step(wake: WakePipe, atMost longest: Nanoseconds) {
    if let action = watch.tick(now: clocks.monotonic()) { perform(action) }
    let now = clocks.monotonic()
    let due = watch.nextTick.map { $0 - now } ?? longest
    wait(wake, for: max(0, min(due, longest)))
    guard let child else { return }
    readWords(of: child)
    if now >= nextMeasure, let bytes = child.writtenMemory() {
      nextMeasure = now + longest
      if let action = watch.measured(bytes: bytes) { perform(action) }
    }
    if let status = child.status() { bury(child, status) }
  }

  /// Ends the process: in order, and after `patience` by force.
  mutating func stop(within patience: Nanoseconds) {
    if let child {
      child.tell(SIGTERM)
      let deadline = clocks.monotonic() + patience
      var status = child.status()
      while status == nil {
        let left = deadline - clocks.monotonic()
        if left <= 0 { child.tell(SIGKILL) }
        var end = pollfd(fd: child.watch, events: Int16(POLLIN), revents: 0)
        // Without a pidfd it is looked at now and then.
        _ = poll(&end, 1, Int32(clamping: max(10, min(left, .milliseconds(200)) / 1_000_000)))
        status = child.status()
      }
      child.close()
      self.child = nil
    }
    removeSocket()
  }

  private mutating func perform(_ action: LlamaWatch.Action) {
    switch action {
    case .start: start()
    case .look: look(starts)
    // It may hang in the kernel or in its own handlers; asking it nicely is for the end of the day.
    case .kill: child?.tell(SIGKILL)
    }
  }

  private mutating func start() {
    // llama-server never removes its socket, and can't listen where one lies.
    removeSocket()
    starts += 1
    words = LastWords()
    isMute = false
    do throws(Fault) {
      let child = try GuardedChild(plan.program, plan.arguments, environment: environment)
      self.child = child
      watch.started(now: clocks.monotonic())
      tell(.started(pid: child.pid))
    } catch {
      tell(.cannotStart(error, nextIn: watch.couldNotStart(now: clocks.monotonic())))
    }
  }

  private mutating func bury(_ child: GuardedChild, _ status: String) {
    readWords(of: child)
    child.close()
    self.child = nil
    let (cause, ran, nextIn) = watch.ended(now: clocks.monotonic())
    tell(.ended(LlamaEnd(cause: cause, status: status, ran: ran, nextIn: nextIn, lastWords: words.all)))
  }

  private func wait(_ wake: WakePipe, for span: Nanoseconds) {
    var ends = [pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0)]
    if let child {
      ends.append(pollfd(fd: isMute ? -1 : child.output, events: Int16(POLLIN), revents: 0))
      ends.append(pollfd(fd: child.watch, events: Int16(POLLIN), revents: 0))
    }
    _ = poll(&ends, nfds_t(ends.count), Int32(clamping: (span + 999_999) / 1_000_000))
    if ends[0].revents != 0 { wake.drain() }
  }

  private mutating func readWords(of child: GuardedChild) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(child.output, &bytes, bytes.count)
      if count == 0 { isMute = true }
      if count <= 0 { return }
      words.read(bytes[..<count])
    }
  }

  private func removeSocket() {
    if case .unix(let path) = plan.door { unlink(path) }
  }
}
