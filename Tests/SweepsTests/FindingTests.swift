import Foundation
import Media
import Sweeps
import TestKit
import Testing

@Suite("What is found in a sweep")
struct FindingTests {
  typealias Shape = VoxelScene.Shape

  /// Pores of these diameters on a ring in the bar, at places that no grid of voxels shares.
  static func ring(_ diameters: [Double], in scene: inout VoxelScene, radius: Double = 24) -> [SIMD3<Double>]
  {
    let middle = scene.middle
    return diameters.enumerated().map { i, diameter in
      let angle = 2 * Double.pi * Double(i) / Double(diameters.count) + 0.1
      let place =
        middle + SIMD3(radius * cos(angle) + 0.23, radius * sin(angle) - 0.31, Double(i % 3) * 1.37 - 1)
      scene.shapes.append(.sphere(diameter, at: place))
      return place
    }
  }

  @Test(
    "pores of 4 voxels and more, each once, with their diameters within 0.15 voxels",
    arguments: [UInt64(1), 2, 3])
  func pores(seed: UInt64) throws {
    var scene = VoxelScene()
    scene.seed = seed
    let diameters = [4.0, 4.7, 5.5, 6.3, 8, 11]
    let places = Self.ring(diameters, in: &scene)
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == diameters.count)
    for (diameter, place) in zip(diameters, places) {
      let defect = try #require(found.nearest(place))
      #expect(abs(defect.diameter - diameter) < 0.15, "\(defect.diameter) where \(diameter) is true")
      #expect(abs(defect.diameter - diameter) <= defect.diameterUncertainty)
      #expect(defect.kind == .pore && defect.location == .internal)
      let off = defect.centroid - place
      #expect((off * off).sum().squareRoot() < 0.2)
      #expect(abs(defect.feret - diameter) < 0.8)
      #expect(abs(defect.enclosingDiameter - diameter) < 0.9)
      #expect(defect.sphericity > 0.85 && defect.compactness > 0.55)
      // The bar's surface is 16 voxels from the ring; its middle may be off by the pore's radius.
      #expect(abs((defect.gap ?? 0) - (40 - 24 - diameter / 2)) < 1)
    }
  }

  @Test("pores in slices that lie two and a half voxels apart")
  func thickSlices() throws {
    var scene = VoxelScene(slices: 24)
    scene.step = 2.5
    let diameters = [5.0, 6.5, 8, 10]
    let places = Self.ring(diameters, in: &scene)
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == diameters.count)
    for (diameter, place) in zip(diameters, places) {
      let defect = try #require(found.nearest(place))
      #expect(abs(defect.diameter - diameter) < 0.3, "\(defect.diameter) where \(diameter) is true")
    }
  }

  @Test("pores in slices that lie closer than voxels are wide", arguments: [0.7, 0.5, 0.3, 0.1])
  func thinSlices(step: Double) throws {
    var scene = VoxelScene(size: 64, slices: Int(26 / step), bar: 28)
    scene.step = step
    let diameters = [5.0, 7]
    let places = Self.ring(diameters, in: &scene, radius: 14)
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == diameters.count)
    for (diameter, place) in zip(diameters, places) {
      let defect = try #require(found.nearest(place))
      // Below a third of a voxel the blur reaches further than is looked.
      #expect(
        abs(defect.diameter - diameter) < (step < 0.3 ? 1.2 : 0.2),
        "\(defect.diameter) where \(diameter) is true")
    }
  }

  @Test("nothing in a part without defects, though a hole runs through it", arguments: [UInt64(1), 2, 3])
  func empty(seed: UInt64) {
    var scene = VoxelScene()
    scene.noise = 900
    scene.seed = seed
    scene.shapes = [Shape(.cylinder(radius: 9), at: scene.middle + [8, -5, 0])]
    let found = SceneAnalysis(scene)
    #expect(found.defects.isEmpty)
    #expect(found.told.reduce(0) { $0 + $1.holes } == 1)
    #expect(found.told.allSatisfy { $0.begun.isEmpty })
  }

  @Test("nothing where there is no part at all")
  func air() {
    var scene = VoxelScene(size: 40, slices: 12)
    scene.bar = 0
    #expect(SceneAnalysis(scene).defects.isEmpty)
  }

  @Test("a pore beside a hole that runs through, apart from it")
  func besideHole() throws {
    var scene = VoxelScene()
    let place = scene.middle + [0, 18.2, 0.4]
    scene.shapes = [Shape(.cylinder(radius: 12), at: scene.middle), .sphere(7, at: place)]
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == 1)
    let defect = try #require(found.defects.first)
    #expect(abs(defect.diameter - 7) < 0.3)
    #expect(abs((defect.gap ?? 0) - (18.2 - 12 - 3.5)) < 1)
  }

  @Test("inclusions and cracks by their names")
  func kinds() throws {
    var scene = VoxelScene()
    let (dense, flat, round) = (
      scene.middle + [-20, 0, 0], scene.middle + [18, 4, 0], scene.middle + [0, -22, 2]
    )
    scene.shapes = [
      .sphere(7, at: dense, value: 14000), Shape(.ellipsoid([9, 7, 0.8]), at: flat), .sphere(6, at: round),
    ]
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == 3)
    let inclusion = try #require(found.nearest(dense))
    #expect(inclusion.kind == .inclusion)
    #expect(abs(inclusion.diameter - 7) < inclusion.diameterUncertainty)
    let crack = try #require(found.nearest(flat))
    #expect(crack.kind == .crack)
    let volume = 4 / 3 * Double.pi * 9 * 7 * 0.8
    #expect(abs(crack.volume - volume) < 0.1 * volume)
    #expect(found.nearest(round)?.kind == .pore)
    // What isn't sought isn't told.
    let setting = SweepSetting(sought: [.inclusion])
    #expect(SceneAnalysis(scene, setting: setting).defects.map(\.kind) == [.inclusion])
  }

  @Test("what the first or the last slice cuts is told as truncated")
  func truncated() throws {
    var scene = VoxelScene(slices: 30)
    scene.shapes = [
      .sphere(8, at: scene.middle + [20, 0, -15]), .sphere(8, at: scene.middle + [-20, 0, 14]),
      .sphere(8, at: scene.middle + [0, 20, 0]),
    ]
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == 3)
    #expect(found.defects.count { $0.location == .truncated } == 2)
    #expect(found.nearest(scene.middle + [0, 20, 0])?.location == .internal)
  }

  @Test("a shaft that ends within the part is open to the surface where the sweep shows it")
  func blindHole() throws {
    var scene = VoxelScene(slices: 30)
    scene.shapes = [Shape(.shaft(radius: 5), at: scene.middle + [10, 0, 0])]
    let found = SceneAnalysis(scene)
    // It goes on beyond the last slice.
    #expect(found.defects.map(\.location) == [.truncated])
  }

  @Test("pores that have broken through to the side, and no corner or groove of the part")
  func brokenThrough() throws {
    var scene = VoxelScene(slices: 50)
    let place = scene.middle + [38.5, 0.3, -3.2]
    scene.shapes = [
      .sphere(9, at: place),
      // A groove along the slices.
      Shape(.cylinder(radius: 5), at: scene.middle + [-39, 0, 0]),
    ]
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == 1)
    let pore = try #require(found.defects.first)
    #expect(pore.location == .surfaceBreaking && pore.gap == 0)
    // About three quarters of it lie within the bar.
    #expect((6.5...9).contains(pore.diameter), "\(pore.diameter)")
    let off = pore.centroid - place
    #expect((off * off).sum().squareRoot() < 2.5)
    #expect(found.told.flatMap(\.begun).map(\.id) == [pore.id])
  }

  @Test("two arms that grow together are one defect, and the younger one says so")
  func merging() throws {
    var scene = VoxelScene()
    // A bow whose ends point to the first slice.
    let middle = scene.middle
    for i in 0...24 {
      let angle = Double.pi * Double(i) / 24
      scene.shapes.append(
        .sphere(
          5, at: middle + SIMD3(11 * cos(angle), (i < 12 ? -0.4 : 0.4), 11 * sin(angle) - (i < 3 ? 0 : 2))))
    }
    let found = SceneAnalysis(scene)
    #expect(found.defects.count == 1)
    let merges = found.told.flatMap(\.merged)
    #expect(merges.count == 1)
    #expect(merges.first?.into == found.defects.first?.id)
    #expect(found.told.flatMap(\.begun).count == 2)
  }

  @Test(
    "a defect is told from its first slices to at most three after its last, with a bound that grows and holds"
  )
  func stream() throws {
    var scene = VoxelScene()
    scene.shapes = [.sphere(10, at: scene.middle + [12.3, 0.4, 0.2])]
    let found = SceneAnalysis(scene)
    let defect = try #require(found.defects.first)
    let begin = try #require(found.told.firstIndex { !$0.begun.isEmpty })
    let end = try #require(found.told.firstIndex { !$0.ended.isEmpty })
    #expect(begin - defect.slices.lowerBound <= 1)
    #expect((1...3).contains(end - defect.slices.upperBound))
    let bounds = found.told.flatMap { $0.begun + $0.open }.map(\.leastDiameter)
    #expect(bounds.max().map { $0 <= 10 && $0 > 9 } ?? false)
    // Every slice is told, in its order.
    #expect(found.told.map(\.index) == Array(0..<scene.slices))
  }

  @Test("an interruption ends what is open, and what comes after begins anew")
  func interrupted() {
    var scene = VoxelScene()
    scene.shapes = [.sphere(12, at: scene.middle + [12, 0, 0])]
    let found = SceneAnalysis(scene, breaks: [20])
    #expect(found.defects.count == 2)
    #expect(found.defects.allSatisfy { $0.location == .truncated })
    #expect(found.told.count == scene.slices)
  }

  @Test("padding outside of the scanner's circle is not taken for air")
  func padded() throws {
    var scene = VoxelScene(size: 96, slices: 20, bar: 30)
    scene.shapes = [.sphere(7, at: scene.middle + [12.2, 0.3, 0.4])]
    let plain = SceneAnalysis(scene)
    // The same with a far lower value in the corners, as reconstructions have it.
    var values = scene.values()
    for i in values.indices {
      let (x, y) = (Double(i % 96) - 47.5, Double(i / 96 % 96) - 47.5)
      if x * x + y * y > 46 * 46 { values[i] = 0 }
    }
    let analyzer = SliceAnalyzer(
      width: 96, height: 96, spacing: VoxelSpacing(x: 1, y: 1, z: 1), setting: SweepSetting())
    var padded: [Defect] = []
    for slice in 0..<20 {
      for i in 0..<(96 * 96) { analyzer.next[i] = Float(values[slice * 96 * 96 + i]) }
      analyzer.advance { padded += $0.ended.map(\.defect) }
    }
    analyzer.finish { padded += $0.ended.map(\.defect) }
    #expect(padded.count == 1)
    let (a, b) = try (#require(plain.defects.first), #require(padded.first))
    #expect(abs(a.diameter - b.diameter) < 0.05)
  }

  @Test("the gap to the nearest other defect, for both of them")
  func neighbours() throws {
    var scene = VoxelScene()
    let (a, b) = (scene.middle + [-10.2, 0, -3.1], scene.middle + [6.3, 0, 4.4])
    scene.shapes = [.sphere(8, at: a), .sphere(7, at: b)]
    let found = SceneAnalysis(scene)
    let off = a - b
    let gap = (off * off).sum().squareRoot() - 7.5
    let later = try #require(found.defects.last)
    #expect(abs((later.neighbourGap ?? 0) - gap) < 0.8)
    let told = try #require(found.told.flatMap(\.ended).last?.nearTo.first)
    #expect(told.id == found.defects.first?.id && told.gap == later.neighbourGap)
  }

  @Test("lengths scale with the sides of the voxels")
  func spacing() throws {
    var scene = VoxelScene(slices: 24)
    scene.shapes = [.sphere(6, at: scene.middle + [12.2, 0.3, 0.4])]
    let (one, half) = (SceneAnalysis(scene), SceneAnalysis(scene, voxel: 0.5))
    let (a, b) = try (#require(one.defects.first), #require(half.defects.first))
    #expect(abs(a.diameter / 2 - b.diameter) < 0.001)
    #expect(abs(a.volume / 8 - b.volume) < 0.001 * a.volume)
    #expect(abs(a.surface / 4 - b.surface) < 0.001 * a.surface)
    #expect(abs((a.gap ?? 0) / 2 - (b.gap ?? 0)) < 0.001)
    #expect(abs(a.sphericity - b.sphericity) < 0.001)
  }

  @Test("solid blobs in regions of a range of values, such as lung in a chest")
  func range() throws {
    var scene = VoxelScene(slices: 30)
    // The bar is the wall, the hole in it the lung, with a blob in it.
    let place = scene.middle + [3.2, -4.1, 0.3]
    scene.shapes = [
      .sphere(8, at: place, value: VoxelScene.material),
      Shape(.ellipsoid([22, 22, 60]), at: scene.middle, value: 2200),
    ]
    let setting = SweepSetting(
      part: .range(1500...4000, contrast: 6800), sought: [.inclusion], sensitivity: 0.5)
    let found = SceneAnalysis(scene, setting: setting)
    #expect(found.defects.count == 1)
    let blob = try #require(found.defects.first)
    #expect(blob.kind == .inclusion && blob.location == .internal)
    #expect(abs(blob.diameter - 8) < 0.5)
  }

  @Test("nothing that falls over, whatever the values and the size of the slices", arguments: 1...60)
  func anything(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let width = Int.random(in: 1...70, using: &random)
    let height = Int.random(in: 1...50, using: &random)
    let slices = Int.random(in: 0...25, using: &random)
    let scale = Float([0, 1e-30, 1e-6, 1, 255, 65535, 1e12].randomElement(using: &random) ?? 1)
    let holes = Float.random(in: 0...1, using: &random)
    let analyzer = SliceAnalyzer(
      width: width, height: height,
      spacing: VoxelSpacing(
        x: Double.random(in: 0.01...5, using: &random), y: Double.random(in: 0.01...5, using: &random),
        z: Double.random(in: 0.01...5, using: &random)),
      setting: SweepSetting(
        part: Bool.random(using: &random) ? .brighterThanAir : .range(-1...1, contrast: 2),
        sensitivity: Double.random(in: 0.05...0.9, using: &random)),
      pictures: true)
    var told: [SliceFindings] = []
    for slice in 0..<slices {
      for i in 0..<(width * height) {
        // Air, material with speckles, and coarse blocks of either.
        let isBlock = (i % width / 9 + i / width / 9 + slice / 5) % 3 == 0
        let isHole = Float.random(in: 0...1, using: &random) < holes * holes
        analyzer.next[i] = scale * (isBlock || isHole ? Float.random(in: -1...0.2, using: &random) : 1)
      }
      analyzer.advance { told.append($0) }
      if Int.random(in: 0..<9, using: &random) == 0 {
        analyzer.finish { told.append($0) }
        analyzer.skip(2)
      }
    }
    analyzer.finish { told.append($0) }
    #expect(told.count == slices)
    // Each that began has one end, or went into another, or was a part of a hole.
    let begun = told.flatMap(\.begun).map(\.id)
    let gone =
      told.flatMap(\.ended).map(\.defect.id) + told.flatMap(\.merged).map(\.id) + told.flatMap(\.dismissed)
    #expect(Set(begun).count == begun.count)
    #expect(begun.sorted() == gone.sorted())
    for defect in told.flatMap(\.ended).map(\.defect) {
      let numbers = [
        defect.diameter, defect.diameterUncertainty, defect.volume, defect.feret, defect.surface,
        defect.sphericity, defect.compactness, defect.contrast, defect.probability, defect.centroid.x,
      ]
      let areFinite = numbers.allSatisfy { $0.isFinite }
      #expect(areFinite, "\(defect)")
    }
  }
}
