import Base
import Foundation
import Media
import Testing

@Suite("slices in pictures")
struct SlicesPictureTests {
  private let folder: Folder
  private let volume = TestVolume()

  init() throws { folder = try Folder() }

  private func writePGM(_ range: Range<Int>, _ name: (Int) -> String = { "slice_\($0).pgm" }) throws {
    for z in range { try folder.write(volume.pgm(z), to: name(z)) }
  }

  @Test func `16-bit PNGs are exact`() throws {
    try folder.encode(volume, to: "slice_%04d.png")
    let swept = try sweep(folder.path, spacing: VoxelSpacing(x: 1, y: 1, z: 0.5))
    #expect(swept.values == volume.slices)
    #expect(swept.slices.map(\.z) == [0, 0.5, 1, 1.5, 2])
    #expect(swept.slices.map(\.source) == (1...5).map { "slice_000\($0).png" })
    #expect(swept.sweep.format == "PNG, 16 bit" && swept.sweep.precision == .exact)
    #expect(swept.warnings.isEmpty && swept.gaps.isEmpty)
  }

  @Test func `pictures say nothing about spacing`() throws {
    try folder.encode(volume, "-vf setsar=3/2", to: "slice_%04d.png")
    #expect(try sweep(folder.path).sweep.spacing == nil)
  }

  @Test func `8-bit pictures are marked`() throws {
    try folder.encode(volume, "-pix_fmt gray", to: "slice_%04d.png")
    let swept = try sweep(folder.path)
    #expect(swept.sweep.precision == .eightBit)
    #expect(swept.slices.count == 5)
  }

  @Test func `slice2 comes before slice10`() throws {
    var many = volume
    many.count = 12
    for z in 0..<12 { try folder.write(many.pgm(z), to: "slice\(z + 1).pgm") }
    let swept = try sweep(folder.path)
    #expect(swept.values == many.slices)
    #expect(swept.slices.map(\.source) == (1...12).map { "slice\($0).pgm" })
  }

  @Test(arguments: ["s*.pgm", "s_%d.pgm", "s_%02d.pgm", ""])
  func `a glob, a pattern and a folder name the same`(
    pattern: String
  ) throws {
    try writePGM(0..<3) { "s_\($0 + 10).pgm" }
    #expect(try sweep(folder(pattern)).values == Array(volume.slices.prefix(3)))
  }

  @Test func `a pattern's width leaves out other numbers`() throws {
    try writePGM(0..<3) { "s_00\($0 + 1).pgm" }
    try folder.write(volume.pgm(4), to: "s_9.pgm")
    #expect(try sweep(folder("s_%03d.pgm")).values == Array(volume.slices.prefix(3)))
  }

  @Test func `a gap in the numbers is missing slices`() throws {
    for z in [0, 1, 2, 4, 7] { try folder.write(volume.pgm(z % 5), to: "slice_000\(z).pgm") }
    let swept = try sweep(folder.path, spacing: VoxelSpacing(x: 1, y: 1, z: 2))
    #expect(swept.indices == [0, 1, 2, 4, 7])
    #expect(swept.order == Array(0...7))
    #expect(swept.gaps.map(\.indices) == [3..<4, 5..<7])
    #expect(swept.reasons[0].contains("slice_0002.pgm") && swept.reasons[0].contains("slice_0004.pgm"))
    #expect(swept.slices.map(\.z) == [0, 2, 4, 8, 14])
    #expect(swept.sweep.count == 8)
  }

  @Test func `numbers that step by ten have no gap at each`() throws {
    for z in [0, 1, 2, 4] { try folder.write(volume.pgm(z), to: "z\(z * 10).pgm") }
    #expect(try sweep(folder.path).gaps.map(\.indices) == [3..<4])
  }

  @Test func `times of day are no numbers of slices`() throws {
    for (z, time) in [100001, 100004, 100010, 100018, 100029].enumerated() {
      try folder.write(volume.pgm(z), to: "scan-\(time).pgm")
    }
    let swept = try sweep(folder.path)
    #expect(swept.indices == [0, 1, 2, 3, 4] && swept.gaps.isEmpty)
  }

  @Test func `an empty file, a cut one and a damaged one are missing, and the sweep goes on`() throws {
    try folder.encode(volume, to: "slice_%d.png")
    let third = try folder.bytes("slice_3.png")
    try folder.write([], to: "slice_2.png")
    try folder.write(Array(third.prefix(third.count * 2 / 3)), to: "slice_3.png")
    var fourth = try folder.bytes("slice_4.png")
    fourth[fourth.count / 2] ^= 0x10
    try folder.write(fourth, to: "slice_4.png")
    let swept = try sweep(folder.path)
    #expect(swept.values == [volume.slice(0), volume.slice(4)])
    #expect(swept.order == [0, 1, 2, 3, 4])
    #expect(swept.reasons[0] == "slice_2.png: the file is empty")
    #expect(swept.reasons.count == 3 && swept.reasons[2].hasPrefix("slice_4.png: this PNG can't be decoded"))
  }

