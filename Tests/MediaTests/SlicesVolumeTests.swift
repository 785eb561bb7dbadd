import Base
import CKernels
import Foundation
import Media
import TestKit
import Testing

@Suite("slices of raw volumes")
struct SlicesVolumeTests {
  private let folder: Folder
  private let volume = TestVolume()

  init() throws { folder = try Folder() }

  private func metaImage(_ changes: [String: String?] = [:], data: [UInt8]? = nil) throws -> String {
    var fields: [(String, String)] = [
      ("ObjectType", "Image"), ("NDims", "3"), ("BinaryData", "True"), ("BinaryDataByteOrderMSB", "False"),
      ("CompressedData", "False"), ("DimSize", "16 12 5"), ("ElementSpacing", "0.5 0.25 2"),
      ("ElementType", "MET_USHORT"),
    ]
    for (key, value) in changes where key != "ElementDataFile" {
      fields.removeAll { $0.0 == key }
      if let value { fields.append((key, value)) }
    }
    fields.append(("ElementDataFile", (changes["ElementDataFile"] ?? "volume.raw") ?? "volume.raw"))
    try folder.write(data ?? volume.bytes(), to: "volume.raw")
    return try folder.write(
      Array(fields.map { "\($0.0) = \($0.1)\n" }.joined().utf8), to: "volume.mhd")
  }

  private func nrrd(_ header: String, _ data: [UInt8]? = nil, name: String = "volume.nrrd") throws -> String {
    let text = "NRRD0004\n# made by a test\ntype: uint16\ndimension: 3\nsizes: 16 12 5\nendian: little\n"
    return try folder.write(Array((text + header + "\n\n").utf8) + (data ?? []), to: name)
  }

  @Test func `a MetaImage's values are exact and lie at their places`() throws {
    let swept = try sweep(try metaImage(["Offset": "1 2 -30"]))
    #expect(swept.values == volume.slices)
    #expect(swept.sweep.spacing == VoxelSpacing(x: 0.5, y: 0.25, z: 2))
    #expect(swept.slices.map(\.z) == [-30, -28, -26, -24, -22])
    #expect(swept.slices.map(\.source) == (1...5).map { "volume.raw#\($0)" })
    #expect(swept.sweep.count == 5)
    #expect(swept.sweep.precision == .exact)
    #expect(swept.warnings.isEmpty && swept.gaps.isEmpty)
  }

  @Test func `the user's spacing replaces the file's`() throws {
    let mine = VoxelSpacing(x: 1, y: 2, z: 3)
    let swept = try sweep(try metaImage(), spacing: mine)
    #expect(swept.sweep.spacing == mine)
    #expect(swept.slices.map(\.z) == [0, 3, 6, 9, 12])
  }

  @Test func `without a spacing there is no z`() throws {
    let swept = try sweep(try metaImage(["ElementSpacing": nil]))
    #expect(swept.sweep.spacing == nil)
    #expect(swept.slices.allSatisfy { $0.z == nil })
  }

  @Test func `values may follow the header in its file`() throws {
    let header = "ObjectType = Image\nNDims = 3\nDimSize = 16 12 5\nElementType = MET_USHORT\n"
    let path = try folder.write(
      Array((header + "ElementDataFile = LOCAL\n").utf8) + volume.bytes(), to: "volume.mha")
    #expect(try sweep(path).values == volume.slices)
  }

  @Test(arguments: ["7", "-1"]) func `bytes before the values are skipped`(size: String) throws {
    let path = try metaImage(["HeaderSize": size], data: [1, 2, 3, 4, 5, 6, 7] + volume.bytes())
    #expect(try sweep(path).values == volume.slices)
  }

  @Test func `a file that is too short gives its whole slices and names both sizes`() throws {
    let swept = try sweep(try metaImage(data: Array(volume.bytes().prefix(3 * 384 + 100))))
    #expect(swept.values == Array(volume.slices.prefix(3)))
    #expect(swept.gaps.map(\.indices) == [3..<5])
    let reason = try #require(swept.reasons.first)
    #expect(reason.contains("1252") && reason.contains("1920"))
  }

