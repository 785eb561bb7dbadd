/// A clip to render: everything that decides its pixels.
package struct Scene: Sendable {
  package var name: String
  package var seed: UInt64
  package var place: Place
  package var seconds: Double
  package var actors: [Actor] = []
  package var effects: [Effect] = []
  package var noise = Noise.usual
  package var health: [HealthTruth] = []
  package var unscored: [ClosedRange<Double>] = []
  package var disturbances: [ClipTruth.Interval] = []
  package var warmUp = 1.0
  /// Strength of cast shadows, 0…1.
  package var shadows = 0.35
  package var width = 1280
  package var height = 720
  package var rate = 30.0

  package init(_ name: String, seed: UInt64, place: Place, seconds: Double) {
    self.name = name
    self.seed = seed
    self.place = place
    self.seconds = seconds
  }

  package var frames: Int { Int((seconds * rate).rounded()) }

  package var clip: ClipTruth {
    ClipTruth(
      name: name, seed: seed, width: width, height: height, rate: rate, frames: frames, warmUp: warmUp,
      disturbances: disturbances, health: health, unscored: unscored)
  }

  /// Pixels of a picture 720 rows high that it shows across.
  package var span: Double { Double(width) / Double(height) * 720 }
}
