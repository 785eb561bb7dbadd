import Events

extension SweepReport {
  func writeHTML<E: Error>(to sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    let page = ReportPage(self)
    var line = LineBuffer()
    page.appendHead(to: &line)
    page.appendVerdict(to: &line)
    page.appendNotes(to: &line)
    line.append("<div class=\"two\">\n")
    page.appendInstruction(to: &line)
    page.appendScan(to: &line)
    line.append("</div>\n")
    if !page.listed.isEmpty {
      line.append("<div class=\"two wide\">\n")
      page.appendSizes(to: &line)
      page.appendCounts(to: &line)
      line.append("</div>\n")
    }
    try line.hand(to: sink)
    try page.writeMaps(line: &line, to: sink)
    try page.writeTable(line: &line, to: sink)
    page.appendTerms(to: &line)
    try page.writeData(line: &line, to: sink)
    page.appendScript(to: &line)
    try line.hand(to: sink)
  }
}

extension ReportPage {
  // Nothing may be loaded, whatever a name contains.
  private static let policy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

  func appendHead(to line: inout LineBuffer) {
    line.append(
      text: """
        <!DOCTYPE html>
        <html lang="\(isEnglish ? "en" : "zh-CN")">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="generator" content="Saccade \(escaped(report.version))">
        <title>\(escaped(report.name)) · \(said(.title))</title>
        <style>
        \(String(decoding: PackageResources.page_css, as: UTF8.self))\(printedFooter)</style>
        </head>
        <body>
        <main>
        <header>
        <p class="over"><span>\(said(.title))</span><span>\(said(.writtenBy, report.version))</span></p>
        <h1><bdi>\(escaped(report.name))</bdi></h1>
        <p class="source"><bdi>\(escaped(report.source))</bdi></p>
        \(report.isMedical ? "<p class=\"medical\">\(said(.medical))</p>\n" : "")</header>

        """)
  }

  /// On every sheet of paper.
  private var printedFooter: String {
    let text = report.isMedical ? ReportWord.medical.said(in: tongue) : ""
    return "@page { @bottom-left { content: \"\(text)\"; } }\n"
  }

  func appendVerdict(to line: inout LineBuffer) {
    let entries = report.entries
    let largest = entries.max { $0.defect.diameter < $1.defect.diameter }?.defect
    let (word, name): (ReportWord, StaticString) =
      switch report.hasFailed {
      case true?: (.fail, "fail")
      case false?: (.pass, "pass")
      case nil: (.statusReported, "open")
      }
    line.append("<section class=\"verdict ")
    line.append(name)
    line.append("\">\n")
    if report.hasFailed != nil { line.append(text: "<p class=\"word\">\(said(word))</p>\n") }
    line.append("<dl class=\"figures\">\n")
    line.append(text: figure(.statusReported, "\(report.reported)", report.reported > 0 ? "r" : ""))
    line.append(text: figure(.amongUndecided, "\(report.undecided)", report.undecided > 0 ? "u" : ""))
    line.append(text: figure(.found, "\(entries.count)", ""))
    if let largest {
      line.append(text: figure(.largest, "\(diameter(largest)) <small>\(unit)</small>\(mark)", ""))
    }
    line.append("</dl>\n<p class=\"rule\">")
    line.append(text: report.failsAt.map { said(.failsWith, "\($0)") } ?? said(.noLimit))
    if report.holes + report.specks > 0 {
      line.append(text: (isEnglish ? " " : "") + said(.notListed, "\(report.holes)", "\(report.specks)"))
    }
    line.append("</p>\n</section>\n")
  }

