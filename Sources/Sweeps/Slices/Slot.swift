/// The planes that one slice needs while it is among those being looked at.
final class Slot {
  let width: Int
  let height: Int
  /// Of which slice; -1 while it holds none.
  var index = -1
  /// As they were read; smoothed within the slice; smoothed over slices too.
  let values: UnsafeMutablePointer<Float>
  let flat: UnsafeMutablePointer<Float>
  let smooth: UnsafeMutablePointer<Float>
  /// What the material's level is at each voxel.
  let level: UnsafeMutablePointer<Float>
  /// The part, its holes with it; and but for a rim of one voxel.
  let part: Bitmap
  let inner: Bitmap
  /// Narrow notches, air that reaches in from the side of the part: counted as of the part.
  let notches: Bitmap
  /// 1 in the part but for a rim of two voxels, and of one or two slices.
  let core: UnsafeMutablePointer<UInt8>
  var coreVoxels = 0
  /// 1 where darker, 2 where brighter than the material; 3 in holes that come from the air before this slice.
  let marks: UnsafeMutablePointer<UInt8>

  /// Air around the part, and holes that come from the air before this slice.
  var outside = Outside()
  /// The latter alone.
  var passages: [Run] = []
  var levels: Levels?
  var hasNotches = false
  var runs: [Run] = []
  /// The contrast above which voxels were marked.
  var threshold: Float = 0
  /// Standard deviation of smoothed plain material, as a contrast.
  var noise: Float = 0
  /// Between which levels the material lies.
  var lowest: Float = 0
  var highest: Float = 0

  private let floats: UnsafeMutablePointer<Float>
  private let bytes: UnsafeMutablePointer<UInt8>

  var count: Int { width * height }

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    let count = width * height
    floats = .allocate(capacity: 4 * count)
    floats.initialize(repeating: 0, count: 4 * count)
    bytes = .allocate(capacity: 2 * count)
    bytes.initialize(repeating: 0, count: 2 * count)
    (core, marks) = (bytes, bytes + count)
    part = Bitmap(width: width, height: height)
    inner = Bitmap(width: width, height: height)
    notches = Bitmap(width: width, height: height)
    (values, flat, smooth, level) = (floats, floats + count, floats + 2 * count, floats + 3 * count)
  }

  deinit {
    floats.deallocate()
    bytes.deallocate()
  }
}
