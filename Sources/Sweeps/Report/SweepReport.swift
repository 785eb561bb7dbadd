import Conditions
import Media

/// What a sweep's report says, in whichever form it is written. Lengths are in millimetres, or in voxels where the scan has
/// no spacing.
package struct SweepReport: Sendable {
  /// What the constraint compares a measure with.
  package struct Limit: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
      case above, below
      /// The uncertainty of the measure reaches over the limit.
      case undecided
    }

    package var fact: Fact
    /// As it was written: `> 2 mm`.
    package var text: String
    /// In the report's own units: mm, mm², mm³.
    package var value: Double

    package init(fact: Fact, text: String, value: Double) {
      self.fact = fact
      self.text = text
      self.value = value
    }
  }

  package struct Entry: Sendable {
    package var defect: Defect
    /// The event's id.
    package var id: String
    /// One for each limit; nil where the measure isn't known.
    package var verdicts: [Limit.Verdict?]
    /// Whether it fulfils the constraint; nil where that is undecided.
    package var fulfils: Bool?
    /// Fulfils it, or may.
    package var isReported: Bool { fulfils != false }
    package var picture: DefectPicture?

    package init(
      defect: Defect, id: String, verdicts: [Limit.Verdict?] = [], fulfils: Bool? = true,
      picture: DefectPicture? = nil
    ) {
      self.defect = defect
      self.id = id
      self.verdicts = verdicts
      self.fulfils = fulfils
      self.picture = picture
    }
  }

  /// One thing that is wrong with the scan.
  package struct Finding: Hashable, Sendable {
    /// `slices_missing` or a warning's code.
    package var code: String
    package var text: String

    package init(code: String, text: String) {
      self.code = code
      self.text = text
    }
  }

  /// What records and reports of medical scans say, for programs.
  package static let researchOnly = "research, not for clinical use"

  package var version: String
  package var tongue: Tongue
  /// The pipeline's name.
  package var name: String
  /// As the layers were written.
  package var layers = Instruction.Layers()
  /// The constraint as it was understood, in the language of conditions and in words; nil when all is reported.
  package var understood: (expression: String, sentence: String)?
  package var limits: [Limit] = []

  package var source: String
  package var sweep: SweepDescription
  /// Analysed, and missing.
  package var slices = 0
  package var missing = 0
  package var findings: [Finding] = []
  package var isMedical = false

  /// Of the newest slices: grey values of air and material, standard deviation of the material's noise, all in the file's values;
  /// blur of edges as the standard deviation of a Gaussian, in voxels.
  package var air: Double?
  package var material: Double?
  package var noise: Double?
  package var edge: Double?

  package var entries: [Entry] = []
  /// Holes that run through the part, and spots too faint or too small to be measured: counted, not listed.
  package var holes = 0
  package var specks = 0

  /// With so many reported defects the part fails; nil without a limit.
  package var failsAt: Int?
  package var maps: PartMaps?

  /// Of a scan of which nothing is known yet; the rest is filled in.
  package init(version: String, tongue: Tongue, name: String, source: String, sweep: SweepDescription) {
    self.version = version
    self.tongue = tongue
    self.name = name
    self.source = source
    self.sweep = sweep
  }

  package var reported: Int { entries.count { $0.isReported } }
  /// Nil without `failsAt`.
  package var hasFailed: Bool? { failsAt.map { reported >= $0 } }
  /// `mm` or `voxel`.
  package var unit: String { sweep.spacing == nil ? "voxel" : "mm" }
}

/// A piece of a slice around a defect, where its section is largest.
package struct DefectPicture: Hashable, Sendable {
  package var width: Int
  package var height: Int
  /// Of the slice, at the picture's top left.
  package var column: Int
  package var row: Int
  package var slice: Int
  /// 0 at air (or below), about 180 at the material, 255 at half as much again.
  package var pixels: [UInt8]
  /// 1 in this defect.
  package var mask: [UInt8]
  /// Height of a pixel over its width.
  package var aspect: Double

  package init(
    width: Int, height: Int, column: Int, row: Int, slice: Int, pixels: [UInt8], mask: [UInt8], aspect: Double
  ) {
    precondition(pixels.count == width * height && mask.count == pixels.count, "\(width)×\(height) pixels")
    self.width = width
    self.height = height
    self.column = column
    self.row = row
    self.slice = slice
    self.pixels = pixels
    self.mask = mask
    self.aspect = aspect
  }
}

/// Where the part is, seen from three sides: 0 where nothing is, else the more the deeper.
package struct PartMaps: Hashable, Sendable {
  package struct Map: Hashable, Sendable {
    package var width: Int
    package var height: Int
    package var pixels: [UInt8]
    /// Millimetres (or voxels) of a pixel across and down.
    package var pixelWidth: Double
    package var pixelHeight: Double

    package init(width: Int, height: Int, pixels: [UInt8], pixelWidth: Double, pixelHeight: Double) {
      precondition(pixels.count == width * height, "\(pixels.count) of \(width)×\(height) pixels")
      self.width = width
      self.height = height
      self.pixels = pixels
      self.pixelWidth = pixelWidth
      self.pixelHeight = pixelHeight
    }
  }
  /// Along the slices' normal: columns across, rows down.
  package var top: Map
  /// Along the columns: columns across, slices down.
  package var front: Map
  /// Along the rows: rows across, slices down.
  package var side: Map

  package init(top: Map, front: Map, side: Map) {
    self.top = top
    self.front = front
    self.side = side
  }
}
