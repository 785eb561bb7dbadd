import Events
import Media

/// What a CT sweep is, for people and for programs.
enum SweepPrinter {
  static func text(_ sweep: SweepDescription, of configuration: SourceConfiguration) -> String {
    var rows = [
      ("sweep", sweep.format), ("slices", count(sweep) + ", \(sweep.width)x\(sweep.height) voxels"),
    ]
    if let spacing = sweep.spacing {
      rows.append(("voxels", "\(spacing.x) x \(spacing.y) x \(spacing.z) mm"))
    } else {
      rows.append(("voxels", "of unknown size: give --spacing x,y,z in mm to `analyze`"))
    }
    rows.append(("values", (sweep.isHounsfield ? "Hounsfield units, " : "") + sweep.precision.name))
    return configuration.shownURL + "\n"
      + rows.map { "  " + $0.0 + String(repeating: " ", count: 8 - $0.0.count) + $0.1 + "\n" }.joined()
  }

  static func json(_ sweep: SweepDescription, of configuration: SourceConfiguration) -> JSON {
    .object([
      JSON.Field("source", .text(configuration.shownURL)), JSON.Field("format", .text(sweep.format)),
      JSON.Field("width", .integer(Int64(sweep.width))), JSON.Field("height", .integer(Int64(sweep.height))),
      JSON.Field("slices", sweep.count.map { .integer(Int64($0)) } ?? .null),
      JSON.Field(
        "spacing_mm", sweep.spacing.map { .list([$0.x, $0.y, $0.z].map { .number($0) }) } ?? .null),
      JSON.Field("precision", .text(sweep.precision.name)),
      JSON.Field("hounsfield", .flag(sweep.isHounsfield)),
    ])
  }

  private static func count(_ sweep: SweepDescription) -> String {
    sweep.count.map { String($0) } ?? "an unknown number of slices"
  }
}
