/// What beliefs are formed from: one number each of a track, of what is seen where it is, and of the air.
///
/// Lengths are in picture heights, areas in their squares, speeds in picture heights a second, times in seconds. Contrast
/// and noise are as the encoder gives them. Their names are those in the model files.
package enum Trait: Int, CaseIterable, Sendable {
  // How it was seen so far.
  case hits, seenShare, age, presence
  // What it looks like.
  case contrast, litness, shadow, ghost, stir, light, doubt, margin
  // Like one that was lost here, 0…1; and how large it is beside the known thing that it may be a part of, 0 without one.
  case twin, beside
  // How it moved.
  case progress, advance, path, straightness, progressShare, advanceShare, steps
  case recentProgress, recentStraightness, recentAdvance, speed, pace, sinking, sunk
  // How large it is, and where.
  case width, height, length, usualLength, shortest, growth, shape, mass, fill
  case atBorder, beganAtBorder, inside
  // What fills the air.
  case airIsDense, airFalls, flakeSize, flakeContrast, flakes, noise
  // How long the background has been known, up to half a minute.
  case settled
  // How a known thing is placed.
  case observed, merged, crowded, hidden, coverage, coveredShare, drift, seenAlone, known, unseen, mergedFor
  case soloHits, companions, engulfedFor, crowdedFor, thinFor, likeness, doubtOfPlace
  // Seen as what others leave of their blob.
  case leftover
  // Among the known things: how much of it lies within one; how far the nearest is, and how fast it goes against that, 9
  // without one.
  case near, gap, slip
  // The region that covers most of it; 0 where there is none.
  case regionWidth, regionHeight, regionMass, regionArea, regionShape, regionFill, regionContrast
  case regionShadow, regionLitness, regionGhost, regionStir, regionReach, regionShare, regionTracks
  case regionOverlap
}

extension Trait {
  package var name: String { "\(self)" }
}

/// The traits of one track in one look; all 0 at first.
package struct Traits: Sendable {
  /// In the order of `Trait.allCases`.
  package private(set) var values = [Float](repeating: 0, count: Trait.allCases.count)

  package init() {}

  package subscript(trait: Trait) -> Double {
    get { Double(values[trait.rawValue]) }
    set { values[trait.rawValue] = Float(newValue) }
  }
}