  @Test func `a slice of another size is missing, named with both`() throws {
    try writePGM(0..<5)
    var small = volume
    small.width = 8
    try folder.write(small.pgm(3), to: "slice_3.pgm")
    let swept = try sweep(folder.path)
    #expect(swept.indices == [0, 1, 2, 4])
    #expect(swept.reasons == ["slice_3.pgm: it is 8 × 12, the sweep is 16 × 12"])
  }

  @Test func `one odd picture before the others decides nothing`() throws {
    try writePGM(0..<5)
    var scout = volume
    scout.width = 8
    try folder.write(scout.pgm(0), to: "slice_0.pgm")
    let swept = try sweep(folder.path)
    #expect(swept.indices == [1, 2, 3, 4])
    #expect(swept.sweep.width == 16)
  }

  @Test func `a slice of another depth is missing`() throws {
    try writePGM(0..<4)
    try folder.write(
      Array("P5\n16 12\n255\n".utf8) + [UInt8](repeating: 9, count: 192), to: "slice_2.pgm")
    let swept = try sweep(folder.path)
    #expect(swept.indices == [0, 1, 3])
    #expect(swept.reasons[0].contains("8 bit") && swept.reasons[0].contains("16 bit"))
  }

  @Test func `a JPEG called .png is missing, told by its bytes`() throws {
    try folder.encode(volume, to: "slice_%d.png")
    try folder.ffmpeg("-f lavfi -i color=gray:s=16x12 -frames:v 1 -f image2 -c:v mjpeg", to: "slice_3.png")
    try folder.remove("ffmpeg.log")
    let swept = try sweep(folder.path)
    #expect(swept.indices == [0, 1, 3, 4])
    #expect(swept.reasons.count == 1 && swept.reasons[0].contains("JPEG"))
  }

  @Test func `names don't say what a picture is`() throws {
    try folder.encode(volume, "-c:v pgm -f image2", to: "slice_%d.tif")
    #expect(try sweep(folder.path).values == volume.slices)
  }

  @Test func `other files are named in one warning`() throws {
    try writePGM(0..<5)
    try folder.write(Array("notes".utf8), to: "notes.txt")
    try folder.write([1], to: "a.xml")
    try folder.write([1], to: ".hidden")
    let swept = try sweep(folder.path)
    #expect(swept.values == volume.slices)
    #expect(swept.warnings.map(\.code) == ["other_files"])
    #expect(swept.warnings[0].text.contains("a.xml, notes.txt"))
  }

  @Test func `in a folder of several kinds most files decide`() throws {
    try folder.encode(volume, to: "z_%d.png")
    try writePGM(0..<3)
    let swept = try sweep(folder.path)
    #expect(swept.values == volume.slices)
    #expect(swept.warnings.map(\.code) == ["other_files"])
    #expect(swept.warnings[0].text.contains("slice_0.pgm"))
  }

