import Base
import Events
import Media
import Semantics
import Vision

/// One recording between its frames and its records: every frame is looked at in its order, nothing is
/// ever left out, and the records depend on the frames alone.
///
/// For each frame: tell the ticks `due` before it, then `observe` it; after the last, tell the `rest` and
/// `finish`. Belongs to one thread at a time.
package struct RecordedStream: ~Copyable {
  package private(set) var scribe: Scribe
  private var ticks: RecordingTicks
  private let clocks: any Clocks

  package init(
    _ configuration: ParserConfiguration, sink: any RecordSink, counters: StreamCounters,
    clocks: any Clocks
  ) {
    scribe = Scribe(configuration, sink: sink, counters: counters)
    ticks = RecordingTicks(TickGrid(rate: configuration.rate))
    self.clocks = clocks
  }

  package func time(of tick: Int64) -> MediaTime { ticks.grid.time(of: tick) }
  package func tick(of time: MediaTime) -> Int64 { ticks.grid.tick(of: time) }

  package mutating func due(before frame: FrameInfo) -> Range<Int64> { ticks.arrive(frame.time) }
  /// As `RecordingTicks.giveBack`.
  package mutating func giveBack(_ tick: Int64) { ticks.giveBack(tick) }
  package mutating func rest() -> Range<Int64> { ticks.finish() }

  package mutating func tell(_ tick: Int64) throws(Fault) {
    try scribe.tell(tick, at: ticks.grid.time(of: tick), now: clocks.wall())
  }

  /// Looks at a frame. `fill` is called at most once, before this returns.
  package mutating func observe(
    _ info: FrameInfo, with eye: inout Eye, fill: (PeripheralPicture) throws(Fault) -> Void
  ) throws(Fault) {
    let begun = clocks.monotonic()
    let look = try eye.look(at: info, holding: scribe.attention, fill: fill)
    if look.skipped == nil { eye.charge(nil) }
    scribe.observe(look, spent: clocks.monotonic() - begun)
  }

  /// What a detector should look at in the frame that was just observed; nil for nothing. Its answer goes to `take`.
  package mutating func fovealRequest() -> FovealRequest? { scribe.fovealRequest() }
  package mutating func take(_ answer: FovealAnswer) { scribe.take(answer) }

  /// Takes in what language models said.
  mutating func take(_ news: LanguageLink.News) {
    scribe.modelTrouble = news.trouble
    for answer in news.answers { scribe.take(answer) }
  }

  /// What is to be done for questions with the frame that was observed last.
  mutating func questionOrders() -> QuestionOrders { scribe.questionOrders() }
  mutating func closeQuestions() -> QuestionOrders { scribe.closeQuestions() }

  package mutating func finish(_ reason: Event.EndReason) throws(Fault) { try scribe.finish(reason) }
}

extension Eye {
  /// As `look(at:attention:fill:)`, with its errors as faults.
  mutating func look(
    at info: FrameInfo, holding attention: Attention, fill: (PeripheralPicture) throws(Fault) -> Void
  ) throws(Fault) -> Look {
    do {
      return try look(at: info, attention: attention) { picture in try fill(picture) }
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault(.software, "an encoder failed on frame \(info.number)", cause: "\(error)")
    }
  }
}
