import Base
import Vision

/// Joins what the detector saw to what is followed, remembers it between looks, and wishes for the next.
///
/// Tracks know where something is, the detector what it is. What the detector alone sees stands there from the beginning,
/// and is a thing of its own until it moves.
struct Labelling: Sendable {
  private struct Entry: Sendable {
    var belief = LabelBelief()
    var id: UInt64 = 0
    /// Since when a look is wished for.
    var wishedSince: MediaTime?
  }

  private let configuration: FovealConfiguration
  private var fovea: Fovea
  private var entries: [UInt64: Entry] = [:]
  /// By id, the serial of the track that bears it.
  private var bearers: [UInt64: UInt64] = [:]
  private var history = LookHistory()
  private(set) var standing: [StandingThing] = []
  /// Standing things that are no more, since the last `takeGone`.
  private var gone: [StandingThing] = []
  private var lastTime: MediaTime?
  /// Candidates that are looked at before they are judged, by the request under way.
  private var guesses: Set<UInt64> = []
  /// Those that were large enough for a look at the whole.
  private var largeGuesses: Set<UInt64> = []
  /// 0…1: how much such looks have been worth lately.
  private var guessing = 1.0
  private var guessingLarge = 1.0
  /// The same of things that stand there and aren't believed yet: in noise a detector sees what isn't there.
  private var trusting = 1.0
  /// Answers that came too late to be of use.
  private(set) var lateAnswers = 0

  /// A thing is in a place that was looked at if so much of it is.
  private static let covered = 0.7
  /// A detection and a track are the same from this likeness on.
  private static let alike = 0.3
  /// What is covered by a track so far is that track's, and not a thing of its own.
  private static let taken = 0.5
  /// Of two that were seen beside each other, no more than this is shared: what lies further in one is a part of it. And
  /// what the one was seen as is this much of its place at least: parts of one are seen beside each other too.
  private static let shared = 0.3
  private static let explained = 0.4
  /// A region that a detection is this much like shows no more than that.
  private static let ofOne = 0.6
  private static let mostStanding = 64
  /// A candidate is believed at all from here on.
  private static let judged = 0.2
  /// Guesses are made while they are worth this much; one in vain costs its share, and time forgets it.
  private static let worthIt = 0.3
  private static let costOfVain = 0.5
  private static let forgotten = 20.0
  /// From this length on, in picture heights, a candidate is worth a look at the whole; such guesses cost less in vain, and
  /// are sooner forgotten.
  private static let large = 0.05
  private static let costOfVainLarge = 0.7
  private static let forgottenLarge = 8.0
  /// From this score on a label shows that something is a thing at all.
  private static let sure = 0.5

  init(_ configuration: FovealConfiguration) {
    self.configuration = configuration
    fovea = Fovea(configuration)
  }

  var short: Int { fovea.short }

  // MARK: - Time

  /// Takes note of where everything is after a look of the tracker.
  mutating func follow(_ tracker: inout Tracker, at time: MediaTime) {
    let passed = lastTime.map { max(0, (time - $0).inSeconds) } ?? 0
    lastTime = time
    guessing = min(1, guessing + passed / Self.forgotten)
    guessingLarge = min(1, guessingLarge + passed / Self.forgottenLarge)
    trusting = min(1, trusting + passed / Self.forgotten)
    var places: [LookHistory.Place] = []
    var alive: Set<UInt64> = []
    for t in tracker.tracks {
      alive.insert(t.serial)
      let isAlone = t.isSeenAlone
      entries[t.serial, default: Entry()].belief.pass(passed, isAlone: isAlone)
      if t.id != 0 { note(t.id, of: t.serial) }
      if t.stage != .dormant {
        places.append(
          .init(
            serial: t.serial, box: tracker.toPicture(t.box), region: t.region.map { tracker.toPicture($0) },
            isAlone: isAlone, isKnown: t.stage == .confirmed))
      }
    }
    for serial in entries.keys where !alive.contains(serial) {
      if let id = entries.removeValue(forKey: serial)?.id, bearers[id] == serial { bearers[id] = nil }
    }
    history.add(places, at: time)
    for i in standing.indices { standing[i].belief.pass(passed, isAlone: true) }
    standing.removeAll { $0.id == 0 && Self.isTaken($0.box, places, besides: $0.others) }
    tracker.adoptable = standing.filter { $0.id != 0 }.map {
      ($0.id, tracker.toHeights($0.box), $0.firstSeen)
    }
  }

