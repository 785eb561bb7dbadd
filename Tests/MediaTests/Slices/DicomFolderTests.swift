import Base
import Foundation
import Media
import TestKit
import Testing

@Suite("DICOM: what lies in a folder")
struct DicomFolderTests {
  private let scratch = Scratch("dicom")

  private func slice(_ z: Double, series: String = "1.2.3", width: Int = 4) -> DicomFile {
    .slice(
      width: width, height: 3, samples: [Int16](repeating: Int16(z), count: 3 * width), position: (0, 0, z),
      number: Int(z), series: series)
  }

  private func write(_ count: Int, series: String = "1.2.3", prefix: String = "s") throws {
    for z in 0..<count { try slice(Double(z), series: series).write(to: scratch.file("\(prefix)\(z)")) }
  }

  private func read(series: String? = nil) throws -> SweepReading {
    try SweepReading(DicomSource(SweepConfiguration(path: scratch.path, series: series)))
  }

  @Test func `folders within are looked into, and other files are counted`() throws {
    for (index, name) in ["", "p/", "p/st/"].enumerated() {
      try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
      try slice(Double(index)).write(to: scratch.file("\(name)I\(index)"))
    }
    try scratch.write("notes", to: "notes.txt")
    try scratch.write("more", to: "p/README")
    let read = try read()
    #expect(read.names == ["I0", "p/I1", "p/st/I2"])
    #expect(read.warnings("other_files") == ["2 files that are not DICOM are left out"])
  }

  @Test func `a folder that has nothing but folders with DICOM is a sweep`() throws {
    try FileManager.default.createDirectory(
      atPath: scratch.file("p/st/se"), withIntermediateDirectories: true)
    for z in 0..<3 { try slice(Double(z)).write(to: scratch.file("p/st/se/I\(z)")) }
    let source = try SliceSources.open(SweepConfiguration(path: scratch.path))
    #expect(source.sweep.count == 3)
  }

