import Base
import Conditions
import Events
import Media
import Semantics
import Vision

/// A parser before a stage: what stands on it is seen as a faultless encoder would, block by block.
final class Stage {
  /// Something on the stage. Boxes are 0…1 of the picture, as all of Vision's.
  struct Thing: Sendable {
    var box: Rect
    var look: Descriptor
    var litness = 0.0
    var contrast = 4.0
    var ghost = 0.2
    var stir = 3.0

    /// `shade` is one of eight ranges of brightness, `red` a colour difference.
    init(x: Double, y: Double, width: Double = 0.05, height: Double = 0.2, shade: Int = 6, red: Float = 0) {
      box = Rect(x: x, y: y, width: width, height: height)
      var luma = SIMD8<Float>.zero
      luma[shade] = 1
      look = Descriptor(luma: luma, cb: 0, cr: red)
    }
  }

  struct Told: Sendable {
    var time: Double
    var event: Event
  }

  private static let columns = 160
  private static let rows = 90

  private var parser: SemanticParser
  let rate: Double
  private(set) var frame = 0
  private(set) var segment = 1
  private(set) var ticks: [(time: Double, tick: ParsedTick)] = []
  private(set) var told: [Told] = []
  /// What nothing is seen of: a pillar in front of the stage.
  var pillar: Rect?
  /// What was to be done for questions, and when.
  private(set) var pictures: [(time: Double, order: QuestionOrders.Picture)] = []
  private(set) var calls: [(time: Double, cases: [QuestionOrders.Case])] = []
  private(set) var dropped: [UInt64] = []
  /// A detector in the stalls, if there is one.
  var detector: Detector?

  init(
    rate: Double = 30, signalLostAfter: Nanoseconds = .seconds(2), zones: [Zone] = [],
    rules: RuleConfiguration? = nil, detector: Detector? = nil, questions: [QuestionPlan] = [],
    calls: CallAllowance = CallAllowance(perSecond: 60)
  ) {
    self.rate = rate
    self.detector = detector
    var configuration = ParserConfiguration(
      stream: "lobby", epoch: "k3f9", rules: rules ?? RuleConfiguration(setting: Setting(zones: zones)),
      signalLostAfter: signalLostAfter)
    configuration.fovea = detector?.configuration
    configuration.questions = questions
    configuration.calls = calls
    parser = SemanticParser(configuration)
  }

  var time: Double { Double(frame) / rate }
  /// How late the frame of a time is seen.
  var lag: (Double) -> Double = { _ in 0 }

  /// Shows what `things` says at the time since the beginning, frame by frame.
  func play(
    _ seconds: Double, measures: (Double) -> SceneMeasures = { _ in Stage.calm }, things: (Double) -> [Thing]
  ) {
    for _ in 0..<Int((seconds * rate).rounded()) {
      see(observation(things(time), measures(time)))
    }
  }

  /// Lets time pass without a frame.
  func wait(_ seconds: Double) {
    for _ in 0..<Int((seconds * rate).rounded()) {
      tell()
      frame += 1
    }
  }

  /// One frame; nil is one that the gate skipped.
  func see(_ observation: Observation?) {
    let info = FrameInfo(
      number: UInt64(frame + 1), segment: segment, time: MediaTime(seconds: time - lag(time)),
      arrival: MonotonicTime(nanoseconds: 0), wall: WallTime(nanoseconds: 0), width: 1280, height: 720)
    parser.observe(
      Look(
        info: info, observation: observation, ran: observation == nil ? [] : ["patch-grid"],
        skipped: observation == nil ? "unchanged" : nil))
    if let detector {
      if let request = parser.fovealRequest() { detector.ask(request, at: frame) }
      for answer in detector.answers(at: frame) { parser.take(answer) }
    }
    tell()
    take(parser.questionOrders())
    frame += 1
  }

  private func take(_ orders: QuestionOrders) {
    pictures += orders.pictures.map { (time, $0) }
    calls += orders.calls.map { (time, $0) }
    dropped += orders.dropped
  }

  /// The recording is over.
  func closeQuestions() { take(parser.closeQuestions()) }

  /// How an asking ended.
  func answer(_ ticket: UInt64, _ said: QuestionAnswer.Said, frames: [UInt64] = [1]) {
    parser.take(QuestionAnswer(ticket: ticket, said: said, frames: frames, model: "tiny", latency: 5_000_000))
  }

  private func tell() {
    let tick = parser.tick(at: MediaTime(seconds: time))
    ticks.append((time, tick))
    told += tick.events.map { Told(time: time, event: $0) }
  }

  func finish(_ reason: Event.EndReason = .complete) {
    told += parser.finish(at: MediaTime(seconds: time), reason: reason).map { Told(time: time, event: $0) }
  }

  /// The scene as a healthy camera shows it.
  static var calm: SceneMeasures {
    var m = SceneMeasures()
    m.luma = 0.5
    m.colour = 8
    m.usualColour = 8
    m.usualDetail = 5
    m.change = 0.8
    m.stillChange = 0.8
    m.noise = 1.5
    return m
  }

