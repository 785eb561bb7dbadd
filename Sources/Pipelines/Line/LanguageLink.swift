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

  private struct Job: Sendable {
    var order: QuestionOrder
    var frame: Held?
  }

  private struct Collected: Sendable {
    var pictures: [TimedPicture] = []
    var frames: [UInt64] = []
    var begun: MonotonicTime
  }

  private struct State {
    var jobs: [Job] = []
    var collected: [UInt64: Collected] = [:]
    /// Asked, and not yet answered; with the core's name for it once that is known.
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
  private static let mostJobs = 8

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
  func perform(_ orders: [QuestionOrder], with frame: borrowing VideoFrame) {
    for order in orders { put(Job(order: order, frame: order.takesPicture ? Held(frame.copy()) : nil)) }
  }

  /// As `perform`, for orders that need no picture.
  func perform(_ orders: [QuestionOrder]) {
    for order in orders { put(Job(order: order, frame: nil)) }
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

  private func put(_ job: Job) {
    state.withLock { state, held in
      guard !state.isStopping else { return }
      if state.jobs.count >= Self.mostJobs, job.frame != nil {
        // Another picture of the same question may come; the last of it can't be left out.
        counters.picturesDropped.add()
        guard job.order.isComplete else { return }
        state.jobs.append(Job(order: job.order, frame: nil))
      } else {
        state.jobs.append(job)
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
      let ticket = job.order.ticket
      var collected =
        state.withLock { state, _ in state.collected.removeValue(forKey: ticket) }
        ?? Collected(begun: clocks.monotonic())
      if let held = job.frame {
        do throws(Fault) {
          let jpeg = try writer.encode(
            held.frame, crop: job.order.part, longestSide: questions[job.order.question].longestSide)
          collected.pictures.append(TimedPicture(time: held.frame.info.time, jpeg: jpeg))
          collected.frames.append(held.frame.info.number)
        } catch {
          complaints?.complain("a picture for a question can't be made: \(error)", at: clocks.monotonic())
        }
      }
      if job.order.isComplete {
        ask(job.order, collected)
      } else {
        state.withLock { state, _ in state.collected[ticket] = collected }
      }
      state.withLock { state, held in
        if !state.jobs.isEmpty { state.jobs.removeFirst() }
        held.wakeAll()
      }
    }
  }

  private func ask(_ order: QuestionOrder, _ collected: Collected) {
    let setting = questions[order.question]
    counters.asked.add()
    guard !collected.pictures.isEmpty else {
      // Never without something to see.
      return finish(order.ticket, QuestionAnswer(ticket: order.ticket, said: .nothing("no_picture")))
    }
    let request = LanguageAsk(
      instruction: instruction, pictures: collected.pictures, context: order.context,
      question: setting.question, deadline: collected.begun + setting.deadline, adapters: adapters)
    state.withLock { state, _ in state.open[order.ticket] = .some(nil) }
    // The reply may come before this returns.
    let ticket = core.ask(request) { [self] reply in
      finish(order.ticket, answer(reply, to: order.ticket, setting, frames: collected.frames))
    }
    state.withLock { state, _ in if state.open[order.ticket] != nil { state.open[order.ticket] = ticket } }
  }

  private func answer(
    _ reply: LanguageReply, to ticket: UInt64, _ setting: QuestionSetting, frames: [UInt64]
  ) -> QuestionAnswer {
    QuestionAnswer(
      ticket: ticket, said: setting.said(reply.verdict), frames: frames, times: reply.evidence.times,
      model: reply.evidence.model, server: reply.evidence.server, latency: reply.evidence.latency,
      promptTokens: reply.evidence.promptTokens, cachedTokens: reply.evidence.cachedTokens,
      completionTokens: reply.evidence.completionTokens)
  }

  private func finish(_ ticket: UInt64, _ answer: QuestionAnswer) {
    if case .nothing = answer.said { counters.unanswered.add() } else { counters.answered.add() }
    state.withLock { state, held in
      state.open[ticket] = nil
      state.answers.append(answer)
      held.wakeAll()
    }
  }
}
