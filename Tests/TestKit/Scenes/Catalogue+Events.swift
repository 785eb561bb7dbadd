/// Scenes for the events that people ask for, one for each pipeline in `pipelines/`: what should be told happens in
/// each, and what resembles it and should not.
extension Catalogue {
  static let eventEntries: [Entry] = [
    Entry(name: "intrusion", set: "events", what: "people pass a yard, some step into it", make: intrusion),
    Entry(
      name: "loitering", set: "events", what: "people pass a corner of a lobby, some stay there",
      make: loitering),
    Entry(
      name: "line-counting", set: "events", what: "people cross the middle of a hall both ways",
      make: lineCounting),
    Entry(
      name: "occupancy", set: "events", what: "people come into a hall's middle and leave it", make: occupancy
    ),
    Entry(
      name: "wrong-way", set: "events", what: "cars on two lanes, some against the direction", make: wrongWay),
    Entry(name: "left-item", set: "events", what: "somebody puts down a box and goes on", make: leftItem),
    Entry(
      name: "removed-item", set: "events", what: "somebody takes a box away that always was there",
      make: removedItem),
    Entry(name: "parking", set: "events", what: "cars stop at the kerb, one for too long", make: parking),
    Entry(name: "crowding", set: "events", what: "people gather in a hall", make: crowding),
    Entry(name: "doorway", set: "events", what: "people come out of a door, some stop in it", make: doorway),
    Entry(name: "conveyor", set: "events", what: "boxes roll by, and come to a stop", make: conveyor),
  ]

  private static func begin(_ name: String, _ kind: Place.Kind, _ seed: UInt64, _ seconds: Double) -> (
    Scene, Traffic
  ) {
    let place = Place(kind)
    var scene = Scene(name, seed: seed, place: place, seconds: seconds)
    scene.noise = .clean
    return (scene, Traffic(place, seed: seed, part: name))
  }

  private static func intrusion(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("intrusion", .yard, seed, 24)
    for time in [1.0, 9, 15] {
      scene.actors.append(
        traffic.passer(
          traffic.person(), at: time + traffic.between(0, 1), row: traffic.between(240, 280),
          rightwards: traffic.chance(0.5), pace: traffic.between(1.3, 1.8)))
    }
    for (time, x) in [(4.0, 500.0), (13, 760)] {
      scene.actors.append(
        traffic.visitor(
          traffic.person(), at: time + traffic.between(0, 1), row: 330, rightwards: true, pace: 1.6,
          leaveRightwards: traffic.chance(0.5)
        ) { path, random in
          path.walk(to: x, 340, pace: 1.7)
          path.walk(to: x + 60, random.between(560, 600), pace: 1.5)
          path.wait(random.between(0.5, 1.5))
          path.walk(to: x + 20, 340, pace: 1.5)
        })
    }
    return scene
  }

