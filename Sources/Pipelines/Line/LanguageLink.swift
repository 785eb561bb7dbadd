import Base
import Language
import Logging
import Media
import Semantics
import Vision

/// Takes the questions of a stream with their pictures to the language models, and brings the answers back. Nobody waits for
/// any of it: pictures are cut and encoded on a thread of their own.
final class LanguageLink: Sendable {
  /// What came back since the last look.
  struct News: Sendable {
    var answers: [QuestionAnswer] = []
    /// Why no model answers; nil while one does.
    var trouble: String?
  }

  /// A frame in a queue.
  private final class Held: @unchecked Sendable {
    // Safety: made by the stream's thread, then handed over to the picture thread alone.
    let frame: VideoFrame
    init(_ frame: consuming VideoFrame) { self.frame = frame }
  }

  private enum Job: Sendable {
    case picture(QuestionOrders.Picture, Held)
    case call([QuestionOrders.Case])
    case drop([UInt64])

    var isPicture: Bool { if case .picture = self { true } else { false } }
  }

  private struct Collected: Sendable {
    var pictures: [TimedPicture] = []
    var frames: [UInt64] = []
  }

  /// An asking that is part of a call.
  private struct Asking: Sendable {
    var order: QuestionOrders.Case
    var shown: Collected
    var deadline: MonotonicTime
  }

  private struct State {
    var jobs: [Job] = []
    var calls: UInt64 = 0
    /// Made, and not yet answered; with the core's name for it once that is known.
    var open: [UInt64: LanguageTicket?] = [:]
    var answers: [QuestionAnswer] = []
    var isStopping = false
  }

  private let core: LanguageCore
  private let questions: [QuestionSetting]
  private let instruction: ChatInstruction
  private let adapters: [Int: Double]
  private let counters: StreamCounters
  private let clocks: any Clocks
  private let logger: Logger?
  private let state = Monitor(State())
  private let thread: Monitor<WorkerThread?> = Monitor(nil)

  /// Frames that wait to be encoded hold memory of the decoder.
  private static let mostFrames = 8
  /// Pictures of one call: a core takes no more.
  private static let mostBytes = LanguageLimits().bytesPerQuestion

  /// `stop` must be called before the link goes.
  init(
    _ core: LanguageCore, _ pipeline: Pipeline, counters: StreamCounters, clocks: any Clocks,
    logger: Logger? = nil
  ) {
    self.core = core
    questions = pipeline.questions
    instruction = pipeline.chatInstruction
    adapters = pipeline.languageModel?.adapters ?? [:]
    self.counters = counters
    self.clocks = clocks
    self.logger = logger
    let masks = pipeline.source.masks
    let worker = WorkerThread(name: "pictures-\(pipeline.name)") { [self] in run(masks) }
    thread.withLock { thread, _ in thread = worker }
  }

  /// Has done what is to be done with a frame. Returns at once.
  func perform(_ orders: QuestionOrders, with frame: borrowing VideoFrame) {
    if orders.isEmpty { return }
    put(orders.pictures.map { .picture($0, Held(frame.copy())) })
    perform(orders)
  }

  /// As `perform`, for orders that take no pictures.
  func perform(_ orders: QuestionOrders) {
    if !orders.dropped.isEmpty { put([.drop(orders.dropped)]) }
    put(orders.calls.map { .call($0) })
  }

  func take() -> News {
    let trouble = core.trouble
    return state.withLock { state, _ in
      defer { state.answers.removeAll() }
      return News(answers: state.answers, trouble: trouble)
    }
  }

  /// As `take`, once all that was asked is answered: for recordings, whose records depend on the frames alone.
  func wait() -> News {
    state.withLock { state, held in
      while !state.jobs.isEmpty || !state.open.isEmpty { held.wait(&state) }
    }
    return take()
  }

  /// Ends the thread; questions that are under way are given up. Call once.
  func stop() {
    let open = state.withLock { state, held in
      state.isStopping = true
      state.jobs.removeAll()
      held.wakeAll()
      return state.open.values.compactMap(\.self)
    }
    for ticket in open { core.cancel(ticket) }
    thread.withLock { thread, _ in thread }?.join()
  }

  private func put(_ jobs: [Job]) {
    if jobs.isEmpty { return }
    state.withLock { state, held in
      guard !state.isStopping else { return }
      for job in jobs {
        if job.isPicture, state.jobs.count(where: \.isPicture) >= Self.mostFrames {
          counters.picturesDropped.add()
        } else {
          state.jobs.append(job)
        }
      }
      held.wakeAll()
    }
  }
}

