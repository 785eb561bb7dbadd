import Base
import Foundation
import Media
import TestKit
import Testing

@Suite("DICOM: values")
struct DicomPixelTests {
  private let scratch = Scratch("dicom")
  private static let width = 24
  private static let height = 16

  /// Samples of every size and sign, with a smooth part.
  private static let samples: [Int16] = {
    var dice = SplitMix(state: 7)
    return (0..<(width * height)).map {
      $0 < width * 8 ? Int16($0 * 9 - 1000) : Int16.random(in: .min ... .max, using: &dice)
    }
  }()
  /// Grey 60 + n / 2 for the pixels n of 16 × 16, by Pillow at quality 95.
  private static let jpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggL"
    + "DAsKDAkKCgr/wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABQj/xAAYEAACAwAAAAAAAAAAAAAAAAAABAhkov/aAAgBAQAAPwCZ"
    + "Vo20MiC0baGS8Fo20MiC0baGT//Z"

  private var words: [UInt16] { Self.samples.map { UInt16(bitPattern: $0) } }

  private func file(_ syntax: DicomFile.Syntax = .explicit) -> DicomFile {
    .slice(width: Self.width, height: Self.height, samples: Self.samples, syntax: syntax)
  }

  private func read(_ file: DicomFile) throws -> SweepReading {
    let path = scratch.file("one.dcm")
    try file.write(to: path)
    return try SweepReading(DicomSource(SweepConfiguration(path: path)))
  }

  private func fault(_ file: DicomFile) -> String {
    let fault = #expect(throws: Fault.self) { try read(file) }
    return fault?.what ?? ""
  }