  /// A track bears an id. It may be another's, that came back, or a standing thing's, that moves now: what was known goes
  /// with the id.
  private mutating func note(_ id: UInt64, of serial: UInt64) {
    guard bearers[id] != serial else { return }
    var known = bearers[id].flatMap { entries[$0]?.belief }
    if let i = standing.firstIndex(where: { $0.id == id }) { known = standing.remove(at: i).belief }
    bearers[id] = serial
    entries[serial]?.id = id
    if let known, known.looks > entries[serial]?.belief.looks ?? 0 { entries[serial]?.belief = known }
  }

  mutating func noteUpheaval() { fovea.noteUpheaval() }

  /// Nothing that was known is known to be there.
  mutating func forget() {
    entries.removeAll()
    bearers.removeAll()
    standing.removeAll()
    history.forget()
    fovea.noteUpheaval()
  }

  mutating func takeGone() -> [StandingThing] {
    defer { gone.removeAll() }
    return gone
  }

  // MARK: - What is known

  /// By serial, those that a detector is sure of.
  private var recognised: [UInt64: Double] {
    entries.compactMapValues { $0.belief.told.flatMap { $0.score >= Self.sure ? $0.score : nil } }
  }

  func told(of track: Track) -> LabelBelief.Told? { entries[track.serial]?.belief.told }
  func lookedAt(_ track: Track) -> MediaTime? { entries[track.serial]?.belief.lookedAt }

  // MARK: - Asking

  /// What should be looked at in the frame that was followed last.
  mutating func request(_ tracker: Tracker, at time: MediaTime) -> FovealRequest? {
    var wishes: [FovealWish] = []
    var wished: [UInt64: Rect] = [:]
    var large: Set<UInt64> = []
    // Something may be there that nobody could wish to have looked at.
    var isIgnorant = false
    for t in tracker.tracks where t.stage != .dormant {
      // Most of what begins is noise in some scenes, and a thing in others.
      let isGuess = t.stage == .candidate && t.belief < Self.judged
      let isLarge = isGuess && max(t.box.width, t.box.height) >= Self.large
      if isGuess, t.hits < 2 || (isLarge ? guessingLarge : guessing) < Self.worthIt || isPart(t, of: tracker)
      {
        continue
      }
      if isLarge {
        large.insert(t.serial)
        isIgnorant = true
      }
      if t.stage == .confirmed, let belief = entries[t.serial]?.belief,
        belief.mayHideOthers || belief.isUntold
      {
        isIgnorant = true
      }
      // What it shares with others shows it whole at least.
      guard let box = tracker.toPicture(t.region ?? t.box).within, let belief = entries[t.serial]?.belief
      else { continue }
      let isStill = (time - t.rest.since).inSeconds >= ObjectEvents.stillAfter
      let isWhole = !box.touchesBorder
      guard
        let reason = belief.wish(box, isAlone: t.isSeenAlone, isWhole: isWhole, isStill: isStill, at: time)
      else {
        entries[t.serial]?.wishedSince = nil
        continue
      }
      let since = entries[t.serial]?.wishedSince ?? time
      entries[t.serial]?.wishedSince = since
      wishes.append(FovealWish(box: box, reason: reason, since: since, doubt: belief.inVain))
      if isGuess { wished[t.serial] = box }
    }
    for thing in standing where thing.id != 0 || trusting >= Self.worthIt {
      guard let reason = thing.wish(at: time) else { continue }
      wishes.append(FovealWish(box: thing.box, reason: reason, since: thing.lastSeen))
    }
    guard
      let request = fovea.choose(
        wishes, wantsWhole: isIgnorant, at: time, aspect: tracker.pictureAspect)
    else { return nil }
    let isWhole = request.fixations == [.whole]
    let guessed = Set(wished.filter { Self.covers(request.fixations, $0.value) }.keys)
    largeGuesses = guessed.intersection(large)
    // A look at the whole may overlook what is small.
    guesses = isWhole ? [] : guessed.subtracting(large)
    return request
  }

  /// Whether a candidate lies on a thing whose label is known, of which it may be a limb or the shadow.
  private func isPart(_ candidate: Track, of tracker: Tracker) -> Bool {
    tracker.tracks.contains {
      $0.stage == .confirmed && told(of: $0) != nil
        && $0.box.intersection(candidate.box) > Self.taken * candidate.box.area
    }
  }

