import Base
import Conditions
import Events
import Media
import Vision

package struct ParserConfiguration: Sendable {
  /// For event ids: `<stream>-<epoch>-<number>`.
  package var stream: String
  package var epoch: String
  package var rate: Int
  /// What is looked for beside objects and the health of the picture, and the places where.
  package var rules: RuleConfiguration
  /// Without a frame for this long, the signal is lost.
  package var signalLostAfter: Nanoseconds
  /// Which objects are too small to be reported, and all else that the encoder goes by.
  package var encoder: EncoderConfiguration
  package var origin = StreamOrigin()
  /// How often a detector may look; nil without one.
  package var fovea: FovealConfiguration?
  /// What models are asked about events.
  package var questions: [QuestionPlan] = []
  package var calls = CallAllowance.usual

  package init(
    stream: String, epoch: String, rate: Int = 30, rules: RuleConfiguration = RuleConfiguration(),
    signalLostAfter: Nanoseconds = .seconds(2),
    encoder: EncoderConfiguration = EncoderConfiguration()
  ) {
    self.stream = stream
    self.epoch = epoch
    self.rate = rate
    self.rules = rules
    self.signalLostAfter = signalLostAfter
    self.encoder = encoder
  }
}

/// Looks in, ticks out: tracks, scene health and events of one stream. Pure and synchronous; the same
/// calls give the same answers.
package struct SemanticParser: ~Copyable {
  private let configuration: ParserConfiguration
  var tracker: Tracker
  private var health = SceneHealth()
  var ledger: EventLedger
  private var objectEvents: ObjectEvents
  private var sceneEvents = SceneEvents()
  private var keepingEvents = KeepingEvents()
  private var ruleEvents: RuleEvents
  var labelling: Labelling?
  var questioning: Questioning
  private var modelEvents = ModelEvents()
  private var frames = FrameRate()
  private var picture = Picture(width: 1280, height: 720)
  private var hasNews = false
  var newestFrame: MediaTime?
  /// When a frame came last, which may be long after its own time on a machine that is too slow.
  private var newestNews: MediaTime?
  private var newestTick: MediaTime?
  private var trackTime: MediaTime?
  private var segment = 0
  private var isLost = false
  private var lookedNow = false
  private var facts: [ObjectFacts] = []

  package init(_ configuration: ParserConfiguration) {
    self.configuration = configuration
    tracker = Tracker(
      minimumObject: configuration.encoder.minimumObject, firstId: configuration.origin.object)
    ledger = EventLedger(
      stream: configuration.stream, epoch: configuration.epoch, first: configuration.origin.event)
    objectEvents = ObjectEvents(zones: configuration.rules.setting.zones)
    ruleEvents = RuleEvents(configuration.rules)
    labelling = configuration.fovea.map { Labelling($0) }
    questioning = Questioning(configuration.questions, configuration.calls)
  }

  /// What was judged in the last look, for whoever teaches the models.
  package var judgements: [Judgement] { lookedNow ? tracker.judgements : [] }

  /// What the encoder should hold and whether it may rest.
  package var attention: Attention {
    var attention = Attention()
    attention.held = tracker.held
    attention.known = tracker.known
    attention.emptied = tracker.emptied
    attention.isAwake = !tracker.tracks.isEmpty || health.isDoubtful || health.state != .ok
    return attention
  }

  /// Takes in a frame. Frames come in the order of their times; a new `segment` tells of a discontinuity.
  package mutating func observe(_ look: Look) {
    let time = look.info.time
    if look.info.segment != segment {
      if segment != 0 { tracker.coast(to: time) }
      segment = look.info.segment
      labelling?.noteUpheaval()
    }
    isLost = false
    newestFrame = time
    newestNews = max(time, newestTick ?? time)
    hasNews = true
    frames.note(time)
    guard let observation = look.observation else {
      lookedNow = false
      return
    }
    lookedNow = true
    let switches = health.observe(observation.scene, at: time)
    tracker.minimum = configuration.encoder.minimumObject(in: look.info)
    picture = look.info.picture
    if observation.scene.isUpset || observation.scene.isRelearnt {
      tracker.coast(to: time)
      if observation.scene.isRelearnt {
        tracker.noteRelearning(at: time)
        labelling?.noteUpheaval()
      }
    } else {
      tracker.observe(
        observation, at: time, aspect: picture.aspect, mayConfirm: !health.isUnsure)
    }
    labelling?.follow(&tracker, at: time)
    for gone in tracker.takeEnded() {
      objectEvents.end(thing(gone.track), mergedInto: gone.mergedInto, ledger: &ledger)
      questioning.forget(gone.track.id)
    }
    followObjects(at: time)
    sceneEvents.follow(health, switches, ledger: &ledger, at: time)
    sceneEvents.followMotion(tracker.confirmed, ledger: &ledger, at: time)
    trackTime = time
  }

  /// The state of the scene at `time`, which never goes back. May be called with no new frame since the
  /// last tick: objects are then predicted, and after `signalLostAfter` the signal is lost. `hours` says what time it is
  /// there, for what is looked for at some hours only; `modelTrouble` why no model answers, nil while one does.
  package mutating func tick(
    at time: MediaTime, hours: LocalTime = LocalTime(), keeping: Keeping = Keeping(),
    modelTrouble: String? = nil
  ) -> ParsedTick {
    keepingEvents.follow(keeping, ledger: &ledger, at: time)
    modelEvents.follow(modelTrouble, ledger: &ledger, at: time)
    newestTick = time
    if !isLost, time - (newestNews ?? .zero) >= configuration.signalLostAfter {
      isLost = true
      endObjects(.signalLost)
      tracker.forget()
      labelling?.forget()
      questioning.forgetObjects()
      sceneEvents.signalLost(lastFrame: newestFrame, ledger: &ledger, at: time)
    }
    let known = trackTime ?? time
    let ahead = min(0.5, max(0, (time - known).inSeconds))
    let isFresh = ahead < 0.5 / Double(configuration.rate)
    var objects: [ObjectReport] = []
    facts.removeAll(keepingCapacity: true)
    for t in tracker.believed {
      let object = report(t, ahead: isFresh ? 0 : ahead, isFresh: isFresh && lookedNow, at: time)
      // What has left the picture altogether has no box any more.
      guard object.box.width > 0 && object.box.height > 0 else { continue }
      objects.append(object)
      var known = ObjectFacts(object, t, aspect: tracker.pictureAspect)
      known.answers = questioning.answers(of: t.id)
      facts.append(known)
    }
    for thing in labelling?.standing ?? [] where thing.id != 0 {
      let object = report(thing, at: time)
      objects.append(object)
      var known = ObjectFacts(object)
      known.answers = questioning.answers(of: thing.id)
      facts.append(known)
    }
    let scene = scene()
    var sceneFacts = SceneFacts(scene)
    sceneFacts.frameRate = frames.rate(at: time)
    sceneFacts.answers = questioning.ofScene
    ruleEvents.step(
      Automaton.Tick(
        time: time, isFresh: hasNews, scene: sceneFacts,
        picture: picture, removed: tracker.takeRemoved(),
        secondsSince1970: hours.secondsSince1970, localOffset: hours.localOffset), facts, ledger: &ledger)
    hasNews = false
    if configuration.rules.report != nil { objects.removeAll { !ruleEvents.reports($0.id) } }
    if !configuration.rules.setting.zones.isEmpty {
      for i in objects.indices { objects[i].zones = ruleEvents.zones(of: objects[i].id) }
    }
    let told = ledger.takeNumbered()
    if !configuration.questions.isEmpty { questioning.follow(told, ledger: &ledger, at: time) }
    return ParsedTick(scene: scene, objects: objects, events: told.map(\.event))
  }

  /// Ends every open event: `complete` at the end of a recording, `stopped` when told to stop.
  package mutating func finish(at time: MediaTime, reason: Event.EndReason) -> [Event] {
    questioning.stop(ledger: &ledger)
    endObjects(reason)
    ledger.endAll(reason: reason)
    return ledger.take()
  }

  // MARK: - The detector

  /// What a detector should look at in the frame that was observed last; nil for nothing. The answer goes to `take`,
  /// whenever it comes, and until then no other is asked.
  package mutating func fovealRequest() -> FovealRequest? {
    guard lookedNow, let time = trackTime else { return nil }
    return labelling?.request(tracker, at: time)
  }

  /// Takes in what a detector saw in some frame of the last seconds.
  package mutating func take(_ answer: FovealAnswer) {
    labelling?.take(answer, &tracker)
    for gone in labelling?.takeGone() ?? [] {
      objectEvents.end(SeenThing(gone), reason: .left, ledger: &ledger)
      questioning.forget(gone.id)
    }
  }

  /// How often the detector was not asked for want of allowance, and answered too late, so far.
  package var fovealCounts: (short: Int, late: Int) { (labelling?.short ?? 0, labelling?.lateAnswers ?? 0) }

  private func thing(_ t: Track) -> SeenThing { SeenThing(t, labelling?.told(of: t), tracker) }

  private mutating func followObjects(at time: MediaTime) {
    var things = tracker.told.map { thing($0) }
    for standing in labelling?.standing ?? [] where standing.id != 0 { things.append(SeenThing(standing)) }
    if configuration.rules.report != nil {
      things.removeAll { !objectEvents.isOpen($0.id) && !ruleEvents.reports($0.id) }
    }
    objectEvents.follow(things, aspect: tracker.pictureAspect, ledger: &ledger, at: time)
  }

  private mutating func endObjects(_ reason: Event.EndReason) {
    for t in tracker.confirmed { objectEvents.end(thing(t), reason: reason, ledger: &ledger) }
    for standing in labelling?.standing ?? [] where standing.id != 0 {
      objectEvents.end(SeenThing(standing), reason: reason, ledger: &ledger)
    }
  }

  private func scene() -> SceneReport {
    guard newestFrame != nil else {
      return isLost
        ? SceneReport(state: .signalLost, mode: nil, motion: nil, luma: nil, sharpness: nil) : .starting
    }
    let m = health.latest
    return SceneReport(
      state: isLost ? .signalLost : health.state, mode: health.mode, motion: m.motion, luma: m.luma,
      sharpness: min(1, max(0, m.detail)))
  }

  private func report(_ t: Track, ahead: Double, isFresh: Bool, at time: MediaTime) -> ObjectReport {
    let aspect = tracker.pictureAspect
    let b = t.region ?? t.box
    let moved = Rect(
      x: (b.x + t.x.velocity * ahead) / aspect, y: b.y + t.y.velocity * ahead, width: b.width / aspect,
      height: b.height)
    let x0 = min(max(moved.x, 0), 1)
    let y0 = min(max(moved.y, 0), 1)
    let shown = Rect(
      x: x0, y: y0, width: min(max(moved.maxX, 0), 1) - x0, height: min(max(moved.maxY, 0), 1) - y0)
    let label = labelling?.told(of: t)
    return ObjectReport(
      id: t.id, label: label?.label ?? "moving", score: t.belief,
      box: Box(x: shown.x, y: shown.y, width: shown.width, height: shown.height),
      velocityX: t.x.velocity / aspect, velocityY: t.y.velocity,
      age: max(0, (time - t.firstSeen).inSeconds), still: max(0, (time - t.rest.since).inSeconds),
      zones: [],
      seen: isFresh && t.isObserved ? .observed : .predicted, labelScore: label?.score,
      labelAge: label == nil
        ? nil : labelling?.lookedAt(t).map { max(0, (time - $0).inSeconds) })
  }

  /// It was seen when it was looked at, and else stands there as far as is known.
  private func report(_ thing: StandingThing, at time: MediaTime) -> ObjectReport {
    let label = thing.belief.told
    let age = max(0, (time - thing.firstSeen).inSeconds)
    return ObjectReport(
      id: thing.id, label: label?.label ?? "object", score: label?.score ?? 0,
      box: Box(x: thing.box.x, y: thing.box.y, width: thing.box.width, height: thing.box.height),
      velocityX: 0, velocityY: 0, age: age, still: age, zones: [],
      seen: thing.lastSeen == time ? .observed : .predicted, labelScore: label?.score,
      labelAge: thing.belief.lookedAt.map { max(0, (time - $0).inSeconds) })
  }
}

