/// What there is to say of one defect. Lengths are in millimetres, or in voxels where the sweep has no spacing.
package struct Defect: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Air, about as long as wide.
    case pore
    /// Denser than the material.
    case inclusion
    /// Air, flat or elongated.
    case crack
  }

  package enum Location: String, Hashable, Sendable, CaseIterable {
    case `internal`
    /// It goes over into the air around the part.
    case surfaceBreaking = "surface_breaking"
    /// It goes on beyond the first or the last slice, or the side of the picture: its measures are of what is seen.
    case truncated
  }

  package var id: UInt64
  package var kind: Kind
  package var location: Location
  package var slices: ClosedRange<Int>
  /// Columns, rows.
  package var columns: ClosedRange<Int>
  package var rows: ClosedRange<Int>
  /// From the centre of the first voxel of the first slice, along rows, down columns, over slices.
  package var centroid: SIMD3<Double>
  /// Of the sphere that has its volume.
  package var diameter: Double
  /// Half the width of the interval in which the true diameter lies in 95 of 100 cases.
  package var diameterUncertainty: Double
  package var volume: Double
  package var volumeUncertainty: Double
  /// Half the width of such an interval for the lengths that follow, up to the gap to the nearest other defect.
  package var lengthUncertainty: Double
  /// The longest extent.
  package var feret: Double
  /// Of the smallest sphere around it.
  package var enclosingDiameter: Double
  package var surface: Double
  /// The surface of a sphere of its volume over its own: 1 for a sphere.
  package var sphericity: Double
  /// Its volume over that of the smallest sphere around it.
  package var compactness: Double
  /// To the air around the part in its slices and the two before and after; nil where there is none.
  package var gap: Double?
  /// To the nearest other defect; nil while there is none.
  package var neighbourGap: Double?
  /// What its values differ from the material, on average over its voxels, over what air does.
  package var contrast: Double
  /// That noise alone would not show such a spot anywhere in the part.
  package var probability: Double
  package var voxels: Int
  /// The values inside it were wide enough to be measured, not taken from what hardening and scatter usually leave.
  package var isFloorMeasured: Bool

  package var depth: ClosedRange<Double>

  package init(
    id: UInt64,
    kind: Kind,
    location: Location,
    slices: ClosedRange<Int>,
    columns: ClosedRange<Int>,
    rows: ClosedRange<Int>,
    centroid: SIMD3<Double>,
    diameter: Double,
    diameterUncertainty: Double,
    volume: Double,
    volumeUncertainty: Double,
    lengthUncertainty: Double,
    feret: Double,
    enclosingDiameter: Double,
    surface: Double,
    sphericity: Double,
    compactness: Double,
    gap: Double?,
    neighbourGap: Double?,
    contrast: Double,
    probability: Double,
    voxels: Int,
    isFloorMeasured: Bool,
    depth: ClosedRange<Double>
  ) {
    self.id = id
    self.kind = kind
    self.location = location
    self.slices = slices
    self.columns = columns
    self.rows = rows
    self.centroid = centroid
    self.diameter = diameter
    self.diameterUncertainty = diameterUncertainty
    self.volume = volume
    self.volumeUncertainty = volumeUncertainty
    self.lengthUncertainty = lengthUncertainty
    self.feret = feret
    self.enclosingDiameter = enclosingDiameter
    self.surface = surface
    self.sphericity = sphericity
    self.compactness = compactness
    self.gap = gap
    self.neighbourGap = neighbourGap
    self.contrast = contrast
    self.probability = probability
    self.voxels = voxels
    self.isFloorMeasured = isFloorMeasured
    self.depth = depth
  }

  // Half the widths of intervals of 95 in 100, as they were on phantoms.
  package var surfaceUncertainty: Double { 0.1 * surface }
  package var sphericityUncertainty: Double { 0.03 }
  /// By the diameter of the sphere around it, which counts with its third power.
  package var compactnessUncertainty: Double {
    enclosingDiameter > 0 ? min(1, 3 * compactness * lengthUncertainty / enclosingDiameter) : 1
  }
}
