import Base
import Conditions
import Events
import Foundation
import Media
import Pipelines
import Sweeps
import TestKit
import Testing

@Suite("An analysis of a sweep")
struct SweepAnalysisTests {
  static let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")!.lowerBound))

  static func pipeline(_ path: String, constraint: String? = nil) -> Pipeline {
    var pipeline = Pipeline(name: "scan", source: SourceConfiguration(url: path))
    pipeline.sweep = SweepPlan()
    pipeline.instruction.constraint = constraint
    return pipeline
  }

  static func analyse(_ pipeline: Pipeline, pictures: Bool = false) throws -> (
    CollectingSink, SweepAnalysis.Summary
  ) {
    let sink = CollectingSink()
    let summary = try SweepAnalysis(
      pipeline, epoch: "test", version: "1", sink: sink, clocks: SystemClocks(), pictures: pictures
    ).run()
    return (sink, summary)
  }

  /// A bar with three pores, of 3, 2.1 and 1.2 mm.
  static func scene() -> VoxelScene {
    var scene = VoxelScene(slices: 36)
    scene.shapes = [
      .sphere(6, at: scene.middle + [20.2, 0.3, -4.1]), .sphere(4.2, at: scene.middle + [-18.4, 6.1, 3.3]),
      .sphere(2.4 * 1.3, at: scene.middle + [0.4, -21.7, 0.2]),
    ]
    return scene
  }

