import Base

/// What is known of a clip as a whole: the first line of its truth.
package struct ClipTruth: Sendable {
  package var name: String
  package var seed: UInt64
  package var width: Int
  package var height: Int
  package var rate: Double
  package var frames: Int
  /// Seconds at the start in which nothing need be known yet: the camera was just switched on.
  package var warmUp: Double
  package var disturbances: [Interval]
  package var health: [HealthTruth]
  /// Where objects are neither required nor false: the picture can't be believed there.
  package var unscored: [ClosedRange<Double>]

  package struct Interval: Sendable {
    package var kind: String
    package var begin: Double
    package var end: Double

    package init(kind: String, begin: Double, end: Double) {
      self.kind = kind
      self.begin = begin
      self.end = end
    }
  }

  package init(
    name: String, seed: UInt64, width: Int, height: Int, rate: Double, frames: Int, warmUp: Double,
    disturbances: [Interval], health: [HealthTruth], unscored: [ClosedRange<Double>]
  ) {
    self.name = name
    self.seed = seed
    self.width = width
    self.height = height
    self.rate = rate
    self.frames = frames
    self.warmUp = warmUp
    self.disturbances = disturbances
    self.health = health
    self.unscored = unscored
  }
}

/// One state of the picture's health, as PROTOCOL names them.
package struct HealthTruth: Sendable {
  package var kind: String
  package var begin: Double
  /// When the state is complete: an event is due within a second of this.
  package var full: Double
  package var end: Double
  /// When nothing of it is left; it begins to go at `end`.
  package var over: Double
  /// False where an event of this kind would be right too, but isn't asked for.
  package var due: Bool

  package init(
    _ kind: String, begin: Double, full: Double, end: Double, over: Double? = nil, due: Bool = true
  ) {
    self.kind = kind
    self.begin = begin
    self.full = full
    self.end = end
    self.over = over ?? end
    self.due = due
  }
}

/// What is in one frame. Objects whose whole lies outside the picture are left out; those in it but hidden
/// are listed with `visible` 0.
package struct FrameTruth: Sendable {
  /// From 1.
  package var number: Int
  /// Seconds from the first frame.
  package var time: Double
  package var objects: [ObjectTruth]

  package init(number: Int, time: Double, objects: [ObjectTruth]) {
    self.number = number
    self.time = time
    self.objects = objects
  }
}

package struct ObjectTruth: Sendable {
  package var id: Int
  package var kind: String
  /// Around its pixels that show, 0…1 of the picture; the part of `full` inside the picture where none does.
  package var box: Rect
  /// Around all its pixels; may reach beyond the picture.
  package var full: Rect
  /// Share of its pixels that show.
  package var visible: Double
  /// Mean, over its pixels that show, of the largest difference to what is behind, in luma or either chroma,
  /// in levels, in the light of the moment.
  package var contrast: Double
  /// It stands where it stood when the clip began: nothing tells it from the background yet.
  package var latent: Bool

  package init(id: Int, kind: String, box: Rect, full: Rect, visible: Double, contrast: Double, latent: Bool)
  {
    self.id = id
    self.kind = kind
    self.box = box
    self.full = full
    self.visible = visible
    self.contrast = contrast
    self.latent = latent
  }
}
