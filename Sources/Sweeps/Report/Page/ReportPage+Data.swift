import Events

/// What the page's script knows of a defect, by place in its list.
enum DefectData: Int, CaseIterable {
  case id, event, kind, location, status
  case diameter, diameterUncertainty, volume, volumeUncertainty, feret, enclosing, surface
  case sphericity, compactness, gap, neighbourGap, contrast, probability, voxels
  case depth, depthEnd, firstSlice, lastSlice, slices, columns, rows, x, y, z
  case floor, verdicts
}

extension ReportPage {
  /// What the script reads: the panel to be filled for a defect, numbers, pictures.
  func writeData<E: Error>(
    line: inout LineBuffer, to sink: (UnsafeRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    guard !listed.isEmpty else { return }
    appendPanel(to: &line)
    line.append("<script type=\"application/json\" id=\"data\">[")
    for (place, index) in listed.enumerated() {
      line.append(place == 0 ? "\n" : ",\n")
      append(report.entries[index], to: &line)
      try line.hand(to: sink)
    }
    line.append("\n]</script>\n<script type=\"text/plain\" id=\"pictures\">")
    for index in listed {
      line.append("\n")
      if let picture = report.entries[index].picture { append(picture, to: &line) }
      try line.hand(to: sink)
    }
    line.append("</script>\n")
  }

  private func append(_ entry: SweepReport.Entry, to line: inout LineBuffer) {
    let d = entry.defect
    let places = scale.lengthPlaces
    line.append("[")
    for data in DefectData.allCases {
      if data.rawValue > 0 { line.append(",") }
      switch data {
      case .id: line.append(integer: d.id)
      case .event: line.append(scriptString: entry.id)
      case .kind: line.append(integer: Int64(Defect.Kind.allCases.firstIndex(of: d.kind) ?? 0))
      case .location: line.append(integer: Int64(Defect.Location.allCases.firstIndex(of: d.location) ?? 0))
      case .status: line.append(integer: Int64(Status(entry).rawValue))
      case .diameter: line.append(number: d.diameter, places: places)
      case .diameterUncertainty: line.append(number: d.diameterUncertainty, places: places)
      case .volume: line.append(number: d.volume, places: scale.volumePlaces)
      case .volumeUncertainty: line.append(number: d.volumeUncertainty, places: scale.volumePlaces)
      case .feret: line.append(number: d.feret, places: places)
      case .enclosing: line.append(number: d.enclosingDiameter, places: places)
      case .surface: line.append(number: d.surface, places: scale.areaPlaces)
      case .sphericity: line.append(number: d.sphericity, places: 3)
      case .compactness: line.append(number: d.compactness, places: 3)
      case .gap: line.append(number: d.gap ?? .nan, places: places)
      case .neighbourGap: line.append(number: d.neighbourGap ?? .nan, places: places)
      case .contrast: line.append(number: d.contrast, places: 3)
      case .probability: line.append(number: d.probability, places: 4)
      case .voxels: line.append(integer: Int64(d.voxels))
      case .depth: line.append(number: d.depth.lowerBound, places: places)
      case .depthEnd: line.append(number: d.depth.upperBound, places: places)
      case .firstSlice: line.append(integer: Int64(d.slices.lowerBound))
      case .lastSlice: line.append(integer: Int64(d.slices.upperBound))
      case .slices: line.append(integer: Int64(d.slices.count))
      case .columns: line.append(integer: Int64(d.columns.count))
      case .rows: line.append(integer: Int64(d.rows.count))
      case .x: line.append(number: d.centroid.x, places: places)
      case .y: line.append(number: d.centroid.y, places: places)
      case .z: line.append(number: d.centroid.z, places: places)
      case .floor: line.append(integer: d.isFloorMeasured ? 0 : 1 as Int64)
      case .verdicts:
        line.append("[")
        for index in report.limits.indices {
          if index > 0 { line.append(",") }
          let verdict = index < entry.verdicts.count ? entry.verdicts[index] : nil
          let number = verdict.flatMap { SweepReport.Limit.Verdict.allCases.firstIndex(of: $0) }
          line.append(integer: Int64(number ?? -1))
        }
        line.append("]")
      }
    }
    line.append("]")
  }

  /// Width, height, column, row and slice, height of a pixel over its width; then in the alphabet of base 64 the grey values, one
  /// character each (a screen shows no more than 64 of them in a picture of noise), and the mask, six pixels a character.
  private func append(_ picture: DefectPicture, to line: inout LineBuffer) {
    for value in [picture.width, picture.height, picture.column, picture.row, picture.slice] {
      line.append(integer: Int64(value))
      line.append(" ")
    }
    line.append(number: picture.aspect, places: 4)
    line.append(" ")
    line.append(text: String(decoding: picture.pixels.map { Base64.alphabet[Int($0 >> 2)] }, as: UTF8.self))
    line.append(" ")
    let mask = picture.mask
    let bits = stride(from: 0, to: mask.count, by: 6).map { start in
      Base64.alphabet[(start..<start + 6).reduce(0) { $0 << 1 | ($1 < mask.count && mask[$1] != 0 ? 1 : 0) }]
    }
    line.append(text: String(decoding: bits, as: UTF8.self))
  }

  /// All that is known of a defect; the script fills it in.
  private func appendPanel(to line: inout LineBuffer) {
    let (l, a, v) = (scale.shownLengthPlaces, scale.shownAreaPlaces, scale.shownVolumePlaces)
    line.append(
      text: "<template id=\"panel\"><figure><canvas></canvas><figcaption></figcaption></figure><dl>\n")
    append(.diameterWhole, [.diameter, .diameterUncertainty], " ± ", l, unit, to: &line)
    append(.volume, [.volume, .volumeUncertainty], " ± ", v, volumeUnit, to: &line)
    append(.feret, [.feret], "", l, unit, to: &line)
    append(.enclosing, [.enclosing], "", l, unit, to: &line)
    append(.surface, [.surface], "", a, areaUnit, to: &line)
    append(.sphericity, [.sphericity], "", 2, "", to: &line)
    append(.compactness, [.compactness], "", 2, "", to: &line)
    append(.gap, [.gap], "", l, unit, to: &line)
    append(.neighbourGap, [.neighbourGap], "", l, unit, to: &line)
    append(.depth, [.depth, .depthEnd], " – ", l, unit, to: &line)
    append(.slices, [.firstSlice, .lastSlice], " – ", 0, "", to: &line)
    append(.centroid, [.x, .y, .z], ", ", l, unit, to: &line)
    append(.box, [.columns, .rows, .slices], " × ", 0, "", to: &line)
    append(.voxels, [.voxels], "", 0, "", to: &line)
    append(.contrast, [.contrast], "", 2, "", to: &line)
    append(.probability, [.probability], "", 3, "", to: &line)
    append(.floor, [said(.floorMeasured), said(.floorEstimated)], .floor, to: &line)
    for (index, limit) in report.limits.enumerated() {
      let names = SweepReport.Limit.Verdict.allCases.map { said($0, of: limit) }
      append(.limit, names, .verdicts, index, limit.text, to: &line)
    }
    append(.event, [.event], "", 0, "", to: &line)
    line.append("</dl></template>\n")
  }

  private func append(
    _ word: ReportWord, _ data: [DefectData], _ between: String, _ places: Int, _ unit: String,
    to line: inout LineBuffer
  ) {
    let indices = data.map { "\($0.rawValue)" }.joined(separator: " ")
    let behind = unit.isEmpty ? "" : " \(unit)"
    let isMarked = [.diameter, .volume, .surface, .feret, .enclosing].contains(data[0])
    line.append(
      text: """
        <div><dt>\(said(word))</dt><dd data-i="\(indices)" data-j="\(between)" data-p="\(places)" \
        data-u="\(behind)\(isMarked && !report.isExact ? " †" : "")"></dd></div>

        """)
  }

  /// One of several words, by its number.
  private func append(
    _ word: ReportWord, _ words: [String], _ data: DefectData, _ place: Int = 0, _ values: String = "",
    to line: inout LineBuffer
  ) {
    line.append(
      text: """
        <div><dt>\(said(word, values))</dt><dd data-i="\(data.rawValue)" data-n="\(place)" \
        data-w="\(words.joined(separator: "|"))"></dd></div>

        """)
  }
}

extension LineBuffer {
  /// A JSON string in which nothing can end the script that holds it.
  fileprivate mutating func append(scriptString text: String) {
    let pieces = JSON.text(text).description.unicodeScalars.split(
      separator: "<", omittingEmptySubsequences: false)
    append(text: pieces.map { String($0) }.joined(separator: "\\u003c"))
  }
}
