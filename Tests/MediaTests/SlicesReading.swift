import Base
import Foundation
import Media
import Testing

/// What a sweep gave.
struct Swept {
  var sweep: SweepDescription
  var slices: [SliceInfo] = []
  var values: [[Float]] = []
  var gaps: [SliceGap] = []
  var warnings: [SweepWarning] = []
  /// Indices in the order in which they came, missing ones too.
  var order: [Int] = []

  var indices: [Int] { slices.map(\.index) }
  var reasons: [String] { gaps.map(\.reason) }
}

/// Reads a sweep to its end.
func sweep(_ path: String, spacing: VoxelSpacing? = nil) throws -> Swept {
  let source = try SliceSources.open(SweepConfiguration(path: path, spacing: spacing))
  var swept = Swept(sweep: source.sweep)
  let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.sweep.width * source.sweep.height)
  defer { values.deallocate() }
  values.initialize(repeating: -1)
  while let reading = try source.next(into: values) {
    switch reading {
    case .slice(let info):
      swept.slices.append(info)
      swept.values.append(Array(values))
      swept.order.append(info.index)
    case .missing(let gap):
      swept.gaps.append(gap)
      swept.order += gap.indices
    case .warning(let warning): swept.warnings.append(warning)
    }
  }
  #expect(try source.next(into: values) == nil)
  return swept
}

/// The fault of a sweep that can't be opened.
func sweepFault(_ path: String) throws -> Fault {
  try #require(throws: Fault.self) { try SliceSources.open(SweepConfiguration(path: path)) }
}

/// A volume whose values all differ from their neighbours, in 16 bits.
struct TestVolume {
  var width = 16
  var height = 12
  var count = 5

  func code(_ x: Int, _ y: Int, _ z: Int) -> UInt16 { UInt16((x * 4099 + y * 1021 + z * 13007 + 5) & 0xffff) }

  func codes(_ z: Int) -> [UInt16] {
    (0..<height).flatMap { y in (0..<width).map { code($0, y, z) } }
  }

  func slice(_ z: Int) -> [Float] { codes(z).map(Float.init) }
  var slices: [[Float]] { (0..<count).map(slice) }

  func bytes(_ z: Int, bigEndian: Bool = false) -> [UInt8] {
    codes(z).flatMap { bigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
  }

  func bytes(bigEndian: Bool = false) -> [UInt8] { (0..<count).flatMap { bytes($0, bigEndian: bigEndian) } }

  func pgm(_ z: Int, largest: Int = 65535) -> [UInt8] {
    Array("P5\n\(width) \(height)\n\(largest)\n".utf8) + bytes(z, bigEndian: true)
  }
}

extension Folder {
  /// Pictures from the ffmpeg program: `name` is a pattern or a container, `arguments` follow the input.
  func encode(_ volume: TestVolume, _ arguments: String = "", to name: String) throws {
    try write(volume.bytes(), to: "volume.raw")
    try ffmpeg(
      "-f rawvideo -pixel_format gray16le -video_size \(volume.width)x\(volume.height) -i \(self("volume.raw")) "
        + arguments, to: name)
    try FileManager.default.removeItem(atPath: self("volume.raw"))
    try FileManager.default.removeItem(atPath: self("ffmpeg.log"))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self(name)) }
}