  @Test func `a JPEG called dcm, an empty file and a damaged one are named`() throws {
    try write(4)
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0, 0]).write(to: URL(fileURLWithPath: scratch.file("x.dcm")))
    try Data().write(to: URL(fileURLWithPath: scratch.file("empty.dcm")))
    try Data(slice(2).bytes.prefix(300)).write(to: URL(fileURLWithPath: scratch.file("s2")))
    let read = try read()
    let texts = read.warnings("unreadable_file")
    #expect(texts.count == 3)
    #expect(texts[0] == "empty.dcm is empty")
    #expect(texts[1].hasPrefix("s2 is truncated or damaged"))
    #expect(texts[2] == "x.dcm is a JPEG picture, not DICOM")
    #expect(read.names == ["s0", "s1", "s3"])
    #expect(read.gaps.map(\.indices) == [2..<3])
  }

  @Test func `a slice whose pixels are cut short is missing, and the sweep goes on`() throws {
    try write(5)
    try Data(slice(2).bytes.dropLast(5)).write(to: URL(fileURLWithPath: scratch.file("s2")))
    let read = try read()
    #expect(read.indices == [0, 1, 3, 4])
    #expect(read.gaps.map(\.indices) == [2..<3])
    #expect(read.gaps.first?.reason.contains("s2 is truncated: it ends at byte") == true)
  }

  @Test func `files without pixels and indices are left out`() throws {
    try write(3)
    var report = slice(0)
    report.elements[0x7FE0_0010] = nil
    try report.write(to: scratch.file("report"))
    #expect(try read().warnings("no_pixels") == ["1 DICOM files without pixels are left out"])
  }

  @Test func `an overview in the series is left out`() throws {
    try write(4)
    var overview = slice(9)
    overview.set(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER")
    try overview.write(to: scratch.file("scout"))
    let read = try read()
    #expect(read.names == ["s0", "s1", "s2", "s3"])
    #expect(read.warnings("localizer") == ["scout is an overview (LOCALIZER) and is left out"])
  }

  @Test func `slices unlike most are left out with their value`() throws {
    try write(6)
    try slice(6, width: 8).write(to: scratch.file("wide"))
    var spaced = slice(7)
    spaced.set(0x0028_0030, "DS", "0.5\\0.3")
    try spaced.write(to: scratch.file("spaced"))
    var turned = slice(8)
    turned.set(0x0020_0037, "DS", "0\\1\\0\\0\\0\\-1")
    try turned.write(to: scratch.file("turned"))
    let read = try read()
    #expect(read.names == (0..<6).map { "s\($0)" })
    #expect(read.warnings("mixed_sizes") == ["wide has 8 × 3 pixels, the sweep 4 × 3 pixels: it is left out"])
    #expect(
      read.warnings("mixed_spacings") == [
        "spaced has 0.3 × 0.5 mm a pixel, the sweep 0.25 × 0.5 mm a pixel: it is left out"
      ])
    #expect(
      read.warnings("mixed_orientations") == [
        "turned has a normal of (-1, 0, 0), the sweep a normal of (0, 0, 1): it is left out"
      ])
  }

  @Test func `slices of which no size prevails are an error`() throws {
    for z in 0..<4 { try slice(Double(z), width: z < 2 ? 4 : 8).write(to: scratch.file("s\(z)")) }
    let fault = #expect(throws: Fault.self) { try read() }
    #expect(fault?.what == "the slices are of different sizes")
    #expect(fault?.cause == "2 with 4 × 3 pixels, 2 with 8 × 3 pixels")
  }

  @Test func `of several series the user chooses, and nothing of the patient is told`() throws {
    try write(4, series: "1.1", prefix: "a")
    try write(5, series: "1.2", prefix: "b")
    let fault = #expect(throws: Fault.self) { try read() }
    let text = fault?.description ?? ""
    #expect(text.contains("1: CT, 4 slices of 4 × 3, 0.25 × 0.5 × 1 mm; 2: CT, 5 slices of 4 × 3"))
    #expect(!text.contains("Geheim"))
    #expect(try read(series: "2").slices.count == 5)
    #expect(try read(series: "1.1").slices.count == 4)
    #expect(throws: Fault.self) { try read(series: "3") }
  }

  @Test func `a series of overviews or of one shot needs no choice`() throws {
    try write(4, series: "1.1", prefix: "a")
    try write(2, series: "1.2", prefix: "b")
    for z in 0..<4 {
      var overview = slice(Double(z), series: "1.0")
      overview.set(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\LOCALIZER")
      try overview.write(to: scratch.file("scout\(z)"))
    }
    let read = try read()
    #expect(read.names == ["a0", "a1", "a2", "a3"])
    #expect(
      read.warnings("series_left_out") == [
        "series 1 is left out: CT, 4 slices of 4 × 3, localizer, 0.25 × 0.5 × 1 mm",
        "series 3 is left out: CT, 2 slices of 4 × 3, 0.25 × 0.5 × 1 mm",
      ])
  }

  @Test func `of many warnings the first ten are told one by one`() throws {
    try write(40)
    for index in 0..<15 { try Data().write(to: URL(fileURLWithPath: scratch.file("e\(index).dcm"))) }
    let texts = try read().warnings("unreadable_file")
    #expect(texts.count == 11)
    #expect(texts.last == "5 more of the kind unreadable_file")
  }

  @Test func `what is DICOM is told by its bytes`() throws {
    let plain = scratch.file("plain")
    try slice(0).write(to: plain)
    #expect(DicomSource.isDicom(plain))
    var old = slice(0)
    old.hasPreamble = false
    try old.write(to: scratch.file("old"))
    #expect(DicomSource.isDicom(scratch.file("old")))
    #expect(try SweepReading(DicomSource(SweepConfiguration(path: scratch.file("old")))).slices.count == 1)
    old.syntax = .implicit
    try old.write(to: scratch.file("older"))
    #expect(DicomSource.isDicom(scratch.file("older")))
    // A preamble that claims TIFF fools FFmpeg.
    var bytes = slice(0).bytes
    bytes.replaceSubrange(0..<4, with: Array("II*\0".utf8))
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.file("dual")))
    #expect(DicomSource.isDicom(scratch.file("dual")))
    try scratch.write(String(repeating: "a text is no scan\n", count: 20), to: "text")
    #expect(!DicomSource.isDicom(scratch.file("text")))
    #expect(!DicomSource.isDicom(scratch.file("nothing")))
    #expect(DicomSource.isDicom(scratch.path))
    let other = Scratch("other")
    try other.write("no scan", to: "text")
    #expect(!DicomSource.isDicom(other.path))
    // So that the error says what it is.
    try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: URL(fileURLWithPath: other.file("x.dcm")))
    #expect(DicomSource.isDicom(other.file("x.dcm")))
    let fault = #expect(throws: Fault.self) { try DicomSource(SweepConfiguration(path: other.file("x.dcm"))) }
    #expect(fault?.what == "can't read the sweep: it is a JPEG picture, not DICOM")
  }

  @Test func `a folder without DICOM is an error`() throws {
    try scratch.write("text", to: "text")
    #expect(throws: Fault.self) { try read() }
    #expect(throws: Fault.self) { try DicomSource(SweepConfiguration(path: scratch.file("nothing"))) }
  }
}
