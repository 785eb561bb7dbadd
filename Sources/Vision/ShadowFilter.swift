import CKernels

/// Tells changed pixels that are only lit differently from those that belong to a thing.
///
/// A shadow or a beam keeps the texture below it: each step to a neighbour is the background's step times the same
/// ratio, and the colour stays. Inside of a plain thing that holds too, but not at its edge, so the outline stays.
struct ShadowFilter {
  /// Ratios of light that count as shadow, and as beam.
  static let darkest = 0.35
  private static let lightest = 5.0

  /// Writes 2 to `objects` for pixels that differ enough, 4 for those that differ enough but are only lit, 1 for
  /// those one level below; 1 to `changed` for all that differ enough; and to `busy` in which patches any of these may be.
  /// Returns how many differ enough.
  static func apply(_ f: PictureContext) -> Int {
    let width = f.width
    let columns = (width + 7) / 8
    var total = 0
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns) { room in
      // Safety: a picture has columns.
      let isClear = room.baseAddress!
      // What a row has beyond whole eights is always looked at.
      isClear[columns - 1] = 1
      for y in 0..<f.height {
        let row = y * width
        let patches = f.needed + (y >> 3) * columns
        let busy = f.busy + (y >> 3) * columns
        if y & 7 == 0 { busy.update(repeating: 0, count: columns) }
        (f.objects + row).update(repeating: 0, count: width)
        (f.changed + row).update(repeating: 0, count: width)
        // Doubtful pixels count only beside clearer ones.
        let mask = f.mask + row
        saccade_clear_eights(
          y > 0 ? mask - width : mask, mask, y + 1 < f.height ? mask + width : mask, Int32(width), isClear)
        for column in 0..<columns where isClear[column] != 0 {
          busy[column] = 1
          let needed = patches[column]
          for x in (8 * column)..<min(8 * column + 8, width) where mask[x] + 1 >= needed {
            let isLit = isOnlyLit(f, x: x, y: y, i: row + x)
            if mask[x] >= needed {
              total += 1
              f.changed[row + x] = 1
              f.objects[row + x] = isLit ? 4 : 2
            } else if !isLit {
              f.objects[row + x] = 1
            }
          }
        }
      }
    }
    return total
  }

  @inline(__always)
  private static func isOnlyLit(_ f: PictureContext, x: Int, y: Int, i: Int) -> Bool {
    let predicted = Float(f.predicted[i]) - 16
    let current = Float(f.luma[i]) - 16
    guard predicted > 8, current > 2 else { return false }
    let ratio = current / predicted
    guard ratio > Float(darkest), ratio < Float(lightest) else { return false }
    let c = (y >> 1) * ((f.width + 1) / 2) + (x >> 1)
    let colourRatio = min(ratio, 1.5)
    let dcb = Float(f.cb[c]) - 128 - (Float(f.predictedCb[c]) - 128) * colourRatio
    let dcr = Float(f.cr[c]) - 128 - (Float(f.predictedCr[c]) - 128) * colourRatio
    guard dcb * dcb + dcr * dcr < 40 else { return false }
    let tolerance = (2.0 + 1.8 * f.noise) * max(1, ratio * 0.7)
    var kept = 0
    var asked = 0
    let here = Float(f.luma[i])
    let base = Float(f.predicted[i])
    func ask(_ j: Int) {
      asked += 1
      let step = Float(f.luma[j]) - here
      if abs(step - (Float(f.predicted[j]) - base) * ratio) <= tolerance { kept += 1 }
    }
    if x + 1 < f.width { ask(i + 1) }
    if x > 0 { ask(i - 1) }
    if y + 1 < f.height { ask(i + f.width) }
    if y > 0 { ask(i - f.width) }
    return kept >= asked - (asked > 3 ? 1 : 0)
  }
}

/// The planes that belong to one frame, as the filter and the finder read them. All have the picture's
/// size but chroma, which is half of it each way; all outlive the call.
struct PictureContext {
  var width: Int
  var height: Int
  var luma: UnsafePointer<UInt8>
  var cb: UnsafePointer<UInt8>
  var cr: UnsafePointer<UInt8>
  var last: UnsafePointer<UInt8>
  var predicted: UnsafePointer<UInt8>
  var predictedCb: UnsafePointer<UInt8>
  var predictedCr: UnsafePointer<UInt8>
  /// Mean absolute deviations of the background, in 1/128 levels.
  var deviation: UnsafePointer<UInt16>
  var deviationCb: UnsafePointer<UInt16>
  var deviationCr: UnsafePointer<UInt16>
  /// How clearly a pixel differs; see `saccade_compare`.
  var mask: UnsafePointer<UInt8>
  /// From which level on it counts, for each patch.
  var needed: UnsafePointer<UInt8>
  /// 2 where it belongs to a thing, 1 where it may, 4 where it is only lit.
  var objects: UnsafeMutablePointer<UInt8>
  /// 1 where it changed, light or not.
  var changed: UnsafeMutablePointer<UInt8>
  /// 1 for each patch where the two above may be other than 0.
  var busy: UnsafeMutablePointer<UInt8>
  /// Standard deviation of a pixel, in levels.
  var noise: Float
  /// Share of the upright frame that the picture covers.
  var coveredX: Double
  var coveredY: Double
}
