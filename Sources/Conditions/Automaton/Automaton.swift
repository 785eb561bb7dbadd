import Base

/// Runs a program over the ticks of one stream: facts in, beginnings and ends of events out.
///
/// Its memory is bounded by the number of things in sight at a time, never by the length of the stream; after
/// warm-up a tick allocates nothing. Belongs to one thread at a time. What each condition means is written down in
/// `docs/conditions.md`.
package struct Automaton: ~Copyable {
  /// Something that belonged to the background is gone.
  package struct Removal: Sendable, Hashable {
    package var box: Rect
    /// Since when the hole shows.
    package var since: MediaTime

    package init(box: Rect, since: MediaTime) {
      self.box = box
      self.since = since
    }
  }

  /// The circumstances of one tick.
  package struct Tick: Sendable {
    package var time: MediaTime
    /// False where no new frame came: facts of objects stay what they were, and clocks go on.
    package var isFresh: Bool
    package var scene: SceneFacts
    package var picture: Picture
    /// Where something that belonged to the background turned out to be gone, since the tick before.
    package var removed: [Removal]
    package var secondsSince1970: Int64
    /// Minutes of the machine's time east of Greenwich.
    package var localOffset: Int

    package init(
      time: MediaTime, isFresh: Bool, scene: SceneFacts, picture: Picture, removed: [Removal] = [],
      secondsSince1970: Int64 = 0,
      localOffset: Int = 0
    ) {
      self.time = time
      self.isFresh = isFresh
      self.scene = scene
      self.picture = picture
      self.removed = removed
      self.secondsSince1970 = secondsSince1970
      self.localOffset = localOffset
    }
  }

  package struct Change: Sendable, Hashable {
    package enum What: Sendable, Hashable {
      case begin(since: MediaTime)
      case point(since: MediaTime)
      /// Others are counted than were told of last.
      case update
      case end(Ending, lastSeen: MediaTime)
    }
    package enum Ending: Sendable, Hashable { case condition, left, signalLost }

    /// The number of the rule.
    package var rule: Int
    /// Nil for an event of the scene.
    package var object: UInt64?
    package var what: What
    /// Beginnings that a cooldown held back since the last one that was told.
    package var heldBack: Int

    package init(rule: Int, object: UInt64?, what: What, heldBack: Int) {
      self.rule = rule
      self.object = object
      self.what = what
      self.heldBack = heldBack
    }
  }

  /// An object that new frames don't show for so long has gone.
  package static let grace = Nanoseconds.milliseconds(500)
  /// The least time between two updates of one event.
  package static let pause = Nanoseconds.milliseconds(500)

  package let program: Program
  /// Of the last step, in their order.
  package internal(set) var changes: [Change] = []

  var slotOf: [UInt64: Int] = [:]
  /// One an object; a slot with the id nil is free.
  var slots: [Slot] = []
  /// Slots in use, by their objects' ids.
  var order: [Int] = []
  var isPresent: Table<UInt8>
  var truth: Table<UInt8>
  var values: Table<Double>
  var codes: Table<Int32>
  /// By question: the newest answers.
  var answers: Table<Double>
  var watches: Table<LineWatch>
  var crossings: Table<Int8>
  /// Words of memory of all objects, one object after the other; and of the scene.
  var memory: Table<Int64>
  var sceneMemory: Table<Int64>
  /// By rule: when one ended last, plus one; and how many beginnings were held back since.
  var endedAt: [Int64]
  var heldBack: [Int]
  var scene = SceneFacts()
  var picture = Picture(width: 16, height: 9)
  var isBlind = false
  var removed: [Removal] = []

  struct Slot: Sendable {
    var id: UInt64?
    var facts: ObjectFacts
    /// Since when new frames don't show it.
    var missingSince: Int64?
    /// Zones that it is in, a bit each.
    var zones: UInt64 = 0
    /// The length of its way on the ground, in metres, and the last point of it.
    var path = 0.0
    var ground: Point?
  }

  package init(_ program: Program) {
    self.program = program
    let first = 16
    isPresent = Table(rows: 1, capacity: first, blank: 0)
    truth = Table(rows: program.nodes.count, capacity: first, blank: 1)
    values = Table(rows: program.columns.count, capacity: first, blank: .nan)
    codes = Table(rows: program.wordColumns.count, capacity: first, blank: -1)
    answers = Table(rows: program.setting.questions.count, capacity: first, blank: .nan)
    watches = Table(rows: program.setting.lines.count, capacity: first, blank: LineWatch())
    crossings = Table(rows: program.setting.lines.count, capacity: first, blank: 0)
    memory = Table(rows: 1, capacity: first * program.objectState, blank: 0)
    sceneMemory = Table(rows: 1, capacity: program.sceneState, blank: 0)
    endedAt = Array(repeating: 0, count: program.rules.count)
    heldBack = Array(repeating: 0, count: program.rules.count)
    slots.reserveCapacity(first)
    changes.reserveCapacity(16)
    slotOf.reserveCapacity(64)
  }

  /// Takes in a tick; `objects` are those in sight. `changes` then says what begins and ends with it.
  package mutating func step(_ tick: Tick, _ objects: [ObjectFacts]) {
    changes.removeAll(keepingCapacity: true)
    scene = tick.scene
    isBlind = tick.scene.isBlind
    removed = tick.removed
    let time = tick.time.nanoseconds
    for line in 0..<program.setting.lines.count {
      crossings[line].update(repeating: 0, count: slots.count)
    }
    if tick.scene.isLost {
      free(.signalLost, at: time) { _ in true }
    } else if tick.isFresh {
      picture = tick.picture
      list(objects, at: time)
      free(.left, at: time) { slot in slot.missingSince.map { time - $0 >= Self.grace } ?? false }
    }
    run(at: time)
    resolve(tick)
  }

  /// How many objects there was ever room for at a time.
  package var slotCount: Int { slots.count }

  /// The zones that an object is in, a bit each by their numbers; 0 for one that isn't in sight.
  package func zones(of id: UInt64) -> UInt64 { slotOf[id].map { slots[$0].zones } ?? 0 }

  /// Where the memory of an object begins.
  @inline(__always)
  func memory(of slot: Int) -> UnsafeMutablePointer<Int64> { memory[0] + slot * program.objectState }
}

