import Base
import CFFmpeg

/// A sweep recorded as a video: its frames are the slices, their order stands for z.
final class SweepVideo: SliceSource {
  let sweep: SweepDescription
  private let stream: SliceStream
  private let luma: VideoLuma
  private let name: String
  private var warnings: [SweepWarning] = []
  private var index = 0
  private var hasEnded = false

  init(_ configuration: SweepConfiguration) throws(Fault) {
    stream = try SliceStream(configuration.path)
    guard try stream.next(), let frame = stream.frame else {
      throw Fault(
        .data, "no frame of this video can be decoded", at: configuration.path, cause: stream.problem,
        advice: "`ffprobe` shows whether other software can read it")
    }
    name = lastComponent(configuration.path)
    luma = try VideoLuma(AVPixelFormat(frame.pointee.format), at: configuration.path)
    let isLimited = luma.isColour && frame.pointee.color_range != AVCOL_RANGE_JPEG
    if luma.hasMore {
      warnings.append(
        SweepWarning(
          code: "colour_ignored",
          text: "\(name) has the pixel format \(luma.formatName), of which only the luma is read"))
    }
    sweep = SweepDescription(
      format: "\(stream.codecName), \(luma.formatName)" + (isLimited ? ", limited range" : ""),
      width: Int(frame.pointee.width), height: Int(frame.pointee.height), count: stream.count,
      spacing: configuration.spacing,
      precision: stream.isLossy ? .lossy(stream.codecName) : luma.depth == 8 ? .eightBit : .exact)
  }

  func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading? {
    if !warnings.isEmpty { return .warning(warnings.removeFirst()) }
    if stream.frame == nil, !hasEnded {
      hasEnded = !(try stream.next())
    }
    if stream.lost > 0 {
      let indices = index..<index + stream.takeLost()
      index = indices.upperBound
      return .missing(SliceGap(indices: indices, reason: reason(indices)))
    }
    guard let frame = stream.frame else { return end() }
    defer { stream.letGo() }
    let source = "\(name)#\(index + 1)"
    index += 1
    if let reason = unusable(frame) {
      return .missing(SliceGap(indices: index - 1..<index, reason: "\(source): \(reason)"))
    }
    luma.fill(values, from: frame)
    let z = sweep.spacing.map { Double(index - 1) * $0.z }
    return .slice(SliceInfo(index: index - 1, z: z, source: source))
  }

  private func reason(_ indices: Range<Int>) -> String {
    let frames =
      indices.count == 1
      ? "\(name)#\(index) doesn't decode"
      : "\(name)#\(indices.lowerBound + 1) to #\(indices.upperBound) don't decode"
    return frames + (stream.problem.map { ": \($0)" } ?? "")
  }

  private func unusable(_ frame: UnsafeMutablePointer<AVFrame>) -> String? {
    if let problem = stream.frameProblem { return problem }
    let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
    if width != sweep.width || height != sweep.height {
      return "it is \(width) × \(height), the sweep is \(sweep.width) × \(sweep.height)"
    }
    guard let name = av_get_pix_fmt_name(AVPixelFormat(frame.pointee.format)).map({ String(cString: $0) }),
      name == luma.formatName
    else { return "its pixel format is another than \(luma.formatName)" }
    return nil
  }

  /// What the container promised and didn't hold.
  private func end() -> SliceReading? {
    if let count = sweep.count, index < count {
      let indices = index..<count
      index = count
      return .missing(
        SliceGap(
          indices: indices,
          reason: "\(name) says that it has \(count) frames and has \(indices.lowerBound)"
            + (stream.problem.map { ": \($0)" } ?? "")))
    }
    guard let problem = stream.takeReadProblem() else { return nil }
    return .warning(
      SweepWarning(code: "video_cut", text: "\(name) ends early after frame \(index): \(problem)"))
  }
}
