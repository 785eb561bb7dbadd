import Base
import Foundation
import Media
import TestKit
import Testing

@Suite("slices in TIFF")
struct SlicesTIFFTests {
  private let folder: Folder
  private let volume = TestVolume()

  init() throws { folder = try Folder() }

  private func page(
    _ z: Int, bits: Int = 16, bigEndian: Bool = false, _ tags: [UInt16: TIFFWriter.Value] = [:]
  ) -> TIFFWriter.Page {
    TIFFWriter.Page(
      width: 16, height: 12, bits: bits, [volume.bytes(z, bigEndian: bigEndian)], tags: tags)
  }

  private func write(
    _ pages: [TIFFWriter.Page], _ writer: TIFFWriter = TIFFWriter(), to name: String = "stack.tif"
  ) throws -> String { try folder.write(writer.bytes(pages), to: name) }

  @Test(arguments: [false, true], [false, true])
  func `pages are slices, in both byte orders and with 64-bit offsets`(isBigEndian: Bool, isBig: Bool) throws
  {
    let path = try write(
      (0..<5).map { page($0, bigEndian: isBigEndian) }, TIFFWriter(isBigEndian: isBigEndian, isBig: isBig))
    let swept = try sweep(path)
    #expect(swept.values == volume.slices)
    #expect(swept.slices.map(\.source) == (1...5).map { "stack.tif#\($0)" })
    #expect(swept.sweep.count == 5 && swept.sweep.spacing == nil && swept.sweep.precision == .exact)
    #expect(SliceSources.looksLikeSweep(path))
  }

  @Test func `a TIFF of one page is no sweep by itself, but can be read`() throws {
    let path = try write([page(0)])
    #expect(!SliceSources.looksLikeSweep(path))
    #expect(try sweep(path).values == [volume.slice(0)])
  }

  @Test(arguments: ["raw", "lzw", "deflate", "packbits"])
  func `compressed strips are exact`(algorithm: String) throws {
    try folder.encode(
      volume, "-c:v tiff -compression_algo \(algorithm) -pix_fmt gray16le", to: "slice_%d.tiff")
    #expect(try sweep(folder.path).values == volume.slices)
  }

  @Test func `tiles are put together, also where they hang over the edge`() throws {
    // 16 × 12 in tiles of 16 × 16 by the standard; and 32 × 20 in six of them.
    var large = volume
    (large.width, large.height) = (40, 20)
    let codes = large.codes(0)
    var tiles: [[UInt8]] = []
    for top in stride(from: 0, to: 20, by: 16) {
      for left in stride(from: 0, to: 40, by: 16) {
        tiles.append(
          (0..<256).flatMap { index -> [UInt8] in
            let (x, y) = (left + index % 16, top + index / 16)
            let code = x < 40 && y < 20 ? codes[y * 40 + x] : 0xeeee
            return [UInt8(code & 255), UInt8(code >> 8)]
          })
      }
    }
    let tiled = TIFFWriter.Page(
      width: 40, height: 20, bits: 16, tiles, tags: [322: .short(16), 323: .short(16)])
    #expect(try sweep(try write([tiled])).values == [large.slice(0)])
  }

  @Test func `strips of some rows are put together`() throws {
    let bytes = volume.bytes(0)
    let strips = stride(from: 0, to: 12, by: 5).map { Array(bytes[($0 * 32)..<min(384, ($0 + 5) * 32)]) }
    let page = TIFFWriter.Page(width: 16, height: 12, bits: 16, strips, tags: [278: .long(5)])
    #expect(try sweep(try write([page])).values == [volume.slice(0)])
  }

  @Test func `where the least value is white, values are inverted`() throws {
    let swept = try sweep(try write([page(0, [262: .short(0)])]))
    #expect(swept.values == [volume.slice(0).map { 65535 - $0 }])
  }

  @Test(arguments: [(8, 1), (8, 2), (16, 2), (32, 1), (32, 2), (32, 3)])
  func `every kind of value is read as what it is`(bits: Int, format: Int) throws {
    let numbers = (0..<192).map { index -> Float in
      switch format {
      case 1: Float(index % 256)
      case 2: Float(index % 256 - 128)
      default: Float(index) * 0.1 - 7
      }
    }
    let writer = TIFFWriter()
    let data = numbers.flatMap { writer.number(format == 3 ? Int($0.bitPattern) : Int($0), bits / 8) }
    let page = TIFFWriter.Page(
      width: 16, height: 12, bits: bits, [data], tags: [339: .short(UInt16(format))])
    let swept = try sweep(try write([page]))
    #expect(swept.values == [numbers])
    #expect(swept.sweep.precision == (bits == 8 ? .eightBit : .exact))
  }

