/// The scenes that Saccade is tuned on and scored on.
package enum Catalogue {
  /// Seeds to tune with, and others, never looked at meanwhile, to score with.
  package enum Split: String, Sendable, CaseIterable {
    /// To tune with, to learn the models of belief from, and to score with: what nothing was tuned on or learnt from.
    case tune, learn, score

    package func seeds(of set: String) -> [UInt64] {
      switch (self, set) {
      case (_, "samples"): [1]
      case (.score, "events"): Array(101...106)
      case (.tune, "events"): Array(1...6)
      case (.score, _): [101, 102]
      // 17 and 18 are kept to check with what is learnt.
      case (.learn, "disturbances"): Array(1...16) + Array(19...24)
      case (.learn, "crossings"): Array(1...8)
      case (.learn, "events"): Array(11...16)
      case (.learn, "health"): Array(1...8)
      case (.learn, _): Array(1...4)
      case (.tune, _): [1, 2]
      }
    }
  }

  package struct Entry: Sendable {
    package let name: String
    package let set: String
    package let what: String
    let make: @Sendable (UInt64) -> Scene
  }

  package static let sets = [
    "base", "crowds", "crossings", "stops", "disturbances", "health", "events", "samples",
  ]
  package static let entries: [Entry] =
    objectEntries + disturbanceEntries + healthEntries + eventEntries + sampleEntries

  /// Nil for a name that isn't there.
  package static func scene(_ name: String, seed: UInt64) -> Scene? {
    entries.first { $0.name == name }?.make(seed)
  }
}

extension Catalogue {
  static let objectEntries: [Entry] =
    Place.Kind.allCases.map { kind in
      Entry(name: "base-\(kind.rawValue)", set: "base", what: "people, animals and things come and go") {
        busy(kind, $0, name: "base", many: 8)
      }
    }
    + Place.Kind.allCases.map { kind in
      Entry(name: "crowds-\(kind.rawValue)", set: "crowds", what: "as base, with twice as many at a time") {
        busy(kind, $0, name: "crowds", many: 16)
      }
    } + [
      Entry(name: "crossings-hall", set: "crossings", what: "people cross each other, many ways") {
        crossings(.hall, $0)
      },
      Entry(name: "crossings-plaza", set: "crossings", what: "people cross each other, seen from high up") {
        crossings(.plaza, $0)
      },
      Entry(name: "stops-lobby", set: "stops", what: "slow, stopping, turning back, behind a pillar, ghosts")
      { stops(.lobby, $0) },
      Entry(name: "stops-street", set: "stops", what: "as stops-lobby, with parked and waiting cars") {
        stops(.street, $0)
      },
    ]

  /// So many come and go in half a minute.
  static func busy(_ kind: Place.Kind, _ seed: UInt64, name: String, many: Int) -> Scene {
    let place = Place(kind)
    var scene = Scene("\(name)-\(kind.rawValue)", seed: seed, place: place, seconds: 30)
    var traffic = Traffic(place, seed: seed, part: scene.name)
    scene.actors = traffic.ordinary(seconds: 30, many: many)
    scene.noise = [.usual, .clean, Noise(dark: 3, bright: 4.5)][Int(seed % 3)]
    scene.shadows = traffic.between(0.15, 0.5)
    return scene
  }

