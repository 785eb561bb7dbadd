import Base
import Media
import TestKit
import Testing

@Suite("DICOM: slices in order")
struct DicomOrderTests {
  private let scratch = Scratch("dicom")

  /// Slices of 4 × 3 pixels that all have their own value.
  private func slice(_ value: Int, z: Double?, number: Int? = nil, series: String = "1.2.3") -> DicomFile {
    .slice(
      width: 4, height: 3, samples: [Int16](repeating: Int16(value), count: 12),
      position: z.map { (-10, 20, $0) },
      number: number, series: series)
  }

  private func write(_ files: [(String, DicomFile)]) throws {
    for (name, file) in files { try file.write(to: scratch.file(name)) }
  }

  private func read(series: String? = nil, spacing: VoxelSpacing? = nil) throws -> SweepReading {
    try SweepReading(DicomSource(SweepConfiguration(path: scratch.path, spacing: spacing, series: series)))
  }

  @Test func `slices come by position, whatever names and numbers say`() throws {
    try write([
      ("a", slice(3, z: 3, number: 1)), ("b.dcm", slice(1, z: 1, number: 9)),
      ("slice10", slice(2, z: 2, number: 4)),
      ("slice2", slice(4, z: 4, number: 5)),
    ])
    let read = try read()
    #expect(read.names == ["b.dcm", "slice10", "a", "slice2"])
    #expect(read.slices.map(\.values) == (1...4).map { [Float](repeating: Float($0), count: 12) })
    #expect(read.slices.map(\.info.z) == [1, 2, 3, 4])
    #expect(read.indices == [0, 1, 2, 3])
    #expect(read.sweep.count == 4)
    #expect(read.warnings.map(\.code) == ["unordered"])
    #expect(read.gaps.isEmpty)
  }

  @Test func `numbers that run against positions are in order too`() throws {
    try write((1...4).map { ("\($0)", slice($0, z: Double($0), number: 10 - $0)) })
    #expect(try read().warnings.isEmpty)
  }