  private static func loitering(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("loitering", .lobby, seed, 26)
    scene.actors = [
      traffic.passer(traffic.person(), at: 1, row: 400, rightwards: true, pace: 1.4),
      traffic.passer(traffic.person(), at: 14, row: 330, rightwards: false, pace: 1.5),
    ]
    let stay = traffic.between(8, 10)
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 4, row: 560, rightwards: false, pace: 1.5, leaveRightwards: true
      ) { path, random in
        path.walk(to: random.between(1000, 1080), 540, pace: 1.5)
        path.wait(stay)
      })
    // Stays as well, but not for long enough.
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 18, row: 600, rightwards: false, pace: 1.6, leaveRightwards: true
      ) { path, _ in
        path.walk(to: 1030, 600, pace: 1.6)
        path.wait(1)
      })
    return scene
  }

  private static func lineCounting(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("line-counting", .plaza, seed, 20)
    for index in 0..<7 {
      scene.actors.append(
        traffic.passer(
          traffic.person(), at: 0.8 + Double(index) * 1.6 + traffic.between(0, 0.8),
          row: 170 + Double(index * 5 % 7) * 72, rightwards: index % 3 != 1, pace: traffic.between(1.6, 2.2)))
    }
    // Comes close to the line and turns back.
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 3, row: 660, rightwards: true, pace: 1.8, leaveRightwards: false
      ) { path, _ in
        path.walk(to: 560, 660, pace: 1.8)
        path.wait(1)
      })
    return scene
  }

  private static func occupancy(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("occupancy", .hall, seed, 26)
    for (time, x, row, stay) in [(1.0, 520.0, 500.0, 7.0), (4, 760, 420, 3), (16, 640, 560, 2)] {
      let right = traffic.chance(0.5)
      scene.actors.append(
        traffic.visitor(
          traffic.person(), at: time + traffic.between(0, 0.5), row: row, rightwards: x < 640, pace: 1.6,
          leaveRightwards: right
        ) { path, _ in
          path.walk(to: x, row, pace: 1.6)
          path.wait(stay)
        })
    }
    return scene
  }

  private static func wrongWay(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("wrong-way", .street, seed, 24)
    for time in [1.0, 9, 17] {
      traffic.drive(at: time + traffic.between(0, 1), speed: traffic.between(330, 450), lane: 0).map {
        scene.actors.append($0)
      }
    }
    traffic.drive(at: 5 + traffic.between(0, 1), speed: 400, lane: 1).map { scene.actors.append($0) }
    let lane = scene.place.lanes[1]
    var wrong = Path(from: 1520, lane.y, at: 12 + traffic.between(0, 1), in: scene.place.perspective)
    wrong.go(to: -260, lane.y, speed: traffic.between(300, 400))
    scene.actors.append(Actor(traffic.vehicle(), wrong))
    scene.actors.append(traffic.passer(traffic.person(), at: 3, row: 650, rightwards: false, pace: 1.5))
    return scene
  }

  private static func leftItem(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("left-item", .lobby, seed, 26)
    let x = traffic.between(620, 760)
    let row = traffic.between(520, 580)
    let owner = traffic.visitor(
      traffic.person(), at: 1.5, row: row, rightwards: true, pace: 1.6, leaveRightwards: true
    ) { path, _ in
      path.walk(to: x, row, pace: 1.6)
      path.wait(1.5)
    }
    let down = owner.path.stops.first { $0.x >= x - 1 }?.time ?? 5
    var place = Path(from: x + 46, row + 4, at: down + 0.9, in: scene.place.perspective)
    place.wait(40)
    scene.actors = [
      Actor(.crate(Tint(190, 40, 40), 0.5, 0.45, wheels: false), place), owner,
      traffic.passer(traffic.person(), at: 10, row: 360, rightwards: false, pace: 1.5),
    ]
    // Stands about for as long, but is nothing that was left.
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 8, row: 430, rightwards: true, pace: 1.5, leaveRightwards: false
      ) { path, _ in
        path.walk(to: 300, 430, pace: 1.5)
        path.wait(9)
      })
    return scene
  }

  private static func removedItem(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("removed-item", .lobby, seed, 22)
    let x = traffic.between(540, 760)
    let row = traffic.between(460, 560)
    let thief = traffic.visitor(
      traffic.person(), at: 4, row: row + 6, rightwards: false, pace: 1.6, leaveRightwards: false
    ) { path, _ in
      path.walk(to: x, row + 6, pace: 1.6)
      path.wait(1.2)
    }
    let taken = (thief.path.stops.first { $0.x <= x + 1 }?.time ?? 8) + 0.8
    var place = Path(from: x, row, at: -1, in: scene.place.perspective)
    place.wait(taken + 1)
    scene.actors = [
      Actor(.crate(Tint(40, 90, 170), 0.7, 0.6, wheels: false), place), thief,
      traffic.passer(traffic.person(), at: 1, row: 350, rightwards: true, pace: 1.5),
      traffic.passer(traffic.person(), at: 13, row: 620, rightwards: true, pace: 1.6),
    ]
    return scene
  }

  private static func parking(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("parking", .street, seed, 28)
    func stop(at time: Double, x: Double, for seconds: Double) {
      let lane = scene.place.lanes[1]
      var path = Path(from: -260, lane.y + 30, at: time, in: scene.place.perspective)
      path.go(to: x, lane.y + 30, speed: 330)
      path.wait(seconds)
      path.go(to: 1560, lane.y + 30, speed: 300)
      scene.actors.append(Actor(traffic.vehicle(), path))
    }
    stop(at: 1, x: traffic.between(480, 560), for: traffic.between(11, 12))
    stop(at: 18.5, x: 500, for: 2.5)
    traffic.drive(at: 7, speed: 420, lane: 0).map { scene.actors.append($0) }
    scene.actors.append(traffic.passer(traffic.person(), at: 9, row: 280, rightwards: true, pace: 1.5))
    return scene
  }

  private static func crowding(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("crowding", .hall, seed, 26)
    for (index, spot) in [(440.0, 470.0), (560, 620), (700, 480), (820, 600)].enumerated() {
      scene.actors.append(
        traffic.visitor(
          traffic.person(), at: 1 + Double(index) * 1.6, row: spot.1, rightwards: spot.0 < 640, pace: 1.7,
          leaveRightwards: index % 2 == 0
        ) { path, random in
          path.walk(to: spot.0, spot.1, pace: 1.7)
          path.wait(9 - Double(index) * 1.2 + random.between(0, 0.5))
        })
    }
    return scene
  }

  private static func doorway(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("doorway", .hall, seed, 24)
    let (left, right) = scene.place.doors[0]
    let middle = (left + right) / 2
    for (time, stay) in [(1.0, 0.0), (6, 7), (17, 0)] {
      let row = scene.place.wallBase + 45
      var path = Path(from: middle - 200, scene.place.wallBase - 2, at: time, in: scene.place.perspective)
      path.walk(to: middle, scene.place.wallBase - 2, pace: 1.6)
      path.walk(to: middle, row, pace: 1.3)
      if stay > 0 { path.wait(stay + traffic.between(0, 1)) }
      path.walk(to: middle + (traffic.chance(0.5) ? 80 : -80), 420, pace: 1.6)
      path.walk(to: 1400, 450, pace: 1.8)
      scene.actors.append(Actor(traffic.person(), path))
    }
    return scene
  }

  private static func conveyor(_ seed: UInt64) -> Scene {
    var (scene, traffic) = begin("conveyor", .hall, seed, 26)
    let stop = traffic.between(9, 10)
    let stand = traffic.between(7, 8)
    let speed = 170.0
    for index in 0..<8 {
      let start = 0.5 + Double(index) * 2.6
      let at = start < stop ? start : start + stand
      var path = Path(from: -90, 520, at: at, in: scene.place.perspective)
      let until = start < stop ? max(0, stop - start) * speed : 0
      if start < stop, until < 1450 {
        path.go(to: -90 + until, 520, speed: speed)
        path.wait(stand)
      }
      path.go(to: 1400, 520, speed: speed)
      scene.actors.append(Actor(traffic.crate(rolling: false), path))
    }
    return scene
  }
}
