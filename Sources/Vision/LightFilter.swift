import CKernels

/// Takes out of the foreground what is only lit: patches in whose surroundings the changed pixels keep the
/// background's texture.
///
/// `ShadowFilter` judges pixel by pixel and so can't at soft edges and in noise; over three by three patches the texture
/// tells. Things in a shadow have a texture of their own and stay.
struct LightFilter {
  private let columns: Int
  private let rows: Int
  private var sums: [TextureAgreement]
  /// Patches with changed pixels.
  private var touched: [Int] = []
  private var lit: [Int] = []

  /// Litness from which a patch's changed pixels count as lit.
  private static let limit = 0.5

  init(width: Int, height: Int) {
    columns = (width + 7) / 8
    rows = (height + 7) / 8
    sums = [TextureAgreement](repeating: TextureAgreement(), count: columns * rows)
    touched.reserveCapacity(columns * rows)
    lit.reserveCapacity(columns * rows)
  }

  mutating func apply(_ f: PictureContext) {
    for p in touched { sums[p] = TextureAgreement() }
    touched.removeAll(keepingCapacity: true)
    lit.removeAll(keepingCapacity: true)
    var frame = f.frame
    for row in 0..<rows {
      for column in 0..<columns where f.busy[row * columns + column] != 0 {
        var sum = saccade_texture()
        guard saccade_patch_texture(&frame, Int32(column), Int32(row), &sum) else { continue }
        sums[row * columns + column] = TextureAgreement(sum)
        touched.append(row * columns + column)
      }
    }
    for p in touched where isLit(p, noise: Double(f.noise)) { lit.append(p) }
    for p in lit { mark(f, p) }
  }

  private func isLit(_ p: Int, noise: Double) -> Bool {
    var all = TextureAgreement()
    let (column, row) = (p % columns, p / columns)
    for y in max(0, row - 1)...min(rows - 1, row + 1) {
      for x in max(0, column - 1)...min(columns - 1, column + 1) { all.add(sums[y * columns + x]) }
    }
    return all.litness(noise: noise) > Self.limit
  }

  private func mark(_ f: PictureContext, _ p: Int) {
    let x0 = (p % columns) * 8
    let y0 = (p / columns) * 8
    for y in y0..<min(y0 + 8, f.height) {
      for x in x0..<min(x0 + 8, f.width) where f.objects[y * f.width + x] != 0 {
        f.objects[y * f.width + x] = 4
      }
    }
  }
}
