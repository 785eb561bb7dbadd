import Conditions
import Events

// Keys are in the order in which they are written here; those of lengths end in what they are measured in.
extension SweepReport {
  /// One object; a line for each defect.
  func writeJSON<E: Error>(to sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    let scale = ReportScale(self)
    var line = LineBuffer()
    line.append("{\"report\":1")
    line.field("saccade", version)
    line.field("name", name)
    line.field("use", useName)
    appendInstruction(to: &line)
    line.append(",\n\"diameter_means\":\"of the sphere of equal volume\"")
    appendLimits(to: &line, scale)
    appendScan(to: &line, scale)
    line.append(",\n\"verdict\":{\"reported\":")
    line.append(integer: Int64(reported))
    line.field("undecided", undecided)
    line.key("fails_at")
    line.append(maybe: failsAt)
    line.key("result")
    line.append(maybe: hasFailed.map { $0 ? "fail" : "pass" })
    line.append("}")
    line.field("holes", holes)
    line.field("specks", specks)
    line.append(",\n\"defects\":[")
    for (place, index) in indicesByID.enumerated() {
      line.append(place == 0 ? "\n" : ",\n")
      append(entries[index], to: &line, scale)
      try line.hand(to: sink)
    }
    line.append("\n]}\n")
    try line.hand(to: sink)
  }

  private func appendInstruction(to line: inout LineBuffer) {
    line.append(",\n\"instruction\":{\"system\":")
    line.append(maybe: layers.system)
    line.key("input")
    line.append(maybe: layers.input)
    line.key("constraint")
    line.append(maybe: layers.constraint)
    line.key("output")
    line.append(maybe: layers.output)
    line.key("understood")
    if let understood {
      line.append("{\"expression\":")
      line.append(string: understood.expression)
      line.field("sentence", understood.sentence)
      line.append("}")
    } else {
      line.append("null")
    }
    line.append("}")
  }

  private func appendLimits(to line: inout LineBuffer, _ scale: ReportScale) {
    line.append(",\n\"limits\":[")
    for (index, limit) in limits.enumerated() {
      if index > 0 { line.append(",") }
      line.append("{\"measure\":")
      line.append(string: limit.fact.rawValue)
      line.field("text", limit.text)
      line.field("value", scale.suffix(limit.fact), limit.value, places: 6)
      line.append("}")
    }
    line.append("]")
  }

  private func appendScan(to line: inout LineBuffer, _ scale: ReportScale) {
    line.append(",\n\"scan\":{\"source\":")
    line.append(string: source)
    line.field("format", sweep.format)
    line.field("precision", precisionName)
    line.field("slices", slices)
    line.field("missing", missing)
    line.field("size", [size.0, size.1, size.2])
    line.key("spacing_mm")
    if let spacing = sweep.spacing {
      // Headers have up to nine decimals.
      line.append(numbers: [spacing.x, spacing.y, spacing.z], places: 9)
    } else {
      line.append("null")
    }
    line.field("air", air, places: scale.greyPlaces)
    line.field("material", material, places: scale.greyPlaces)
    line.field("noise", noise, places: scale.greyPlaces)
    line.field("edge_sigma_voxels", edge, places: 3)
    line.append(",\"findings\":[")
    for (index, finding) in findings.enumerated() {
      if index > 0 { line.append(",") }
      line.append("{\"code\":")
      line.append(string: finding.code)
      line.field("text", finding.text)
      line.append("}")
    }
    line.append("]}")
  }

  private func append(_ entry: Entry, to line: inout LineBuffer, _ scale: ReportScale) {
    let d = entry.defect
    let (places, length) = (scale.lengthPlaces, scale.length)
    line.append("{\"id\":")
    line.append(integer: d.id)
    line.field("event", entry.id)
    line.field("kind", d.kind.rawValue)
    line.field("location", d.location.rawValue)
    line.append(",\"reported\":")
    line.append(flag: entry.isReported)
    line.key("verdict")
    line.append(maybe: (entry.verdicts.first ?? nil)?.rawValue)
    line.append(",\"verdicts\":[")
    for (index, verdict) in entry.verdicts.enumerated() {
      if index > 0 { line.append(",") }
      line.append(maybe: verdict?.rawValue)
    }
    line.append("]")
    line.field("slices", [d.slices.lowerBound, d.slices.upperBound])
    line.field(
      "box_voxel",
      [
        d.columns.lowerBound, d.rows.lowerBound, d.slices.lowerBound, d.columns.count, d.rows.count,
        d.slices.count,
      ])
    line.key("centroid", length)
    line.append(numbers: [d.centroid.x, d.centroid.y, d.centroid.z], places: places)
    line.key("depth", length)
    line.append(numbers: [d.depth.lowerBound, d.depth.upperBound], places: places)
    line.field("diameter", length, d.diameter, places: places)
    line.field("diameter_u", length, d.diameterUncertainty, places: places)
    line.field("volume", scale.volume, d.volume, places: scale.volumePlaces)
    line.field("volume_u", scale.volume, d.volumeUncertainty, places: scale.volumePlaces)
    line.field("length_u", length, d.lengthUncertainty, places: places)
    line.field("feret", length, d.feret, places: places)
    line.field("enclosing_diameter", length, d.enclosingDiameter, places: places)
    line.field("surface", scale.area, d.surface, places: scale.areaPlaces)
    line.field("surface_u", scale.area, d.surfaceUncertainty, places: scale.areaPlaces)
    line.field("sphericity", d.sphericity, places: 3)
    line.field("sphericity_u", d.sphericityUncertainty, places: 3)
    line.field("compactness", d.compactness, places: 3)
    line.field("compactness_u", d.compactnessUncertainty, places: 3)
    line.field("gap", length, d.gap, places: places)
    line.field("neighbour_gap", length, d.neighbourGap, places: places)
    line.field("contrast", d.contrast, places: 3)
    line.field("probability", d.probability, places: 4)
    line.field("voxels", d.voxels)
    line.field("floor", d.isFloorMeasured ? "measured" : "estimated")
    if !isExact { line.field("precision", precisionName) }
    line.append("}")
  }
}

// Fields behind the first of an object.
extension LineBuffer {
  fileprivate mutating func key(_ name: StaticString, _ suffix: StaticString = "") {
    append(",\"")
    append(name)
    append(suffix)
    append("\":")
  }

  fileprivate mutating func field(_ name: StaticString, _ text: String) {
    key(name)
    append(string: text)
  }

  fileprivate mutating func field(_ name: StaticString, _ value: Int) {
    key(name)
    append(integer: Int64(value))
  }

  fileprivate mutating func field(_ name: StaticString, _ values: [Int]) {
    key(name)
    for (index, value) in values.enumerated() {
      append(index == 0 ? "[" : ",")
      append(integer: Int64(value))
    }
    append("]")
  }

  fileprivate mutating func field(_ name: StaticString, _ value: Double?, places: Int) {
    field(name, "", value, places: places)
  }

  fileprivate mutating func field(_ name: StaticString, _ suffix: StaticString, _ value: Double?, places: Int)
  {
    key(name, suffix)
    if let value { append(number: value, places: places) } else { append("null") }
  }

  fileprivate mutating func append(maybe text: String?) {
    if let text { append(string: text) } else { append("null") }
  }

  fileprivate mutating func append(maybe value: Int?) {
    if let value { append(integer: Int64(value)) } else { append("null") }
  }

  fileprivate mutating func append(numbers: [Double], places: Int) {
    for (index, number) in numbers.enumerated() {
      append(index == 0 ? "[" : ",")
      append(number: number, places: places)
    }
    append("]")
  }
}
