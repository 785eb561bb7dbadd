extension Catalogue {
  private struct Ill: Sendable {
    let name: String
    let place: Place.Kind
    let what: String
    let apply: @Sendable (inout Scene, Double, SceneRandom) -> Void
  }

  /// Each once with objects and once, as NAME-empty, with none.
  static let healthEntries: [Entry] = ills.flatMap { ill in
    [
      Entry(name: "health-" + ill.name, set: "health", what: ill.what) { sick(ill, $0, empty: false) },
      Entry(name: "health-" + ill.name + "-empty", set: "health", what: ill.what + "; nobody there") {
        sick(ill, $0, empty: true)
      },
    ]
  }

  private static func sick(_ ill: Ill, _ seed: UInt64, empty: Bool) -> Scene {
    let place = Place(ill.place)
    var random = SceneRandom(seed: seed, part: ill.name)
    let begin = random.between(9, 11)
    var scene = Scene("health-" + ill.name + (empty ? "-empty" : ""), seed: seed, place: place, seconds: 27)
    if !empty {
      var traffic = Traffic(place, seed: seed, part: "health-" + ill.name)
      scene.actors = traffic.ordinary(seconds: 27, many: 8)
    }
    ill.apply(&scene, begin, random)
    return scene
  }

  /// The state is due from `begin` to `end`; meanwhile, and until the picture has settled, objects don't
  /// count, and `besides` may be told too.
  static func state(
    _ scene: inout Scene, _ kind: String, begin: Double, full: Double, end: Double, over: Double? = nil,
    besides: [String] = []
  ) {
    scene.health.append(HealthTruth(kind, begin: begin, full: full, end: end, over: over))
    for other in besides + ["light_change"] {
      scene.health.append(HealthTruth(other, begin: begin, full: full, end: end + 3, due: false))
    }
    scene.unscored.append(begin...(end + 2))
    scene.disturbances.append(.init(kind: kind, begin: begin, end: end))
  }

  private static let ills: [Ill] = [
    Ill(name: "frozen", place: .street, what: "the same picture again and again") { scene, begin, _ in
      scene.effects.append(.freeze(begin: begin, end: begin + 7))
      state(&scene, "frozen", begin: begin, full: begin, end: begin + 7)
    },
    Ill(name: "dark", place: .lobby, what: "the light goes out") { scene, begin, random in
      var random = random
      let low = random.between(0.02, 0.05)
      scene.effects.append(
        .exposure(Curve([(0, 1), (begin, 1), (begin + 0.2, low), (begin + 7, low), (begin + 7.3, 1)])))
      state(&scene, "dark", begin: begin, full: begin + 0.2, end: begin + 7, over: begin + 7.3)
    },
    Ill(name: "bright", place: .yard, what: "the picture is blown out") { scene, begin, random in
      var random = random
      let high = random.between(4, 6)
      scene.effects.append(
        .exposure(Curve([(0, 1), (begin, 1), (begin + 0.5, high), (begin + 7, high), (begin + 7.5, 1)])))
      state(&scene, "bright", begin: begin, full: begin + 0.5, end: begin + 7, over: begin + 7.5)
    },
    Ill(name: "covered-hand", place: .street, what: "a hand over the lens") { scene, begin, _ in
      scene.effects.append(.cover(.hand, begin: begin, end: begin + 7))
      state(&scene, "covered", begin: begin, full: begin + 0.3, end: begin + 6.6, over: begin + 7)
    },
    Ill(name: "covered-cloth", place: .hall, what: "a cloth over the camera") { scene, begin, _ in
      scene.effects.append(.cover(.cloth, begin: begin, end: begin + 7))
      state(&scene, "covered", begin: begin, full: begin + 0.3, end: begin + 6.6, over: begin + 7)
    },
    Ill(name: "covered-spray", place: .lobby, what: "paint sprayed on the lens") { scene, begin, _ in
      scene.effects.append(.cover(.spray, begin: begin, end: 60))
      state(&scene, "covered", begin: begin, full: begin + 0.3, end: 27)
    },
    Ill(name: "defocused", place: .street, what: "out of focus") { scene, begin, random in
      var random = random
      scene.effects.append(.defocus(radius: random.between(7, 12), begin: begin, end: begin + 8))
      state(&scene, "defocused", begin: begin, full: begin + 0.5, end: begin + 7.5, over: begin + 8)
    },
    Ill(name: "moved", place: .plaza, what: "the camera is turned to another view") { scene, begin, random in
      var random = random
      let dx = random.between(500, 800) * (random.chance(0.5) ? 1 : -1)
      scene.effects.append(.turn(at: begin, seconds: 0.5, dx: dx, dy: random.between(-60, 60)))
      state(&scene, "moved", begin: begin, full: begin + 0.5, end: begin + 3)
    },
    Ill(name: "knocked", place: .street, what: "the camera is knocked a little aside") {
      scene, begin, random in
      var random = random
      let dx = random.between(90, 160) * (random.chance(0.5) ? 1 : -1)
      scene.effects.append(.turn(at: begin, seconds: 0.3, dx: dx, dy: random.between(-50, 50)))
      state(&scene, "moved", begin: begin, full: begin + 0.3, end: begin + 3)
    },
  ]
}
