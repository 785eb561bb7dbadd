/// Of several boxes around one thing keeps the best (greedy non-maximum suppression, class by class).
package enum Suppression {
  /// Candidates that are compared at all: the best of those above the score. More come only from a threshold
  /// near 0, and comparing grows with their square.
  package static let most = 1000

  /// - Parameter overlap: Intersection over union above which the lesser of two boxes of a class goes.
  /// - Returns: By score, the best first; of equal ones the earlier.
  package static func keepBest(_ candidates: [Candidate], overlap: Float) -> [Candidate] {
    var kept: [Candidate] = []
    for candidate in ranked(candidates) {
      let isCovered = kept.contains { $0.label == candidate.label && $0.overlap(candidate) > overlap }
      if !isCovered { kept.append(candidate) }
    }
    return kept
  }

  /// The best, by score.
  package static func ranked(_ candidates: [Candidate]) -> [Candidate] {
    // Swift's sort is stable in practice but doesn't promise it.
    let order = candidates.indices.sorted {
      (candidates[$1].score, $0) < (candidates[$0].score, $1)
    }
    return order.prefix(most).map { candidates[$0] }
  }
}
