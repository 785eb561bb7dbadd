import Base

/// The usual time between frames, from their own times: the median of the last few steps.
package struct RateEstimate: Sendable, Hashable {
  private static let kept = 9
  private var steps: [Nanoseconds] = []
  private var next = 0
  private let declared: Nanoseconds

  /// - Parameter declared: What the container says; believed only until the first steps are known.
  package init(declared: Nanoseconds? = nil) {
    let plausible = declared.map { Self.plausible.contains($0) } ?? false
    self.declared = plausible ? declared! : .seconds(1.0 / 30)  // Safety: plausible only if not nil.
    steps.reserveCapacity(Self.kept)
  }

  /// 1 to 240 frames a second.
  private static let plausible: ClosedRange<Nanoseconds> = .seconds(1.0 / 240)...(.seconds(1))

  /// Nobody films a frame in more than five minutes; what is longer is a pause.
  private static let longest: Nanoseconds = .seconds(300)

  package mutating func add(_ step: Nanoseconds) {
    let step = min(step, Self.longest)
    if steps.count < Self.kept {
      steps.append(step)
    } else {
      steps[next] = step
      next = (next + 1) % Self.kept
    }
  }

  /// Whether it rests on frames, not on the container's word.
  package var isMeasured: Bool { !steps.isEmpty }

  package var interval: Nanoseconds {
    if steps.isEmpty { return declared }
    // Nine numbers: the one with as many below as above it.
    for candidate in steps {
      var below = 0
      var equal = 0
      for step in steps {
        if step < candidate { below += 1 } else if step == candidate { equal += 1 }
      }
      if below <= steps.count / 2 && below + equal > steps.count / 2 { return candidate }
    }
    return declared
  }

  /// Frames a second.
  package var rate: Double { 1 / interval.inSeconds }
}
