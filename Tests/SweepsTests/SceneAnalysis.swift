import Media
import Sweeps
import TestKit

/// What is found in a scene, with all that was told on the way.
struct SceneAnalysis {
  var defects: [Defect] = []
  var told: [SliceFindings] = []

  /// `breaks`: slices before which the sweep is interrupted. `voxel` is the side of a voxel in mm.
  init(_ scene: VoxelScene, setting: SweepSetting = SweepSetting(), breaks: Set<Int> = [], voxel: Double = 1)
  {
    let values = scene.values()
    let analyzer = SliceAnalyzer(
      width: scene.width, height: scene.height,
      spacing: VoxelSpacing(x: voxel, y: voxel, z: voxel * scene.step), setting: setting)
    func take(_ findings: SliceFindings) {
      told.append(findings)
      defects += findings.ended.map(\.defect)
    }
    let count = scene.width * scene.height
    for slice in 0..<scene.slices {
      if breaks.contains(slice) { analyzer.finish { take($0) } }
      let next = analyzer.next
      for i in 0..<count { next[i] = Float(values[slice * count + i]) }
      analyzer.advance { take($0) }
    }
    analyzer.finish { take($0) }
  }

  /// The defect whose middle is nearest to a place, in voxels of the slice.
  func nearest(_ place: SIMD3<Double>) -> Defect? {
    func away(_ defect: Defect) -> Double {
      let off = defect.centroid - place
      return (off * off).sum()
    }
    return defects.min { away($0) < away($1) }
  }
}