  @Test(
    arguments: [
      (64, 3, [:], "BitsPerSample is 64"), (12, 1, [:], "BitsPerSample is 12"),
      (32, 6, [:], "SampleFormat 6"), (16, 3, [:], "SampleFormat 3"),
      (16, 1, [277: 3, 262: 2], "SamplesPerPixel is 3"), (8, 1, [262: 3], "PhotometricInterpretation 3"),
      (16, 1, [277: 2], "SamplesPerPixel is 2"), (16, 2, [262: 0], "least is white"),
      (16, 1, [259: 50002], "50002"),
    ] as [(Int, Int, [UInt16: UInt16], String)])
  func `what can't be read exactly is refused with file and value`(
    bits: Int, format: Int, changes: [UInt16: UInt16], says: String
  ) throws {
    var tags: [UInt16: TIFFWriter.Value] = [339: .short(UInt16(format))]
    for (tag, value) in changes { tags[tag] = .short(value) }
    // Without a palette libtiff takes the picture for a grey one.
    if changes[262] == 3 { tags[320] = .shorts([UInt16](repeating: 0, count: 768)) }
    let page = TIFFWriter.Page(
      width: 16, height: 12, bits: bits, [[UInt8](repeating: 7, count: 192 * 8)], tags: tags)
    let path = try write([page])
    let fault = try sweepFault(path)
    #expect(fault.description.contains(says) && fault.place == path)
  }

  @Test(arguments: [false, true]) func `ImageJ's stack of one page is read to its last picture`(
    isBigEndian: Bool
  ) throws {
    let description = "ImageJ=1.53\nimages=5\nslices=5\nunit=mm\nspacing=2.0\nloop=false\n"
    var writer = TIFFWriter(isBigEndian: isBigEndian)
    writer.tail = (1..<5).flatMap { volume.bytes($0, bigEndian: isBigEndian) }
    // The pictures follow the first one, so its tags lie before it.
    let tags: [UInt16: TIFFWriter.Value] = [
      270: .text(description), 282: .rational(2, 1), 283: .rational(4, 1), 296: .short(1),
    ]
    let whole = writer.bytes([page(0, bigEndian: isBigEndian, tags)])
    let path = try folder.write(moved(whole, isBigEndian), to: "stack.tif")
    let swept = try sweep(path)
    #expect(swept.values == volume.slices)
    #expect(swept.sweep.spacing == VoxelSpacing(x: 0.5, y: 0.25, z: 2))
    #expect(swept.slices.map(\.z) == [0, 2, 4, 6, 8])
    #expect(SliceSources.looksLikeSweep(path))
  }

  /// Copies the first picture before the tail and points its strip there.
  private func moved(_ bytes: [UInt8], _ isBigEndian: Bool) -> [UInt8] {
    var out = bytes
    let tail = bytes.count - 4 * 384
    out.insert(contentsOf: bytes[8..<8 + 384], at: tail)
    let writer = TIFFWriter(isBigEndian: isBigEndian)
    let entry = writer.number(273, 2) + writer.number(4, 2) + writer.number(1, 4)
    let place = (0..<out.count - 12).first { Array(out[$0..<$0 + 8]) == entry }
    if let place { out.replaceSubrange(place + 8..<place + 12, with: writer.number(tail, 4)) }
    return out
  }

  @Test(
    arguments: [
      ("unit=\\u00B5m\nspacing=3\n", VoxelSpacing(x: 0.0005, y: 0.0005, z: 0.003)),
      ("unit=inch\nspacing=1\n", VoxelSpacing(x: 12.7, y: 12.7, z: 25.4)),
      ("unit=pixel\nspacing=1\n", nil), ("unit=mm\n", nil),
    ])
  func `ImageJ's unit counts for all three directions`(text: String, spacing: VoxelSpacing?) throws {
    let path = try write(
      (0..<2).map {
        page(
          $0,
          [
            270: .text("ImageJ=1.53\nimages=2\nslices=2\n" + text), 282: .rational(2, 1),
            283: .rational(2, 1),
          ])
      })
    let found = try sweep(path).sweep.spacing
    #expect((found == nil) == (spacing == nil))
    if let found, let spacing {
      #expect(abs(found.x - spacing.x) < 1e-9 && abs(found.z - spacing.z) < 1e-9)
    }
  }

