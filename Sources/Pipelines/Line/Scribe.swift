import Base
import Conditions
import Events
import Glibc
import Media
import Semantics
import Vision

/// Makes the records of one stream: parser in, numbered records out.
///
/// Belongs to one thread at a time. Every record and every tick that was left out takes one seq, in order,
/// from where the stream begins.
package struct Scribe: ~Copyable {
  package let stream: String
  package let epoch: String

  private var parser: SemanticParser
  private let sink: any RecordSink
  private let counters: StreamCounters
  private let rate: Double
  private let origin: StreamOrigin
  private var seq: UInt64
  private var newest: Seen?
  /// The newest frame has not been in a record yet.
  private var isFresh = false
  private var lastTick = MediaTime.zero
  private var lastTickSeconds = 0.0
  private var isFinished = false
  private var picture: Picture?
  private let detector: String?

  private struct Seen {
    var info: FrameInfo
    var report: EncoderReport
  }

  package init(_ configuration: ParserConfiguration, sink: any RecordSink, counters: StreamCounters) {
    stream = configuration.stream
    epoch = configuration.epoch
    rate = Double(configuration.rate)
    origin = configuration.origin
    detector = configuration.fovea?.encoder
    seq = configuration.origin.seq
    parser = SemanticParser(configuration)
    self.sink = sink
    self.counters = counters
  }

  package var nextSeq: UInt64 { seq }
  package var attention: Attention { parser.attention }
  /// As of the last tick.
  package private(set) var scene = SceneReport.starting
  package private(set) var objects: [ObjectReport] = []
  private var openEvents = 0
  /// What is going on besides objects that come and go: open events, and points for a second.
  package private(set) var ongoing: [Ongoing] = []

  package struct Ongoing: Sendable {
    package var id: String
    package var kind: String
    package var objects: [UInt64]
    /// Media time after which it is no longer shown; nil while it is open.
    var until: Double?
  }
  package var isClosed: Bool { sink.isClosed }

  /// Takes in what was seen of a frame, which took `spent` to see.
  package mutating func observe(_ look: Look, spent: Nanoseconds) {
    var milliseconds = spent.inMilliseconds
    // A tick that takes several frames answers for the work on all of them.
    if isFresh, let newest { milliseconds += newest.report.milliseconds }
    newest = Seen(
      info: look.info,
      report: EncoderReport(ran: look.ran, skipped: look.skipped, milliseconds: milliseconds))
    isFresh = true
    let picture = look.info.picture
    if picture != self.picture {
      self.picture = picture
      sink.see(picture)
    }
    counters.frames.add()
    if look.skipped != nil { counters.skipped.add() }
    if look.skipped == "budget" { counters.skippedForBudget.add() }
    parser.observe(look)
  }

  /// What a detector should look at in the frame that was observed last; nil for nothing.
  package mutating func fovealRequest() -> FovealRequest? {
    guard let request = parser.fovealRequest() else { return nil }
    if let detector { newest?.report.ran.append(detector) }
    return request
  }

  /// Takes in what a detector saw.
  package mutating func take(_ answer: FovealAnswer) { parser.take(answer) }

  /// Why no language model answers, as of the next tick; nil while one does.
  package var modelTrouble: String?

  /// What is to be done for questions with the frame that was observed last.
  package mutating func questionOrders() -> QuestionOrders { parser.questionOrders() }
  /// What is still to be asked at the end of a recording.
  package mutating func closeQuestions() -> QuestionOrders { parser.closeQuestions() }
  /// Takes in how an asking ended.
  package mutating func take(_ answer: QuestionAnswer) { parser.take(answer) }

  /// Tells tick number `tick`, which lies at `time`. `now` is the time of a record without a frame.
  package mutating func tell(_ tick: Int64, at time: MediaTime, now: WallTime) throws(Fault) {
    guard let newest else { return try tellStarting(now) }
    let parsed = parser.tick(
      at: time, hours: LocalTime(newest.info.wall), keeping: sink.keeping,
      modelTrouble: modelTrouble)
    lastTick = time
    lastTickSeconds = Double(origin.tick + tick) / rate
    scene = parsed.scene
    objects = parsed.objects
    let record = FrameRecord(
      stream: stream, seq: takeSeq(), time: newest.info.wall.timestamp, mediaTime: lastTickSeconds,
      segment: origin.segment + newest.info.segment, frame: origin.frame + newest.info.number,
      freshness: isFresh ? .fresh : .stale,
      ageMilliseconds: max(0, (time - newest.info.time + 500_000) / 1_000_000),
      encoder: isFresh ? newest.report : .idle, scene: parsed.scene, objects: parsed.objects)
    if !isFresh { counters.staleTicks.add() }
    isFresh = false
    counters.ticks.add()
    counters.note(parser.fovealCounts)
    let events = records(of: parsed.events)
    counters.standing = .init(
      scene: parsed.scene.state, objects: parsed.objects.count, openEvents: openEvents,
      ran: newest.report.ran, skipped: newest.report.skipped)
    try sink.write(record, events)
  }

  /// Takes the seqs of ticks that nobody told in time.
  package mutating func leaveOut(_ count: Int64) throws(Fault) {
    guard count > 0 else { return }
    let first = seq
    seq += UInt64(count)
    counters.lateTicks.add(Int(count))
    try sink.late(from: first, count: UInt64(count))
  }

  /// Ends every open event. Later calls do nothing.
  package mutating func finish(_ reason: Event.EndReason) throws(Fault) {
    guard !isFinished else { return }
    isFinished = true
    let records = records(of: parser.finish(at: lastTick, reason: reason))
    if !records.isEmpty { try sink.write(nil, records) }
    try sink.flush()
  }

  private mutating func tellStarting(_ now: WallTime) throws(Fault) {
    counters.ticks.add()
    counters.staleTicks.add()
    try sink.write(
      FrameRecord(
        stream: stream, seq: takeSeq(), time: now.timestamp, mediaTime: began, segment: origin.segment,
        frame: origin.frame,
        freshness: .stale, ageMilliseconds: 0, encoder: .idle, scene: .starting, objects: []), [])
  }

  private mutating func records(of events: [Event]) -> [EventRecord] {
    guard !events.isEmpty, let newest else { return [] }
    var records: [EventRecord] = []
    records.reserveCapacity(events.count)
    for var event in events {
      event.since += began
      event.lastSeen += began
      if var evidence = event.evidence {
        evidence.frames = evidence.frames.map { $0 + origin.frame }
        evidence.times = evidence.times.map { $0 + began }
        event.evidence = evidence
      }
      switch event.phase {
      case .begin: openEvents += 1
      case .end: openEvents -= 1
      case .update, .point: break
      }
      counters.count(event)
      follow(event)
      records.append(
        EventRecord(
          stream: stream, seq: takeSeq(), time: newest.info.wall.timestamp, mediaTime: lastTickSeconds,
          segment: origin.segment + newest.info.segment, frame: origin.frame + newest.info.number,
          event: event))
    }
    return records
  }

  /// Media time at which the parser's own clock stood at 0.
  private var began: Double { Double(origin.tick) / rate }

  private mutating func follow(_ event: Event) {
    guard !event.late else { return }
    ongoing.removeAll { $0.id == event.id || $0.until.map { $0 < lastTickSeconds } ?? false }
    guard event.phase != .end, event.kind != "object", event.kind != "motion" else { return }
    ongoing.append(
      Ongoing(
        id: event.id, kind: event.kind, objects: event.objects,
        until: event.phase == .point ? lastTickSeconds + 1 : nil))
  }

  private mutating func takeSeq() -> UInt64 {
    defer { seq += 1 }
    return seq
  }
}

extension EncoderReport {
  /// Nothing came to look at.
  fileprivate static let idle = EncoderReport(ran: [], skipped: nil, milliseconds: 0)
}

extension WallTime {
  /// As records carry it.
  package var timestamp: Timestamp {
    // Towards the past on both sides of 1970.
    Timestamp(milliseconds: (nanoseconds - (nanoseconds < 0 ? 999_999 : 0)) / 1_000_000)
  }
}

extension LocalTime {
  /// By the time zone of the machine, or of the variable TZ.
  init(_ wall: WallTime) {
    var seconds = time_t(wall.nanoseconds / 1_000_000_000)
    var local = tm()
    localtime_r(&seconds, &local)
    self.init(secondsSince1970: Int64(seconds), localOffset: local.tm_gmtoff / 60)
  }
}
