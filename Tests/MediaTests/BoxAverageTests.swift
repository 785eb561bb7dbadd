import CKernels
import Testing

/// What the C kernel does, a sample at a time.
private func plainAverage(
  _ plane: saccade_plane, _ boxWidth: Int, _ boxHeight: Int, _ shift: Int, _ columns: Int, _ rows: Int
) -> [UInt8] {
  func sample(_ x: Int, _ y: Int) -> Int {
    let at = plane.data + y * plane.stride + x * Int(plane.step) + Int(plane.offset)
    return switch plane.kind {
    case 0: Int(at[0])
    case 1: Int(at[0]) | Int(at[1]) << 8
    default: Int(at[1]) | Int(at[0]) << 8
    }
  }
  var result: [UInt8] = []
  for row in 0..<rows {
    for column in 0..<columns {
      var (sum, count) = (0, 0)
      for y in (row * boxHeight)..<min((row + 1) * boxHeight, Int(plane.height)) {
        for x in (column * boxWidth)..<min((column + 1) * boxWidth, Int(plane.width)) {
          sum += sample(x, y)
          count += 1
        }
      }
      let divisor = count << shift
      result.append(UInt8(min(255, (sum + divisor / 2) / divisor)))
    }
  }
  return result
}

@Suite("averaging planes")
struct BoxAverageTests {
  @Test func `the kernel does what the plain loop does`() {
    var random = SystemRandomNumberGenerator()
    for round in 0..<600 {
      // What 720p takes has a way of its own: every fourth is like that.
      let isUsual = round % 4 == 0
      let kind = isUsual ? 0 : Int32.random(in: 0...2, using: &random)
      let bytes = kind == 0 ? 1 : 2
      let step = isUsual ? 1 : bytes * Int.random(in: 1...3, using: &random)
      let offset = step > bytes ? Int.random(in: 0...(step / bytes - 1), using: &random) * bytes : 0
      let box =
        isUsual
        ? (width: 3, height: 3)
        : (width: Int.random(in: 1...13, using: &random), height: Int.random(in: 1...9, using: &random))
      let size = (
        width: Int.random(in: 1...(Bool.random(using: &random) ? 70 : 5000), using: &random),
        height: Int.random(in: 1...20, using: &random)
      )
      let columns = max(
        1, size.width / box.width + Int.random(in: 0...1, using: &random) * min(1, size.width % box.width))
      let rows = max(1, size.height / box.height + min(1, size.height % box.height))
      let shift = kind == 0 ? 0 : Int.random(in: 0...8, using: &random)
      let stride = size.width * step + Int.random(in: 0...7, using: &random) * bytes
      let high: UInt8 = Bool.random(using: &random) ? 255 : 3
      // Exactly the bytes that belong to the plane, so that reading past them is found by a sanitizer.
      var state = UInt32(round)
      let content = (0..<(stride * size.height)).map { _ -> UInt8 in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24) & high
      }
      content.withUnsafeBufferPointer { content in
        var plane = saccade_plane(
          data: content.baseAddress, stride: stride, width: Int32(size.width), height: Int32(size.height),
          step: Int32(step), offset: Int32(offset), kind: kind)
        var result = [UInt8](repeating: 0, count: columns * rows)
        saccade_box_average(
          &plane, Int32(box.width), Int32(box.height), Int32(shift), Int32(columns), Int32(rows), &result)
        let plain = plainAverage(plane, box.width, box.height, shift, columns, rows)
        if result != plain { Issue.record("\(plane) by \(box), shift \(shift)") }
      }
    }
  }

  @Test(arguments: [24, 48, 128, 129, 300]) func `large boxes don't overflow`(box: Int) {
    let white = [UInt8](repeating: 255, count: box * box * 2)
    var plane = saccade_plane(
      data: nil, stride: box * 2, width: Int32(box * 2), height: Int32(box), step: 1, offset: 0, kind: 0)
    var result: [UInt8] = [0, 0]
    white.withUnsafeBufferPointer { bytes in
      plane.data = bytes.baseAddress
      saccade_box_average(&plane, Int32(box), Int32(box), 0, 2, 1, &result)
      #expect(result == [255, 255])
      // The same bytes as deep samples.
      plane.kind = 1
      plane.step = 2
      plane.width = Int32(box)
      saccade_box_average(&plane, Int32(box), Int32(box), 8, 1, 1, &result)
      #expect(result[0] == 255)
    }
  }
}