  /// What is connected on the stage is one region, in reading order.
  func observation(_ things: [Thing], _ measures: SceneMeasures = Stage.calm) -> Observation {
    var owner = [Int](repeating: -1, count: Self.columns * Self.rows)
    for (t, thing) in things.enumerated() {
      for y in 0..<Self.rows {
        let py = (Double(y) + 0.5) / Double(Self.rows)
        guard py > thing.box.y && py < thing.box.maxY else { continue }
        for x in 0..<Self.columns {
          let px = (Double(x) + 0.5) / Double(Self.columns)
          guard px > thing.box.x && px < thing.box.maxX else { continue }
          if let pillar, px > pillar.x, px < pillar.maxX, py > pillar.y, py < pillar.maxY { continue }
          owner[y * Self.columns + x] = t
        }
      }
    }
    var seen = Observation(regions: [], scene: measures)
    seen.figure.blockWidth = 1 / Double(Self.columns)
    seen.figure.blockHeight = 1 / Double(Self.rows)
    var isTaken = [Bool](repeating: false, count: owner.count)
    for start in owner.indices where owner[start] >= 0 && !isTaken[start] {
      addRegion(from: start, owner, &isTaken, things, to: &seen)
    }
    seen.scene.motion = Double(seen.figure.blocks.count) / Double(owner.count)
    return seen
  }

  private func addRegion(
    from start: Int, _ owner: [Int], _ isTaken: inout [Bool], _ things: [Thing], to seen: inout Observation
  ) {
    var stack = [start]
    var blocks: [Int] = []
    isTaken[start] = true
    while let i = stack.popLast() {
      blocks.append(i)
      let (x, y) = (i % Self.columns, i / Self.columns)
      for ny in max(0, y - 1)...min(Self.rows - 1, y + 1) {
        for nx in max(0, x - 1)...min(Self.columns - 1, x + 1) {
          let j = ny * Self.columns + nx
          guard owner[j] >= 0, !isTaken[j] else { continue }
          isTaken[j] = true
          stack.append(j)
        }
      }
    }
    blocks.sort()
    let xs = blocks.map { $0 % Self.columns }
    let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
    let (top, bottom) = (blocks[0] / Self.columns, blocks[blocks.count - 1] / Self.columns)
    let width = seen.figure.blockWidth
    let height = seen.figure.blockHeight
    var look = Descriptor()
    var (litness, contrast, ghost, stir) = (0.0, 0.0, 0.0, 0.0)
    for (n, i) in blocks.enumerated() {
      let thing = things[owner[i]]
      look.mix(thing.look, share: 1 / Float(n + 1))
      litness += thing.litness / Double(blocks.count)
      contrast += thing.contrast / Double(blocks.count)
      ghost += thing.ghost / Double(blocks.count)
      stir += thing.stir / Double(blocks.count)
      seen.figure.blocks.append(
        .init(
          x: UInt16(i % Self.columns), y: UInt16(i / Self.columns), region: UInt16(seen.regions.count)))
    }
    seen.regions.append(
      Region(
        box: Rect(
          x: Double(left) * width, y: Double(top) * height, width: Double(right - left + 1) * width,
          height: Double(bottom - top + 1) * height),
        area: Double(blocks.count) * width * height, contrast: contrast, score: min(1, contrast / 3),
        shadow: litness, litness: litness, ghost: ghost, stir: stir, descriptor: look))
  }
}

extension Stage {
  /// The events `object`, or of another kind, in the order told.
  func events(_ kind: String = "object", _ phase: Event.Phase? = nil) -> [Told] {
    told.filter { $0.event.kind == kind && (phase == nil || $0.event.phase == phase) }
  }

  /// The id of the object whose box lies nearest to a point at that time; nil where none is near.
  func object(at x: Double, _ y: Double, time: Double) -> UInt64? {
    let tick = ticks.min { abs($0.time - time) < abs($1.time - time) }?.tick
    func gap(_ o: ObjectReport) -> Double {
      abs(o.box.x + o.box.width / 2 - x) + abs(o.box.y + o.box.height / 2 - y)
    }
    return tick?.objects.filter { gap($0) < 0.06 }.min { gap($0) < gap($1) }?.id
  }

  /// All ids that were ever reported.
  var ids: Set<UInt64> { Set(ticks.flatMap { $0.tick.objects.map(\.id) }) }

  /// IoU of a box with the one reported at that time that fits it best; nil where there is no such tick.
  func overlap(with due: Rect, time: Double) -> Double? {
    guard let tick = ticks.first(where: { abs($0.time - time) < 0.02 })?.tick else { return nil }
    return tick.objects.map {
      Rect(x: $0.box.x, y: $0.box.y, width: $0.box.width, height: $0.box.height).overlap(due)
    }.max() ?? 0
  }
}