  @Test func `an ImageJ stack of several channels is refused`() throws {
    let path = try write([page(0, [270: .text("ImageJ=1.53\nimages=10\nchannels=2\nslices=5\n")])])
    #expect(try sweepFault(path).description.contains("channels=2, slices=5"))
  }

  @Test(arguments: ["frames", "channels"])
  func `a stack along one other dimension is taken for slices, with a warning`(name: String) throws {
    let path = try write((0..<2).map { page($0, [270: .text("ImageJ=1.53\nimages=2\n\(name)=2\n")]) })
    let swept = try sweep(path)
    #expect(swept.slices.count == 2)
    #expect(swept.warnings.map(\.code) == ["taken_for_slices"])
    #expect(swept.warnings.first?.text.contains("\(name)=2") == true)
  }

  @Test func `a stack whose first pages are all unreadable is an error`() throws {
    let bad = TIFFWriter.Page(width: 16, height: 12, bits: 16, [[1, 2, 3]], tags: [259: .short(5)])
    #expect(try sweepFault(try write([bad, bad, bad])).description.contains("can't be decoded"))
    #expect(try sweep(try write([bad, page(1), bad])).indices == [1])
  }

  @Test func `a page of another size or depth is missing`() throws {
    let small = TIFFWriter.Page(width: 8, height: 6, bits: 16, [[UInt8](repeating: 0, count: 96)])
    let shallow = TIFFWriter.Page(width: 16, height: 12, bits: 8, [[UInt8](repeating: 0, count: 192)])
    let swept = try sweep(try write([page(0), small, shallow, page(3)]))
    #expect(swept.indices == [0, 3])
    #expect(swept.gaps.map(\.indices) == [1..<2, 2..<3])
    #expect(swept.reasons[0].contains("8 × 6") && swept.reasons[0].contains("16 × 12"))
    #expect(swept.reasons[1].contains("8 bit") && swept.reasons[1].contains("16 bit"))
  }

  @Test func `a page whose data breaks off is missing, never zeros`() throws {
    let short = TIFFWriter.Page(width: 16, height: 12, bits: 16, [Array(volume.bytes(1).prefix(100))])
    let swept = try sweep(try write([page(0), short, page(2)]))
    #expect(swept.values == [volume.slice(0), volume.slice(2)])
    #expect(swept.gaps.map(\.indices) == [1..<2])
  }

  @Test func `a cut file gives its whole pages and says that there are more`() throws {
    let whole = TIFFWriter().bytes((0..<5).map { page($0) })
    let swept = try sweep(try folder.write(Array(whole.prefix(whole.count * 3 / 5)), to: "cut.tif"))
    #expect(swept.values == Array(volume.slices.prefix(swept.values.count)))
    #expect(swept.values.count >= 2)
    #expect(swept.warnings.map(\.code) == ["pages_unreachable"])
  }

  @Test func `a TIFF of several pages among single ones is missing`() throws {
    for z in 0..<3 { _ = try write([page(z)], to: "s\(z).tif") }
    _ = try write([page(3), page(4)], to: "s3.tif")
    let swept = try sweep(folder.path)
    #expect(swept.values == Array(volume.slices.prefix(3)))
    #expect(swept.reasons.count == 1 && swept.reasons[0].contains("2 pages"))
  }

  @Test func `a header that promises gigabytes takes no memory`() throws {
    let page = TIFFWriter.Page(width: 16000, height: 16000, bits: 32, [[1, 2, 3, 4]], tags: [259: .short(5)])
    #expect(try sweepFault(try write([page])).description.contains("16000 × 16000"))
    let beyond = TIFFWriter.Page(
      width: 1_000_000, height: 1_000_000, bits: 16, [[1, 2, 3, 4]], tags: [259: .short(5)])
    #expect(try sweepFault(try write([beyond])).description.contains("1000000"))
  }
}