  private func figure(_ word: ReportWord, _ value: String, _ name: String) -> String {
    "<div><dt>\(said(word))</dt><dd\(name.isEmpty ? "" : " class=\"\(name)\"")>\(value)</dd></div>\n"
  }

  // What is shown of a long list at once.
  private static let mostNotes = 8

  /// What the scan cannot show: before anything that was measured in it.
  func appendNotes(to line: inout LineBuffer) {
    var notes: [String] = []
    switch report.sweep.precision {
    case .exact: break
    case .eightBit: notes.append(said(.markedEightBit))
    case .lossy(let codec): notes.append(said(.markedLossy, codec))
    }
    // Gaps may be many, and must not hide that voxels are too coarse.
    let gap = "slices_missing"
    for finding in report.findings.filter({ $0.code != gap }) + report.findings.filter({ $0.code == gap }) {
      notes.append("<code>\(escaped(finding.code))</code> \(escaped(finding.text))")
    }
    guard !notes.isEmpty else { return }
    line.append(text: "<section class=\"notes\">\n<h2>\(said(.notes))</h2>\n<ul>\n")
    for note in notes.prefix(Self.mostNotes) { line.append(text: "<li>\(note)</li>\n") }
    line.append("</ul>\n")
    if notes.count > Self.mostNotes {
      let count = notes.count - Self.mostNotes
      line.append(text: "<details><summary>\(said(.moreNotes, "\(count)"))</summary><ul>\n")
      for note in notes.dropFirst(Self.mostNotes) { line.append(text: "<li>\(note)</li>\n") }
      line.append("</ul></details>\n")
    }
    line.append("</section>\n")
  }

  func appendInstruction(to line: inout LineBuffer) {
    line.append(text: "<section>\n<h2>\(said(.instruction))</h2>\n<dl class=\"facts\">\n")
    let layers = report.layers
    let written: [(ReportWord, String?)] = [
      (.system, layers.system), (.input, layers.input), (.constraint, layers.constraint),
      (.output, layers.output),
    ]
    for case (let word, let text?) in written { line.append(text: fact(word, "<bdi>\(escaped(text))</bdi>")) }
    if let understood = report.understood {
      line.append(
        text: fact(
          .understood,
          "\(escaped(understood.sentence))<br><code>\(escaped(understood.expression))</code>"))
    } else {
      line.append(text: fact(.understood, said(.all)))
    }
    line.append(text: "</dl>\n<p class=\"means\">\(said(.diameterMeans))</p>\n</section>\n")
  }

  func appendScan(to line: inout LineBuffer) {
    let sweep = report.sweep
    line.append(text: "<section>\n<h2>\(said(.scan))</h2>\n<dl class=\"facts\">\n")
    line.append(text: fact(.source, "<bdi>\(escaped(report.source))</bdi>"))
    line.append(text: fact(.format, escaped(sweep.format)))
    let precision =
      switch sweep.precision {
      case .exact: said(.exact)
      case .eightBit: "<strong class=\"warn\">\(said(.eightBit))</strong> †"
      case .lossy(let codec): "<strong class=\"warn\">\(said(.lossy, codec))</strong> †"
      }
    line.append(text: fact(.precision, precision))
    let size = report.size
    line.append(text: fact(.size, said(.voxelUnits, "\(size.0)", "\(size.1)", "\(size.2)")))
    let spacing = sweep.spacing.map { s in
      "\(s.x.shownShort) × \(s.y.shownShort) × \(s.z.shownShort) mm"
    }
    line.append(
      text: fact(.spacing, spacing ?? "<strong class=\"warn\">\(said(.noSpacing))</strong>"))
    var slices = said(.analysed, "\(report.slices)")
    if report.missing > 0 {
      slices += " · <strong class=\"warn\">\(said(.missing, "\(report.missing)"))</strong>"
    }
    line.append(text: fact(.slices, slices))
    let levels: [(ReportWord, Double?)] = [
      (.air, report.air), (.material, report.material), (.noise, report.noise),
    ]
    let known = levels.compactMap { word, value in value.map { said(word, $0.shown(scale.shownGreyPlaces)) } }
    if !known.isEmpty { line.append(text: fact(.greyValues, known.joined(separator: " · "))) }
    if let edge = report.edge { line.append(text: fact(.edge, said(.edgeValue, edge.shown(2)))) }
    line.append("</dl>\n</section>\n")
  }

  private func fact(_ word: ReportWord, _ text: String) -> String {
    "<div><dt>\(said(word))</dt><dd>\(text)</dd></div>\n"
  }

  func appendTerms(to line: inout LineBuffer) {
    let terms: [(ReportWord, ReportWord)] = [
      (.uncertainty, .uncertaintyMeans), (.feret, .feretMeans), (.enclosing, .enclosingMeans),
      (.sphericity, .sphericityMeans), (.compactness, .compactnessMeans), (.gap, .gapMeans),
      (.contrast, .contrastMeans), (.probability, .probabilityMeans), (.truncated, .truncatedMeans),
      (.floor, .floorMeans), (.centroid, .positionsMean),
    ]
    line.append(text: "<section class=\"terms\">\n<h2>\(said(.terms))</h2>\n<dl>\n")
    line.append(text: "<div><dt>\(said(.diameterWhole))</dt><dd>\(said(.diameterMeans))</dd></div>\n")
    for (term, meaning) in terms {
      line.append(text: "<div><dt>\(said(term))</dt><dd>\(said(meaning))</dd></div>\n")
    }
    line.append("</dl>\n</section>\n</main>\n")
  }

  func appendScript(to line: inout LineBuffer) {
    line.append("<script>\n")
    line.append(text: String(decoding: PackageResources.page_js, as: UTF8.self))
    line.append("</script>\n</body>\n</html>\n")
  }
}
