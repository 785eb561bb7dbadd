/// Fills a place with people and things by lot.
package struct Traffic {
  package let place: Place
  private var random: SceneRandom

  /// Left and right of the picture, 1280 wide.
  private static let left = 0.0
  private static let right = 1280.0

  package init(_ place: Place, seed: UInt64, part: String = "traffic") {
    self.place = place
    random = SceneRandom(seed: seed, part: part)
  }

  package mutating func person(dull: Bool = false) -> Actor.Figure {
    .person(PersonLook.random(&random, ground: place.ground, dull: dull))
  }

  package mutating func vehicle() -> Actor.Figure {
    .vehicle(VehicleLook.random(&random, ground: place.ground))
  }

  package mutating func dog() -> Actor.Figure {
    let coat = random.pick([Tint(60, 42, 28), Tint(228, 220, 205), Tint(26, 24, 24), Tint(205, 130, 55)])
    return .dog(coat.standsOut(from: place.ground) ? coat : Tint(26, 24, 24), random.between(0.5, 0.75))
  }

  package mutating func crate(rolling: Bool = true) -> Actor.Figure {
    let tints = [
      Tint(40, 90, 170), Tint(235, 235, 232), Tint(190, 40, 40), Tint(40, 42, 46), Tint(225, 190, 40),
    ]
    var tint = random.pick(tints)
    for _ in 0..<20 where !tint.standsOut(from: place.ground) { tint = random.pick(tints) }
    return .crate(tint, random.between(0.6, 1.1), random.between(0.6, 1.0), wheels: rolling)
  }

  /// A row for someone to walk on, as far from those in `taken` as a few tries give.
  package mutating func row(apartFrom taken: [Double] = []) -> Double {
    var best = place.walks.lowerBound
    var gap = -1.0
    for _ in 0..<8 {
      // More rows far away than near: that is where a camera sees most.
      let t = random.unit()
      let row =
        place.walks.lowerBound + (place.walks.upperBound - place.walks.lowerBound) * t * (0.45 + 0.55 * t)
      let distance = taken.map { abs($0 - row) }.min() ?? 1000
      if distance > gap {
        gap = distance
        best = row
      }
    }
    return best
  }

  /// How far outside the picture something of this size starts.
  private func outside(_ figure: Actor.Figure, _ y: Double) -> Double {
    figure.width * place.perspective.metre(at: y) * 0.75 + 20
  }

  /// Walks from side to side on a row.
  package mutating func passer(
    _ figure: Actor.Figure, at time: Double, row: Double, rightwards: Bool, pace: Double, wander: Double = 0
  ) -> Actor {
    let away = outside(figure, row)
    let from = rightwards ? Self.left - away : Self.right + away
    let to = rightwards ? Self.right + away : Self.left - away
    var path = Path(from: from, row, at: time, in: place.perspective)
    if wander > 0 {
      let middle = random.between(400, 880)
      let other = min(
        max(row + random.between(-wander, wander), place.walks.lowerBound), place.walks.upperBound)
      path.walk(to: middle, other, pace: pace)
    }
    path.walk(to: to, path.last.y, pace: pace)
    return Actor(figure, path)
  }

  /// Comes in from a side, does `inside`, and leaves by a side.
  package mutating func visitor(
    _ figure: Actor.Figure, at time: Double, row: Double, rightwards: Bool, pace: Double,
    leaveRightwards: Bool,
    _ inside: (inout Path, inout SceneRandom) -> Void
  ) -> Actor {
    let away = outside(figure, row)
    var path = Path(
      from: rightwards ? Self.left - away : Self.right + away, row, at: time, in: place.perspective)
    inside(&path, &random)
    let exit = outside(figure, path.last.y)
    path.walk(to: leaveRightwards ? Self.right + exit : Self.left - exit, path.last.y, pace: pace)
    return Actor(figure, path)
  }

  /// Steps out of a door of the back wall and goes on to a side, or the other way round.
  package mutating func throughDoor(
    _ figure: Actor.Figure, at time: Double, row: Double, pace: Double, rightwards: Bool
  ) -> Actor? {
    guard let door = place.doors.isEmpty ? nil : random.pick(place.doors) else { return nil }
    let middle = (door.0 + door.1) / 2
    let behind = place.wallBase - 2
    let hidden = outside(figure, behind) + (door.1 - door.0) / 2
    var path = Path(from: middle - (rightwards ? hidden : -hidden), behind, at: time, in: place.perspective)
    path.walk(to: middle, behind, pace: pace)
    path.walk(to: middle + (rightwards ? 30 : -30), row, pace: pace)
    let away = outside(figure, row)
    path.walk(to: rightwards ? Self.right + away : Self.left - away, row, pace: pace)
    return Actor(figure, path)
  }

  /// A vehicle on one of the lanes, at pixels a second.
  package mutating func drive(at time: Double, speed: Double, lane: Int? = nil) -> Actor? {
    guard !place.lanes.isEmpty else { return nil }
    let lane = place.lanes[lane ?? random.whole(0, place.lanes.count - 1)]
    let figure = vehicle()
    let away = outside(figure, lane.y)
    var path = Path(
      from: lane.way > 0 ? Self.left - away : Self.right + away, lane.y, at: time, in: place.perspective)
    path.go(to: lane.way > 0 ? Self.right + away : Self.left - away, lane.y, speed: speed)
    return Actor(figure, path)
  }

  package mutating func unit() -> Double { random.unit() }
  package mutating func between(_ low: Double, _ high: Double) -> Double { random.between(low, high) }
  package mutating func chance(_ p: Double) -> Bool { random.chance(p) }

  /// People and things that come and go during `seconds`, about `many` in all, without crowding.
  package mutating func ordinary(seconds: Double, many: Int, from begin: Double = 1) -> [Actor] {
    var actors: [Actor] = []
    var rows: [Double] = []
    for index in 0..<many {
      let time = begin + (seconds - begin - 6) * Double(index) / Double(max(many - 1, 1)) + between(0, 1.2)
      let row = row(apartFrom: rows.suffix(3))
      rows.append(row)
      let rightwards = chance(0.5)
      let lot = unit()
      if !place.lanes.isEmpty && lot < 0.22, let car = drive(at: time, speed: between(160, 600)) {
        actors.append(car)
      } else if lot < 0.34,
        let visitor = throughDoor(
          person(), at: time, row: place.walks.contains(row) ? row : place.walks.upperBound,
          pace: between(1, 1.6),
          rightwards: rightwards)
      {
        actors.append(visitor)
      } else if lot < 0.44 {
        actors.append(passer(dog(), at: time, row: row, rightwards: rightwards, pace: between(1.2, 3.5)))
      } else if lot < 0.52 {
        actors.append(passer(crate(), at: time, row: row, rightwards: rightwards, pace: between(0.8, 1.6)))
      } else if lot < 0.64 {
        let walks = place.walks.contains(row) ? place.walks : place.nearWalks ?? place.walks
        let back = walks.lowerBound + (walks.upperBound - walks.lowerBound) * unit()
        let x = between(300, 980)
        actors.append(
          visitor(
            person(), at: time, row: row, rightwards: rightwards, pace: 1.5, leaveRightwards: !rightwards
          ) { path, random in
            path.walk(to: x, back, pace: 1.5)
            if random.chance(0.5) { path.wait(random.between(0.3, 2)) }
          })
      } else {
        actors.append(
          passer(
            person(dull: chance(0.25)), at: time, row: row, rightwards: rightwards, pace: between(0.9, 2.4),
            wander: 90))
      }
    }
    return actors
  }
}
