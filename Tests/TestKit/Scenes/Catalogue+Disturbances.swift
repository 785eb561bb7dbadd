extension Catalogue {
  private struct Trouble: Sendable {
    let name: String
    let place: Place.Kind
    let what: String
    let apply: @Sendable (inout Scene, SceneRandom) -> Void
  }

  /// Each once with objects and once, as NAME-empty, with none.
  static let disturbanceEntries: [Entry] = troubles.flatMap { trouble in
    [
      Entry(name: trouble.name, set: "disturbances", what: trouble.what) {
        disturbed(trouble, $0, empty: false)
      },
      Entry(name: trouble.name + "-empty", set: "disturbances", what: trouble.what + "; nobody there") {
        disturbed(trouble, $0, empty: true)
      },
    ]
  }

  private static func disturbed(_ trouble: Trouble, _ seed: UInt64, empty: Bool) -> Scene {
    let place = Place(trouble.place)
    var scene = Scene(trouble.name + (empty ? "-empty" : ""), seed: seed, place: place, seconds: 26)
    if !empty {
      var traffic = Traffic(place, seed: seed, part: trouble.name)
      scene.actors = traffic.ordinary(seconds: 26, many: 9)
    }
    trouble.apply(&scene, SceneRandom(seed: seed, part: trouble.name + " trouble"))
    scene.disturbances.append(.init(kind: trouble.name, begin: 0, end: scene.seconds))
    return scene
  }

  /// A sudden change and its way back, each due as an event of its own.
  private static func lightChange(_ at: Double, seconds: Double = 0.1) -> HealthTruth {
    HealthTruth("light_change", begin: at, full: at + seconds, end: at + seconds + 3)
  }

  /// May be told as a change of light, but need not.
  private static func allowed(_ kinds: [String], _ begin: Double, _ end: Double) -> [HealthTruth] {
    kinds.map { HealthTruth($0, begin: begin, full: begin, end: end, due: false) }
  }

  private static let troubles: [Trouble] = [
    Trouble(name: "noise", place: .hall, what: "strong sensor noise") { scene, _ in scene.noise = .strong },
    Trouble(name: "slow-light", place: .street, what: "evening falls and morning comes") { scene, random in
      var random = random
      let low = random.between(0.45, 0.6)
      scene.effects.append(.exposure(Curve([(0, 1), (3, 1), (12, low), (14, low), (24, 1.15)])))
      scene.health += allowed(["light_change"], 0, 26)
    },
    Trouble(name: "lamp", place: .lobby, what: "the light goes off and on again") { scene, random in
      var random = random
      let low = random.between(0.5, 0.65)
      scene.effects.append(.exposure(Curve([(0, 1), (8, 1), (8.1, low), (17, low), (17.1, 1)])))
      scene.health += [lightChange(8), lightChange(17)]
    },
    Trouble(name: "lamp-half", place: .lobby, what: "a lamp goes off and on over a part of the picture") {
      scene, random in
      var random = random
      scene.effects.append(
        .lamp(
          Curve([
            (0, 1), (8, 1), (8.1, random.between(0.55, 0.65)), (17, 0.6), (17.1, random.between(1.2, 1.3)),
          ]),
          until: random.between(560, 760), border: 90, rightSide: random.chance(0.5)))
      scene.health += [lightChange(8), lightChange(17)]
    },
    Trouble(name: "infrared", place: .yard, what: "day, night mode, day") { scene, random in
      var random = random
      let at = random.between(7.5, 9)
      // The exposure overshoots at both changes, as real cameras do.
      scene.effects.append(
        .exposure(
          Curve([
            (0, 1), (at - 0.01, 1), (at, 1.7), (at + 0.5, 0.95), (at + 9, 0.95), (at + 9.01, 0.5),
            (at + 9.6, 1),
          ])))
      scene.effects.append(.infrared(begin: at, end: at + 9))
      scene.health += [
        HealthTruth("mode_change", begin: at, full: at + 0.1, end: at + 3),
        HealthTruth("mode_change", begin: at + 9, full: at + 9.1, end: at + 12),
      ]
      scene.health += allowed(["light_change"], at, at + 3) + allowed(["light_change"], at + 9, at + 12)
    },
    Trouble(name: "shake", place: .street, what: "the camera shakes by up to 3 pixels") { scene, random in
      var random = random
      scene.effects.append(.shake(pixels: random.between(2, 3), begin: 3, end: 23))
    },
    Trouble(name: "rain", place: .street, what: "heavy rain") { scene, random in
      var random = random
      scene.effects.append(
        .rain(drops: random.whole(380, 620), wind: random.between(-0.25, 0.25), begin: 3, end: 25))
      scene.effects.append(.exposure(Curve([(0, 0.8)])))
    },
    Trouble(name: "snow", place: .yard, what: "snow, some flakes near the lens") { scene, random in
      var random = random
      scene.effects.append(
        .snow(flakes: random.whole(420, 620), wind: random.between(0.1, 0.45), begin: 3, end: 25))
    },
    Trouble(name: "foliage", place: .yard, what: "bushes and trees in a gusty wind") { scene, random in
      var random = random
      scene.effects.append(
        .foliage(
          [
            Foliage(
              x: random.between(150, 260), y: 210, width: 330, height: 260, foot: 330, seed: random.next()),
            Foliage(
              x: random.between(1000, 1120), y: 130, width: 380, height: 260, foot: 260, seed: random.next()),
            Foliage(
              x: random.between(560, 720), y: 190, width: 220, height: 90, foot: 215, seed: random.next()),
          ], wind: random.between(9, 15)))
    },
    Trouble(name: "clouds", place: .plaza, what: "shadows of clouds pass") { scene, random in
      var random = random
      scene.effects.append(
        .clouds(
          depth: random.between(0.3, 0.42), size: random.between(420, 640), speed: random.between(90, 190)))
      scene.health += allowed(["light_change"], 0, 26)
    },
    Trouble(name: "cast-shadows", place: .plaza, what: "shadows of things outside the picture pass") {
      scene, random in
      var random = random
      let fast = random.between(180, 320)
      scene.effects.append(
        .castShadows(
          [
            CastShadow(
              form: .person, begin: 3, speed: fast, y: random.between(420, 640),
              size: random.between(170, 260)),
            CastShadow(
              form: .bus, begin: 6, speed: -fast * 1.5, y: random.between(300, 500),
              size: random.between(170, 260)),
            CastShadow(form: .branch, begin: 10, speed: 1, y: random.between(200, 1000), size: 230),
            CastShadow(
              form: .person, begin: 14, speed: -fast, y: random.between(300, 640),
              size: random.between(120, 240)),
          ], depth: random.between(0.32, 0.45)))
      scene.health += allowed(["light_change"], 6, 20)
    },
    Trouble(name: "flicker", place: .hall, what: "bands of mains flicker roll through") { scene, random in
      var random = random
      scene.effects.append(
        .flicker(hertz: random.pick([100.0, 120.5, 119.6]), depth: random.between(0.03, 0.07)))
    },
    Trouble(name: "headlights", place: .street, what: "headlights sweep over the scene at night") {
      scene, random in
      var random = random
      scene.effects.append(.exposure(Curve([(0, 0.36)])))
      scene.effects.append(
        .headlights(
          (0..<5).map {
            Headlight(
              begin: 3 + Double($0) * 4.2 + random.between(0, 1), seconds: random.between(2.2, 3.8),
              y: random.between(280, 600), rightwards: random.chance(0.5), strength: random.between(1.2, 2.4))
          }))
      scene.noise = Noise(dark: 2.6, bright: 4)
      scene.health += allowed(["light_change"], 0, 26)
    },
  ]
}
