import Base
import CFFmpeg
import CKernels

/// Makes GBRP of frames in any size. Y, Cb, Cr are scaled first, then the colours are reckoned. Where the sides are
/// whole multiples of what is wanted, as 1280 × 720 and 1920 × 1080 are of 640 × 360, a sample is the mean of its box,
/// straight from the decoder's planes, which is faster than swscale, which scales all others. Used by one thread.
final class ColourConverter {
  private struct Rows {
    let first: UnsafePointer<UInt8>
    let stride: Int

    init(first: UnsafePointer<UInt8>, stride: Int) {
      self.first = first
      self.stride = stride
    }

    init(_ frame: UnsafeMutablePointer<AVFrame>, _ plane: Int) {
      // Safety: asked only of formats that have the plane.
      first = frame.planes[plane]!
      stride = Int(frame.lineSizes[plane])
    }

    subscript(y: Int) -> UnsafePointer<UInt8> { first + y * stride }
  }

  private var layout: (format: Int32, layout: PlaneLayout?)?
  /// Y, Cb, Cr of the size that is wanted.
  private var means: [UnsafeMutableBufferPointer<UInt8>] = []
  /// For chroma whose boxes aren't whole.
  private let chromaScalers = [FrameConverter(), FrameConverter()]
  private let scaler = FrameConverter()
  private let converter = FrameConverter()

  deinit { for plane in means { plane.deallocate() } }

  /// The converted frame, valid until the next call.
  func convert(
    _ source: UnsafeMutablePointer<AVFrame>, width: Int32, height: Int32
  ) throws(Fault) -> UnsafeMutablePointer<AVFrame> {
    let format = source.pointee.format
    if layout?.format != format { layout = (format, PlaneLayout(AVPixelFormat(format))) }
    guard let layout = layout?.layout, layout.chroma != nil else {
      return try converter.convert(source, to: AV_PIX_FMT_GBRP, width: width, height: height)
    }
    let out = converter.frame(AV_PIX_FMT_GBRP, width, height)
    if try average(source, layout, Int(width), Int(height), to: out) { return out }
    let scaled = try scaler.convert(
      source, to: AV_PIX_FMT_YUV444P, width: width, height: height, keepsCoding: true)
    colour(out, Rows(scaled, 0), Rows(scaled, 1), Rows(scaled, 2), source)
    return out
  }

  /// False, and nothing is done, where sides aren't whole multiples or that wouldn't be fast.
  private func average(
    _ source: UnsafeMutablePointer<AVFrame>, _ layout: PlaneLayout, _ width: Int, _ height: Int,
    to out: UnsafeMutablePointer<AVFrame>
  ) throws(Fault) -> Bool {
    let (boxWidth, boxHeight) = (Int(source.pointee.width) / width, Int(source.pointee.height) / height)
    guard let chroma = layout.chroma, boxWidth > 0, boxHeight > 0,
      boxWidth * width == source.pointee.width, boxHeight * height == source.pointee.height,
      layout.luma.isFast(boxWidth)
    else { return false }
    let (shiftX, shiftY) = (layout.chromaShiftX, layout.chromaShiftY)
    let isWhole =
      boxWidth % (1 << shiftX) == 0 && boxHeight % (1 << shiftY) == 0 && chroma.cb.isFast(boxWidth >> shiftX)
    guard isWhole || chroma.cb.isPlain && chroma.cr.isPlain else { return false }

    if means.first?.count != width * height {
      for plane in means { plane.deallocate() }
      means = (0..<3).map { _ in .allocate(capacity: width * height) }
    }
    func average(_ component: PlaneLayout.Component, _ shiftX: Int, _ shiftY: Int, _ to: Int) -> Rows {
      var plane = source.plane(component, shiftX: shiftX, shiftY: shiftY)
      saccade_box_average(
        &plane, Int32(boxWidth >> shiftX), Int32(boxHeight >> shiftY), component.shift, Int32(width),
        Int32(height), means[to].baseAddress)
      // Safety: a frame has pixels.
      return Rows(first: means[to].baseAddress!, stride: width)
    }
    func scale(_ component: PlaneLayout.Component, _ to: Int) throws(Fault) -> Rows {
      let plane = source.plane(component, shiftX: shiftX, shiftY: shiftY)
      return Rows(try chromaScalers[to].scale(plane, width: Int32(width), height: Int32(height)), 0)
    }
    let luma = average(layout.luma, 0, 0, 0)
    if isWhole {
      colour(out, luma, average(chroma.cb, shiftX, shiftY, 1), average(chroma.cr, shiftX, shiftY, 2), source)
    } else {
      colour(out, luma, try scale(chroma.cb, 0), try scale(chroma.cr, 1), source)
    }
    return true
  }

  private func colour(
    _ out: UnsafeMutablePointer<AVFrame>, _ luma: Rows, _ cb: Rows, _ cr: Rows,
    _ source: UnsafeMutablePointer<AVFrame>
  ) {
    let matrix = saccade_matrix(source)
    // Safety: GBRP has these planes.
    let (green, blue, red) = (
      out.destinationPlanes[0]!, out.destinationPlanes[1]!, out.destinationPlanes[2]!
    )
    let (greens, blues, reds) = (Int(out.lineSizes[0]), Int(out.lineSizes[1]), Int(out.lineSizes[2]))
    for y in 0..<Int(out.pointee.height) {
      saccade_colours(
        luma[y], cb[y], cr[y], out.pointee.width, matrix, red + y * reds, green + y * greens, blue + y * blues
      )
    }
  }
}

extension saccade_matrix {
  /// Of the frame's colour space and range, as swscale has them.
  fileprivate init(_ frame: UnsafeMutablePointer<AVFrame>) {
    // Safety: swscale has four factors, of limited range in parts of 2^16, for whatever number.
    let factors = sws_getCoefficients(Int32(frame.pointee.colorspace.rawValue))!
    let isFull = frame.pointee.color_range == AVCOL_RANGE_JPEG
    func factor(_ index: Int) -> Int16 {
      Int16((Double(factors[index]) / 8 * (isFull ? 224.0 / 255 : 1)).rounded())
    }
    self.init(
      black: isFull ? 0 : 16, luma: isFull ? 8192 : Int16((8192 * 255.0 / 219).rounded()),
      red_of_cr: factor(0), green_of_cb: factor(2), green_of_cr: factor(3), blue_of_cb: factor(1))
  }
}
