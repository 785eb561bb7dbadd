import Events

// RFC 4180: lines end in CR LF, and a cell that holds a comma, a quote or the end of a line is quoted.
extension SweepReport {
  /// A line of names, then one for each defect. What isn't known is empty; slices and voxels count from 0.
  func writeCSV<E: Error>(to sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    let scale = ReportScale(self)
    var line = LineBuffer()
    appendNames(to: &line, scale)
    try line.hand(to: sink)
    for index in indicesByID {
      append(entries[index], to: &line, scale)
      try line.hand(to: sink)
    }
  }

  private func appendNames(to line: inout LineBuffer, _ scale: ReportScale) {
    line.append("id")
    line.name("event")
    line.name("kind")
    line.name("location")
    line.name("reported")
    line.name("verdict")
    for place in 1..<max(1, limits.count) {
      line.name("verdict_")
      line.append(integer: Int64(place + 1))
    }
    line.name("first_slice")
    line.name("last_slice")
    line.name("box_x_voxel")
    line.name("box_y_voxel")
    line.name("box_z_voxel")
    line.name("box_width_voxel")
    line.name("box_height_voxel")
    line.name("box_depth_voxel")
    line.name("centroid_x", scale.length)
    line.name("centroid_y", scale.length)
    line.name("centroid_z", scale.length)
    line.name("depth_from", scale.length)
    line.name("depth_to", scale.length)
    line.name("diameter", scale.length)
    line.name("diameter_u", scale.length)
    line.name("volume", scale.volume)
    line.name("volume_u", scale.volume)
    line.name("length_u", scale.length)
    line.name("feret", scale.length)
    line.name("enclosing_diameter", scale.length)
    line.name("surface", scale.area)
    line.name("surface_u", scale.area)
    line.name("sphericity")
    line.name("sphericity_u")
    line.name("compactness")
    line.name("compactness_u")
    line.name("gap", scale.length)
    line.name("neighbour_gap", scale.length)
    line.name("contrast")
    line.name("probability")
    line.name("voxels")
    line.name("floor")
    line.name("precision")
    line.name("use")
    line.append("\r\n")
  }

  private func append(_ entry: Entry, to line: inout LineBuffer, _ scale: ReportScale) {
    let d = entry.defect
    let places = scale.lengthPlaces
    line.append(integer: d.id)
    line.cell(entry.id)
    line.cell(d.kind.rawValue)
    line.cell(d.location.rawValue)
    line.cell(entry.isReported ? "true" : "false")
    for place in 0..<max(1, limits.count) {
      let verdict = place < entry.verdicts.count ? entry.verdicts[place] : nil
      line.cell(verdict?.rawValue ?? "")
    }
    line.cell(d.slices.lowerBound)
    line.cell(d.slices.upperBound)
    line.cell(d.columns.lowerBound)
    line.cell(d.rows.lowerBound)
    line.cell(d.slices.lowerBound)
    line.cell(d.columns.count)
    line.cell(d.rows.count)
    line.cell(d.slices.count)
    line.cell(d.centroid.x, places)
    line.cell(d.centroid.y, places)
    line.cell(d.centroid.z, places)
    line.cell(d.depth.lowerBound, places)
    line.cell(d.depth.upperBound, places)
    line.cell(d.diameter, places)
    line.cell(d.diameterUncertainty, places)
    line.cell(d.volume, scale.volumePlaces)
    line.cell(d.volumeUncertainty, scale.volumePlaces)
    line.cell(d.lengthUncertainty, places)
    line.cell(d.feret, places)
    line.cell(d.enclosingDiameter, places)
    line.cell(d.surface, scale.areaPlaces)
    line.cell(d.surfaceUncertainty, scale.areaPlaces)
    line.cell(d.sphericity, 3)
    line.cell(d.sphericityUncertainty, 3)
    line.cell(d.compactness, 3)
    line.cell(d.compactnessUncertainty, 3)
    line.cell(d.gap, places)
    line.cell(d.neighbourGap, places)
    line.cell(d.contrast, 3)
    line.cell(d.probability, 4)
    line.cell(d.voxels)
    line.cell(d.isFloorMeasured ? "measured" : "estimated")
    line.cell(precisionName)
    line.cell(useName)
    line.append("\r\n")
  }
}

// Cells behind the first of a line.
extension LineBuffer {
  fileprivate mutating func name(_ name: StaticString, _ suffix: StaticString = "") {
    append(",")
    append(name)
    append(suffix)
  }

  fileprivate mutating func cell(_ text: String) {
    append(",")
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      return append(text: text)
    }
    append("\"")
    // By scalars: a quote with an accent over it is another character, and still ends the cell.
    let pieces = text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
    for (index, piece) in pieces.enumerated() {
      if index > 0 { append("\"\"") }
      append(text: String(piece))
    }
    append("\"")
  }

  fileprivate mutating func cell(_ value: Int) {
    append(",")
    append(integer: Int64(value))
  }

  fileprivate mutating func cell(_ value: Double?, _ places: Int) {
    append(",")
    if let value, value.isFinite { append(number: value, places: places) }
  }
}
