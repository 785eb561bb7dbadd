import Conditions
import Events

extension ReportPage {
  // Of the drawing, in its own units; type in it has 13 of them.
  private static let width = 660.0
  private static let height = 270.0
  private static let (left, right, top, bottom) = (46.0, 12.0, 26.0, 46.0)

  /// How many there are of each size, all of them, and where the limits lie.
  func appendSizes(to line: inout LineBuffer) {
    let limits = report.limits.filter { $0.fact == .diameter }
    let values = report.entries.map { (size: $0.defect.diameter, kind: Status($0).rawValue) }
    line.append(text: "<section>\n<h2>\(said(.sizes))</h2>\n")
    if let histogram = SizeHistogram(values, kinds: Status.allCases.count, marks: limits.map(\.value)) {
      line.append(
        text: """
          <div class="scroll"><svg class="sizes" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
          aria-label="\(said(.sizes))">

          """)
      appendCountAxis(to: &line, histogram)
      appendBars(to: &line, histogram)
      appendSizeAxis(to: &line, histogram)
      for limit in limits { append(limit, to: &line, histogram) }
      line.append("</svg></div>\n")
    }
    line.append("<p class=\"legend\">")
    for status in Status.allCases {
      line.append(text: "<span class=\"\(status.name)\"><i></i>\(said(status.word))</span> ")
    }
    line.append("</p>\n</section>\n")
  }

  private func x(_ size: Double, _ histogram: SizeHistogram) -> Double {
    Self.left + histogram.place(of: size) * (Self.width - Self.left - Self.right)
  }

  private func y(_ count: Double, of top: Double) -> Double {
    Self.height - Self.bottom - count / top * (Self.height - Self.top - Self.bottom)
  }

  /// The step between lines, and the highest of them.
  private func countAxis(_ histogram: SizeHistogram) -> (step: Double, top: Double) {
    let tallest = Double(max(histogram.tallest, 1))
    let step = max(1, SizeHistogram.roundStep(tallest / 5))
    return (step, (tallest / step).rounded(.up) * step)
  }

  private func appendCountAxis(to line: inout LineBuffer, _ histogram: SizeHistogram) {
    let (step, top) = countAxis(histogram)
    line.append("<g class=\"grid\">")
    for index in 0...Int(top / step) {
      let y = y(Double(index) * step, of: top).drawn(1)
      line.append(text: "<path d=\"M\(Self.left.drawn(0) ) \(y)H\((Self.width - Self.right).drawn(0))\"/>")
      line.append(
        text:
          "<text x=\"\((Self.left - 8).drawn(0))\" y=\"\(y)\" dy=\".35em\" text-anchor=\"end\">\(Int(Double(index) * step))</text>"
      )
    }
    line.append(text: "<text x=\"0\" y=\"12\">\(said(.count))</text></g>\n")
  }

  private func appendBars(to line: inout LineBuffer, _ histogram: SizeHistogram) {
    let top = countAxis(histogram).top
    for (bin, counts) in histogram.counts.enumerated() {
      let left = x(histogram.edges[bin], histogram) + 0.75
      let right = x(histogram.edges[bin + 1], histogram) - 0.75
      let names = "\(histogram.edges[bin].shownShort)–\(histogram.edges[bin + 1].shownShort) \(unit)"
      var below = 0
      for status in Status.allCases where counts[status.rawValue] > 0 {
        let count = counts[status.rawValue]
        let (high, low) = (y(Double(below + count), of: top), y(Double(below), of: top))
        line.append(
          text: """
            <rect class="\(status.name)" x="\(left.drawn(1))" y="\(high.drawn(1))" \
            width="\(max(right - left, 0.5).drawn(1))" height="\((low - high).drawn(1))">\
            <title>\(names): \(said(status.word)) \(count)</title></rect>

            """)
        below += count
      }
    }
  }

  private func appendSizeAxis(to line: inout LineBuffer, _ histogram: SizeHistogram) {
    let base = Self.height - Self.bottom
    line.append(
      text:
        "<g class=\"axis\"><path d=\"M\(Self.left.drawn(0)) \(base.drawn(0))H\((Self.width - Self.right).drawn(0))\"/>"
    )
    for tick in histogram.ticks {
      let x = x(tick, histogram).drawn(1)
      line.append(text: "<path d=\"M\(x) \(base.drawn(0))v5\"/>")
      line.append(
        text:
          "<text x=\"\(x)\" y=\"\((base + 19).drawn(0))\" text-anchor=\"middle\">\(tick.shownShort)</text>")
    }
    let middle = (Self.left + Self.width - Self.right) / 2
    line.append(
      text:
        "<text x=\"\(middle.drawn(0))\" y=\"\((Self.height - 6).drawn(0))\" text-anchor=\"middle\">\(said(.diameterAxis, unit))</text></g>\n"
    )
  }

  private func append(_ limit: SweepReport.Limit, to line: inout LineBuffer, _ histogram: SizeHistogram) {
    let place = histogram.place(of: limit.value)
    guard place >= 0, place <= 1 else { return }
    let x = x(limit.value, histogram).drawn(1)
    // On the side that has room.
    let anchor = place > 0.7 ? "end" : "start"
    line.append(
      text: """
        <g class="limit"><path d="M\(x) 6V\((Self.height - Self.bottom).drawn(0))"/>\
        <text x="\(x)" y="14" dx="\(place > 0.7 ? -6 : 6)" text-anchor="\(anchor)">\(said(.limit, limit.text))</text></g>

        """)
  }

  /// How many there are of each kind and at each location.
  func appendCounts(to line: inout LineBuffer) {
    line.append(
      text: """
        <section>
        <h2>\(said(.byKind))</h2>
        <div class="scroll"><table class="counts">
        <thead><tr><td></td><th scope="col">\(said(.found))</th><th scope="col">\(said(.statusReported))</th>\
        <th scope="col">\(said(.largest)), \(unit)</th><th scope="col">\(said(.totalVolume, volumeUnit))</th></tr></thead>

        """)
    line.append("<tbody>\n")
    for kind in Defect.Kind.allCases { appendCount(of: ReportWord(kind), to: &line) { $0.kind == kind } }
    line.append("</tbody>\n<tbody>\n")
    for location in Defect.Location.allCases {
      appendCount(of: ReportWord(location), to: &line) { $0.location == location }
    }
    line.append("</tbody>\n<tbody class=\"total\">\n")
    appendCount(of: .total, to: &line) { _ in true }
    line.append("</tbody></table></div>\n</section>\n")
  }

  private func appendCount(of word: ReportWord, to line: inout LineBuffer, _ fits: (Defect) -> Bool) {
    var (found, reported, largest, volume) = (0, 0, 0.0, 0.0)
    for entry in report.entries where fits(entry.defect) {
      found += 1
      if entry.isReported { reported += 1 }
      largest = max(largest, entry.defect.diameter)
      volume += entry.defect.volume
    }
    let isEmpty = found == 0
    line.append(
      text:
        "<tr\(isEmpty ? " class=\"empty\"" : "")><th scope=\"row\">\(said(word))</th><td>\(found)</td><td>\(reported)</td>"
    )
    line.append(
      text:
        "<td>\(isEmpty ? "–" : length(largest))</td><td>\(isEmpty ? "–" : volume.shown(scale.shownVolumePlaces))</td></tr>\n"
    )
  }
}
