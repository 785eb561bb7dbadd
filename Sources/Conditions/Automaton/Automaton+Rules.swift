import Base

/// The words of memory of a rule.
enum RuleState {
  // 0: one of these.
  static let closed: Int64 = 0
  static let open: Int64 = 1
  /// It would be open, but a cooldown holds it back.
  static let heldBack: Int64 = 2
  // 1: when it was last seen to hold, plus one; 2: who was counted when it was told last; 3: when that was, plus one.
  static let words = 4
}

// From what holds to what begins and ends.
extension Automaton {
  mutating func resolve(_ tick: Tick) {
    for number in program.rules.indices {
      let rule = program.compiled[number]
      let isActive =
        program.rules[number].hours?.contains(
          secondsSince1970: tick.secondsSince1970, localOffset: tick.localOffset) ?? true
      if rule.scope == .scene {
        resolve(number, rule, nil, isActive, tick)
      } else {
        for slot in order { resolve(number, rule, slot, isActive, tick) }
      }
    }
  }

  private mutating func resolve(
    _ number: Int, _ rule: Program.Rule, _ slot: Int?, _ isActive: Bool, _ tick: Tick
  ) {
    let time = tick.time.nanoseconds
    let id = slot.flatMap { slots[$0].id }
    let m = (slot.map { memory(of: $0) } ?? sceneMemory[0]) + rule.state
    var holds = Truth(rawValue: truth[rule.root][slot ?? 0]) ?? .unknown
    if !isActive { holds = .no }
    switch holds {
    case .yes:
      if m[0] != RuleState.open {
        guard isRested(number, at: time) else {
          if rule.isMomentary || m[0] != RuleState.heldBack { heldBack[number] += 1 }
          m[0] = RuleState.heldBack
          return
        }
        let since = MediaTime(nanoseconds: self.since(rule.root, slot, at: time) ?? time)
        tell(number, id, rule.isMomentary ? .point(since: since) : .begin(since: since))
        heldBack[number] = 0
        if rule.isMomentary {
          endedAt[number] = time + 1
          m[0] = RuleState.closed
          return
        }
        m[0] = RuleState.open
        m[1] = time + 1
        m[2] = counted(by: rule)
        m[3] = time + 1
      }
      let isSeen = tick.isFresh && (slot.map { isPresent[0][$0] != 0 && slots[$0].facts.isObserved } ?? true)
      if isSeen { m[1] = time + 1 }
      if !rule.counts.isEmpty, slot == nil, time + 1 - m[3] >= Self.pause {
        let now = counted(by: rule)
        if now != m[2] {
          (m[2], m[3]) = (now, time + 1)
          tell(number, id, .update)
        }
      }
    case .no:
      if m[0] == RuleState.open { end(number, id, m, .condition, at: time) }
      m[0] = RuleState.closed
    case .unknown:
      // Nothing begins or ends on what can't be seen, but what was open may not stay so for ever.
      if m[0] == RuleState.open, tick.scene.isLost { end(number, id, m, .signalLost, at: time) }
    }
  }

  mutating func end(
    _ number: Int, _ id: UInt64?, _ m: UnsafeMutablePointer<Int64>, _ ending: Change.Ending, at time: Int64
  ) {
    tell(number, id, .end(ending, lastSeen: MediaTime(nanoseconds: m[1] - 1)))
    m[0] = RuleState.closed
    endedAt[number] = time + 1
  }

  private mutating func tell(_ number: Int, _ id: UInt64?, _ what: Change.What) {
    changes.append(Change(rule: number, object: id, what: what, heldBack: heldBack[number]))
  }

  private func isRested(_ number: Int, at time: Int64) -> Bool {
    endedAt[number] == 0 || time + 1 - endedAt[number] >= program.rules[number].cooldown
  }

  /// A sum over the ids of those that the rule's counts count: another one where others are counted.
  private func counted(by rule: Program.Rule) -> Int64 {
    var sum: UInt64 = 0
    for node in rule.counts {
      for slot in order where isCounted(slot, by: node) {
        sum &+= Self.mixed((slots[slot].id ?? 0) &+ UInt64(node) << 48)
      }
    }
    return Int64(bitPattern: sum)
  }

  /// The finalizer of SplitMix64: without it the ids 1 and 4 would add up to the same as 2 and 3.
  private static func mixed(_ id: UInt64) -> UInt64 {
    var z = id &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  func isCounted(_ slot: Int, by node: Int) -> Bool {
    guard slots[slot].id != nil, isPresent[0][slot] != 0, case .count(let inner, _) = program.nodes[node].step
    else { return false }
    return inner.map { truth[$0][slot] == Truth.yes.rawValue } ?? true
  }

  /// Since when what holds now has held, where its memory says so: the beginning of a time that it lasted, of a sequence,
  /// of the first of several times, of a crossing. Of parts that all have to hold it is the latest, of parts of which one
  /// has to it is the earliest.
  private func since(_ index: Int, _ slot: Int?, at time: Int64) -> Int64? {
    let node = program.nodes[index]
    let m = UnsafePointer(
      (node.scope == .object ? memory(of: slot ?? 0) : sceneMemory[0]) + node.state)
    // Without arrays in between: this is done for whatever begins.
    switch node.step {
    case .lasting(let a, _):
      return Self.earliest(since(a, slot, at: time), Lasting.began(m))
    case .sequence: return Sequence.began(m)
    case .times(_, let n, _): return Times.first(m, n)
    case .crosses(let line, _): return slot.map { watches[line][$0].passedAt }
    case .removed(let zone):
      var first: Int64?
      for hole in removed where isRemoved(hole.box, from: zone) {
        first = Self.earliest(first, hole.since.nanoseconds)
      }
      return first
    case .and(let all):
      var last: Int64?
      for part in all {
        if let since = since(part, slot, at: time) { last = max(last ?? since, since) }
      }
      return last
    case .or(let all):
      var first: Int64?
      for part in all {
        let place = program.nodes[part].scope == .object ? slot ?? 0 : 0
        if truth[part][place] == Truth.yes.rawValue {
          first = Self.earliest(first, since(part, slot, at: time))
        }
      }
      return first
    case .spread(let scene): return since(scene, nil, at: time)
    default: return nil
    }
  }

  private static func earliest(_ a: Int64?, _ b: Int64?) -> Int64? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }
}
