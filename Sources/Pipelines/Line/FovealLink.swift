import Base
import Logging
import Media
import Vision

/// Takes what a stream wants looked at to its detector, and brings the answers back to the thread that looks. A detector
/// that fails costs the stream nothing but labels, and the log, if there is one, a line a second.
final class FovealLink: Sendable {
  private let encoder: any FovealEncoder
  private let counters: StreamCounters
  private let clocks: any Clocks
  private let answers = Monitor<[FovealAnswer]>([])
  private let trouble: Monitor<Trouble>

  private struct Trouble {
    var complaints: Complaints?
    var first: Fault?
  }

  /// What takes longer hangs; a recording, which waits for its answers, goes on without.
  private static let limit: Nanoseconds = .seconds(60)

  init(
    _ encoder: any FovealEncoder, counters: StreamCounters, clocks: any Clocks, logger: Logger? = nil
  ) {
    self.encoder = encoder
    self.counters = counters
    self.clocks = clocks
    trouble = Monitor(Trouble(complaints: logger.map { Complaints($0) }))
  }

  /// Of the first look that failed.
  var firstFault: Fault? { trouble.withLock { trouble, _ in trouble.first } }

  /// Has a frame looked at. Returns at once; the answer is among those of a later `take`.
  func ask(_ request: FovealRequest, about frame: borrowing VideoFrame) {
    encoder.look(at: frame.copy(), request) { [self] result in
      let answer = answer(request, result)
      answers.withLock { answers, held in
        answers.append(answer)
        held.wakeAll()
      }
    }
  }

  /// The answers that have come since the last call. One request is under way at a time, so they are few.
  func take() -> [FovealAnswer] {
    answers.withLock { answers, _ in
      defer { answers.removeAll() }
      return answers
    }
  }

  /// As `ask` and `take`: blocks until the answer is there.
  func wait(for request: FovealRequest, about frame: borrowing VideoFrame) -> FovealAnswer {
    ask(request, about: frame)
    let deadline = clocks.monotonic() + Self.limit
    let known: FovealAnswer? = answers.withLock { answers, held in
      while true {
        if let i = answers.firstIndex(where: { $0.request.number == request.number }) {
          return answers.remove(at: i)
        }
        if !held.wait(&answers, until: deadline) { return nil }
      }
    }
    return known
      ?? answer(
        request, .failure(Fault(.unavailable, "the detector doesn't answer", at: encoder.name)))
  }

  private func answer(_ request: FovealRequest, _ result: Result<[Detection], Fault>) -> FovealAnswer {
    switch result {
    case .success(let detections):
      counters.looks.add()
      return FovealAnswer(request, detections)
    case .failure(let fault):
      counters.looksFailed.add()
      trouble.withLock { trouble, _ in
        trouble.first = trouble.first ?? fault
        trouble.complaints?.complain("the detector failed: \(fault)", at: clocks.monotonic())
      }
      return FovealAnswer(request, nil)
    }
  }
}
