import Base

/// Slices in the order of their positions.
struct DicomStack: Sendable {
  struct Slice: Sendable {
    var image: DicomImage
    /// Along the normal, in millimetres.
    var z: Double?
    /// How far its first pixel lies from that of the first slice, along rows and down columns, in millimetres.
    var shift = SIMD2<Double>(0, 0)
  }

  private(set) var slices: [Slice] = []
  /// The usual distance from slice to slice, in millimetres: the median. Nil without positions and for one slice.
  private(set) var step: Double?
  private(set) var warnings = DicomWarnings()

  init(_ images: [DicomImage], _ catalogue: DicomCatalogue, at path: String) throws(Fault) {
    guard let first = images.first else { return }
    if let orientation = catalogue.kind(first).orientation, images.contains(where: { $0.position != nil }) {
      place(images, orientation, catalogue)
      try dropDuplicates(catalogue, at: path)
      step = Self.median(distances.filter { $0 > 0 })
    } else {
      try order(images, catalogue, at: path)
    }
  }

  /// The step alone, for a list of series.
  static func step(_ images: [DicomImage], _ catalogue: DicomCatalogue) -> Double? {
    guard let first = images.first, let normal = catalogue.kind(first).orientation?.normal else { return nil }
    let places = images.compactMap { $0.position.map { DicomOrientation.dot($0, normal) } }.sorted()
    return median(zip(places.dropFirst(), places).map { $0 - $1 }.filter { $0 > negligible })
  }

  /// Millimetres that no scanner steps by.
  private static let negligible = 1e-5
  /// Positions nearer than this share of a step are the same.
  private static let sameShare = 0.01

  private var distances: [Double] {
    zip(slices.dropFirst(), slices).map { ($0.z ?? 0) - ($1.z ?? 0) }
  }

  /// Of two in the middle the lower: missing slices make steps longer, never shorter.
  private static func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
  }

  private mutating func place(
    _ images: [DicomImage], _ orientation: DicomOrientation, _ catalogue: DicomCatalogue
  ) {
    let normal = orientation.normal
    var origin: SIMD2<Double>?
    for image in images {
      guard let position = image.position else {
        warnings.add(
          "no_position", "\(catalogue.name(image)) has no ImagePositionPatient and is left out")
        continue
      }
      slices.append(Slice(image: image, z: DicomOrientation.dot(position, normal)))
    }
    // Equal positions: the lower InstanceNumber, then the name that comes first.
    let key = { (slice: Slice) in
      (slice.z ?? 0, slice.image.instance ?? .max, slice.image.file, slice.image.frame)
    }
    slices.sort { key($0) < key($1) }
    for index in slices.indices {
      guard let position = slices[index].image.position else { continue }
      let inPlane = SIMD2(
        DicomOrientation.dot(position, orientation.row), DicomOrientation.dot(position, orientation.column))
      let start = origin ?? inPlane
      origin = start
      slices[index].shift = inPlane - start
    }
  }

  private mutating func dropDuplicates(_ catalogue: DicomCatalogue, at path: String) throws(Fault) {
    let usual = Self.median(distances.filter { $0 > Self.negligible })
    let same = max(Self.negligible, (usual ?? 0) * Self.sameShare)
    var kept: [Slice] = []
    var counts: [Int] = []
    var dropped: [(Slice, of: Int)] = []
    for slice in slices {
      if let last = kept.last, (slice.z ?? 0) - (last.z ?? 0) <= same {
        counts[counts.count - 1] += 1
        dropped.append((slice, of: kept.count - 1))
      } else {
        kept.append(slice)
        counts.append(1)
      }
    }
    guard !dropped.isEmpty else { return }
    if counts.count(where: { $0 > 1 }) * 10 >= counts.count * 9 {
      let example = dropped[0]
      throw Fault(
        .data, "the series holds several volumes: \(slices.count) slices at \(kept.count) positions",
        at: path,
        cause:
          "\(catalogue.name(kept[example.of].image)) and \(catalogue.name(example.0.image)) both lie at z "
          + "\(Number.short(kept[example.of].z ?? 0)) mm",
        advice: "give a folder that holds the slices of one of them")
    }
    for (slice, of) in dropped {
      warnings.add(
        "duplicate_slice",
        "\(catalogue.name(slice.image)) lies where \(catalogue.name(kept[of].image)) does, at z "
          + "\(Number.short(kept[of].z ?? 0)) mm, and is left out")
    }
    slices = kept
  }

  /// The order without positions: that of InstanceNumber, or of the frames of the one file.
  private mutating func order(
    _ images: [DicomImage], _ catalogue: DicomCatalogue, at path: String
  ) throws(Fault) {
    let isOneFile = images.allSatisfy { $0.file == images[0].file }
    if !isOneFile {
      var seen: [SIMD2<Int32>: DicomImage] = [:]
      for image in images {
        guard let instance = image.instance else {
          throw Self.unordered("\(catalogue.name(image)) has no InstanceNumber either", at: path)
        }
        if let other = seen.updateValue(image, forKey: [instance, image.frame]) {
          throw Self.unordered(
            "\(catalogue.name(other)) and \(catalogue.name(image)) both have InstanceNumber \(instance)",
            at: path)
        }
      }
    }
    slices = images.sorted { ($0.instance ?? 0, $0.frame) < ($1.instance ?? 0, $1.frame) }.map {
      Slice(image: $0)
    }
    if images.count > 1 {
      warnings.add(
        "no_positions",
        isOneFile
          ? "\(DicomFolder.lastPart(of: path)) has no positions: its frames are read in their order"
          : "the slices have no positions: they are read in the order of InstanceNumber")
    }
  }

  private static func unordered(_ cause: String, at path: String) -> Fault {
    Fault(
      .data, "the slices can't be put in order: they have no positions", at: path, cause: cause,
      advice: "give files that have ImagePositionPatient and ImageOrientationPatient")
  }
}
