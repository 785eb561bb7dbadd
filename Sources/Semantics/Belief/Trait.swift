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
  package private(set) var values = none

  private static let none = [Float](repeating: 0, count: Trait.allCases.count)

  package init() {}

  package subscript(trait: Trait) -> Double {
    get { Double(values[trait.rawValue]) }
    set { values[trait.rawValue] = Float(newValue) }
  }
}

extension Traits {
  /// The place of a number in the order of all: whole numbers are compared without a branch. What is no number comes first.
  @inline(__always)
  static func order(of value: Float) -> Int32 {
    // Zero has two signs.
    let bits = Int32(bitPattern: (value + 0).bitPattern)
    return value.isNaN ? .min : bits ^ (bits >> 31 & .max)
  }

  /// Where `withOrders` has one above all.
  static let aboveAll = none.count

  /// Hands out the orders of the values, and one above all after them.
  func withOrders<R>(_ body: (UnsafeMutableBufferPointer<Int32>) -> R) -> R {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: values.count + 1) { orders in
      for i in values.indices { orders[i] = Self.order(of: values[i]) }
      orders[values.count] = .max
      return body(orders)
    }
  }
}
