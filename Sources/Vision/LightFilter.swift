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
    for row in 0..<rows {
      for column in 0..<columns where f.busy[row * columns + column] != 0 { collect(f, column, row) }
    }
    for p in touched where isLit(p, noise: Double(f.noise)) { lit.append(p) }
    for p in lit { mark(f, p) }
  }

  private mutating func collect(_ f: PictureContext, _ column: Int, _ row: Int) {
    let x0 = column * 8
    let x1 = min(x0 + 8, f.width)
    let y0 = row * 8
    let y1 = min(y0 + 8, f.height)
    var isTouched = false
    var sum = TextureAgreement()
    for y in y0..<y1 {
      let line = y * f.width
      if x1 - x0 == 8, UnsafeRawPointer(f.objects + line + x0).loadUnaligned(as: UInt64.self) == 0 {
        continue
      }
      for x in x0..<x1 where f.objects[line + x] != 0 {
        let i = line + x
        isTouched = true
        let c = (y >> 1) * ((f.width + 1) / 2) + (x >> 1)
        sum.add(
          f, i, right: x + 1 < f.width && f.objects[i + 1] != 0,
          below: y + 1 < f.height && f.objects[i + f.width] != 0, chroma: c)
      }
    }
    guard isTouched else { return }
    sums[row * columns + column] = sum
    touched.append(row * columns + column)
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