  @Test func `a file that is too long is read with a warning`() throws {
    let swept = try sweep(try metaImage(data: volume.bytes() + [0]))
    #expect(swept.values == volume.slices)
    #expect(swept.warnings.map(\.code) == ["file_longer"])
    #expect(swept.warnings[0].text.contains("1921") && swept.warnings[0].text.contains("1920"))
  }

  @Test(
    arguments: [
      ("DimSize", "16 12", "DimSize"), ("DimSize", "16 0 5", "16 0 5"),
      ("DimSize", "99999999999 9 9", "DimSize"),
      ("DimSize", "-1 12 5", "-1"), ("DimSize", "20000 20000 5", "20000"), ("NDims", "4", "NDims = 4"),
      ("DimSize", "16000 16000 5", "too short"), ("DimSize", "16 12 5000000000", "DimSize"),
      ("CompressedData", "True", "CompressedData = True"), ("BinaryData", "False", "BinaryData = False"),
      ("ElementType", "MET_DOUBLE", "MET_DOUBLE"), ("ElementNumberOfChannels", "3", "Channels = 3"),
      ("ElementDataFile", "LIST", "LIST"), ("ElementDataFile", "s%03d.raw 1 5 1", "s%03d.raw"),
      ("ElementDataFile", "gone.raw", "gone.raw"), ("HeaderSize", "-2", "HeaderSize = -2"),
      ("HeaderSize", "9223372036854775807", "too short"),
    ])
  func `a MetaImage that can't be read is refused with its value`(key: String, value: String, says: String)
    throws
  {
    let fault = try sweepFault(try metaImage([key: value]))
    #expect(fault.description.contains(says))
    #expect(fault.description.contains("volume") || fault.description.contains("gone.raw"))
  }

  @Test func `a MetaImage without a line for its values is refused`() throws {
    let path = try folder.write(Array("ObjectType = Image\nNDims = 3\n".utf8), to: "cut.mhd")
    #expect(try sweepFault(path).description.contains("ElementDataFile"))
  }

  @Test func `a spacing that makes no sense is none, with a warning`() throws {
    let swept = try sweep(try metaImage(["ElementSpacing": "0.5 0 2"]))
    #expect(swept.sweep.spacing == nil)
    #expect(swept.warnings.map(\.code) == ["spacing_unusable"])
  }

  @Test(
    arguments: [("MET_UCHAR", 1), ("MET_CHAR", 1), ("MET_SHORT", 2), ("MET_UINT", 4), ("MET_INT", 4)],
    [false, true])
  func `integers of every kind and order are exact`(kind: (String, Int), isBigEndian: Bool) throws {
    let isSigned = !kind.0.hasPrefix("MET_U")
    let bits = kind.1 * 8
    let numbers = (0..<960).map { index in
      let number = index * 37 % (1 << min(bits, 24))
      return isSigned ? number - 1 << (min(bits, 24) - 1) : number
    }
    let data = numbers.flatMap { number in
      let bytes = (0..<kind.1).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
      return isBigEndian ? bytes.reversed() : bytes
    }
    let path = try metaImage(
      [
        "ElementType": kind.0, "ElementByteOrderMSB": isBigEndian ? "True" : "False",
        "BinaryDataByteOrderMSB": nil,
      ],
      data: data)
    let swept = try sweep(path)
    #expect(swept.values.flatMap { $0 } == numbers.map(Float.init))
    #expect(swept.sweep.precision == (kind.1 == 1 ? .eightBit : .exact))
    #expect(swept.warnings.isEmpty)
  }

  @Test(arguments: [false, true]) func `floating point is exact in both orders`(isBigEndian: Bool) throws {
    let numbers = (0..<960).map { Float($0) * 0.1 - 7 }
    let data = numbers.flatMap { number in
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
      return isBigEndian ? bytes.reversed() : bytes
    }
    let path = try metaImage(
      ["ElementType": "MET_FLOAT", "BinaryDataByteOrderMSB": isBigEndian ? "True" : "False"], data: data)
    #expect(try sweep(path).values.flatMap { $0 } == numbers)
  }

