import Base

/// The slices of a volume without compression, read one at a time.
final class RawVolume: SliceSource {
  let sweep: SweepDescription
  private let header: RawVolumeHeader
  private let file: SliceFile
  private let offset: Int
  /// Slices that the file holds in full.
  private let whole: Int
  private let name: String
  private let buffer: UnsafeMutableRawBufferPointer
  private var warnings: [SweepWarning]
  private var position = 0
  private var conversion = SliceConversion()

  init(_ header: RawVolumeHeader, _ configuration: SweepConfiguration) throws(Fault) {
    self.header = header
    file = try SliceFile(header.dataPath)
    name = lastComponent(header.dataPath)
    warnings = header.warnings
    let total = header.sliceBytes * header.count
    offset = header.offset ?? max(0, file.size - total)
    let there = max(0, file.size - offset)
    whole = min(header.count, there / header.sliceBytes)
    guard whole > 0 else {
      throw Fault(
        .data, "the file is too short for one slice", at: header.dataPath,
        cause:
          "a slice has \(header.sliceBytes) bytes, and after the first \(offset) there are \(there) of \(file.size)",
        advice: "check the sizes in \(header.path)")
    }
    if there > total, !header.isFollowedByMore {
      warnings.append(
        SweepWarning(
          code: "file_longer",
          text: "\(name) has \(there) bytes after its header where \(header.count) slices of "
            + "\(header.sliceBytes) bytes take \(total)"))
    }
    sweep = SweepDescription(
      format: "\(header.format), \(header.sample.name)", width: header.width, height: header.height,
      count: header.count, spacing: configuration.spacing ?? header.spacing,
      precision: header.sample.precision)
    buffer = .allocate(byteCount: header.sliceBytes, alignment: 64)
  }

  deinit { buffer.deallocate() }

  func next(into values: UnsafeMutableBufferPointer<Float>) throws(Fault) -> SliceReading? {
    if !warnings.isEmpty { return .warning(warnings.removeFirst()) }
    let index = position
    guard index < header.count else { return nil }
    if index >= whole {
      position = header.count
      return .missing(
        SliceGap(
          indices: index..<header.count,
          reason:
            "\(name) has \(max(0, file.size - offset)) bytes after its header where \(header.count) slices of "
            + "\(header.sliceBytes) bytes take \(header.sliceBytes * header.count)"))
    }
    position += 1
    let source = "\(name)#\(index + 1)"
    let got: Int
    do { got = try file.read(into: buffer, at: offset + index * header.sliceBytes) } catch {
      return .missing(SliceGap(indices: index..<index + 1, reason: "\(source): \(error.reason)"))
    }
    guard got == buffer.count, let raw = buffer.baseAddress else {
      return .missing(
        SliceGap(
          indices: index..<index + 1,
          reason: "\(source): \(got) of \(buffer.count) bytes came, as the file has become shorter"))
    }
    let slice = UnsafeMutableBufferPointer(rebasing: values[..<(header.width * header.height)])
    if let reason = conversion.fill(slice, width: header.width, from: raw, header.sample, source) {
      return .missing(SliceGap(indices: index..<index + 1, reason: "\(source): \(reason)"))
    }
    if let warning = conversion.takeWarning() { warnings.append(warning) }
    let z = sweep.spacing.map { header.origin + Double(index) * $0.z }
    return .slice(SliceInfo(index: index, z: z, source: source))
  }
}
