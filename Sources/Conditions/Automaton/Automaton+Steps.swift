import Base

// What holds at a tick: each node in its turn, over all slots.
extension Automaton {
  private static var no: UInt8 { Truth.no.rawValue }
  private static var unknown: UInt8 { Truth.unknown.rawValue }
  private static var yes: UInt8 { Truth.yes.rawValue }

  @inline(__always)
  private static func truth(_ value: Bool) -> UInt8 { value ? yes : no }

  mutating func run(at time: Int64) {
    let count = slots.count
    for (index, node) in program.nodes.enumerated() {
      let out = truth[index]
      let isObject = node.scope == .object
      let n = isObject ? count : 1
      let stride = isObject ? program.objectState : 0
      let m = (isObject ? memory[0] : sceneMemory[0]) + node.state
      switch node.step {
      case .compare(let column, let comparator, let limit):
        compare(values[column], comparator, limit, n, out)
      case .between(let column, let low, let high):
        let v = values[column]
        for i in 0..<n { out[i] = v[i].isNaN ? Self.unknown : Self.truth(v[i] >= low && v[i] <= high) }
      case .arc(let column, let low, let high):
        let v = values[column]
        for i in 0..<n { out[i] = v[i].isNaN ? Self.unknown : Self.truth(isOnArc(v[i], low, high)) }
      case .word(let column, let wanted):
        let v = codes[column]
        let present = isPresent[0]
        for i in 0..<n {
          out[i] = present[i] == 0 || v[i] == -1 ? Self.unknown : Self.truth(wanted.contains(v[i]))
        }
      case .answer(let question, let test):
        let v = answers[question]
        for i in 0..<n { out[i] = v[i].isNaN ? Self.unknown : Self.truth(test.holds(v[i])) }
      case .inside(let zone):
        let bit: UInt64 = 1 << UInt64(zone)
        let present = isPresent[0]
        for i in 0..<n { out[i] = present[i] == 0 ? Self.unknown : Self.truth(slots[i].zones & bit != 0) }
      case .crosses(let line, let side):
        let crossed = crossings[line]
        let present = isPresent[0]
        let wanted: Int8 = side == .left ? -1 : side == .right ? 1 : 0
        for i in 0..<n {
          let hit = crossed[i] != 0 && (wanted == 0 || crossed[i] == wanted)
          out[i] = present[i] == 0 ? Self.unknown : Self.truth(hit)
        }
      case .nearPlace(let place, let limit, let dimension):
        for i in 0..<n { out[i] = isNear(i, place, limit, dimension) }
      case .nearOther(let inner, let limit, let dimension):
        let fits = inner.map { truth[$0] }
        for i in 0..<n { out[i] = isNearOther(i, fits, limit, dimension) }
      case .spread(let scene): out.update(repeating: truth[scene][0], count: n)
      case .not(let a):
        let a = truth[a]
        for i in 0..<n { out[i] = 2 - a[i] }
      case .and(let all):
        out.update(repeating: Self.yes, count: n)
        for a in all {
          let a = truth[a]
          for i in 0..<n { out[i] = min(out[i], a[i]) }
        }
      case .or(let all):
        out.update(repeating: Self.no, count: n)
        for a in all {
          let a = truth[a]
          for i in 0..<n { out[i] = max(out[i], a[i]) }
        }
      case .lasting(let a, let limit):
        let a = truth[a]
        for i in 0..<n { out[i] = Lasting.step(m + i * stride, a[i], limit, at: time) }
      case .recent(let a, let limit):
        let a = truth[a]
        for i in 0..<n { out[i] = Recent.step(m + i * stride, a[i], limit, at: time) }
      case .since(let a, let b):
        let (a, b) = (truth[a], truth[b])
        for i in 0..<n { out[i] = Since.step(m + i * stride, a[i], b[i]) }
      case .sequence(let a, let b, let limit):
        let (a, b) = (truth[a], truth[b])
        for i in 0..<n { out[i] = Sequence.step(m + i * stride, a[i], b[i], limit, at: time) }
      case .times(let a, let often, let limit):
        let a = truth[a]
        for i in 0..<n { out[i] = Times.step(m + i * stride, a[i], often, limit, at: time) }
      case .sceneCompare(let measure, let comparator, let limit):
        let v = scene.value(of: measure)
        out[0] = v.isNaN ? Self.unknown : Self.truth(comparator.holds(v, limit))
      case .sceneBetween(let measure, let low, let high):
        let v = scene.value(of: measure)
        out[0] = v.isNaN ? Self.unknown : Self.truth(v >= low && v <= high)
      case .sceneWord(let fact, let words):
        out[0] = scene.word(of: fact).map { Self.truth(words.contains($0)) } ?? Self.unknown
      case .sceneAnswer(let question, let test):
        let v = question < scene.answers.count ? scene.answers[question] : .nan
        out[0] = v.isNaN ? Self.unknown : Self.truth(test.holds(v))
      case .count(let inner, let test): out[0] = counted(inner, test)
      case .removed(let zone): out[0] = Self.truth(removed.contains { isRemoved($0.box, from: zone) })
      }
    }
  }

