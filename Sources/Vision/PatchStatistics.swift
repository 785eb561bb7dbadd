import CKernels

/// The picture in patches of 8 × 8 pixels, each compared with the background and with the last frame.
struct PatchStatistics: ~Copyable {
  static let side = 8

  let columns: Int
  let rows: Int
  let sums: UnsafeMutablePointer<saccade_patch>

  var count: Int { columns * rows }

  init(width: Int, height: Int) {
    columns = (width + Self.side - 1) / Self.side
    rows = (height + Self.side - 1) / Self.side
    sums = .allocate(capacity: columns * rows)
    sums.initialize(repeating: saccade_patch(), count: columns * rows)
  }

  deinit { sums.deallocate() }

  func measure(
    _ current: UnsafePointer<UInt8>, background: UnsafePointer<UInt8>, last: UnsafePointer<UInt8>,
    width: Int, height: Int
  ) {
    saccade_patch_sums(current, background, last, Int32(width), Int32(height), sums)
  }
}

extension saccade_patch {
  /// Not cut off by the picture's edge. Almost all are whole, and then a shift does for a division.
  var isWhole: Bool { count == 64 }

  /// What one pixel is of the patch.
  @inline(__always)
  var pixelShare: Double { isWhole ? 1.0 / 64 : 1 / Double(count) }

  /// `sum` over the patch, per pixel.
  @inline(__always)
  func mean(_ sum: UInt32) -> UInt32 { isWhole ? sum >> 6 : sum / count }
}