  @Test(arguments: [DicomFile.Syntax.explicit, .implicit, .bigEndian])
  func `uncompressed values are exact`(syntax: DicomFile.Syntax) throws {
    let read = try read(file(syntax))
    #expect(read.slices.map(\.values) == [Self.samples.map(Float.init)])
    #expect(read.sweep.precision == .exact)
    #expect(
      read.sweep.format == (syntax == .bigEndian ? "DICOM, uncompressed, big-endian" : "DICOM, uncompressed"))
  }

  @Test(arguments: [DicomFile.Syntax.rle, .jpegLossless, .jpegLS, .jpeg2000])
  func `losslessly compressed values are exact, also with a sign and in several fragments`(
    syntax: DicomFile.Syntax
  ) throws {
    let (width, height) = (Self.width, Self.height)
    let coded =
      switch syntax {
      case .rle: CodedFrames.runLength(words)
      case .jpegLossless: CodedFrames.losslessJPEG(words, width: width, height: height)
      case .jpegLS:
        try CodedFrames.byFFmpeg(words, width: width, height: height, encoder: "jpegls", scratch: scratch)
      default:
        try CodedFrames.byFFmpeg(
          words, width: width, height: height, encoder: "libopenjpeg", scratch: scratch)
      }
    for isSigned in [true, false] {
      var file = file(syntax)
      file.setShape(width: width, height: height, isSigned: isSigned)
      // Even sizes, as the standard wants of fragments.
      let cut = coded.count / 4 * 2
      let fragments = syntax == .rle ? [coded] : [Array(coded[..<cut]), Array(coded[cut...])]
      file.set(0x7FE0_0010, "OB", .frames([fragments]))
      let read = try read(file)
      #expect(read.gaps.isEmpty)
      #expect(read.slices.first?.values == (isSigned ? Self.samples.map(Float.init) : words.map(Float.init)))
      #expect(read.sweep.precision == .exact)
    }
  }

  @Test func `a lossy picture is read and marked`() throws {
    let grey = (0..<256).map { UInt16(60 + $0 / 2) }
    let coded = [UInt8](try #require(Data(base64Encoded: Self.jpeg)))
    var file = DicomFile.slice(width: 16, height: 16, samples: [], syntax: .jpegBaseline)
    file.setShape(width: 16, height: 16, allocated: 8, stored: 8, isSigned: false)
    file.set(0x7FE0_0010, "OB", .frames([[coded]]))
    let read = try read(file)
    #expect(read.sweep.precision == .lossy("JPEG baseline"))
    let values = try #require(read.slices.first?.values)
    #expect(zip(values, grey).allSatisfy { abs($0 - Float($1)) <= 1 })
  }

  @Test func `each slice has its own slope and intercept, in doubles`() throws {
    for index in 0..<3 {
      var file = DicomFile.slice(width: 2, height: 1, samples: [1, 1000], position: (0, 0, Double(index)))
      file.set(0x0028_1052, "DS", "\(-1024 + index)")
      file.set(0x0028_1053, "DS", "0.000\(index + 1)")
      try file.write(to: scratch.file("s\(index)"))
    }
    let read = try SweepReading(DicomSource(SweepConfiguration(path: scratch.path)))
    for index in 0..<3 {
      let (slope, intercept) = (Double("0.000\(index + 1)") ?? 0, Double(index - 1024))
      #expect(read.slices[index].values == [Float(1 * slope + intercept), Float(1000 * slope + intercept)])
    }
    #expect(read.sweep.isHounsfield)
  }

  @Test(arguments: [("HU", true), ("US", false), ("", true), (nil, false)])
  func `values are Hounsfield units where the file has them so`(type: String?, isHounsfield: Bool) throws {
    var file = file()
    if let type {
      file.set(0x0028_1052, "DS", "-1024")
      file.set(0x0028_1053, "DS", "1")
      if !type.isEmpty { file.set(0x0028_1054, "LO", type) }
    }
    #expect(try read(file).sweep.isHounsfield == isHounsfield)
  }

  @Test func `bits that aren't stored are masked, and the sign extended`() throws {
    var file = DicomFile.slice(width: 4, height: 1, samples: [0x0FFF, -1, 0x07FF, -0x8000 + 5])
    file.setShape(width: 4, height: 1, stored: 12)
    #expect(try read(file).slices.first?.values == [-1, -1, 2047, 5])
    file.setShape(width: 4, height: 1, stored: 12, isSigned: false)
    #expect(try read(file).slices.first?.values == [4095, 4095, 2047, 5])
    // Overlays of old lay in the lowest bits.
    file.set(0x0028_0102, "US", .words([15]))
    #expect(try read(file).slices.first?.values == [255, 4095, 127, 2048])
  }

  @Test func `bytes, single bits, long integers and floats are read`() throws {
    var file = DicomFile.slice(width: 4, height: 2, samples: [])
    file.setShape(width: 4, height: 2, allocated: 8, stored: 8, isSigned: false)
    file.set(0x7FE0_0010, "OB", .bytes([0, 1, 2, 3, 128, 129, 254, 255]))
    #expect(try read(file).slices.first?.values == [0, 1, 2, 3, 128, 129, 254, 255])
    #expect(try read(file).sweep.precision == .eightBit)
    file.setShape(width: 4, height: 2, allocated: 1, stored: 1, isSigned: false)
    file.set(0x7FE0_0010, "OB", .bytes([0b1001_0110, 0]))
    #expect(try read(file).slices.first?.values == [0, 1, 1, 0, 1, 0, 0, 1])
    file.setShape(width: 1, height: 2, allocated: 32, stored: 32)
    file.set(0x7FE0_0010, "OW", .words([0xFFFF, 0xFFFF, 0, 0x4000]))
    #expect(try read(file).slices.first?.values == [-1, 1_073_741_824])
    file.elements[0x7FE0_0010] = nil
    file.set(0x7FE0_0008, "OF", .floats([1.5, -0.1]))
    #expect(try read(file).slices.first?.values == [1.5, -0.1])
    file.elements[0x7FE0_0008] = nil
    file.set(0x7FE0_0009, "OD", .doubles([0.1, 1e30]))
    #expect(try read(file).slices.first?.values == [0.1, 1e30])
  }

  @Test func `what is shown inverted is inverted, unless its values have a unit`() throws {
    var file = DicomFile.slice(width: 4, height: 1, samples: [0, 1, 4000, 4095])
    file.setShape(width: 4, height: 1, stored: 12, isSigned: false, photometric: "MONOCHROME1")
    let inverted = try read(file)
    #expect(inverted.slices.first?.values == [4095, 4094, 95, 0])
    #expect(inverted.warnings.contains { $0.code == "inverted" })
    file.set(0x0028_1052, "DS", "-1024")
    file.set(0x0028_1053, "DS", "1")
    #expect(try read(file).slices.first?.values == [-1024, -1023, 2976, 3071])
  }

  @Test func `what can't be a sweep is refused by name`() throws {
    var colour = file()
    colour.setShape(width: Self.width, height: 5, samples: 3, photometric: "RGB")
    #expect(fault(colour).contains("is in colour (RGB, 3 samples a pixel)"))
    var palette = file()
    palette.set(0x0028_0004, "CS", "PALETTE COLOR")
    #expect(fault(palette).contains("palette"))
    var lookup = file()
    lookup.set(
      0x0028_3000, "SQ", .items([[0x0028_3002: .init(representation: "US", value: .words([0, 0, 16]))]]))
    #expect(fault(lookup).contains("ModalityLUTSequence"))
    for (syntax, name) in [(DicomFile.Syntax.highThroughput, "HTJ2K"), (.mpeg4, "H.264 video")] {
      var video = file(syntax)
      video.set(0x7FE0_0010, "OB", .frames([[[1, 2, 3, 4]]]))
      #expect(fault(video).contains("is coded as \(name)"))
    }
    var bits = file()
    bits.set(0x0028_0101, "US", .words([17]))
    #expect(fault(bits).contains("has 17 bits below bit 15 of 16"))
    var none = file()
    none.elements[0x7FE0_0010] = nil
    #expect(fault(none) == "can't read the sweep: it has no pixels")
  }

  @Test func `a single file that is cut short is an error`() throws {
    let path = scratch.file("short.dcm")
    let bytes = file().bytes
    for count in [bytes.count - 2, bytes.count - 700, 400, 200, 140, 0] {
      try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
      #expect(throws: Fault.self) { try SweepReading(DicomSource(SweepConfiguration(path: path))) }
    }
  }

  @Test func `a slice that doesn't decode is missing, and the sweep goes on`() throws {
    let good = CodedFrames.losslessJPEG(words, width: Self.width, height: Self.height)
    for index in 0..<4 {
      var coded = good
      if index == 1 { coded = Array(good.prefix(good.count / 2)) }
      if index == 2 { coded[good.firstIndex(of: 0xC3).map { $0 + 5 } ?? 0] = 99 }
      var file = DicomFile.slice(
        width: Self.width, height: Self.height, samples: [], position: (0, 0, Double(index)),
        syntax: .jpegLossless)
      file.set(0x7FE0_0010, "OB", .frames([[coded]]))
      try file.write(to: scratch.file("s\(index)"))
    }
    let read = try SweepReading(DicomSource(SweepConfiguration(path: scratch.path)))
    #expect(read.indices == [0, 3])
    #expect(read.gaps.map(\.indices) == [1..<2, 2..<3])
    #expect(read.gaps[0].reason == "s1 has a truncated JPEG frame: it has no end marker")
    #expect(read.gaps[1].reason.hasPrefix("s2 has a frame of 24 x 99 where its header says 24 x 16"))
  }
}