  // MARK: - Answers

  mutating func take(_ answer: FovealAnswer, _ tracker: inout Tracker) {
    fovea.settle(answer)
    defer { tracker.recognised = recognised }
    guard let all = answer.detections else { return }
    let time = answer.request.time
    guard let places = history.places(at: time) else {
      lateAnswers += 1
      return
    }
    let detections = all.filter { $0.score >= configuration.leastScore }
    let fixations = answer.request.fixations
    var isFree = [Bool](repeating: true, count: detections.count)
    var isMet = [Bool](repeating: false, count: places.count)
    let sharp = fixations.filter { $0.reason != .whole }
    let pairs = Self.pairs(places.count, detections) { Self.likeness(places[$0], $1) }
    var seenAs: [UInt64: Rect] = [:]
    for pair in pairs where isFree[pair.detection] && !isMet[pair.place] {
      let found = detections[pair.detection]
      let place = places[pair.place]
      if isAnothers(found.box, than: place) { continue }
      // Most candidates come to nothing; what was seen is there even so.
      isFree[pair.detection] = !place.isKnown
      isMet[pair.place] = true
      seenAs[place.serial] = found.box
      entries[place.serial]?.belief.look(
        found.label, score: found.score, box: place.box, isWhole: !place.box.touchesBorder,
        isSharp: Self.covers(sharp, place.box), at: time)
    }
    judgeGuesses(Set(places.indices.filter { isMet[$0] }.map { places[$0].serial }))
    for place in places where Self.covers(fixations, place.box) { entries[place.serial]?.belief.noteLook() }
    // A look at the whole may overlook what is small; a look at the very place may not.
    for (i, place) in places.enumerated() where !isMet[i] && place.isAlone {
      guard Self.covers(sharp, place.box) else { continue }
      entries[place.serial]?.belief.look(
        nil, score: 0, box: place.box, isWhole: !place.box.touchesBorder, at: time)
    }
    // What else was seen where one was met is another.
    let unmet = places.indices.filter { !isMet[$0] }.map { places[$0] }
    let rest = detections.indices.filter { isFree[$0] }.map { detections[$0] }.filter { found in
      !Self.isTaken(found.box, unmet)
        || standing.contains {
          Self.likeness($0.box, found.box) >= Self.alike
            && !Self.isTaken(found.box, unmet, besides: $0.others)
        }
    }
    seeStanding(rest, fixations, places, seenAs, &tracker, at: time)
  }

  /// Whether a detection in a track is rather a standing thing, which was seen beside the track before.
  private func isAnothers(_ found: Rect, than place: LookHistory.Place) -> Bool {
    place.isKnown
      && standing.contains {
        $0.others.contains(place.serial)
          && Self.likeness($0.box, found) > Self.likeness(place, found)
      }
  }

  /// Looks were had at candidates; `met` are the tracks that were found to be something.
  private mutating func judgeGuesses(_ met: Set<UInt64>) {
    if !guesses.isEmpty { guessing = guesses.isDisjoint(with: met) ? guessing * Self.costOfVain : 1 }
    if !largeGuesses.isEmpty {
      guessingLarge = largeGuesses.isDisjoint(with: met) ? guessingLarge * Self.costOfVainLarge : 1
    }
    (guesses, largeGuesses) = ([], [])
  }

