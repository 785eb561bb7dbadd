/// A small copy of a frame, upright, 8 bits a sample: what the peripheral encoder looks at.
///
/// Luma is `width` × `height`; both chroma planes are half of that each way, rounded up, with 128 for no
/// colour. Rows are tightly packed. Owned by one analysis thread and filled anew for each frame; it
/// allocates only when the size changes.
package final class PeripheralPicture {
  package private(set) var width = 0
  package private(set) var height = 0
  package var chromaWidth: Int { (width + 1) / 2 }
  package var chromaHeight: Int { (height + 1) / 2 }

  package private(set) var luma = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  package private(set) var cb = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  package private(set) var cr = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

  /// The part of the upright source frame that the picture shows, 0…1 from the top left. Just below 1
  /// where the source size is no multiple of the scale.
  package var coveredX = 1.0
  package var coveredY = 1.0
  /// Source pixels to a side of one pixel here.
  package var scale = 1

  package init() {}

  package init(width: Int, height: Int) { resize(width: width, height: height) }

  deinit { release() }

  /// Makes room for a picture of this size; the content is undefined after a change.
  package func resize(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "picture of \(width)x\(height)")
    guard width != self.width || height != self.height else { return }
    release()
    self.width = width
    self.height = height
    luma = .allocate(capacity: width * height)
    cb = .allocate(capacity: chromaWidth * chromaHeight)
    cr = .allocate(capacity: chromaWidth * chromaHeight)
  }

  /// The scale for a source of this size, a whole number: for about 427×240 pixels' worth of area, rather
  /// fewer than more. That is 426×240 of 720p, 384×216 of 1080p and 320×180 of 640×360.
  package static func scale(forWidth width: Int, height: Int) -> Int {
    let ratio = (Double(width) * Double(height) / (427 * 240)).squareRoot()
    return max(1, Int(ratio + 0.7))
  }

  private func release() {
    luma.deallocate()
    cb.deallocate()
    cr.deallocate()
  }
}

extension PeripheralPicture {
  /// Becomes `source`, turned clockwise.
  func turn(_ source: PeripheralPicture, by rotation: Rotation) {
    let swaps = rotation.swapsSides
    resize(
      width: swaps ? source.height : source.width, height: swaps ? source.width : source.height)
    scale = source.scale
    coveredX = swaps ? source.coveredY : source.coveredX
    coveredY = swaps ? source.coveredX : source.coveredY
    Self.turn(source.luma, source.width, source.height, rotation, luma)
    Self.turn(source.cb, source.chromaWidth, source.chromaHeight, rotation, cb)
    Self.turn(source.cr, source.chromaWidth, source.chromaHeight, rotation, cr)
  }

  private static func turn(
    _ source: UnsafeMutableBufferPointer<UInt8>, _ width: Int, _ height: Int, _ rotation: Rotation,
    _ out: UnsafeMutableBufferPointer<UInt8>
  ) {
    // The source index of (0, 0), and the steps of one column and one row of the result.
    let (start, right, down, columns) =
      switch rotation {
      case .none: (0, 1, width, width)
      case .quarter: ((height - 1) * width, -width, 1, height)
      case .half: (width * height - 1, -1, -width, width)
      case .threeQuarters: (width - 1, width, -1, height)
      }
    var at = 0
    var row = start
    while at < width * height {
      var from = row
      for _ in 0..<columns {
        out[at] = source[from]
        at += 1
        from += right
      }
      row += down
    }
  }
}
