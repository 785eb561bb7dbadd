import Base
import Foundation
import Media
import Testing

@Suite("slices of videos")
struct SlicesVideoTests {
  private let folder: Folder
  private let volume = TestVolume(width: 64, height: 48, count: 12)

  init() throws { folder = try Folder() }

  @Test(
    arguments: [
      ("-c:v ffv1 -pix_fmt gray16le", "s.mkv"), ("-c:v png -pix_fmt gray16be", "s.mov"),
      ("-c:v rawvideo -pix_fmt gray16le", "s.nut"),
    ])
  func `lossless video of 16-bit grey is exact`(arguments: String, name: String) throws {
    try folder.encode(volume, arguments, to: name)
    let swept = try sweep(folder(name), spacing: VoxelSpacing(x: 1, y: 1, z: 2))
    #expect(swept.values == volume.slices)
    #expect(swept.indices == Array(0..<12))
    #expect(swept.slices[3].z == 6 && swept.slices[3].source == "\(name)#4")
    #expect(swept.sweep.precision == .exact)
    #expect(swept.warnings.isEmpty && swept.gaps.isEmpty)
  }

  @Test func `lossy video is marked with its codec, and its luma is as coded`() throws {
    try folder.encode(volume, "-c:v libx264 -qp 0 -pix_fmt yuv420p10le", to: "s.mp4")
    let swept = try sweep(folder("s.mp4"))
    #expect(swept.sweep.precision == .lossy("h264"))
    #expect(swept.sweep.format == "h264, yuv420p10le, limited range")
    #expect(swept.indices == Array(0..<12) && swept.gaps.isEmpty)
    #expect(swept.warnings.map(\.code) == ["colour_ignored"])
    // Codes of 10 bits as they are.
    let largest = try #require(swept.values[0].max())
    #expect(largest < 1024 && largest > 512)
  }

  @Test func `8-bit video is marked`() throws {
    try folder.encode(volume, "-c:v ffv1 -pix_fmt gray", to: "s.mkv")
    #expect(try sweep(folder("s.mkv")).sweep.precision == .eightBit)
  }

  @Test func `frames with B-frames between them are counted as shown`() throws {
    try folder.encode(volume, "-c:v libx264 -bf 3 -g 6 -pix_fmt yuv420p", to: "s.mp4")
    let swept = try sweep(folder("s.mp4"))
    #expect(swept.order == Array(0..<12) && swept.gaps.isEmpty)
  }

  @Test func `a frame that doesn't decode is missing at its place`() throws {
    try folder.encode(volume, "-c:v ffv1 -level 3 -g 1 -slicecrc 1 -pix_fmt gray16le", to: "s.mkv")
    var bytes = try folder.bytes("s.mkv")
    let middle = bytes.count * 55 / 100
    for index in middle..<middle + 40 { bytes[index] ^= 0x5a }
    let path = try folder.write(bytes, to: "damaged.mkv")
    let swept = try sweep(path)
    #expect(swept.order == Array(0..<12))
    #expect(swept.gaps.count == 1 && swept.slices.count == 11)
    for (info, values) in zip(swept.slices, swept.values) { #expect(values == volume.slice(info.index)) }
  }

  @Test func `what builds on a damaged frame is missing too, up to the next key frame`() throws {
    try folder.encode(volume, "-c:v ffv1 -level 3 -g 4 -slicecrc 1 -pix_fmt gray16le", to: "s.mkv")
    var bytes = try folder.bytes("s.mkv")
    let middle = bytes.count * 45 / 100
    for index in middle..<middle + 40 { bytes[index] ^= 0x5a }
    let swept = try sweep(try folder.write(bytes, to: "damaged.mkv"))
    #expect(swept.order == Array(0..<12))
    #expect(swept.gaps.count > 1 && swept.slices.count >= 8)
    #expect(swept.reasons.last?.contains("builds on") == true)
    for (info, values) in zip(swept.slices, swept.values) { #expect(values == volume.slice(info.index)) }
  }

  @Test func `PNG frames that don't decode are missing at their places`() throws {
    try folder.encode(volume, "-c:v png -pix_fmt gray16be", to: "s.mov")
    var bytes = try folder.bytes("s.mov")
    let place = bytes.count / 3
    for index in place..<place + 20 { bytes[index] ^= 0xff }
    let swept = try sweep(try folder.write(bytes, to: "damaged.mov"))
    #expect(swept.order == Array(0..<12))
    #expect(swept.slices.count == 11)
    for (info, values) in zip(swept.slices, swept.values) { #expect(values == volume.slice(info.index)) }
  }

  @Test func `a video that ends before its count says how many are missing`() throws {
    try folder.encode(volume, "-c:v png -pix_fmt gray16be -movflags +faststart", to: "s.mov")
    let whole = try folder.bytes("s.mov")
    let swept = try sweep(try folder.write(Array(whole.prefix(whole.count * 3 / 4)), to: "cut.mov"))
    #expect(swept.order == Array(0..<12))
    #expect(!swept.gaps.isEmpty && swept.slices.count >= 6)
    for (info, values) in zip(swept.slices, swept.values) { #expect(values == volume.slice(info.index)) }
  }

  @Test func `video without luma is refused`() throws {
    try folder.encode(volume, "-c:v ffv1 -pix_fmt bgr0", to: "s.mkv")
    let fault = try sweepFault(folder("s.mkv"))
    #expect(fault.description.contains("bgr0") && fault.place == folder("s.mkv"))
  }

  @Test func `a picture of another kind is no video`() throws {
    try folder.encode(volume, "-frames:v 1 -pix_fmt gray", to: "s.bmp")
    #expect(try sweepFault(folder("s.bmp")).description.contains("one picture"))
  }

  @Test func `text is no video`() throws {
    let path = try folder.write(Array(String(repeating: "Dear diary, \n", count: 300).utf8), to: "notes.txt")
    #expect(try sweepFault(path).code == .data)
  }
}