  /// Pairs that meet in the middle from both sides, catch up with each other, and cross at an angle.
  static func crossings(_ kind: Place.Kind, _ seed: UInt64) -> Scene {
    let place = Place(kind)
    let seconds = 40.0
    var scene = Scene("crossings-\(kind.rawValue)", seed: seed, place: place, seconds: seconds)
    var traffic = Traffic(place, seed: seed, part: scene.name)
    // Far enough apart that mostly pairs meet, not crowds.
    let rows = (kind == .hall ? [0.08, 0.4, 0.92] : [0.1, 0.3, 0.5, 0.7, 0.92]).map {
      place.walks.lowerBound + (place.walks.upperBound - place.walks.lowerBound) * $0
    }
    for (index, row) in rows.enumerated() {
      var time = 1 + Double(index) * 1.7
      let metre = place.perspective.metre(at: row)
      while time < seconds - 1280 / metre / 1.2 {
        let other = row + metre * traffic.between(0.06, 0.3)
        let pace = traffic.between(1.1, 1.7)
        let lot = traffic.unit()
        let rightwards = traffic.chance(0.5)
        scene.actors.append(
          traffic.passer(traffic.person(), at: time, row: row, rightwards: rightwards, pace: pace))
        if lot < 0.6 {
          scene.actors.append(
            traffic.passer(
              traffic.person(), at: time + traffic.between(0, 1.5), row: other, rightwards: !rightwards,
              pace: traffic.between(1.1, 1.7)))
        } else if lot < 0.8 {
          // The one behind is faster and overtakes in the picture.
          let crossing = 1280 / metre / pace
          scene.actors.append(
            traffic.passer(
              traffic.person(), at: time + crossing * 0.28, row: other, rightwards: rightwards,
              pace: pace * 1.9))
        } else {
          let dog = traffic.dog()
          scene.actors.append(
            traffic.passer(dog, at: time + 0.6, row: other, rightwards: !rightwards, pace: 1.8))
        }
        time += 1280 / metre / pace + traffic.between(1, 3)
      }
    }
    return scene
  }

  static func stops(_ kind: Place.Kind, _ seed: UInt64) -> Scene {
    let place = Place(kind)
    var scene = Scene("stops-\(kind.rawValue)", seed: seed, place: place, seconds: 40)
    var traffic = Traffic(place, seed: seed, part: scene.name)
    let low = place.walks.lowerBound
    let high = place.walks.upperBound
    func row(_ t: Double) -> Double { low + (high - low) * t }
    // Stands there at the first frame and leaves later: its place must not stay known.
    var ghost = Path(from: traffic.between(480, 560), row(0.35), at: -1, in: place.perspective)
    ghost.wait(9)
    ghost.walk(to: -120, row(0.35), pace: 1.4)
    scene.actors.append(Actor(traffic.person(), ghost))
    // Comes, stands for long, goes on.
    let stand = traffic.between(12, 18)
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 2, row: row(0.6), rightwards: true, pace: 1.4, leaveRightwards: true
      ) { path, random in
        path.walk(to: random.between(700, 800), row(0.6), pace: 1.5)
        path.wait(stand)
      })
    // Very slow.
    var slow = Path(from: 1310, row(0.05), at: 1, in: place.perspective)
    slow.go(to: 1180, row(0.05), speed: 60)
    slow.go(to: 1080, row(0.05), speed: 4)
    scene.actors.append(Actor(traffic.crate(rolling: true), slow))
    // Turns back.
    scene.actors.append(
      traffic.visitor(
        traffic.person(), at: 5, row: row(0.8), rightwards: true, pace: 1.6, leaveRightwards: false
      ) { path, _ in
        path.walk(to: 420, row(0.8), pace: 1.4)
        path.walk(to: 300, row(0.8), pace: 1.2)
        path.walk(to: 520, row(0.75), pace: 1.2)
      })
    // Behind a pillar.
    if let pillar = place.pillars.last {
      let behind = min(max(pillar.foot - 30, low), high)
      scene.actors.append(
        traffic.passer(
          traffic.person(), at: 11, row: behind, rightwards: true, pace: traffic.between(1.1, 1.6)))
      scene.actors.append(
        traffic.passer(
          traffic.person(), at: 22, row: behind - 8, rightwards: false, pace: traffic.between(1.1, 1.6)))
    }
    // Stops twice.
    scene.actors.append(
      traffic.visitor(
        traffic.person(dull: true), at: 16, row: row(0.95), rightwards: false, pace: 1.5,
        leaveRightwards: false
      ) { path, _ in
        path.walk(to: 900, row(0.95), pace: 1.5)
        path.wait(5)
        path.walk(to: 500, row(0.95), pace: 1.5)
        path.wait(6)
      })
    for (index, lane) in place.lanes.enumerated() {
      var path = Path(
        from: lane.way > 0 ? -240 : 1520, lane.y, at: 4 + Double(index) * 9, in: place.perspective)
      path.go(to: 640 + lane.way * -60, lane.y, speed: 330)
      path.wait(8)
      path.go(to: lane.way > 0 ? 1560 : -280, lane.y, speed: 260)
      scene.actors.append(Actor(traffic.vehicle(), path))
    }
    return scene
  }
}
