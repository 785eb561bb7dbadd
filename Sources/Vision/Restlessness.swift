import CKernels

/// Which patches shimmer: foliage in the wind, a camera that shakes. There, only what leaves the range of the
/// pixels around it counts as different; elsewhere every difference does, so that plain things are seen
/// before a textured background.
struct Restlessness: ~Copyable {
  /// The level of the mask from which a pixel of the patch counts: 2 where it is calm, 3 where it isn't.
  let needed: UnsafeMutablePointer<UInt8>
  private let counts: UnsafeMutablePointer<UInt8>
  private let share: UnsafeMutablePointer<Float>
  private let count: Int
  /// Mean share of shimmering pixels over the whole picture, in this frame.
  private(set) var overall: Float = 0

  /// How often the whole picture was restless lately, 0…1.
  private var shaken: Float = 0
  /// The camera shakes, now or a moment ago.
  var isShaken: Bool { shaken > 0.15 }

  /// Shares of a patch's pixels from which it counts as restless, and below which it is calm again.
  private static let restless: Float = 0.05
  private static let calm: Float = 0.02
  /// Share of all pixels that makes the whole picture restless at once: the camera moves.
  private static let everywhere: Float = 0.05

  init(patches: Int) {
    count = patches
    needed = .allocate(capacity: patches)
    counts = .allocate(capacity: patches)
    share = .allocate(capacity: patches)
    needed.initialize(repeating: 2, count: patches)
    counts.initialize(repeating: 0, count: patches)
    share.initialize(repeating: 0, count: patches)
  }

  deinit {
    needed.deallocate()
    counts.deallocate()
    share.deallocate()
  }

  /// `rate` is the share of this frame in the running means. Patches with a known thing aren't judged.
  mutating func follow(
    _ mask: UnsafePointer<UInt8>, held: UnsafePointer<UInt8>, width: Int, height: Int, rate: Float
  ) {
    saccade_patch_count(mask, 2, Int32(width), Int32(height), counts)
    var sum: Float = 0
    var i = 0
    for top in stride(from: 0, to: height, by: 8) {
      let middle = held + min(top + 4, height - 1) * width
      for left in stride(from: 0, to: width, by: 8) {
        let now = Float(counts[i]) / 64
        sum += now
        if middle[min(left + 4, width - 1)] == 0 { share[i] += (now - share[i]) * rate }
        i += 1
      }
    }
    overall = sum / Float(count)
    let shakes = overall > Self.everywhere
    shaken += ((shakes ? 1 : 0) - shaken) * min(1, rate)
    for i in 0..<count {
      let limit = needed[i] == 3 ? Self.calm : Self.restless
      needed[i] = shakes || share[i] > limit ? 3 : 2
    }
  }
}