/// What time it is where the camera stands.
package struct LocalTime: Sendable, Hashable {
  package var secondsSince1970: Int64
  /// Minutes of the machine's time east of Greenwich at that moment.
  package var localOffset: Int

  package init(secondsSince1970: Int64 = 0, localOffset: Int = 0) {
    self.secondsSince1970 = secondsSince1970
    self.localOffset = localOffset
  }
}

extension FrameInfo {
  /// Its size when it stands upright.
  package var picture: Picture {
    let turned = rotation == .quarter || rotation == .threeQuarters
    return Picture(width: Double(turned ? height : width), height: Double(turned ? width : height))
  }
}

extension ObjectFacts {
  init(_ report: ObjectReport, _ track: Track, aspect: Double) {
    self.init(report)
    let pace = track.pace
    velocityX = pace.map { $0.x / aspect } ?? .nan
    velocityY = pace?.y ?? .nan
    pathLength = track.pathLength
    topSpeed = track.topSpeed
    appearedBy = track.appearedBy
  }
}

/// How many frames come in a second, over the last two.
private struct FrameRate: Sendable {
  private var times: [MediaTime] = []
  private var first: MediaTime?
  private static let window = Nanoseconds.seconds(2)

  mutating func note(_ time: MediaTime) {
    first = first ?? time
    times.removeAll { time - $0 >= Self.window || time < $0 }
    times.append(time)
  }

  /// NaN while the stream is younger than the window.
  func rate(at time: MediaTime) -> Double {
    guard let first, time - first >= Self.window else { return .nan }
    return Double(times.count { time - $0 < Self.window }) / Self.window.inSeconds
  }
}
