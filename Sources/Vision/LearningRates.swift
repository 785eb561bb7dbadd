import Base
import CKernels

/// How fast the background learns at each frame, whatever the frame rate.
///
/// A quarter of the rows learns at a time, at four times the rate: a finer step than one frame's share would be
/// lost in rounding.
struct LearningRates {
  enum Chore { case reference, save }

  private static let phases = 4
  /// Time constants, in seconds.
  private static let quiet = 10.0
  private static let relit = 0.8
  private static let changed = 14.0
  /// Of what differs clearly, this much counts at most, in 1/128 levels: 16 levels.
  private static let changedLimit: UInt16 = 16 * 128
  private static let spread = 8.0
  private static let spreadChanged = 3.0

  private var phase = 0
  private var learntAt: [MediaTime]
  private var rounds = 0
  private var referenceDue: MediaTime
  private var saveDue: MediaTime

  init(start: MediaTime) {
    learntAt = [MediaTime](repeating: start, count: Self.phases)
    referenceDue = start + .milliseconds(800)
    saveDue = start + .seconds(2)
  }

  mutating func restart(at time: MediaTime) {
    for i in 0..<Self.phases { learntAt[i] = time }
    rounds = 0
  }

  /// True once a second for the reference, once in two for the saved background.
  mutating func isDue(_ chore: Chore, at time: MediaTime) -> Bool {
    switch chore {
    case .reference:
      guard time >= referenceDue else { return false }
      referenceDue = time + .seconds(1)
    case .save:
      guard time >= saveDue else { return false }
      saveDue = time + .seconds(2)
    }
    return true
  }

  /// The rows whose turn it is, and their rates. `light` is the share of the picture that is lit anew.
  mutating func next(at time: MediaTime, light: Double) -> (phase: Int, rates: saccade_rates) {
    phase = (phase + 1) % Self.phases
    if phase == 0 { rounds += 1 }
    let passed = min(2, max(0, (time - learntAt[phase]).inSeconds))
    learntAt[phase] = time
    // At first each look counts as much as all before it.
    let first = rounds < 24 ? 1 / Double(rounds + 2) : 0
    let constant = light > 0.05 ? Self.relit : Self.quiet
    return (
      phase,
      saccade_rates(
        quiet: Self.share(max(first, passed / constant)), changed: Self.share(passed / Self.changed),
        deviation_quiet: Self.share(max(first * 0.7, passed / Self.spread)),
        deviation_changed: Self.share(passed / Self.spreadChanged), changed_limit: Self.changedLimit)
    )
  }

  private static func share(_ part: Double) -> UInt16 { UInt16(min(1, max(0, part)) * 65535) }
}
