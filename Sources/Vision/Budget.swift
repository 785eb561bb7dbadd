import Base

/// How much computing a stream may use, as a share of one core: a bucket that fills with the time of the stream and
/// is emptied by looks.
struct Budget {
  private let share: Double
  /// Seconds of computing saved up; below 0 is owed.
  private var saved: Double
  private var filledAt: MediaTime?

  /// Seconds of the stream for which unused computing is kept: a burst may use it.
  private static let depth = 1.0

  init(share: Double) {
    self.share = share
    saved = share * Self.depth
  }

  var isSpent: Bool { saved < 0 }

  mutating func fill(to time: MediaTime) {
    let passed = filledAt.map { min(1, max(0, (time - $0).inSeconds)) } ?? 0
    filledAt = time
    saved = min(share * Self.depth, saved + passed * share)
  }

  mutating func spend(_ seconds: Double) { saved = max(saved - seconds, -share * Self.depth) }
}
