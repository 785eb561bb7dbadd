/// The clips in `samples/`: directed, not drawn by lot, but for looks.
extension Catalogue {
  static let sampleEntries: [Entry] = [
    Entry(
      name: "lobby", set: "samples",
      what: "a lobby: people and a trolley cross, one waits, the light is dimmed", make: lobby),
    Entry(
      name: "trouble", set: "samples",
      what: "a street: the light changes, a hand covers the lens, the picture freezes", make: trouble),
    Entry(name: "crossing", set: "samples", what: "a hall: two pairs of people cross", make: crossing),
  ]

  private static func lobby(_ seed: UInt64) -> Scene {
    let place = Place(.lobby)
    var scene = Scene("lobby", seed: seed, place: place, seconds: 26)
    var traffic = Traffic(place, seed: seed, part: "lobby")
    scene.actors = [
      traffic.passer(traffic.person(), at: 1, row: 480, rightwards: true, pace: 1.5),
      traffic.visitor(traffic.person(), at: 3, row: 330, rightwards: false, pace: 1.4, leaveRightwards: true)
      { path, _ in
        path.walk(to: 800, 320, pace: 1.4)
        path.wait(9)
      },
      traffic.passer(traffic.crate(), at: 8, row: 610, rightwards: false, pace: 1.0),
      traffic.passer(traffic.person(), at: 16.5, row: 420, rightwards: true, pace: 1.6),
    ]
    if let guest = traffic.throughDoor(traffic.person(), at: 6, row: 400, pace: 1.3, rightwards: false) {
      scene.actors.append(guest)
    }
    scene.effects.append(.exposure(Curve([(0, 1), (14, 1), (14.1, 0.62)])))
    scene.health.append(HealthTruth("light_change", begin: 14, full: 14.1, end: 17.1))
    scene.noise = .clean
    return scene
  }

  private static func trouble(_ seed: UInt64) -> Scene {
    let place = Place(.street)
    var scene = Scene("trouble", seed: seed, place: place, seconds: 38)
    var traffic = Traffic(place, seed: seed, part: "trouble")
    scene.actors = [
      traffic.passer(traffic.person(), at: 1, row: 640, rightwards: true, pace: 1.5),
      traffic.passer(traffic.person(), at: 9, row: 275, rightwards: false, pace: 1.5),
      traffic.passer(traffic.person(), at: 22, row: 650, rightwards: false, pace: 1.5),
      traffic.passer(traffic.person(), at: 30, row: 630, rightwards: true, pace: 1.7),
    ]
    for time in [4.0, 23, 34.5] { traffic.drive(at: time, speed: 420).map { scene.actors.append($0) } }
    scene.effects.append(.exposure(Curve([(0, 1), (9, 1), (9.1, 0.6)])))
    scene.health.append(HealthTruth("light_change", begin: 9, full: 9.1, end: 12.1))
    scene.effects.append(.cover(.hand, begin: 14, end: 19))
    state(&scene, "covered", begin: 14, full: 14.3, end: 18.6)
    scene.effects.append(.freeze(begin: 25, end: 30))
    state(&scene, "frozen", begin: 25, full: 25, end: 30)
    scene.noise = .clean
    return scene
  }

  private static func crossing(_ seed: UInt64) -> Scene {
    let place = Place(.hall)
    var scene = Scene("crossing", seed: seed, place: place, seconds: 13)
    var traffic = Traffic(place, seed: seed, part: "crossing")
    for (row, time) in [(400.0, 1.0), (600, 2.5)] {
      scene.actors.append(traffic.passer(traffic.person(), at: time, row: row, rightwards: true, pace: 1.5))
      scene.actors.append(
        traffic.passer(traffic.person(), at: time + 0.4, row: row + 12, rightwards: false, pace: 1.4))
    }
    scene.noise = .clean
    return scene
  }
}
