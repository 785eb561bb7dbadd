import Media
import Sweeps

/// What a pipeline says of a sweep: with this its source is slices, not frames.
package struct SweepPlan: Sendable, Hashable {
  package enum Use: String, Sendable, Hashable, CaseIterable {
    case industrial
    /// Said in every record and report: research only, not for clinical use.
    case medical
  }

  /// Sides of a voxel; replaces what the files say.
  package var spacing: VoxelSpacing?
  /// Of several series in a folder.
  package var series: String?
  package var setting = SweepSetting()
  package var use = Use.industrial

  package init() {}
}
