import Media

/// The background of the usual scene, kept for when a covered or turned camera shows it again, or the light does.
struct SavedBackground: ~Copyable {
  private let width: Int
  private let height: Int
  private let luma: UnsafeMutablePointer<UInt8>
  private let cb: UnsafeMutablePointer<UInt8>
  private let cr: UnsafeMutablePointer<UInt8>
  private var isKept = false

  /// Of a picture that shows this background again, so much is as it was, whoever came meanwhile.
  private static let same = 0.8
  /// Levels by which the light and what the video's encoder leaves of it may put a pixel off.
  private static let off = 24
  /// Levels by which a pixel of luma, and one of colour, that shows the background is off at most, beside noise.
  private static let tolerance = (luma: 8, colour: 6)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    let chroma = ((width + 1) / 2) * ((height + 1) / 2)
    luma = .allocate(capacity: width * height)
    cb = .allocate(capacity: chroma)
    cr = .allocate(capacity: chroma)
  }

  deinit {
    luma.deallocate()
    cb.deallocate()
    cr.deallocate()
  }

  mutating func keep(
    _ l: borrowing BackgroundPlane, _ b: borrowing BackgroundPlane, _ r: borrowing BackgroundPlane
  ) {
    luma.update(from: l.shown, count: l.count)
    cb.update(from: b.shown, count: b.count)
    cr.update(from: r.shown, count: r.count)
    isKept = true
  }

  /// Whether a picture shows this background, about in its light.
  func isShown(by picture: UnsafePointer<UInt8>) -> Bool {
    guard isKept else { return false }
    let count = width * height
    var alike = 0
    for i in 0..<count where abs(Int(picture[i]) - Int(luma[i])) <= Self.off { alike += 1 }
    return Double(alike) >= Self.same * Double(count)
  }

  /// Takes as background what differs from it, but is what is kept, where the background isn't: who stood there when it was
  /// taken anew has gone. `noise` is the standard deviation of a pixel.
  func heal(
    _ l: borrowing BackgroundPlane, _ b: borrowing BackgroundPlane, _ r: borrowing BackgroundPlane,
    showing picture: PeripheralPicture, noise: Float
  ) {
    let (most, mostColour) = (
      Self.tolerance.luma + Int(2 * noise), Self.tolerance.colour + Int(noise)
    )
    func isKept(_ i: Int, _ level: UInt8, _ c: Int, _ levelCb: UInt8, _ levelCr: UInt8) -> Bool {
      abs(Int(level) - Int(luma[i])) <= most && abs(Int(levelCb) - Int(cb[c])) <= mostColour
        && abs(Int(levelCr) - Int(cr[c])) <= mostColour
    }
    for y in 0..<height {
      for x in 0..<width where l.mask[y * width + x] >= 2 {
        let (i, c) = (y * width + x, (y / 2) * b.width + x / 2)
        guard isKept(i, picture.luma[i], c, picture.cb[c], picture.cr[c]),
          !isKept(i, l.shown[i], c, b.shown[c], r.shown[c])
        else { continue }
        l.absorb(at: i, value: picture.luma[i])
        b.absorb(at: c, value: picture.cb[c])
        r.absorb(at: c, value: picture.cr[c])
        l.mask[i] = 0
      }
    }
  }

  func restore(
    _ l: inout BackgroundPlane, _ b: inout BackgroundPlane, _ r: inout BackgroundPlane
  ) {
    guard isKept else { return }
    for i in 0..<l.count { l.absorb(at: i, value: luma[i]) }
    for i in 0..<b.count { b.absorb(at: i, value: cb[i]) }
    for i in 0..<r.count { r.absorb(at: i, value: cr[i]) }
  }
}

/// Carries a background into a new light or mode.
enum ToneMap {
  /// Takes `picture` as background outside of `held`; inside, what lies between the pixels left and right of it. For colour,
  /// which says nothing of what it will be in another mode.
  static func bridge(
    _ plane: borrowing BackgroundPlane, to picture: UnsafePointer<UInt8>, held: UnsafePointer<UInt8>
  ) {
    for y in 0..<plane.height {
      let row = y * plane.width
      var x = 0
      while x < plane.width {
        guard held[row + x] != 0 else {
          plane.absorb(at: row + x, value: picture[row + x])
          x += 1
          continue
        }
        var end = x
        while end < plane.width, held[row + end] != 0 { end += 1 }
        let left = x > 0 ? picture[row + x - 1] : end < plane.width ? picture[row + end] : picture[row + x]
        let right = end < plane.width ? picture[row + end] : left
        for i in x..<end {
          let share = (i - x + 1) * 256 / (end - x + 1)
          plane.absorb(at: row + i, value: UInt8((Int(left) * (256 - share) + Int(right) * share + 128) >> 8))
        }
        x = end
      }
    }
  }

  /// Takes `picture` as background outside of `held`; inside, each level becomes what that level became
  /// outside, on average.
  static func follow(
    _ plane: borrowing BackgroundPlane, to picture: UnsafePointer<UInt8>, held: UnsafePointer<UInt8>
  ) {
    var sums = [Int](repeating: 0, count: 256)
    var counts = [Int](repeating: 0, count: 256)
    for i in 0..<plane.count where held[i] == 0 {
      let level = Int(plane.shown[i])
      sums[level] += Int(picture[i])
      counts[level] += 1
    }
    // Levels that were rarely seen take the mean of their neighbours, as far as it needs.
    var map = [UInt8](repeating: 0, count: 256)
    for level in 0..<256 {
      var reach = 0
      var sum = sums[level]
      var count = counts[level]
      while count < 8 && reach < 256 {
        reach += 1
        if level - reach >= 0 {
          sum += sums[level - reach]
          count += counts[level - reach]
        }
        if level + reach < 256 {
          sum += sums[level + reach]
          count += counts[level + reach]
        }
      }
      map[level] = count > 0 ? UInt8(sum / count) : UInt8(level)
    }
    for i in 0..<plane.count {
      plane.absorb(at: i, value: held[i] == 0 ? picture[i] : map[Int(plane.shown[i])])
    }
  }
}