  func isRemoved(_ box: Rect, from zone: Int?) -> Bool {
    guard let zone else { return true }
    let place = program.setting.zones[zone]
    return place.polygon.contains(place.anchor.point(of: box))
  }

  @inline(__always)
  private func compare(
    _ v: UnsafeMutablePointer<Double>, _ comparator: Comparator, _ limit: Double, _ n: Int,
    _ out: UnsafeMutablePointer<UInt8>
  ) {
    // One loop for each, so that the choice is made once.
    func each(_ test: (Double) -> Bool) {
      for i in 0..<n { out[i] = v[i].isNaN ? Self.unknown : Self.truth(test(v[i])) }
    }
    switch comparator {
    case .less: each { $0 < limit }
    case .lessOrEqual: each { $0 <= limit }
    case .greater: each { $0 > limit }
    case .greaterOrEqual: each { $0 >= limit }
    case .equal: each { $0 == limit }
    case .unequal: each { $0 != limit }
    }
  }

  private func counted(_ inner: Int?, _ test: CountTest) -> UInt8 {
    guard !isBlind else { return Self.unknown }
    var sure = 0
    var doubtful = 0
    for i in order {
      let fits = isPresent[0][i] == 0 ? Self.unknown : inner.map { truth[$0][i] } ?? Self.yes
      if fits == Self.yes { sure += 1 } else if fits == Self.unknown { doubtful += 1 }
    }
    return test.holds(atLeast: sure, atMost: sure + doubtful).map(Self.truth) ?? Self.unknown
  }

  private func isNear(_ slot: Int, _ place: Neighbour, _ limit: Double, _ dimension: Dimension) -> UInt8 {
    guard isPresent[0][slot] != 0 else { return Self.unknown }
    let box = slots[slot].facts.box
    let aspect = picture.aspect
    let distance: Double
    switch place {
    case .zone(let number):
      let zone = program.setting.zones[number]
      let p = zone.anchor.point(of: box)
      guard dimension == .length else {
        distance = zone.distance(to: p, aspect: aspect)
        break
      }
      distance = metres(from: p, to: zone.polygon)
    case .line(let number):
      let line = program.setting.lines[number]
      let p = line.anchor.point(of: box)
      guard dimension == .length else {
        distance = Places.distance(p, line.from, line.to, aspect)
        break
      }
      distance = metres(from: p, along: line.from, line.to)
    case .other: return Self.unknown
    }
    let scaled = dimension == .pixels ? distance * picture.height : distance
    return scaled.isNaN ? Self.unknown : Self.truth(scaled <= limit)
  }

  private func metres(from p: Point, to polygon: Polygon) -> Double {
    if polygon.contains(p) { return 0 }
    var least = Double.infinity
    var previous = polygon.points[polygon.points.count - 1]
    for corner in polygon.points {
      let d = metres(from: p, along: previous, corner)
      if d.isNaN { return d }
      least = min(least, d)
      previous = corner
    }
    return least
  }

  private func metres(from p: Point, along a: Point, _ b: Point) -> Double {
    guard let scale = program.setting.scale, let p = scale.ground(p, picture),
      let a = scale.ground(a, picture), let b = scale.ground(b, picture)
    else { return .nan }
    return Places.distance(p, a, b, 1)
  }

  private func isNearOther(
    _ slot: Int, _ fits: UnsafeMutablePointer<UInt8>?, _ limit: Double, _ dimension: Dimension
  ) -> UInt8 {
    guard isPresent[0][slot] != 0 else { return Self.unknown }
    var best = Self.no
    for other in order where other != slot {
      let fit = isPresent[0][other] == 0 ? Self.unknown : fits?[other] ?? Self.yes
      guard fit > best else { continue }
      let d = distance(slots[slot].facts.box, slots[other].facts.box, dimension)
      if d.isNaN { best = max(best, Self.unknown) } else if d <= limit { best = fit }
    }
    return best
  }

  /// Between the feet in metres; else between the boxes.
  private func distance(_ a: Rect, _ b: Rect, _ dimension: Dimension) -> Double {
    guard dimension == .length else {
      return Places.gap(a, b, picture.aspect) * (dimension == .pixels ? picture.height : 1)
    }
    guard let scale = program.setting.scale, let p = scale.ground(a.bottomCentre, picture),
      let q = scale.ground(b.bottomCentre, picture)
    else { return .nan }
    return Scale.distance(p, q)
  }
}
