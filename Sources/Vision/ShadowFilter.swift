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
      for y in 0..<f.height {
        let row = y * width
        let patches = f.needed + (y >> 3) * columns
        let busy = f.busy + (y >> 3) * columns
        if y & 7 == 0 { forget(f, rows: y..<min(y + 8, f.height), busy) }
        // Doubtful pixels count only beside clearer ones.
        let mask = f.mask + row
        saccade_clear_eights(
          y > 0 ? mask - width : mask, mask, y + 1 < f.height ? mask + width : mask, Int32(width), isClear)
        for column in 0..<columns where isClear[column] != 0 { busy[column] = 1 }
        let chroma = (y >> 1) * ((width + 1) / 2)
        var parts = saccade_lit_row(
          luma: f.luma + row, predicted: f.predicted + row, cb: f.cb + chroma, cr: f.cr + chroma,
          predicted_cb: f.predictedCb + chroma, predicted_cr: f.predictedCr + chroma, mask: mask,
          needed: patches, clear: isClear, width: width, has_above: y > 0 ? 1 : 0,
          has_below: y + 1 < f.height ? 1 : 0, darkest: Float(darkest), lightest: Float(lightest),
          tolerance: 2.0 + 1.8 * f.noise)
        total += Int(saccade_tell_lit(&parts, f.objects + row, f.changed + row))
      }
    }
    return total
  }

  /// Makes a row of patches 0 again where the last frame left something.
  private static func forget(_ f: PictureContext, rows: Range<Int>, _ busy: UnsafeMutablePointer<UInt8>) {
    for column in 0..<(f.width + 7) / 8 where busy[column] != 0 {
      busy[column] = 0
      for y in rows {
        clear(f.objects + y * f.width + 8 * column, f.width - 8 * column)
        clear(f.changed + y * f.width + 8 * column, f.width - 8 * column)
      }
    }
  }
}

/// Makes the pixels 0, at most eight.
@inline(__always)
private func clear(_ pixels: UnsafeMutablePointer<UInt8>, _ count: Int) {
  if count >= 8 {
    UnsafeMutableRawPointer(pixels).storeBytes(of: 0, as: UInt64.self)
  } else {
    pixels.update(repeating: 0, count: count)
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

  var frame: saccade_frame {
    saccade_frame(
      width: width, height: height, luma: luma, predicted: predicted, last: last, cb: cb, cr: cr,
      predicted_cb: predictedCb, predicted_cr: predictedCr, deviation: deviation, deviation_cb: deviationCb,
      deviation_cr: deviationCr, objects: objects, changed: changed)
  }
}
