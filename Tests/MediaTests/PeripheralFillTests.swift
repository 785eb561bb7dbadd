import Base
import Media
import Testing

/// Pictures of known samples, written as raw video and read back the way any video is.
@Suite("small pictures of frames")
struct PeripheralFillTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func picture(
    _ bytes: [UInt8], _ format: String, _ width: Int, _ height: Int, rotation: Rotation? = nil,
    masks: [Polygon] = []
  ) throws -> PeripheralPicture {
    let path = try folder.write(bytes, to: "raw")
    let picture = PeripheralPicture()
    let filler = PeripheralFiller(masks: masks)
    var fault: Fault?
    let watched = watch(
      path,
      each: { frame in
        do { try frame.fill(picture, with: filler) } catch { fault = error as? Fault }
      },
      configure: {
        $0.format = "rawvideo"
        $0.options = ["pixel_format": format, "video_size": "\(width)x\(height)"]
        $0.rotation = rotation
      })
    #expect(watched.frames.count == 1)
    #expect(fault == nil)
    return picture
  }

  /// A number as bytes of a sample.
  private func samples(_ values: [Int], _ kind: SampleKind) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
      switch kind {
      case .byte: [UInt8(value)]
      case .little: [UInt8(value & 255), UInt8(value >> 8)]
      case .big: [UInt8(value >> 8), UInt8(value & 255)]
      }
    }
  }

  enum SampleKind: Sendable { case byte, little, big }

  /// Formats of 4 × 4 pixels with Y, Cb, Cr one after the other: chroma sizes, and what one step of 8 bits is.
  struct Planar: Sendable, CustomTestStringConvertible {
    var format: String
    var chroma: (width: Int, height: Int)
    var unit: Int
    var kind: SampleKind
    var testDescription: String { format }
  }

  static let planar: [Planar] = [
    Planar(format: "yuv420p", chroma: (2, 2), unit: 1, kind: .byte),
    Planar(format: "yuvj420p", chroma: (2, 2), unit: 1, kind: .byte),
    Planar(format: "yuv422p", chroma: (2, 4), unit: 1, kind: .byte),
    Planar(format: "yuv440p", chroma: (4, 2), unit: 1, kind: .byte),
    Planar(format: "yuv444p", chroma: (4, 4), unit: 1, kind: .byte),
    Planar(format: "yuv420p10le", chroma: (2, 2), unit: 4, kind: .little),
    Planar(format: "yuv422p10le", chroma: (2, 4), unit: 4, kind: .little),
    Planar(format: "yuv444p12le", chroma: (4, 4), unit: 16, kind: .little),
    Planar(format: "yuv420p16le", chroma: (2, 2), unit: 256, kind: .little),
    Planar(format: "yuv420p10be", chroma: (2, 2), unit: 4, kind: .big),
    Planar(format: "gray", chroma: (0, 0), unit: 1, kind: .byte),
    Planar(format: "gray10le", chroma: (0, 0), unit: 4, kind: .little),
    Planar(format: "gray16le", chroma: (0, 0), unit: 256, kind: .little),
    Planar(format: "gray16be", chroma: (0, 0), unit: 256, kind: .big),
  ]

  @Test(arguments: planar) func `every planar format gives the same picture`(_ format: Planar) throws {
    let luma = (0..<16).map { 16 + $0 * 13 }
    let (w, h) = format.chroma
    func plane(_ low: Int) -> [Int] {
      (0..<(w * h)).map { index in low + 10 * (index % w * 2 / w) + 20 * (index / w * 2 / h) }
    }
    let all = (luma + plane(60) + plane(150)).map { $0 * format.unit }
    let picture = try picture(samples(all, format.kind), format.format, 4, 4)
    #expect(picture.scale == 1 && picture.width == 4 && picture.height == 4)
    #expect(Array(picture.luma) == luma.map { UInt8($0) })
    let isGrey = w == 0
    #expect(Array(picture.cb) == (isGrey ? [128, 128, 128, 128] : [60, 70, 80, 90]))
    #expect(Array(picture.cr) == (isGrey ? [128, 128, 128, 128] : [150, 160, 170, 180]))
  }

  @Test func `interleaved and packed formats too`() throws {
    let luma = (0..<16).map { UInt8(16 + $0 * 13) }
    let (cb, cr): ([UInt8], [UInt8]) = ([60, 70, 80, 90], [150, 160, 170, 180])
    let mixed: [UInt8] = [60, 150, 70, 160, 80, 170, 90, 180]
    let swapped: [UInt8] = [150, 60, 160, 70, 170, 80, 180, 90]
    for (format, chroma) in [("nv12", mixed), ("nv21", swapped)] {
      let picture = try picture(luma + chroma, format, 4, 4)
      #expect(Array(picture.luma) == luma && Array(picture.cb) == cb && Array(picture.cr) == cr)
    }
    var p010: [UInt8] = []
    for byte in [luma, mixed].joined() { p010 += [0, byte] }
    let deep = try picture(p010, "p010le", 4, 4)
    #expect(Array(deep.luma) == luma && Array(deep.cb) == cb && Array(deep.cr) == cr)
    var packed: [UInt8] = []
    for y in 0..<4 {
      for x in 0..<2 {
        let at = y / 2 * 2 + x
        packed += [luma[y * 4 + 2 * x], cb[at], luma[y * 4 + 2 * x + 1], cr[at]]
      }
    }
    let yuyv = try picture(packed, "yuyv422", 4, 4)
    #expect(Array(yuyv.luma) == luma && Array(yuyv.cb) == cb && Array(yuyv.cr) == cr)
  }

  @Test func `other formats go through a conversion`() throws {
    let red: [UInt8] = (0..<192).map { (index: Int) in index % 3 == 0 ? 255 : 0 }
    let picture = try picture(red, "rgb24", 8, 8)
    #expect(picture.luma.allSatisfy { abs(Int($0) - 81) <= 2 })
    #expect(picture.cb.allSatisfy { abs(Int($0) - 90) <= 2 })
    #expect(picture.cr.allSatisfy { abs(Int($0) - 240) <= 2 })
  }

  @Test func `ten bits are averaged before they are rounded`() throws {
    // 640 x 360 is halved: each box holds 400, 401, 401, 401, whose mean is 400.75 of 10 bits, 100.19 of 8.
    let (width, height) = (640, 360)
    var values = [Int](repeating: 401, count: width * height)
    for y in stride(from: 0, to: height, by: 2) {
      for x in stride(from: 0, to: width, by: 2) { values[y * width + x] = 400 }
    }
    values += Array(repeating: 514, count: width * height / 2)
    let picture = try picture(samples(values, .little), "yuv420p10le", width, height)
    #expect(picture.scale == 2 && picture.width == 320 && picture.height == 180)
    #expect(picture.luma.allSatisfy { $0 == 100 })
    // 514 / 4 = 128.5
    #expect(picture.cb.allSatisfy { $0 == 129 })
  }

  @Test func `a size that is no multiple of the scale loses less than a pixel`() throws {
    let (width, height) = (643, 363)
    let chroma = (322 * 182) * 2
    let bytes = [UInt8](repeating: 50, count: width * height) + [UInt8](repeating: 99, count: chroma)
    let picture = try picture(bytes, "yuv420p", width, height)
    #expect(picture.width == 321 && picture.height == 181 && picture.scale == 2)
    #expect(picture.coveredX == 642.0 / 643 && picture.coveredY == 362.0 / 363)
    #expect(picture.luma.allSatisfy { $0 == 50 })
    #expect(picture.cb.allSatisfy { $0 == 99 } && picture.cr.allSatisfy { $0 == 99 })
  }

  @Test(arguments: Rotation.allCases) func `rotation turns the picture upright`(_ rotation: Rotation) throws {
    // 4 x 2: the letters a to h, as numbers.
    let luma: [UInt8] = [10, 20, 30, 40, 50, 60, 70, 80]
    let picture = try picture(luma + [1, 2] + [3, 4], "yuv420p", 4, 2, rotation: rotation)
    let expected: [Rotation: (width: Int, luma: [UInt8], cb: [UInt8])] = [
      .none: (4, [10, 20, 30, 40, 50, 60, 70, 80], [1, 2]),
      .quarter: (2, [50, 10, 60, 20, 70, 30, 80, 40], [1, 2]),
      .half: (4, [80, 70, 60, 50, 40, 30, 20, 10], [2, 1]),
      .threeQuarters: (2, [40, 80, 30, 70, 20, 60, 10, 50], [2, 1]),
    ]
    let due = try #require(expected[rotation])
    #expect(picture.width == due.width && picture.height == 8 / due.width)
    #expect(Array(picture.luma) == due.luma)
    #expect(Array(picture.cb) == due.cb)
  }

  @Test(arguments: Rotation.allCases) func `what is cut off lies right and below, whatever the turn`(
    _ rotation: Rotation
  ) throws {
    // 641 x 361 at scale 2: one column and one row are left over; mark all four borders' outermost lines.
    let (width, height) = (641, 361)
    var luma = [UInt8](repeating: 100, count: width * height)
    let upright = (width: rotation.swapsSides ? height : width, height: rotation.swapsSides ? width : height)
    func index(_ x: Int, _ y: Int) -> Int {
      switch rotation {
      case .none: y * width + x
      case .quarter: (height - 1 - x) * width + y
      case .half: (height - 1 - y) * width + width - 1 - x
      case .threeQuarters: x * width + width - 1 - y
      }
    }
    for x in 0..<upright.width { luma[index(x, upright.height - 1)] = 0 }
    for y in 0..<upright.height { luma[index(upright.width - 1, y)] = 0 }
    let chroma = [UInt8](repeating: 128, count: 321 * 181 * 2)
    let picture = try picture(luma + chroma, "yuv420p", width, height, rotation: rotation)
    #expect(picture.luma.allSatisfy { $0 == 100 })
    #expect(picture.coveredX < 1 && picture.coveredY < 1)
  }

  @Test func `privacy masks are black in the upright picture, to the last touched pixel`() throws {
    let (width, height) = (16, 8)
    let bytes = [UInt8](repeating: 200, count: 128) + [UInt8](repeating: 90, count: 64)
    // The left third of the upright picture: 2.67 of its 8 columns.
    let left = Polygon([
      Point(x: 0, y: 0), Point(x: 1.0 / 3, y: 0), Point(x: 1.0 / 3, y: 1), Point(x: 0, y: 1),
    ])
    let picture = try picture(bytes, "yuv420p", width, height, rotation: .quarter, masks: [left])
    #expect(picture.width == 8 && picture.height == 16)
    for y in 0..<16 {
      for x in 0..<8 { #expect(picture.luma[y * 8 + x] == (x < 3 ? 16 : 200)) }
    }
    for y in 0..<8 {
      for x in 0..<4 { #expect(picture.cb[y * 4 + x] == (x < 2 ? 128 : 90)) }
    }
  }

  @Test func `a mask thinner than a pixel still hides it`() throws {
    let bytes = [UInt8](repeating: 200, count: 64) + [UInt8](repeating: 90, count: 32)
    let sliver = Polygon([Point(x: 0.51, y: 0.51), Point(x: 0.52, y: 0.51), Point(x: 0.52, y: 0.52)])
    let picture = try picture(bytes, "yuv420p", 8, 8, masks: [sliver])
    let hidden = (0..<64).filter { picture.luma[$0] == 16 }
    #expect(hidden == [36])
  }
}