  @Test func `the step comes from positions, and pixels are rows first`() throws {
    for index in 0..<4 {
      var file = slice(index, z: 0.6 * Double(index))
      file.set(0x0018_0050, "DS", "0.8")
      file.set(0x0018_0088, "DS", "5")
      try file.write(to: scratch.file("\(index)"))
    }
    // The writer's PixelSpacing is 0.5\0.25.
    let spacing = try #require(try read().sweep.spacing)
    #expect(spacing.x == 0.25 && spacing.y == 0.5)
    #expect(abs(spacing.z - 0.6) < 1e-9)
    #expect(
      try read(spacing: VoxelSpacing(x: 1, y: 2, z: 3)).sweep.spacing == VoxelSpacing(x: 1, y: 2, z: 3))
  }

  @Test func `order follows the normal of slices that lie any way`() throws {
    for index in 0..<3 {
      var file = slice(index, z: 0)
      // Sagittal: rows along y, columns down −z, the normal along −x.
      file.set(0x0020_0037, "DS", "0\\1\\0\\0\\0\\-1")
      file.set(0x0020_0032, "DS", "\(index * 2)\\7\\8")
      try file.write(to: scratch.file("\(index)"))
    }
    let read = try read()
    #expect(read.names == ["2", "1", "0"])
    #expect(read.slices.map(\.info.z) == [-4, -2, 0])
    #expect(read.sweep.spacing?.z == 2)
  }

  @Test func `missing slices are told with how many, where and between which`() throws {
    try write([0, 1, 2, 5, 6, 8].map { ("s\($0)", slice($0, z: Double($0) * 0.5)) })
    let read = try read()
    #expect(read.gaps.map(\.indices) == [3..<5, 7..<8])
    #expect(
      read.gaps.first?.reason
        == "from s2 (z 1 mm) to s5 (z 2.5 mm) the step is 1.5 mm, and 0.5 mm elsewhere")
    #expect(read.indices == [0, 1, 2, 5, 6, 8])
    #expect(read.sweep.count == 9)
  }

  @Test func `a position that can't be right is an error`() throws {
    try write([0, 1, 2, 1_000_000].map { ("s\($0)", slice(0, z: Double($0))) })
    let fault = #expect(throws: Fault.self) { try read() }
    #expect(fault?.description.contains("from s2 (z 2 mm) to s1000000") == true)
  }

  @Test func `irregular steps are told with both files`() throws {
    try write([0, 1, 2, 3.2, 4.2].map { (z: Double) in ("s\(z)", slice(0, z: z)) })
    #expect(
      try read().warnings("irregular_step") == [
        "from s2.0 (z 2 mm) to s3.2 (z 3.2 mm) the step is 1.2 mm, and 1 mm elsewhere"
      ])
  }

  @Test func `of two slices at a place the first is kept, and the other named`() throws {
    try write([("a", 0), ("b", 1), ("c", 1), ("d", 2), ("e", 3)].map { ($0.0, slice(0, z: $0.1)) })
    let read = try read()
    #expect(read.names == ["a", "b", "d", "e"])
    #expect(read.warnings("duplicate_slice") == ["c lies where b does, at z 1 mm, and is left out"])
  }

  @Test func `several volumes in one series are an error`() throws {
    try write((0..<8).map { ("s\($0)", slice(0, z: Double($0 / 2))) })
    let fault = #expect(throws: Fault.self) { try read() }
    #expect(fault?.what == "the series holds several volumes: 8 slices at 4 positions")
    #expect(fault?.cause == "s0 and s1 both lie at z 0 mm")
  }

  @Test func `without positions the instance number counts, and z is the user's`() throws {
    try write([
      ("x", slice(1, z: nil, number: 2)), ("y", slice(0, z: nil, number: 1)),
      ("z", slice(2, z: nil, number: 10)),
    ])
    let read = try read()
    #expect(read.names == ["y", "x", "z"])
    #expect(read.slices.allSatisfy { $0.info.z == nil })
    #expect(read.sweep.spacing == nil)
    #expect(read.warnings.map(\.code) == ["no_positions", "no_spacing"])
  }

  @Test func `without positions equal or absent numbers are an error`() throws {
    try write([("x", slice(1, z: nil, number: 2)), ("y", slice(0, z: nil, number: 2))])
    #expect(throws: Fault.self) { try read() }
    try write([("y", slice(0, z: nil))])
    let fault = #expect(throws: Fault.self) { try read() }
    #expect(fault?.cause?.contains("InstanceNumber") == true)
  }

  @Test func `a slice without a position among others is left out and named`() throws {
    try write((0..<4).map { ("s\($0)", slice($0, z: Double($0))) } + [("odd", slice(9, z: nil))])
    let read = try read()
    #expect(read.names == ["s0", "s1", "s2", "s3"])
    #expect(read.warnings.contains { $0.text.contains("odd") })
  }

  @Test func `tilted slices are brought onto an upright grid`() throws {
    // A point that lies straight along the normal: each slice begins half a pixel further down (0.25 of 0.5 mm), so
    // that the point is half a pixel further up in it.
    for index in 0..<5 {
      var samples = [Int16](repeating: 0, count: 8 * 8)
      let row = 5 - Double(index) / 2
      samples[Int(row.rounded(.down)) * 8 + 3] += Int16(row.rounded(.down) == row ? 100 : 50)
      if row.rounded(.down) != row { samples[(Int(row.rounded(.down)) + 1) * 8 + 3] += 50 }
      let file = DicomFile.slice(
        width: 8, height: 8, samples: samples, position: (0, Double(index) * 0.25, Double(index)))
      try file.write(to: scratch.file("s\(index)"))
    }
    let read = try read()
    #expect(read.sweep.width == 8 && read.sweep.height == 10)
    #expect(read.sweep.spacing?.z == 1)
    #expect(
      read.warnings("gantry_tilt").first?.hasPrefix(
        "the slices are tilted by 14.04 degrees, by up to 2 pixels") == true)
    for slice in read.slices {
      let total = slice.values.reduce(0, +)
      let centre = slice.values.indices.reduce(Float(0)) { $0 + slice.values[$1] * Float($1 / 8) } / total
      #expect(total == 100)
      #expect(abs(centre - 5) < 1e-4)
    }
  }

  @Test func `slices that would leave each other are refused`() throws {
    for index in 0..<4 {
      let file = DicomFile.slice(
        width: 4, height: 3, samples: [Int16](repeating: 0, count: 12),
        position: (0, Double(index) * 3, Double(index)))
      try file.write(to: scratch.file("s\(index)"))
    }
    let fault = #expect(throws: Fault.self) { try read() }
    #expect(fault?.what.contains("tilted by 71.57 degrees") == true)
  }
}