  @Test func `a file that is gone when its turn comes is missing`() throws {
    try writePGM(0..<5)
    let source = try SliceSources.open(SweepConfiguration(path: folder.path))
    try folder.remove("slice_2.pgm")
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: 192)
    defer { values.deallocate() }
    _ = try source.next(into: values)
    _ = try source.next(into: values)
    let reading = try source.next(into: values)
    guard case .missing(let gap) = reading else {
      Issue.record("\(String(describing: reading))")
      return
    }
    #expect(gap.indices == 2..<3 && gap.reason.contains("slice_2.pgm"))
  }

  @Test func `a PGM's values are as they are, whatever its largest value`() throws {
    for z in 0..<5 { try folder.write(volume.pgm(z, largest: 4095), to: "slice_\(z).pgm") }
    #expect(try sweep(folder.path).values == volume.slices)
  }

  @Test func `a PGM of text with comments is read`() throws {
    let text =
      "P2 # by hand\n# size\n16 12 65535\n" + volume.codes(0).map { "\($0)" }.joined(separator: " \n")
    let path = try folder.write(Array(text.utf8), to: "slice.pgm")
    #expect(try sweep(path).values == [volume.slice(0)])
    try folder.write(Array(text.dropLast(30).utf8), to: "slice.pgm")
    #expect(try sweepFault(path).description.contains("of 192 is missing"))
  }

  @Test(arguments: [
    "P6\n16 12\n255\n", "P4\n16 12\n", "P5\n16\n", "P5\n16 12\n70000\n", "P5\n99999 99999\n255\n",
  ])
  func `a PGM that can't be read is refused with its name`(header: String) throws {
    let path = try folder.write(
      Array(header.utf8) + [UInt8](repeating: 0, count: 1000), to: "slice.pgm")
    #expect(try sweepFault(path).place == path)
  }

  @Test func `a cut PGM is missing with both sizes, a long one is a warning`() throws {
    try writePGM(0..<5)
    try folder.write(Array(volume.pgm(1).prefix(300)), to: "slice_1.pgm")
    try folder.write(volume.pgm(2) + [0, 0], to: "slice_2.pgm")
    let swept = try sweep(folder.path)
    #expect(swept.indices == [0, 2, 3, 4])
    #expect(swept.reasons[0].contains("384") && swept.reasons[0].contains("285"))
    #expect(swept.warnings.map(\.code) == ["file_longer"])
  }

  @Test(arguments: ["rgb48be", "rgb24", "ya16be", "ya8", "pal8", "monob"])
  func `colour, transparency and few levels are refused with the file`(format: String) throws {
    try folder.encode(volume, "-pix_fmt \(format)", to: "slice_%d.png")
    let fault = try sweepFault(folder.path)
    #expect(fault.description.contains("slice_1.png"))
    #expect(fault.advice != nil)
  }

  @Test func `a header that promises gigabytes takes no memory`() throws {
    try folder.encode(volume, to: "slice_%d.png")
    var bytes = try folder.bytes("slice_1.png")
    bytes.replaceSubrange(16..<24, with: [0, 0, 0x3e, 0x80, 0, 0, 0x3e, 0x80])
    try folder.write(bytes, to: "slice_1.png")
    #expect(try sweepFault(folder("slice_1.png")).description.contains("16000 × 16000"))
  }

  @Test func `a sweep whose first pictures are all unreadable is an error`() throws {
    try writePGM(0..<5)
    // A header alone is no slice.
    for z in 0..<16 { try folder.write(Array("P5\n16 12\n65535\n".utf8), to: "a_\(z).pgm") }
    #expect(try sweepFault(folder.path).description.contains("none of the first 16 files can be read"))
    try folder.remove("a_0.pgm")
    #expect(try sweep(folder.path).values == volume.slices)
    for z in 0..<5 { try folder.write([], to: "slice_\(z).pgm") }
    #expect(try sweepFault(folder("slice_*.pgm")).description.contains("5 empty"))
  }

  @Test func `places without slices say so`() throws {
    #expect(try sweepFault(folder.path).description.contains("no files in this folder"))
    #expect(try sweepFault(folder("none")).code == .noInput)
    #expect(try sweepFault(folder("*.png")).description.contains("no files match"))
    #expect(try sweepFault(folder("s_%d_%d.png")).code == .usage)
    try folder.write(Array("Dear diary".utf8), to: "notes.txt")
    let fault = try sweepFault(folder.path)
    #expect(
      fault.description.contains("no slices among these files") && fault.description.contains("notes.txt"))
    #expect(try sweepFault(try folder.write([], to: "empty.mhd")).description.contains("empty"))
    #expect(try sweepFault(try folder.write([0x1f, 0x8b, 8], to: "v.nii.gz")).description.contains("gzip"))
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file or folder without permission says so`() throws {
    try writePGM(0..<3)
    chmod(folder("slice_1.pgm"), 0)
    #expect(try sweep(folder.path).reasons[0].contains("Permission denied"))
    #expect(try sweepFault(folder("slice_1.pgm")).code == .noPermission)
    chmod(folder.path, 0)
    #expect(try sweepFault(folder.path).code == .noPermission)
    chmod(folder.path, 0o700)
  }

  @Test func `folders, volumes and DICOM look like sweeps, videos don't`() throws {
    let dicom = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
    #expect(SliceSources.looksLikeSweep(folder.path))
    #expect(SliceSources.looksLikeSweep(try folder.write(dicom, to: "a.tif")))
    #expect(SliceSources.looksLikeSweep(try folder.write(Array("NRRD0005\n".utf8), to: "a")))
    #expect(
      SliceSources.looksLikeSweep(try folder.write(Array("NDims = 3\nDimSize = 1 1 1\n".utf8), to: "b")))
    #expect(!SliceSources.looksLikeSweep(try folder.write(Array("Dear = diary\n".utf8), to: "c")))
    #expect(!SliceSources.looksLikeSweep("rtsp://camera/1"))
    #expect(!SliceSources.looksLikeSweep(folder("none")))
  }

  @Test func `a folder of very many files is read file by file`() throws {
    let bytes = volume.pgm(0)
    try folder.write(bytes, to: "slice_0.pgm")
    for z in 1..<20000 { link(folder("slice_0.pgm"), folder("slice_\(z).pgm")) }
    let source = try SliceSources.open(SweepConfiguration(path: folder.path))
    #expect(source.sweep.count == 20000)
  }
}