// The picture thread.
extension LanguageLink {
  private func run(_ masks: [Polygon]) {
    let writer = StillWriter(masks: masks)
    var complaints = logger.map { Complaints($0) }
    var collected: [UInt64: Collected] = [:]
    while true {
      let job: Job? = state.withLock { state, held in
        while state.jobs.isEmpty {
          if state.isStopping { return nil }
          held.wait(&state)
        }
        // It stays in the list until it is done, so that `wait` waits for it.
        return state.jobs[0]
      }
      guard let job else { return }
      switch job {
      case .picture(let order, let held):
        do throws(Fault) {
          let jpeg = try writer.encode(
            held.frame, crop: order.part, longestSide: questions[order.question].longestSide)
          collected[order.ticket, default: Collected()].pictures
            .append(TimedPicture(time: held.frame.info.time, jpeg: jpeg))
          collected[order.ticket]?.frames.append(held.frame.info.number)
        } catch {
          complaints?.complain("a picture for a question can't be made: \(error)", at: clocks.monotonic())
        }
      case .call(let cases):
        let now = clocks.monotonic()
        ask(
          cases.map { order in
            Asking(
              order: order, shown: collected.removeValue(forKey: order.ticket) ?? Collected(),
              deadline: now + max(0, questions[order.question].plan.deadline - order.waited))
          })
      case .drop(let tickets):
        for ticket in tickets { collected[ticket] = nil }
      }
      state.withLock { state, held in
        if !state.jobs.isEmpty { state.jobs.removeFirst() }
        held.wakeAll()
      }
    }
  }

  private func ask(_ askings: [Asking]) {
    counters.asked.add(askings.count)
    var call: [Asking] = []
    var bytes = 0
    for asking in askings {
      guard !asking.shown.pictures.isEmpty else {
        // Never without something to see.
        finish(QuestionAnswer(ticket: asking.order.ticket, said: .nothing("no_picture")))
        continue
      }
      let own = asking.shown.pictures.reduce(0) { $0 + $1.jpeg.count }
      if !call.isEmpty, bytes + own > Self.mostBytes {
        send(call)
        (call, bytes) = ([], 0)
      }
      call.append(asking)
      bytes += own
    }
    if !call.isEmpty { send(call) }
  }

  private func send(_ call: [Asking]) {
    counters.calls.add()
    let cases = call.map {
      LanguageCase(
        pictures: $0.shown.pictures, context: $0.order.context,
        question: questions[$0.order.question].question)
    }
    let request = LanguageAsk(
      instruction: instruction, cases: cases, deadline: call.map(\.deadline).max() ?? clocks.monotonic(),
      adapters: adapters)
    let number = state.withLock { state, _ in
      state.calls += 1
      state.open[state.calls] = .some(nil)
      return state.calls
    }
    // The reply may come before this returns.
    let ticket = core.ask(request) { [self] reply in
      take(reply, to: call)
      state.withLock { state, held in
        state.open[number] = nil
        held.wakeAll()
      }
    }
    let isStopping = state.withLock { state, _ in
      if state.open[number] != nil { state.open[number] = ticket }
      return state.isStopping
    }
    if isStopping { core.cancel(ticket) }
  }

  private func take(_ reply: LanguageReply, to call: [Asking]) {
    switch reply.verdict {
    case .answered(let answers):
      let now = clocks.monotonic()
      for (asking, answer) in zip(call, answers) {
        let said: QuestionAnswer.Said =
          now > asking.deadline
          ? .nothing(UnknownReason.late.word) : questions[asking.order.question].said(answer)
        finish(self.answer(reply, to: asking, said, sharers: call.count))
      }
    case .unknown(let reason):
      // One of them may be what the model can't answer, or the server dies of.
      let isShared = call.count > 1 && reason.isOfWhatWasSent
      for asking in call where isShared { send([asking]) }
      for asking in call where !isShared {
        finish(answer(reply, to: asking, .nothing(reason.word), sharers: call.count))
      }
    }
  }

  private func answer(
    _ reply: LanguageReply, to asking: Asking, _ said: QuestionAnswer.Said, sharers: Int
  ) -> QuestionAnswer {
    QuestionAnswer(
      ticket: asking.order.ticket, said: said, frames: asking.shown.frames,
      times: asking.shown.pictures.map(\.time), model: reply.evidence.model, server: reply.evidence.server,
      latency: reply.evidence.latency, sharers: sharers, promptTokens: reply.evidence.promptTokens,
      cachedTokens: reply.evidence.cachedTokens, completionTokens: reply.evidence.completionTokens)
  }

  private func finish(_ answer: QuestionAnswer) {
    if case .nothing = answer.said { counters.unanswered.add() } else { counters.answered.add() }
    state.withLock { state, _ in state.answers.append(answer) }
  }
}
