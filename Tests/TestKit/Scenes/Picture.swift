/// A colour as the picture stores it: 8-bit limited range, BT.709.
package struct Tint: Sendable, Hashable {
  package var y: Int32
  package var u: Int32
  package var v: Int32

  package init(y: Int32, u: Int32, v: Int32) {
    self.y = y
    self.u = u
    self.v = v
  }

  /// From red, green and blue, 0…255.
  package init(_ r: Double, _ g: Double, _ b: Double) {
    let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    y = Int32((16 + luma * 219 / 255).rounded())
    u = Int32((128 + (b - luma) / 1.8556 * 224 / 255).rounded())
    v = Int32((128 + (r - luma) / 1.5748 * 224 / 255).rounded())
  }

  /// The same colour under more or less light.
  package func lit(_ gain: Double) -> Tint {
    Tint(
      y: Int32(min(max(16 + Double(y - 16) * gain, 16), 235)),
      u: 128 + Int32(Double(u - 128) * min(gain, 1.2)),
      v: 128 + Int32(Double(v - 128) * min(gain, 1.2)))
  }

  package func shifted(_ levels: Double) -> Tint { Tint(y: min(max(y + Int32(levels), 16), 235), u: u, v: v) }

  package func mixed(_ other: Tint, _ t: Double) -> Tint {
    Tint(
      y: y + Int32((Double(other.y - y) * t).rounded()), u: u + Int32((Double(other.u - u) * t).rounded()),
      v: v + Int32((Double(other.v - v) * t).rounded()))
  }
}

/// An I420 picture in one block: luma, then both chroma planes of half the size each way. Width and height
/// are even. Owned by whoever made it.
package final class Picture {
  package let width: Int
  package let height: Int
  package let bytes: UnsafeMutableBufferPointer<UInt8>

  package init(width: Int, height: Int) {
    precondition(
      width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0, "picture of \(width)x\(height)")
    self.width = width
    self.height = height
    bytes = .allocate(capacity: width * height * 3 / 2)
    bytes.update(repeating: 128)
  }

  deinit { bytes.deallocate() }

  // Safety: the block is never empty, so it has a base address.
  package var luma: UnsafeMutablePointer<UInt8> { bytes.baseAddress! }
  package var cb: UnsafeMutablePointer<UInt8> { luma + width * height }
  package var cr: UnsafeMutablePointer<UInt8> { cb + width * height / 4 }

  package func copy(from other: Picture) {
    precondition(other.bytes.count == bytes.count, "copy between sizes")
    luma.update(from: other.luma, count: bytes.count)
  }
}
