import Base
import Events
import Media
import Semantics
import Synchronization
import Vision

/// One live stream between its frames and its records.
///
/// Two threads work on it: the stream's own, which looks at frames (`take`), and the pacer's, which tells
/// the ticks that got none in time (`advance`). Looking happens outside of the lock, so that the pacer
/// never waits for it; numbering and handing over to the sink happen inside, so that records keep their
/// order.
package final class LiveStream: Paced {
  private struct State: ~Copyable {
    var scribe: Scribe
    var ticks: LiveTicks
    var failure: Fault?
    var isFinished = false
  }

  package let counters: StreamCounters
  private let clocks: any Clocks
  private let state: Monitor<State>
  private let pulse: Pulse
  private let failed = Atomic(false)
  private let news: @Sendable () -> LanguageLink.News?

  package convenience init(
    _ configuration: ParserConfiguration, sink: any RecordSink, counters: StreamCounters,
    clocks: any Clocks, pulse: Pulse = Pulse()
  ) {
    self.init(configuration, sink: sink, counters: counters, clocks: clocks, pulse: pulse, news: { nil })
  }

  /// - Parameter news: What language models said since the last call.
  init(
    _ configuration: ParserConfiguration, sink: any RecordSink, counters: StreamCounters,
    clocks: any Clocks, pulse: Pulse, news: @escaping @Sendable () -> LanguageLink.News?
  ) {
    self.news = news
    self.pulse = pulse
    self.counters = counters
    self.clocks = clocks
    let ticks = LiveTicks(TickGrid(rate: configuration.rate), started: clocks.monotonic())
    pulse.due = ticks.deadline
    let scribe = Scribe(configuration, sink: sink, counters: counters)
    state = Monitor(State(scribe: scribe, ticks: ticks))
  }

  /// Whether records can still be written. When false, the source should be stopped.
  package var isOpen: Bool { !failed.load(ordering: .acquiring) }

  package var nextSeq: UInt64 { state.withLock { state, _ in state.scribe.nextSeq } }

  /// Looks at a frame and tells its tick. `fill` is called at most once, before this returns. Only the
  /// stream's own thread calls this.
  ///
  /// - Parameters:
  ///   - answers: What the detector said since the last call.
  ///   - ask: Called at most once, before this returns, with what the detector should look at in this frame.
  ///   - question: Called at most once, before this returns, with what is to be done for questions with this frame.
  package func take(
    _ info: FrameInfo, with eye: inout Eye, answers: [FovealAnswer] = [],
    ask: (FovealRequest) -> Void = { _ in }, question: (QuestionOrders) -> Void = { _ in },
    fill: (PeripheralPicture) throws(Fault) -> Void
  ) throws(Fault) {
    let begun = clocks.monotonic()
    pulse.begin(at: begun)
    defer { pulse.rest() }
    let attention = state.withLock { state, _ in state.scribe.attention }
    let before = clocks.computing()
    let look = try eye.look(at: info, holding: attention, fill: fill)
    let spent = clocks.computing() - before
    if look.skipped == nil { eye.charge(spent) }
    var request: FovealRequest?
    var orders = QuestionOrders()
    let told = state.withLock { state, _ in
      guard !state.isFinished else { return false }
      for answer in answers { state.scribe.take(answer) }
      hear(&state)
      return attempt(&state) { state throws(Fault) in
        let plan = state.ticks.arrive(info.time, segment: info.segment, seen: begun, lag: info.lag)
        try perform(plan, &state)
        state.scribe.observe(look, spent: spent)
        request = state.scribe.fovealRequest()
        guard let tick = state.ticks.observed() else { return false }
        try state.scribe.tell(tick, at: state.ticks.time(of: tick), now: info.wall)
        orders = state.scribe.questionOrders()
        return true
      }
    }
    if let request { ask(request) }
    if !orders.isEmpty { question(orders) }
    if told { counters.latency.add(clocks.monotonic() - info.arrival) }
  }

  package var deadline: MonotonicTime { pulse.due }

  package func advance(to now: MonotonicTime) {
    state.withLock { state, _ in
      guard !state.isFinished else { return }
      hear(&state)
      _ = attempt(&state) { state throws(Fault) in
        let plan = state.ticks.advance(to: now)
        try perform(plan, &state)
        return true
      }
    }
  }

  /// Ends every open event and the ticks. Any thread; later calls do nothing.
  package func finish(_ reason: Event.EndReason) throws(Fault) {
    let failure: Fault? = state.withLock { state, _ in
      guard !state.isFinished else { return state.failure }
      _ = attempt(&state) { state throws(Fault) in
        try state.scribe.finish(reason)
        return true
      }
      state.isFinished = true
      pulse.endTicks()
      return state.failure
    }
    if let failure { throw failure }
  }

  private func hear(_ state: inout State) {
    guard let news = news() else { return }
    state.scribe.modelTrouble = news.trouble
    for answer in news.answers { state.scribe.take(answer) }
  }

  private func perform(_ plan: LiveTicks.Plan, _ state: inout State) throws(Fault) {
    try state.scribe.leaveOut(plan.late)
    guard !plan.due.isEmpty else { return }
    let now = clocks.wall()
    for tick in plan.due { try state.scribe.tell(tick, at: state.ticks.time(of: tick), now: now) }
  }

  /// A sink that fails ends the stream: its source learns it by `isOpen`.
  private func attempt(_ state: inout State, _ body: (inout State) throws(Fault) -> Bool) -> Bool {
    guard state.failure == nil else { return false }
    defer { pulse.due = state.ticks.deadline }
    do {
      let result = try body(&state)
      if state.scribe.isClosed { failed.store(true, ordering: .releasing) }
      return result
    } catch {
      state.failure = error
      failed.store(true, ordering: .releasing)
      return false
    }
  }
}
