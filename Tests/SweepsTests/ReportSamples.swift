import Base
import Conditions
import Media
import Sweeps
import TestKit

/// Reports to be written.
enum ReportSamples {
  static let spacing = VoxelSpacing(x: 0.5, y: 0.5, z: 0.5)

  static func report(
    _ entries: [SweepReport.Entry], tongue: Tongue = .en, spacing: VoxelSpacing? = spacing,
    precision: SweepDescription.Precision = .exact
  ) -> SweepReport {
    let unit = spacing == nil ? "voxel" : "mm"
    var report = SweepReport(
      version: "0.4.0", tongue: tongue, name: "castings", source: "scans/part-7.mhd",
      sweep: SweepDescription(
        format: "MetaImage", width: 224, height: 200, count: 140, spacing: spacing, precision: precision))
    report.layers = Instruction.Layers(
      system: "industrial defects", input: "scans/part-7.mhd",
      constraint: "only defects with diameter > 2 \(unit)",
      output: "report.json")
    report.understood = (expression: "diameter > 2 \(unit)", sentence: "diameter above 2 \(unit)")
    report.limits = [SweepReport.Limit(fact: .diameter, text: "> 2 \(unit)", value: 2)]
    report.slices = 138
    report.missing = 2
    report.findings = [
      SweepReport.Finding(code: "slices_missing", text: "slices 40 and 41 are not there"),
      SweepReport.Finding(code: "coarse_voxels", text: "voxels of 0.5 mm are too coarse for 1 mm"),
    ]
    report.air = 7998.04
    report.material = 28081.453
    report.noise = 1018.94
    report.edge = 0.989_324
    report.entries = entries
    report.holes = 1
    report.specks = 5
    return report
  }

  static func entry(
    _ id: UInt64, diameter: Double, kind: Defect.Kind = .pore, location: Defect.Location = .internal,
    name: String? = nil, picture: DefectPicture? = nil
  ) -> SweepReport.Entry {
    let uncertainty = 0.12
    let verdict: SweepReport.Limit.Verdict =
      diameter - uncertainty > 2 ? .above : diameter + uncertainty < 2 ? .below : .undecided
    let fulfils: Bool? = verdict == .undecided ? nil : verdict == .above
    let volume = Double.pi / 6 * diameter * diameter * diameter
    let slice = Int(id % 120)
    let defect = Defect(
      id: id, kind: kind, location: location, slices: slice...slice + 4, columns: 40...44, rows: 60...66,
      centroid: SIMD3(21.0004, 31.25, (Double(slice) + 2) / 2), diameter: diameter,
      diameterUncertainty: uncertainty, volume: volume,
      volumeUncertainty: 3 * volume * uncertainty / diameter, lengthUncertainty: 0.55,
      feret: diameter * 1.2, enclosingDiameter: diameter * 1.25, surface: Double.pi * diameter * diameter,
      sphericity: 0.98, compactness: 0.51, gap: id == 2 ? nil : 3.5, neighbourGap: id == 1 ? nil : 0.75,
      contrast: 0.81, probability: 0.9996, voxels: Int(volume * 8), isFloorMeasured: id % 2 == 0,
      depth: (Double(slice) - 0.5) / 2...(Double(slice) + 4.5) / 2)
    return SweepReport.Entry(
      defect: defect, id: name ?? "defect-\(id)", verdicts: [verdict], fulfils: fulfils, picture: picture)
  }

  static let three = [
    entry(3, diameter: 1.1), entry(1, diameter: 3.2, kind: .crack, location: .surfaceBreaking),
    entry(2, diameter: 2.05, kind: .inclusion, location: .truncated),
  ]

  /// A dark disc in a bright square.
  static func picture(side: Int = 32, radius: Double = 7) -> DefectPicture {
    var random = SceneRandom(seed: UInt64(side))
    var (pixels, mask): ([UInt8], [UInt8]) = ([], [])
    for row in 0..<side {
      for column in 0..<side {
        let (x, y) = (Double(column) - Double(side) / 2, Double(row) - Double(side) / 2)
        let isInside = x * x + y * y < radius * radius
        mask.append(isInside ? 1 : 0)
        pixels.append(UInt8((isInside ? 30 : 180) + random.whole(0, 20)))
      }
    }
    return DefectPicture(
      width: side, height: side, column: 30, row: 50, slice: 42, pixels: pixels, mask: mask, aspect: 1)
  }

  static let maps: PartMaps = {
    func map(_ width: Int, _ height: Int, _ size: (Double, Double)) -> PartMaps.Map {
      PartMaps.Map(
        width: width, height: height, pixels: (0..<width * height).map { UInt8(truncatingIfNeeded: $0 * 7) },
        pixelWidth: size.0 / Double(width), pixelHeight: size.1 / Double(height))
    }
    return PartMaps(
      top: map(224, 200, (112, 100)), front: map(700, 140, (112, 70)), side: map(200, 140, (100, 70)))
  }()
}
