import Base

/// What is known of one object at one tick.
package struct ObjectFacts: Sendable {
  /// How it came into sight.
  package enum Appearance: String, Hashable, Sendable, CaseIterable {
    /// Over the edge of the picture.
    case edge
    /// In the midst of it, as through a door or from behind something.
    case inside
    /// It parted from another object, as what somebody puts down does.
    case split
  }

  package var id: UInt64
  package var label: String
  package var score: Double
  /// How sure the label is; NaN without one of a detector.
  package var labelScore: Double
  /// Seconds since it was first seen, and since it last moved.
  package var age: Double
  package var still: Double
  /// 0…1 of the upright picture.
  package var box: Rect
  /// Frame widths and heights a second, over a stride; NaN while that isn't known.
  package var velocityX: Double
  package var velocityY: Double
  package var isObserved: Bool
  /// In picture heights, and a second; NaN where it isn't known.
  package var pathLength: Double
  package var topSpeed: Double
  package var appearedBy: Appearance?
  /// The zones that it is in, a bit each, where that is known already.
  package var knownZones: UInt64?
  /// What models said of it, by the question's number in the setting: the word's place among the question's words, or the
  /// number. NaN, or beyond the end, where nothing is known.
  package var answers: [Double] = []

  package init(
    id: UInt64, label: String = "moving", score: Double = 1, labelScore: Double = .nan, age: Double = 0,
    still: Double = 0, box: Rect,
    velocityX: Double = 0, velocityY: Double = 0, isObserved: Bool = true, pathLength: Double = .nan,
    topSpeed: Double = .nan, appearedBy: Appearance? = nil
  ) {
    self.id = id
    self.label = label
    self.score = score
    self.labelScore = labelScore
    self.age = age
    self.still = still
    self.box = box
    self.velocityX = velocityX
    self.velocityY = velocityY
    self.isObserved = isObserved
    self.pathLength = pathLength
    self.topSpeed = topSpeed
    self.appearedBy = appearedBy
  }

  /// Picture heights a second below which a thing has no direction.
  static let slowest = 0.02

  /// NaN where it isn't known. `path` is the length of its way in metres.
  func value(of measure: Measure, _ picture: Picture, _ scale: Scale?, path: Double) -> Double {
    let aspect = picture.aspect
    switch (measure.fact, measure.dimension) {
    case (.score, _): return score
    case (.labelScore, _): return labelScore
    case (.age, _): return age
    case (.still, _): return still
    case (.x, .pixels): return box.bottomCentre.x * picture.width
    case (.x, _): return box.bottomCentre.x
    case (.y, .pixels): return box.maxY * picture.height
    case (.y, _): return box.maxY
    case (.width, .pixels): return box.width * picture.width
    case (.width, .share): return box.width
    case (.width, _): return scale?.size(box, picture).width ?? .nan
    case (.height, .pixels): return box.height * picture.height
    case (.height, .share): return box.height
    case (.height, _): return scale?.size(box, picture).height ?? .nan
    case (.area, .pixelArea): return box.area * picture.width * picture.height
    case (.area, .share): return box.area
    case (.area, _): return scale.map { $0.size(box, picture) }.map { $0.width * $0.height } ?? .nan
    case (.aspect, _): return box.height > 0 ? box.width * aspect / box.height : .nan
    case (.pathLength, .pixels): return pathLength * picture.height
    case (.pathLength, .share): return pathLength
    case (.pathLength, _): return path
    case (.topSpeed, .pixelSpeed): return topSpeed * picture.height
    case (.topSpeed, .shareSpeed): return topSpeed
    case (.direction, _):
      let (x, y) = (velocityX * aspect, -velocityY)
      return x * x + y * y >= Self.slowest * Self.slowest ? degrees(x, y) : .nan
    case (.speed, .pixelSpeed): return speed(aspect) * picture.height
    case (.speed, .shareSpeed): return speed(aspect)
    case (.speed, _): return scale?.speed(box.bottomCentre, velocityX, velocityY, picture) ?? .nan
    case (.topSpeed, _):
      guard case .pixelsPerMetre(let ppm)? = scale else { return .nan }
      return topSpeed * picture.height / ppm
    default: return .nan
    }
  }

  private func speed(_ aspect: Double) -> Double {
    (velocityX * aspect * velocityX * aspect + velocityY * velocityY).squareRoot()
  }

  func word(of fact: WordFact) -> String? {
    switch fact {
    case .label: label
    case .kind: Vocabulary.kind(of: label)
    case .appearedBy: appearedBy?.rawValue
    case .seen: isObserved ? "observed" : "predicted"
    case .state, .mode: nil
    }
  }
}

/// What is known of the picture as a whole at one tick; NaN or nil where it isn't.
package struct SceneFacts: Sendable {
  package var state: String
  package var mode: String?
  package var motion: Double
  package var luma: Double
  package var sharpness: Double
  /// Frames a second over the last two seconds.
  package var frameRate: Double
  /// What models said of it, as of objects.
  package var answers: [Double] = []

  package init(
    state: String = "ok", mode: String? = "colour", motion: Double = .nan, luma: Double = .nan,
    sharpness: Double = .nan, frameRate: Double = .nan
  ) {
    self.state = state
    self.mode = mode
    self.motion = motion
    self.luma = luma
    self.sharpness = sharpness
    self.frameRate = frameRate
  }

  func value(of measure: Measure) -> Double {
    switch measure.fact {
    case .motion: motion
    case .luma: luma
    case .sharpness: sharpness
    case .frameRate: frameRate
    default: .nan
    }
  }

  func word(of fact: WordFact) -> String? {
    switch fact {
    case .state: state
    case .mode: mode
    default: nil
    }
  }

  /// Things can't be seen: that none is in sight says nothing about whether any is there.
  package var isBlind: Bool { state != "ok" && state != "defocused" }
  package var isLost: Bool { state == "signal_lost" }
}
