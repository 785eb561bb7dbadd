import Base
import Glibc

/// Brings slices that lie shifted against each other, as those of a tilted gantry do, onto one upright grid: each is
/// moved within its plane by linear interpolation, and the grid is widened so that nothing is lost.
final class DicomShear {
  /// Of the grid, in pixels.
  let width: Int
  let height: Int
  let warning: SweepWarning

  private let inner: (width: Int, height: Int)
  private let pixel: DicomKind.Spacing
  /// Of the first slice in the grid, in pixels.
  private let origin: (x: Double, y: Double)
  private var straight: [Float]

  /// Shifts of less than this part of a pixel are the rounding of positions.
  private static let negligible = 0.25

  /// Nil where slices lie straight above each other.
  init?(_ stack: DicomStack, _ kind: DicomKind, _ given: VoxelSpacing?, at path: String) throws(Fault) {
    let shifts = stack.slices.map(\.shift)
    let pixel = kind.spacing ?? given.map { DicomKind.Spacing(x: $0.x, y: $0.y) }
    guard stack.step != nil, let pixel, let first = stack.slices.first, let last = stack.slices.last else {
      return nil
    }
    let x = shifts.map { $0.x / pixel.x }
    let y = shifts.map { $0.y / pixel.y }
    let (lowX, highX) = (x.min() ?? 0, x.max() ?? 0)
    let (lowY, highY) = (y.min() ?? 0, y.max() ?? 0)
    let most = max(highX, -lowX, highY, -lowY)
    guard most >= Self.negligible else { return nil }

    let depth = (last.z ?? 0) - (first.z ?? 0)
    let drift = (last.shift * last.shift).sum().squareRoot()
    let angle = atan2(drift, depth) * 180 / .pi
    let isTilt = max(abs(last.shift.x) / pixel.x, abs(last.shift.y) / pixel.y) >= Self.negligible
    let what =
      isTilt
      ? "tilted by \(Number.short((angle * 100).rounded() / 100)) degrees" : "shifted against each other"
    let grow = (highX.rounded(.up) - lowX.rounded(.down), highY.rounded(.up) - lowY.rounded(.down))
    guard grow.0 <= Double(kind.width), grow.1 <= Double(kind.height) else {
      throw Fault(
        .data, "the slices are \(what), by up to \(Number.short((most * 10).rounded() / 10)) pixels",
        at: path,
        advice: "this is more than a slice's size: check ImagePositionPatient, or straighten the sweep before"
      )
    }
    inner = (kind.width, kind.height)
    width = kind.width + Int(grow.0)
    height = kind.height + Int(grow.1)
    origin = (-lowX.rounded(.down), -lowY.rounded(.down))
    self.pixel = pixel
    straight = [Float](repeating: 0, count: kind.width * kind.height)
    warning = SweepWarning(
      code: isTilt ? "gantry_tilt" : "shifted_slices",
      text:
        "the slices are \(what), by up to \(Number.short((most * 10).rounded() / 10)) pixels: each is moved by "
        + "linear interpolation onto a grid of \(width) × \(height), and the rest is filled with its lowest value"
    )
  }

  /// Fills `values`, width × height of them, from what `read` gives.
  func read(
    _ slice: DicomStack.Slice, into values: UnsafeMutablePointer<Float>,
    _ read: (UnsafeMutablePointer<Float>) throws(DicomLibrary.Refusal) -> Void
  ) throws(DicomLibrary.Refusal) {
    let shift = (x: origin.x + slice.shift.x / pixel.x, y: origin.y + slice.shift.y / pixel.y)
    let at = (x: Int(shift.x.rounded(.down)), y: Int(shift.y.rounded(.down)))
    let share = (x: Float(shift.x - Double(at.x)), y: Float(shift.y - Double(at.y)))
    var refusal: DicomLibrary.Refusal?
    straight.withUnsafeMutableBufferPointer { source in
      // Safety: a slice has pixels.
      let from = source.baseAddress!
      do throws(DicomLibrary.Refusal) { try read(from) } catch {
        refusal = error
        return
      }
      let lowest = source.min() ?? 0
      for row in 0..<height {
        let out = values + row * width
        // The value at row − shift lies between two rows of the slice.
        let below = row - at.y
        let above = below - 1
        for column in 0..<width {
          let right = column - at.x
          let left = right - 1
          let upper = mix(value(from, left, above, lowest), value(from, right, above, lowest), share.x)
          let lower = mix(value(from, left, below, lowest), value(from, right, below, lowest), share.x)
          out[column] = mix(upper, lower, share.y)
        }
      }
    }
    if let refusal { throw refusal }
  }

  /// `far` with the share that isn't `near`'s.
  private func mix(_ near: Float, _ far: Float, _ share: Float) -> Float {
    share == 0 ? far : far + (near - far) * share
  }

  private func value(_ pixels: UnsafePointer<Float>, _ x: Int, _ y: Int, _ outside: Float) -> Float {
    x >= 0 && x < inner.width && y >= 0 && y < inner.height ? pixels[y * inner.width + x] : outside
  }
}