  @Test("gives a record a slice, with its place and file, and an event a defect with its measures")
  func records() throws {
    let folder = Scratch("sweep")
    let (sink, summary) = try Self.analyse(Self.pipeline(Self.scene().write(to: folder)))
    let frames = sink.frames
    #expect(frames.map { $0.slice?.index } == Array(0..<36))
    #expect(
      frames.allSatisfy { $0.slice?.spacing == [0.5, 0.5, 0.5] && $0.segment == 1 && $0.freshness == .fresh })
    #expect(frames.map(\.frame) == Array(1...36))
    for frame in frames { #expect(abs(frame.mediaTime - Double(frame.slice?.index ?? -1) / 30) < 1e-9) }
    // Seq counts all records.
    let seqs = sink.entries.compactMap { entry -> UInt64? in
      switch entry {
      case .frame(let record): record.seq
      case .event(let record): record.seq
      case .late: nil
      }
    }
    #expect(seqs == Array(1...UInt64(seqs.count)))
    let ends = sink.events.filter { $0.event.phase == .end }
    #expect(ends.count == 3)
    #expect(sink.events.count { $0.event.phase == .begin } == 3)
    let large = try #require(ends.first { $0.event.attribute("diameter_mm") ?? 0 > 2.5 })
    #expect(abs((large.event.attribute("diameter_mm") ?? 0) - 3) < 0.075)
    #expect(abs((large.event.attribute("volume_mm3") ?? 0) - 14.14) < 1)
    #expect(large.event.text.contains("pore") && large.event.text.contains("± "))
    // The sections of what is open.
    let section = try #require(
      frames.compactMap { $0.objects.first { $0.id == large.event.objects.first } }.first)
    #expect(abs(section.box.x * 96 - (47.5 + 20.2 - 3)) < 2.5)
    #expect(summary.report.entries.count == 3)
    #expect(summary.report.reported == 3)
  }

  @Test("with a constraint tells what fulfils it as soon as that is certain, and counts the rest")
  func constraint() throws {
    let folder = Scratch("sweep")
    let pipeline = try Self.pipeline(
      Self.scene().write(to: folder), constraint: "only report defects with diameter > 2.5 mm")
    let (sink, summary) = try Self.analyse(pipeline)
    let ids = Set(sink.events.map(\.event.id))
    #expect(ids.count == 1)
    let begin = try #require(sink.events.first)
    #expect(begin.event.phase == .begin)
    #expect((begin.event.attribute("diameter_at_least_mm") ?? 0) > 2.5)
    #expect(begin.event.text("verdict") == "above")
    // Before its last slice, with its first one as the beginning.
    let entry = try #require(summary.report.entries.first { $0.isReported })
    #expect(begin.mediaTime < Double(entry.defect.slices.upperBound) / 30 + 0.001)
    #expect(abs(begin.event.since - Double(entry.defect.slices.lowerBound) / 30) < 1e-9)
    #expect(summary.report.entries.count == 3 && summary.report.reported == 1)
    #expect(summary.report.limits.map(\.text) == ["> 2.5 mm"])
    #expect(Set(sink.frames.flatMap(\.objects).map(\.id)) == [entry.defect.id])
  }

  @Test("leaves what the uncertainty reaches over undecided, and reports it")
  func undecided() throws {
    let folder = Scratch("sweep")
    let path = try Self.scene().write(to: folder)
    let (_, all) = try Self.analyse(Self.pipeline(path))
    let middle = try #require(all.report.entries.map(\.defect.diameter).sorted().dropFirst().first)
    let (sink, summary) = try Self.analyse(Self.pipeline(path, constraint: "diameter > \(middle) mm"))
    #expect(
      summary.report.entries.compactMap { $0.verdicts.first ?? nil }.sorted { $0.rawValue < $1.rawValue }
        == [.above, .below, .undecided])
    let event = try #require(sink.events.last { $0.event.text("verdict") == "undecided" })
    #expect(event.event.phase == .end && event.event.text.contains("undecided"))
  }

  @Test("names missing slices, goes on after them, and ends there what they cut", arguments: [false, true])
  func missing(isTruncated: Bool) throws {
    let folder = Scratch("sweep")
    var scene = VoxelScene(size: 64, slices: 24, bar: 26)
    scene.shapes = [.sphere(9, at: scene.middle + [10, 0, 0])]
    let values = scene.values()
    // Pictures, of which two are not there and, if so, one is half there.
    for slice in 0..<24 where slice != 12 && slice != 13 {
      var bytes = Data("P5\n64 64\n65535\n".utf8)
      for value in values[(slice * 4096)..<((slice + 1) * 4096)] {
        bytes += [UInt8(value >> 8), UInt8(value & 255)]
      }
      let name = slice < 10 ? "s0\(slice).pgm" : "s\(slice).pgm"
      try (isTruncated && slice == 20 ? bytes.prefix(4000) : bytes)
        .write(to: URL(fileURLWithPath: folder.file(name)))
    }
    let (sink, summary) = try Self.analyse(Self.pipeline(folder.path))
    let gaps = sink.events.filter { $0.event.kind == "slices_missing" }
    #expect(gaps.count == (isTruncated ? 2 : 1))
    #expect(gaps.first?.event.attributes.first { $0.name == "first_index" }?.value == .integer(12))
    #expect(gaps.first?.event.attributes.first { $0.name == "count" }?.value == .integer(2))
    if isTruncated { #expect(gaps.last?.event.text.contains("s20.pgm") ?? false) }
    #expect(summary.report.missing == (isTruncated ? 3 : 2))
    let indices = sink.frames.compactMap { $0.slice?.index }
    #expect(indices == (0..<24).filter { $0 != 12 && $0 != 13 && !(isTruncated && $0 == 20) })
    #expect(sink.frames.last?.segment == (isTruncated ? 3 : 2))
    // Its two halves, each cut off.
    // Places are those in the whole sweep.
    for entry in summary.report.entries {
      let z = Double(entry.defect.slices.lowerBound + entry.defect.slices.upperBound) / 2
      #expect(abs(entry.defect.centroid.z - z) < 1)
      #expect(entry.defect.depth.contains(entry.defect.centroid.z))
    }
    #expect(
      sink.events.filter { $0.event.kind == "defect" && $0.event.phase == .end }.map(\.event.reason)
        == [.condition, .condition])
    let locations = summary.report.entries.map(\.defect.location)
    #expect(locations == [.truncated, .truncated])
    #expect(
      summary.report.entries.map(\.defect.slices.upperBound)
        == summary.report.entries.map(\.defect.slices.upperBound).sorted())
  }

  @Test("goes on for its report when nobody reads the records, and else stops", arguments: [false, true])
  func closed(endsWithReader: Bool) throws {
    let folder = Scratch("sweep")
    let sink = CollectingSink()
    sink.close()
    let summary = try SweepAnalysis(
      Self.pipeline(Self.scene().write(to: folder)), epoch: "test", version: "1", sink: sink,
      clocks: SystemClocks(), pictures: false, endsWithReader: endsWithReader
    ).run()
    #expect(summary.wasStopped == endsWithReader)
    #expect(summary.report.slices == (endsWithReader ? 0 : 36))
    #expect(summary.report.entries.count == (endsWithReader ? 0 : 3))
    #expect(sink.entries.isEmpty)
  }

  @Test("leaves out slices with values that no scan has")
  func unusable() throws {
    let folder = Scratch("sweep")
    var values = [Float](repeating: 100, count: 16 * 16 * 6)
    values[16 * 16 * 2 + 16 * 4 + 7] = -3e30
    try values.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: folder.file("f.raw"))) }
    let path = try folder.write(
      "NDims = 3\nDimSize = 16 16 6\nElementSpacing = 1 1 1\nElementType = MET_FLOAT\nElementDataFile = f.raw\n",
      to: "f.mhd")
    let (sink, summary) = try Self.analyse(Self.pipeline(path))
    #expect(summary.report.slices == 5 && summary.report.missing == 1)
    let gap = try #require(sink.events.first { $0.event.kind == "slices_missing" })
    #expect(gap.event.text.contains("column 8, row 5") && gap.event.text.contains("-3e+30"))
  }

  @Test("without a spacing measures in voxels, and refuses a constraint in millimetres with what to do")
  func noSpacing() throws {
    let folder = Scratch("sweep")
    let scene = Self.scene()
    let values = scene.values()
    for slice in 0..<scene.slices {
      var bytes = Data("P5\n96 96\n65535\n".utf8)
      for value in values[(slice * 9216)..<((slice + 1) * 9216)] {
        bytes += [UInt8(value >> 8), UInt8(value & 255)]
      }
      try bytes.write(to: URL(fileURLWithPath: folder.file("\(slice).pgm")))
    }
    let (sink, summary) = try Self.analyse(Self.pipeline(folder.path))
    let sizes = sink.events.compactMap { $0.event.attribute("diameter_voxel") }
    #expect(sizes.count == 3)
    #expect(abs((sizes.max() ?? 0) - 6) < 0.15)
    #expect(sink.events.allSatisfy { $0.event.attribute("diameter_mm") == nil })
    #expect(summary.report.unit == "voxel")
    let fault = #expect(throws: Fault.self) {
      try Self.analyse(Self.pipeline(folder.path, constraint: "diameter > 2 mm"))
    }
    #expect(fault?.code == .configuration)
    #expect(fault?.advice?.contains("--spacing") ?? false)
    // Given by the user it is fine; and what needs no length is fine without.
    var spaced = Self.pipeline(folder.path, constraint: "diameter > 2.5 mm")
    spaced.sweep?.spacing = VoxelSpacing(x: 0.5, y: 0.5, z: 0.5)
    #expect(try Self.analyse(spaced).1.report.reported == 1)
    #expect(try Self.analyse(Self.pipeline(folder.path, constraint: "kind is pore")).1.report.reported == 3)
  }

  @Test("says that voxels are too coarse for a limit, that values are lossy, that it is not for clinical use")
  func warnings() throws {
    let folder = Scratch("sweep")
    var scene = Self.scene()
    scene.slices = 12
    let path = try scene.write(to: folder)
    func codes(_ pipeline: Pipeline) throws -> [String] {
      try Self.analyse(pipeline).0.events.filter { $0.event.kind == "warning" }
        .compactMap { $0.event.text("code") }
    }
    #expect(try codes(Self.pipeline(path, constraint: "diameter > 2 mm")).isEmpty)
    #expect(try codes(Self.pipeline(path, constraint: "diameter > 1.9 mm")) == ["voxels_too_coarse"])
    var medical = Self.pipeline(path)
    medical.sweep?.use = .medical
    #expect(try codes(medical) == ["not_for_clinical_use"])
    let (sink, summary) = try Self.analyse(medical)
    #expect(
      sink.events.filter { $0.event.kind == "defect" }.allSatisfy {
        $0.event.text("use")?.contains("not for clinical use") ?? false
      })
    #expect(summary.report.isMedical)
  }

  @Test("asks of defects only what they have")
  func unfit() throws {
    let folder = Scratch("sweep")
    var scene = Self.scene()
    scene.slices = 8
    let path = try scene.write(to: folder)
    let fault = #expect(throws: Fault.self) {
      try Self.analyse(Self.pipeline(path, constraint: "diameter > 2 mm for 10 s"))
    }
    #expect(fault?.what.contains("can't be asked") ?? false)
  }

  @Test("keeps a picture of each defect and maps of the part where a page is wanted")
  func pictures() throws {
    let folder = Scratch("sweep")
    let path = try Self.scene().write(to: folder)
    let (_, summary) = try Self.analyse(Self.pipeline(path), pictures: true)
    for entry in summary.report.entries {
      let picture = try #require(entry.picture)
      #expect(entry.defect.slices.contains(picture.slice))
      #expect(picture.pixels.count == picture.width * picture.height)
      // The defect is dark where the mask is.
      let inside = zip(picture.pixels, picture.mask).filter { $0.1 == 1 }.map { Int($0.0) }
      let outside = zip(picture.pixels, picture.mask).filter { $0.1 == 0 }.map { Int($0.0) }
      #expect(inside.count > 3)
      #expect(inside.reduce(0, +) / inside.count < outside.reduce(0, +) / outside.count - 50)
    }
    let maps = try #require(summary.report.maps)
    #expect((maps.top.width, maps.top.height) == (96, 96))
    #expect((maps.front.width, maps.front.height) == (96, 36))
    #expect(maps.top.pixels[48 * 96 + 48] > 200 && maps.top.pixels[0] == 0)
    #expect(try Self.analyse(Self.pipeline(path)).1.report.maps == nil)
  }

  @Test("tells of the sample what is in it")
  func sample() throws {
    let pipeline = try PipelineFiles.load(["\(Self.root)/pipelines/ct-industrial.yaml"], environment: [:])[0]
    let (sink, summary) = try Self.analyse(pipeline)
    let told = sink.events.filter { $0.event.phase == .end }.map(\.event)
    // Its truth: a crack of 3.60 mm, an inclusion of 2.50, pores of 3.18, 3.10 and 2.50 mm, others below 2 mm.
    let expected: [(String, Double)] = [
      ("pore", 3.18), ("crack", 3.6), ("inclusion", 2.5), ("pore", 2.5), ("pore", 3.1),
    ]
    #expect(told.count == expected.count)
    for (event, (kind, diameter)) in zip(told, expected) {
      #expect(event.text("kind") == kind)
      let measured = event.attribute("diameter_mm") ?? 0
      #expect(abs(measured - diameter) < 0.13, "\(measured) where \(diameter) is true")
    }
    #expect(summary.report.holes == 1)
    // All of its thirteen but one of two and a half voxels.
    #expect(summary.report.entries.count == 12)
  }
}

extension Event {
  func attribute(_ name: String) -> Double? {
    guard case .number(let value)? = attributes.first(where: { $0.name == name })?.value else { return nil }
    return value
  }
  func text(_ name: String) -> String? {
    guard case .text(let value)? = attributes.first(where: { $0.name == name })?.value else { return nil }
    return value
  }
}
