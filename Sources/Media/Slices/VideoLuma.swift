import Base
import CFFmpeg

/// How a decoder's frames hold their grey values.
struct VideoLuma {
  let sample: SampleFormat
  let formatName: String
  /// Bits of a value.
  let depth: Int
  /// There is more than grey: colour or transparency.
  let hasMore: Bool
  let isColour: Bool
  private let plane: Int
  private let offset: Int
  private let step: Int
  private let shift: Int

  /// Throws for formats without a luma in whole bytes.
  init(_ format: AVPixelFormat, at path: String) throws(Fault) {
    formatName = av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown"
    let odd =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL
      | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER
    guard let description = av_pix_fmt_desc_get(format), description.pointee.flags & UInt64(odd) == 0 else {
      throw Self.refusal(formatName, at: path)
    }
    let luma = description.pointee.comp.0
    guard luma.depth >= 8, luma.depth + luma.shift <= 16 else { throw Self.refusal(formatName, at: path) }
    let isBigEndian = description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
    sample =
      luma.depth + luma.shift == 8 ? SampleFormat(.uint8) : SampleFormat(.uint16, isBigEndian: isBigEndian)
    depth = Int(luma.depth)
    hasMore = description.pointee.nb_components > 1
    isColour = description.pointee.nb_components > 2
    plane = Int(luma.plane)
    offset = Int(luma.offset)
    step = Int(luma.step)
    shift = Int(luma.shift)
  }

  private static func refusal(_ name: String, at path: String) -> Fault {
    Fault(
      .data, "a video without a grey plane of 8 to 16 bits is not read", at: path,
      cause: "its pixel format is \(name)", advice: "write it as FFV1 with the pixel format gray16le")
  }

  /// Fills `values` with a frame of this format, as its codes are.
  func fill(_ values: UnsafeMutableBufferPointer<Float>, from frame: UnsafeMutablePointer<AVFrame>) {
    let width = Int(frame.pointee.width)
    guard let base = frame.planes[plane] else { preconditionFailure("a frame without plane \(plane)") }
    for y in 0..<Int(frame.pointee.height) {
      let row = UnsafeRawPointer(base + y * Int(frame.lineSizes[plane]) + offset)
      let out = UnsafeMutableBufferPointer(rebasing: values[(y * width)..<((y + 1) * width)])
      if step == sample.bytes, shift == 0 {
        sample.convert(row, into: out)
      } else {
        for x in 0..<width { out[x] = value(row + x * step) }
      }
    }
  }

  private func value(_ at: UnsafeRawPointer) -> Float {
    if sample.bytes == 1 { return Float(at.load(as: UInt8.self)) }
    let word = at.loadUnaligned(as: UInt16.self)
    return Float((sample.isBigEndian ? UInt16(bigEndian: word) : UInt16(littleEndian: word)) >> UInt16(shift))
  }
}
