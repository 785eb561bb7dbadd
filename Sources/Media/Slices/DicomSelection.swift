import Base

/// Leaves out of a series what isn't of its sweep: overviews, and slices that differ from most.
struct DicomSelection {
  let catalogue: DicomCatalogue
  let path: String
  private(set) var images: [DicomImage]
  private(set) var warnings = DicomWarnings()

  init(_ series: DicomSeries, _ catalogue: DicomCatalogue, at path: String) throws(Fault) {
    self.catalogue = catalogue
    self.path = path
    images = series.images
    leaveOutLocalizers()
    try keepMost("mixed_sizes", "are of different sizes") {
      "\($0.width) × \($0.height) pixels"
    } same: {
      $0.width == $1.width && $0.height == $1.height
    }
    try keepMost("mixed_orientations", "lie in different ways", Self.direction) {
      switch ($0.orientation, $1.orientation) {
      case (nil, nil): true
      case (let a?, let b?): a.isNear(b)
      default: false
      }
    }
    try keepMost("mixed_spacings", "have different pixel spacings") { kind in
      kind.spacing.map { "\(Number.short($0.x)) × \(Number.short($0.y)) mm a pixel" } ?? "no PixelSpacing"
    } same: {
      Self.isNear($0.spacing?.x, $1.spacing?.x) && Self.isNear($0.spacing?.y, $1.spacing?.y)
    }
  }

  private static func direction(_ kind: DicomKind) -> String {
    guard let orientation = kind.orientation else { return "no ImageOrientationPatient" }
    let normal = orientation.normal
    return "a normal of (\(Number.short(normal.x)), \(Number.short(normal.y)), \(Number.short(normal.z)))"
  }

  /// Of two lengths, nil being one of its own.
  private static func isNear(_ a: Double?, _ b: Double?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= 1e-3 * max(a, b)
  }

  private mutating func leaveOutLocalizers() {
    let others = images.filter { !catalogue.kind($0).isLocalizer }
    guard !others.isEmpty, others.count < images.count else { return }
    for image in images where catalogue.kind(image).isLocalizer {
      warnings.add("localizer", "\(catalogue.name(image)) is an overview (LOCALIZER) and is left out")
    }
    images = others
  }

  /// Keeps the images whose kind is that of at least two thirds.
  private mutating func keepMost(
    _ code: String, _ what: String, _ describe: (DicomKind) -> String, same: (DicomKind, DicomKind) -> Bool
  ) throws(Fault) {
    var counts = [Int](repeating: 0, count: catalogue.kinds.count)
    for image in images { counts[Int(image.kind)] += 1 }
    var groups: [(kind: DicomKind, count: Int)] = []
    var groupOf = [Int](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where count > 0 {
      let kind = catalogue.kinds[index]
      if let group = groups.firstIndex(where: { same($0.kind, kind) }) {
        groups[group].count += count
        groupOf[index] = group
      } else {
        groupOf[index] = groups.count
        groups.append((kind, count))
      }
    }
    guard groups.count > 1, let most = groups.indices.max(by: { groups[$0].count < groups[$1].count }) else {
      return
    }
    guard groups[most].count * 3 >= images.count * 2 else {
      let some = groups.prefix(4).map { "\($0.count) with \(describe($0.kind))" }.joined(separator: ", ")
      throw Fault(
        .data, "the slices \(what)", at: path, cause: some + (groups.count > 4 ? ", …" : ""),
        advice: "give a folder that holds the slices of one sweep")
    }
    for image in images where groupOf[Int(image.kind)] != most {
      warnings.add(
        code,
        "\(catalogue.name(image)) has \(describe(catalogue.kind(image))), the sweep "
          + "\(describe(groups[most].kind)): it is left out")
    }
    images.removeAll { groupOf[Int($0.kind)] != most }
  }
}

/// Numbers for people.
enum Number {
  /// With at most five decimals, and none that are zero.
  static func short(_ value: Double) -> String {
    let rounded = (value * 1e5).rounded() / 1e5
    let text = "\(rounded)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
