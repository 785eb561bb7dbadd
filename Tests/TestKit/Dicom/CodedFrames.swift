import Foundation

/// Frames in the codings that DICOM files use.
package enum CodedFrames {
  /// One picture of 16-bit grey through FFmpeg's encoder of that name.
  package static func byFFmpeg(
    _ samples: [UInt16], width: Int, height: Int, encoder: String, scratch: Scratch
  ) throws -> [UInt8] {
    let raw = scratch.file("frame.raw")
    let coded = scratch.file("frame.coded")
    let bytes = samples.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    try Data(bytes).write(to: URL(fileURLWithPath: raw))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pixel_format", "gray16le",
        "-video_size",
        "\(width)x\(height)", "-i", raw, "-c:v", encoder,
      ] + (encoder == "libopenjpeg" ? ["-numresolution", "3", "-format", "j2k"] : []) + [
        "-f", "image2pipe", coded,
      ]
    try process.run()
    process.waitUntilExit()
    precondition(process.terminationStatus == 0, "ffmpeg has no encoder \(encoder)?")
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: coded)))
  }

  /// 16-bit samples as DICOM's RLE has them (PS3.5, annex G): high bytes, then low bytes, here in literal runs.
  package static func runLength(_ samples: [UInt16]) -> [UInt8] {
    func segment(_ bytes: [UInt8]) -> [UInt8] {
      var out: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: 128) {
        let run = bytes[start..<min(start + 128, bytes.count)]
        out.append(UInt8(run.count - 1))
        out += run
      }
      return out + (out.count % 2 == 1 ? [0x80] : [])
    }
    let high = segment(samples.map { UInt8($0 >> 8) })
    let low = segment(samples.map { UInt8($0 & 0xFF) })
    var header = [2, 64, 64 + high.count]
    header += [Int](repeating: 0, count: 16 - header.count)
    return header.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } } + high
      + low
  }

  /// 16-bit samples as JPEG lossless with predictor 1 (ITU-T T.81, annex H). Every category has a code of five bits.
  package static func losslessJPEG(_ samples: [UInt16], width: Int, height: Int) -> [UInt8] {
    func pair(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
    var out: [UInt8] = [0xFF, 0xD8]
    out += [0xFF, 0xC3] + pair(11) + [16] + pair(height) + pair(width) + [1, 1, 0x11, 0]
    out +=
      [0xFF, 0xC4] + pair(19 + 17) + [0] + (1...16).map { $0 == 5 ? 17 : 0 } + (0...16).map { UInt8($0) }
    out += [0xFF, 0xDA] + pair(8) + [1, 1, 0, 1, 0, 0]
    var pending = 0
    var count = 0
    func flush() {
      while count >= 8 {
        let byte = UInt8(truncatingIfNeeded: pending >> (count - 8))
        out.append(byte)
        if byte == 0xFF { out.append(0) }
        count -= 8
        pending &= (1 << count) - 1
      }
    }
    for y in 0..<height {
      for x in 0..<width {
        let at = y * width + x
        let predicted = x > 0 ? samples[at - 1] : y > 0 ? samples[at - width] : 0x8000
        var difference = Int(Int16(bitPattern: samples[at] &- predicted))
        if difference == -32768 { difference = 32768 }
        let category = Int.bitWidth - abs(difference).leadingZeroBitCount
        pending = pending << 5 | category
        count += 5
        if category > 0 && category < 16 {
          let bits = difference > 0 ? difference : difference + (1 << category) - 1
          pending = pending << category | bits
          count += category
        }
        flush()
      }
    }
    if count > 0 {
      pending = pending << (8 - count) | ((1 << (8 - count)) - 1)
      count = 8
      flush()
    }
    return out + [0xFF, 0xD9]
  }
}