// Who is in sight.
extension Automaton {
  private mutating func list(_ objects: [ObjectFacts], at time: Int64) {
    isPresent[0].update(repeating: 0, count: slots.count)
    for object in objects {
      let slot = slotOf[object.id] ?? take(object)
      slots[slot].facts = object
      slots[slot].missingSince = nil
      isPresent[0][slot] = 1
      place(slot, at: time)
    }
    for slot in order where isPresent[0][slot] == 0 && slots[slot].missingSince == nil {
      slots[slot].missingSince = time
    }
    for (row, measure) in program.columns.enumerated() {
      let column = values[row]
      for slot in slots.indices {
        column[slot] =
          isPresent[0][slot] == 0
          ? .nan
          : slots[slot].facts.value(of: measure, picture, program.setting.scale, path: slots[slot].path)
      }
    }
    for question in program.answerColumns {
      let column = answers[question]
      for slot in slots.indices {
        let known = isPresent[0][slot] == 0 ? [] : slots[slot].facts.answers
        column[slot] = question < known.count ? known[question] : .nan
      }
    }
    for (row, fact) in program.wordColumns.enumerated() {
      let column = codes[row]
      for slot in slots.indices where isPresent[0][slot] != 0 {
        // -1 where it isn't known, -2 for a word that no condition names.
        let word = slots[slot].facts.word(of: fact)
        column[slot] = word.map { word in Int32(program.words.firstIndex(of: word) ?? -2) } ?? -1
      }
    }
  }

  private mutating func take(_ object: ObjectFacts) -> Int {
    let fresh = Slot(id: object.id, facts: object)
    let slot: Int
    if let free = slots.firstIndex(where: { $0.id == nil }) {
      slot = free
      slots[free] = fresh
    } else {
      slot = slots.count
      slots.append(fresh)
      if slots.count > isPresent.capacity { grow(to: isPresent.capacity * 2) }
    }
    slotOf[object.id] = slot
    order.insert(slot, at: order.firstIndex { (slots[$0].id ?? 0) > object.id } ?? order.count)
    for line in 0..<program.setting.lines.count { watches[line][slot] = LineWatch() }
    memory(of: slot).update(repeating: 0, count: program.objectState)
    return slot
  }

  private mutating func grow(to capacity: Int) {
    isPresent.grow(to: capacity)
    truth.grow(to: capacity)
    values.grow(to: capacity)
    codes.grow(to: capacity)
    answers.grow(to: capacity)
    watches.grow(to: capacity)
    crossings.grow(to: capacity)
    memory.grow(to: capacity * program.objectState)
  }

  /// Zones, lines and the way on the ground.
  private mutating func place(_ slot: Int, at time: Int64) {
    let box = slots[slot].facts.box
    let aspect = picture.aspect
    if let known = slots[slot].facts.knownZones { slots[slot].zones = known }
    for (number, zone) in program.setting.zones.enumerated() where slots[slot].facts.knownZones == nil {
      let bit: UInt64 = 1 << UInt64(number)
      let was = slots[slot].zones & bit != 0
      if zone.holds(zone.anchor.point(of: box), was: was, aspect: aspect) {
        slots[slot].zones |= bit
      } else {
        slots[slot].zones &= ~bit
      }
    }
    for (number, line) in program.setting.lines.enumerated() {
      switch watches[number][slot].follow(line.anchor.point(of: box), line, aspect: aspect, at: time) {
      case .left: crossings[number][slot] = -1
      case .right: crossings[number][slot] = 1
      case nil: break
      }
    }
    guard program.needsPaths, let scale = program.setting.scale,
      let here = scale.ground(box.bottomCentre, picture)
    else { return }
    guard let before = slots[slot].ground else {
      slots[slot].ground = here
      return
    }
    // Shorter steps are the trembling of the box.
    let way = Scale.distance(before, here)
    if way > Self.leastStep {
      slots[slot].path += way
      slots[slot].ground = here
    }
  }

  /// In metres.
  private static let leastStep = 0.2

  /// Ends what is open of those that have gone.
  private mutating func free(_ ending: Change.Ending, at time: Int64, where hasGone: (Slot) -> Bool) {
    var at = 0
    while at < order.count {
      let slot = order[at]
      guard hasGone(slots[slot]), let id = slots[slot].id else {
        at += 1
        continue
      }
      for (number, rule) in program.compiled.enumerated() where rule.scope == .object {
        let m = memory(of: slot) + rule.state
        if m[0] == RuleState.open { end(number, id, m, ending, at: time) }
      }
      order.remove(at: at)
      slotOf[id] = nil
      slots[slot].id = nil
      isPresent[0][slot] = 0
      for row in program.columns.indices { values[row][slot] = .nan }
      for question in program.answerColumns { answers[question][slot] = .nan }
    }
  }
}
