import Base
import Foundation
import Media
import TestKit
import Testing

@Suite("DICOM: files of several frames")
struct DicomFrameTests {
  private let scratch = Scratch("dicom")

  /// Frames of 2 × 2 pixels, each of one value.
  private func file(_ values: [Int16]) -> DicomFile {
    var file = DicomFile.slice(
      width: 2, height: 2, samples: values.flatMap { [Int16](repeating: $0, count: 4) }, position: nil)
    file.set(0x0028_0008, "IS", "\(values.count)")
    return file
  }

  private func item(_ elements: [UInt32: (String, String)]) -> DicomFile.Value {
    .items([elements.mapValues { DicomFile.Element(representation: $0.0, value: .text($0.1)) }])
  }

  private func sequence(_ value: DicomFile.Value) -> DicomFile.Element {
    DicomFile.Element(representation: "SQ", value: value)
  }

  /// The functional groups of enhanced files: geometry shared, position and rescale of each frame.
  private func enhance(_ file: inout DicomFile, _ frames: [(z: Double, intercept: Int)]) {
    file.elements[0x0028_0030] = nil
    file.set(
      0x5200_9229, "SQ",
      .items([
        [
          0x0020_9116: sequence(item([0x0020_0037: ("DS", "1\\0\\0\\0\\1\\0")])),
          0x0028_9110: sequence(item([0x0028_0030: ("DS", "0.5\\0.25"), 0x0018_0050: ("DS", "9")])),
        ]
      ]))
    file.set(
      0x5200_9230, "SQ",
      .items(
        frames.map { frame in
          [
            0x0020_9113: sequence(item([0x0020_0032: ("DS", "0\\0\\\(frame.z)")])),
            0x0028_9145: sequence(
              item([
                0x0028_1052: ("DS", "\(frame.intercept)"), 0x0028_1053: ("DS", "2"),
                0x0028_1054: ("LO", "HU"),
              ])),
          ]
        }))
  }

  private func read(_ file: DicomFile) throws -> SweepReading {
    let path = scratch.file("frames.dcm")
    try file.write(to: path)
    return try SweepReading(DicomSource(SweepConfiguration(path: path)))
  }

  @Test func `frames of an enhanced file come by position, with their own rescale`() throws {
    var file = file([10, 20, 30])
    enhance(&file, [(4, 0), (0, 100), (2, 200)])
    let read = try read(file)
    #expect(read.names == ["frames.dcm#2", "frames.dcm#3", "frames.dcm#1"])
    #expect(read.slices.map { $0.values[0] } == [140, 260, 20])
    #expect(read.sweep.spacing == VoxelSpacing(x: 0.25, y: 0.5, z: 2))
    #expect(read.sweep.isHounsfield)
  }

  @Test func `frames at the same places are several volumes`() throws {
    var file = file([1, 2, 3, 4])
    enhance(&file, [(0, 0), (1, 0), (0, 0), (1, 0)])
    let fault = #expect(throws: Fault.self) { try read(file) }
    #expect(fault?.cause == "frames.dcm#1 and frames.dcm#3 both lie at z 0 mm")
  }

  @Test func `frames without positions come in their order`() throws {
    var file = file([7, 8, 9])
    // One position for the whole file says nothing about its frames.
    file.set(0x0020_0032, "DS", "0\\0\\5")
    file.set(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
    let read = try read(file)
    #expect(read.slices.map { $0.values[0] } == [7, 8, 9])
    #expect(read.warnings("no_positions").count == 1)
    #expect(read.sweep.spacing == nil)
  }

  @Test func `offsets of a dose's frames are positions`() throws {
    var file = file([7, 8, 9])
    file.set(0x0020_0032, "DS", "0\\0\\5")
    file.set(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
    file.set(0x3004_000C, "DS", "0\\2.5\\5")
    let read = try read(file)
    #expect(read.slices.map(\.info.z) == [5, 7.5, 10])
    #expect(read.sweep.spacing?.z == 2.5)
  }

  @Test func `a file that lacks frames is an error`() throws {
    var short = file([1, 2, 3])
    short.set(0x0028_0008, "IS", "4")
    let fault = #expect(throws: Fault.self) { try read(short) }
    #expect(fault?.what == "can't read the sweep: it has 24 bytes of pixels and needs 32")
    short.set(0x0028_0008, "IS", "999999999")
    #expect(throws: Fault.self) { try read(short) }
    short.set(0x0028_0008, "IS", "many")
    #expect(throws: Fault.self) { try read(short) }
  }

  @Test func `pixels beyond the frames that a file says it has are told`() throws {
    let read = try read(
      {
        var file = file([1, 2, 3])
        file.set(0x0028_0008, "IS", "2")
        return file
      }())
    #expect(read.slices.count == 2)
    #expect(read.warnings("surplus_pixels") == ["frames.dcm has pixels for 3 frames and says it has 2"])
  }

  @Test func `coded frames are found, one fragment each or several`() throws {
    let frames = (0..<3).map { frame in (0..<64).map { UInt16($0 * 50 + frame * 7) } }
    let coded = frames.map { CodedFrames.losslessJPEG($0, width: 8, height: 8) }
    for isCut in [false, true] {
      var file = DicomFile.slice(width: 8, height: 8, samples: [], position: nil, syntax: .jpegLossless)
      file.set(0x0028_0008, "IS", "3")
      let fragments = coded.map { isCut ? [Array($0[..<40]), Array($0[40...])] : [$0] }
      file.set(0x7FE0_0010, "OB", .frames(fragments))
      let read = try read(file)
      #expect(read.slices.map(\.values) == frames.map { $0.map(Float.init) })
      file.set(0x7FE0_0010, "OB", .frames(Array(fragments.dropLast())))
      #expect(throws: Fault.self) { try self.read(file) }
    }
  }
}
