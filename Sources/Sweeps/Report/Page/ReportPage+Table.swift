import Conditions
import Events

extension ReportPage {
  /// What a column holds, and the places of what it sorts by in a defect's data.
  private var columns: [(lines: [(ReportWord, unit: String, sort: DefectData)], name: StaticString)] {
    [
      ([(.number, "", .id)], "id"),
      ([(.kind, "", .kind), (.location, "", .location)], ""),
      ([(.result, "", .status)], ""),
      ([(.diameter, "", .diameter), (.volume, "", .volume)], "num"),
      ([(.feret, unit, .feret), (.enclosingShort, unit, .enclosing)], "num"),
      ([(.sphericity, "", .sphericity), (.compactness, "", .compactness)], "num"),
      ([(.gap, unit, .gap), (.neighbourGap, unit, .neighbourGap)], "num"),
      ([(.depth, unit, .depth), (.slices, "", .firstSlice)], "num"),
      ([(.contrast, "", .contrast), (.probability, "", .probability)], "num"),
    ]
  }

  func writeTable<E: Error>(
    line: inout LineBuffer, to sink: (UnsafeRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    line.append(text: "<section class=\"defects\">\n<h2>\(said(.defects))</h2>\n")
    guard !listed.isEmpty else {
      line.append(text: "<p>\(said(.none))</p>\n</section>\n")
      return
    }
    line.append(text: "<noscript><p class=\"hint\">\(said(.withoutScript))</p></noscript>\n")
    if listed.count < report.entries.count {
      line.append(
        text: "<p class=\"hint\">\(said(.partOfList, "\(listed.count)", "\(report.entries.count)"))</p>\n")
    }
    appendFilters(to: &line)
    // Of a picture's pixel, across.
    let voxel = (report.sweep.spacing?.x ?? 1).drawn(scale.lengthPlaces)
    line.append(
      text: """
        <div class="scroll long"><table class="list" data-voxel="\(voxel)" data-unit="\(unit)" \
        data-slice="\(said(.pictureHint, "{}"))">
        <thead><tr>
        """)
    line.append(text: "<th scope=\"col\" class=\"pic\">\(said(.picture))</th>")
    for column in columns { append(column, to: &line) }
    line.append("</tr></thead>\n<tbody>\n")
    for index in listed {
      append(report.entries[index], to: &line)
      try line.hand(to: sink)
    }
    line.append("</tbody></table></div>\n</section>\n")
  }

  private func append(
    _ column: (lines: [(ReportWord, unit: String, sort: DefectData)], name: StaticString),
    to line: inout LineBuffer
  ) {
    line.append("<th scope=\"col\" class=\"")
    line.append(column.name)
    line.append("\">")
    for (word, unit, sort) in column.lines {
      let text = unit.isEmpty ? said(word) : "\(said(word)), \(unit)"
      line.append(text: "<span data-s=\"\(sort.rawValue)\">\(text)</span>")
    }
    line.append("</th>")
  }

  private func appendFilters(to line: inout LineBuffer) {
    line.append("<form class=\"filters\" id=\"filters\">\n")
    line.append(
      text: "<label>\(said(.filterText))<input type=\"search\" name=\"text\" autocomplete=\"off\"></label>\n")
    append(.filterKind, "kind", Defect.Kind.allCases.map { ReportWord($0) }, to: &line)
    append(.filterLocation, "location", Defect.Location.allCases.map { ReportWord($0) }, to: &line)
    append(.filterStatus, "status", Status.allCases.map(\.word), to: &line)
    line.append(
      text: """
        <label>\(said(.filterDiameter, unit))<input type="number" name="diameter" min="0" step="any" inputmode="decimal"></label>
        <button type="reset">\(said(.reset))</button>
        <output id="shown" data-text="\(said(.shown, "{}", "\(listed.count)"))"></output>
        </form>

        """)
  }

  private func append(
    _ word: ReportWord, _ name: StaticString, _ options: [ReportWord], to line: inout LineBuffer
  ) {
    line.append(
      text: "<label>\(said(word))<select name=\"\(name)\"><option value=\"\">\(said(.any))</option>")
    for (value, option) in options.enumerated() {
      line.append(text: "<option value=\"\(value)\">\(said(option))</option>")
    }
    line.append("</select></label>\n")
  }

  /// In the order of `columns`; the picture's place is filled by the script.
  private func append(_ entry: SweepReport.Entry, to line: inout LineBuffer) {
    let d = entry.defect
    let status = Status(entry)
    let id = "\(d.id)"
    line.append(
      text: """
        <tr id="d\(id)" class="\(status.name)"><td class="pic"></td><th scope="row"><a href="#d\(id)">\(id)</a></th>\
        <td>\(said(ReportWord(d.kind)))<br><small>\(said(ReportWord(d.location)))</small></td>\
        <td><b class="tag">\(said(status.word))</b>\(verdict(entry))</td>\
        <td><b>\(diameter(d))</b> <i>\(unit)</i>\(mark)<br><small>\(volume(d)) <i>\(volumeUnit)</i>\(mark)</small></td>\
        <td>\(length(d.feret))<br><small>\(length(d.enclosingDiameter))</small></td>\
        <td>\(d.sphericity.shown(2))<br><small>\(d.compactness.shown(2))</small></td>\
        <td>\(d.gap.map(length) ?? "–")<br><small>\(d.neighbourGap.map(length) ?? "–")</small></td>\
        <td>\(depth(d))<br><small>\(d.slices.lowerBound)–\(d.slices.upperBound)</small></td>\
        <td>\(d.contrast.shown(2))<br><small>\(d.probability.shown(3))</small></td></tr>

        """)
  }

  private func depth(_ defect: Defect) -> String {
    "\(length(max(defect.depth.lowerBound, 0)))–\(length(max(defect.depth.upperBound, 0)))"
  }

  /// How the first measure compares with its limit.
  private func verdict(_ entry: SweepReport.Entry) -> String {
    guard let limit = report.limits.first, let verdict = entry.verdicts.first ?? nil else { return "" }
    return "<br><small>\(said(verdict, of: limit))</small>"
  }

  /// `above 2 mm`; with the measure's name unless it is the diameter.
  func said(_ verdict: SweepReport.Limit.Verdict, of limit: SweepReport.Limit) -> String {
    let value = limit.value.shownShort + unit(of: limit.fact)
    let text =
      switch verdict {
      case .above: said(.above, value)
      case .below: said(.below, value)
      case .undecided: said(.undecidedAt, value)
      }
    guard limit.fact != .diameter else { return text }
    return "\(ReportWord(limit.fact).map { said($0) } ?? limit.fact.rawValue) \(text)"
  }
}