  /// `seenAs`: what tracks were seen as, by their serials.
  private mutating func seeStanding(
    _ detections: [Detection], _ fixations: [Fixation], _ places: [LookHistory.Place],
    _ seenAs: [UInt64: Rect], _ tracker: inout Tracker, at time: MediaTime
  ) {
    func others(_ box: Rect) -> Set<UInt64> {
      let near = places.filter { place in
        guard let own = seenAs[place.serial], Self.isTaken(box, [place]) else { return false }
        return own.intersection(place.box) >= Self.explained * place.box.area
          && own.intersection(box) < Self.shared * min(box.area, own.area)
      }
      return Set(near.map(\.serial))
    }
    var isFree = [Bool](repeating: true, count: detections.count)
    var isMet = [Bool](repeating: false, count: standing.count)
    let pairs = Self.pairs(standing.count, detections) { Self.likeness(standing[$0].box, $1) }
    for pair in pairs where isFree[pair.detection] && !isMet[pair.place] {
      isFree[pair.detection] = false
      isMet[pair.place] = true
      let found = detections[pair.detection]
      standing[pair.place].see(found, beside: others(found.box), at: time)
      if standing[pair.place].id == 0, standing[pair.place].isBelieved,
        !Self.isSeenToBegin(standing[pair.place].box, places)
      {
        standing[pair.place].id = tracker.makeId()
        trusting = 1
      }
    }
    for i in standing.indices where !isMet[i] {
      guard !Self.isTaken(standing[i].box, places, besides: standing[i].others) else { continue }
      guard Self.covers(fixations, standing[i].box) else { continue }
      standing[i].miss(
        isSharp: Self.covers(fixations.filter { $0.reason != .whole }, standing[i].box), at: time)
    }
    for thing in standing where thing.isGone(at: time) {
      if thing.id == 0 { trusting *= Self.costOfVain } else { gone.append(thing) }
    }
    standing.removeAll { $0.isGone(at: time) }
    for (i, detection) in detections.enumerated() where isFree[i] && standing.count < Self.mostStanding {
      standing.append(
        StandingThing(
          detection, beside: others(detection.box), beganMoving: Self.isSeenToBegin(detection.box, places),
          at: time))
    }
  }

  /// Whether a known track, which isn't one of the `others`, is where this is.
  private static func isTaken(
    _ box: Rect, _ places: [LookHistory.Place], besides others: Set<UInt64> = []
  ) -> Bool {
    places.contains {
      $0.isKnown && !others.contains($0.serial)
        && $0.box.intersection(box) > taken * min(box.area, $0.box.area)
    }
  }

  /// Whether what isn't known yet is seen where this is: it will be told of as a track.
  private static func isSeenToBegin(_ box: Rect, _ places: [LookHistory.Place]) -> Bool {
    places.contains {
      !$0.isKnown && $0.isAlone && $0.box.intersection(box) > taken * box.area
    }
  }

  private static func covers(_ fixations: [Fixation], _ box: Rect) -> Bool {
    fixations.contains { $0.region.intersection(box) >= covered * box.area }
  }

  /// Places and detections that may be the same, the most alike and the surest first: a model may see two things in one.
  private static func pairs(
    _ places: Int, _ detections: [Detection], _ likeness: (Int, Rect) -> Double
  ) -> [(place: Int, detection: Int)] {
    var pairs: [(place: Int, detection: Int, worth: Double)] = []
    for i in 0..<places {
      for (j, detection) in detections.enumerated() {
        let likeness = likeness(i, detection.box)
        if likeness >= alike { pairs.append((i, j, likeness * detection.score)) }
      }
    }
    return pairs.sorted { ($1.worth, $0.place, $0.detection) < ($0.worth, $1.place, $1.detection) }.map {
      ($0.place, $0.detection)
    }
  }

  /// 0…1. What it shares with others counts where it is that of one thing, whose parts are followed.
  private static func likeness(_ place: LookHistory.Place, _ found: Rect) -> Double {
    let own = likeness(place.box, found)
    guard let shared = place.region.map({ $0.overlap(found) }), shared >= ofOne else { return own }
    return max(own, shared)
  }

  /// 0…1. Of a thing that moves often only a part shows against the background, and a shadow adds to it: lying within one
  /// another counts beside covering one another.
  private static func likeness(_ a: Rect, _ b: Rect) -> Double {
    let smaller = min(a.area, b.area)
    guard smaller > 0, max(a.area, b.area) < 6 * smaller else { return 0 }
    return max(a.overlap(b), 0.7 * a.intersection(b) / smaller)
  }
}

extension Track {
  /// Its box in this look is its own, and nobody else's.
  var isSeenAlone: Bool { isObserved && !isMerged && !isCrowded }
}

extension Rect {
  /// Whether a part of it may lie outside of the picture.
  fileprivate var touchesBorder: Bool { x < 0.01 || y < 0.01 || maxX > 0.99 || maxY > 0.99 }

  /// The part of it within the picture; nil when there is none.
  var within: Rect? {
    let (left, top) = (max(0, x), max(0, y))
    let (right, bottom) = (min(1, maxX), min(1, maxY))
    return right > left && bottom > top
      ? Rect(x: left, y: top, width: right - left, height: bottom - top) : nil
  }
}