  @Test(arguments: [Float.nan, .infinity]) func `a slice with a value that is no number is missing`(
    odd: Float
  ) throws {
    var numbers = [Float](repeating: 1, count: 960)
    numbers[192 + 16 * 3 + 4] = odd
    let data = numbers.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    let swept = try sweep(try metaImage(["ElementType": "MET_FLOAT"], data: data))
    #expect(swept.order == [0, 1, 2, 3, 4])
    #expect(swept.gaps.map(\.indices) == [1..<2])
    #expect(swept.reasons[0].contains("column 5, row 4"))
  }

  @Test func `integers that don't fit into floating point are read with a warning`() throws {
    let data = (0..<960).flatMap { withUnsafeBytes(of: UInt32(16_777_216 + $0).littleEndian, Array.init) }
    let swept = try sweep(try metaImage(["ElementType": "MET_UINT"], data: data))
    #expect(swept.slices.count == 5)
    #expect(swept.warnings.map(\.code) == ["values_rounded"])
  }

  @Test func `an NRRD's values follow its header`() throws {
    let swept = try sweep(try nrrd("encoding: raw\nspacings: 0.5 0.25 2", volume.bytes()))
    #expect(swept.values == volume.slices)
    #expect(swept.sweep.spacing == VoxelSpacing(x: 0.5, y: 0.25, z: 2))
  }

  @Test func `an NRRD's values lie in a file of their own`() throws {
    try folder.write([0, 0, 0] + volume.bytes(bigEndian: true), to: "other.raw")
    let header = "endian: big\nencoding: raw\nbyte skip: 3\ndata file: other.raw"
    #expect(try sweep(try nrrd(header, name: "volume.nhdr")).values == volume.slices)
  }

  @Test func `an NRRD's directions and units give spacing and place`() throws {
    let header = """
      encoding: raw
      space directions: (500, 0,0) (0,250,0) (0,0,-2000)
      space units: "um" "um" "um"
      space origin: (0,0,1000)
      kinds: domain domain domain
      """
    let swept = try sweep(try nrrd(header, volume.bytes()))
    #expect(swept.sweep.spacing == VoxelSpacing(x: 0.5, y: 0.25, z: 2))
    #expect(swept.slices.first?.z == -1)
  }

  @Test(
    arguments: [
      ("encoding: gzip", "encoding: gzip"), ("encoding: raw\ntype: double", "type: double"),
      ("encoding: raw\nsizes: 16 12", "16 12"), ("encoding: raw\ndimension: 4", "dimension: 4"),
      ("encoding: raw\nendian: middle", "middle"), ("encoding: raw\ndata file: LIST", "LIST"),
      ("encoding: raw\nline skip: 2", "line skip: 2"), ("encoding: raw\nbyte skip: -5", "byte skip: -5"),
      ("encoding: raw\nkinds: vector domain domain", "vector"), ("encoding: raw", "too short"),
    ])
  func `an NRRD that can't be read is refused with its value`(header: String, says: String) throws {
    #expect(try sweepFault(try nrrd(header)).description.contains(says))
  }

  @Test func `an NRRD in an unknown unit has no spacing`() throws {
    let header = "encoding: raw\nspacings: 1 1 1\nunits: \"s\" \"s\" \"s\""
    let swept = try sweep(try nrrd(header, volume.bytes()))
    #expect(swept.sweep.spacing == nil)
    #expect(swept.warnings.map(\.code) == ["spacing_unusable"])
  }

  @Test func `the first value beyond a limit is found wherever it is`() {
    var random = SplitMix(state: 4)
    for _ in 0..<200 {
      var values = (0..<Int.random(in: 1...10000, using: &random)).map { _ in
        Float.random(in: -1...1, using: &random)
      }
      let odd: [Float] = [.nan, 2, -2, .infinity]
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        values[Int.random(in: values.indices, using: &random)] = odd.randomElement(using: &random) ?? 2
      }
      let expected = values.firstIndex { !(abs($0) <= 1) } ?? values.count
      #expect(saccade_first_beyond(values, values.count, 1) == expected)
    }
  }
}
