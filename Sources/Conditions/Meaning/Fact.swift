/// What is looked at: it decides which facts there are.
package enum Domain: String, Hashable, Sendable { case camera, sweep }

/// Of what a fact or a condition speaks.
package enum Scope: Hashable, Codable, Sendable {
  /// One thing in sight: an object of a camera, a defect of a sweep.
  case object
  /// The picture as a whole.
  case scene
}

/// A measured fact.
package enum Fact: String, Hashable, Sendable, CaseIterable {
  // Of an object.
  case score, age, still, speed, direction, x, y, width, height, area, aspect
  case labelScore = "label_score"
  case pathLength = "path_length"
  case topSpeed = "top_speed"
  // Of a defect.
  case diameter, feret
  case enclosingDiameter = "enclosing_diameter"
  case volume, surface, sphericity, compactness, gap
  case neighbourGap = "neighbour_gap"
  case depth, contrast, probability, slices
  // Of the scene.
  case motion, luma, sharpness
  case frameRate = "frame_rate"

  package var scope: Scope {
    switch self {
    case .motion, .luma, .sharpness, .frameRate: .scene
    default: .object
    }
  }

  package static func all(in domain: Domain) -> [Fact] {
    switch domain {
    case .camera:
      [
        .score, .labelScore, .age, .still, .speed, .direction, .x, .y, .width, .height, .area, .aspect,
        .pathLength, .topSpeed, .motion, .luma, .sharpness, .frameRate,
      ]
    case .sweep:
      [
        .score, .diameter, .feret, .enclosingDiameter, .volume, .surface, .sphericity, .compactness, .gap,
        .neighbourGap, .depth, .contrast, .probability, .slices,
      ]
    }
  }

  /// In what it can be given; the first is what a bare number was probably meant in.
  package var dimensions: [Dimension] {
    switch self {
    case .score, .labelScore, .probability, .sphericity, .compactness: [.number, .share]
    case .motion, .luma, .sharpness, .contrast: [.share, .number]
    case .age, .still: [.time]
    case .speed, .topSpeed: [.speed, .pixelSpeed, .shareSpeed]
    case .direction: [.angle]
    case .x, .y: [.share, .pixels]
    case .width, .height, .pathLength: [.pixels, .share, .length]
    case .area: [.share, .pixelArea, .area]
    case .aspect, .slices: [.number]
    case .diameter, .feret, .enclosingDiameter, .gap, .neighbourGap, .depth: [.length]
    case .volume: [.volume]
    case .surface: [.area]
    case .frameRate: [.frequency]
    }
  }

  /// What it can be at all, in base units.
  var range: ClosedRange<Double> {
    switch self {
    case .score, .labelScore, .probability, .motion, .luma, .sharpness, .sphericity, .compactness: 0...1
    case .x, .y: 0...Double.infinity
    case .direction: -360...360
    case .contrast: -Double.infinity...Double.infinity
    default: 0...Double.infinity
    }
  }
}

/// A fact in one of its dimensions: the width in pixels is another number than the width in metres.
package struct Measure: Hashable, Sendable {
  package var fact: Fact
  package var dimension: Dimension

  package init(_ fact: Fact, _ dimension: Dimension) {
    self.fact = fact
    self.dimension = dimension
  }

  /// Which take the sizes of the real world from a `scale` where a camera looks.
  package var needsScale: Bool {
    switch dimension {
    case .length, .area, .speed: true
    default: false
    }
  }
}

/// A fact that is one of several words.
package enum WordFact: String, Hashable, Sendable, CaseIterable {
  /// Person, vehicle, animal or object; of a defect pore, inclusion or crack.
  case kind
  /// As the detector names it.
  case label
  /// How an object came into sight.
  case appearedBy = "appeared_by"
  case seen
  case state, mode

  package var scope: Scope {
    switch self {
    case .state, .mode: .scene
    default: .object
    }
  }

  package static func all(in domain: Domain) -> [WordFact] {
    switch domain {
    case .camera: allCases
    case .sweep: [.kind]
    }
  }

  /// The words that it can be; nil where the detector decides.
  package func words(in domain: Domain) -> [String]? {
    switch self {
    case .kind:
      domain == .camera ? ["person", "vehicle", "animal", "object"] : ["pore", "inclusion", "crack"]
    case .label: nil
    case .appearedBy: ["edge", "inside", "split"]
    case .seen: ["observed", "predicted"]
    case .state:
      ["starting", "ok", "signal_lost", "frozen", "dark", "bright", "covered", "defocused", "moved"]
    case .mode: ["colour", "infrared"]
    }
  }
}
