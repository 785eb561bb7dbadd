import Events
import Media

extension ReportPage {
  /// One side of the part: what runs across and down it.
  private struct Side {
    var word: ReportWord
    var map: PartMaps.Map?
    /// In the report's unit.
    var width: Double
    var height: Double
    var axes: (String, String)
    var place: (Defect) -> (Double, Double)
  }

  private var sides: [Side] {
    let s = report.sweep.spacing ?? VoxelSpacing(x: 1, y: 1, z: 1)
    let size = report.size
    let (x, y, z) = (Double(size.0) * s.x, Double(size.1) * s.y, Double(max(size.2, 1)) * s.z)
    // Positions count from the middle of the first voxel, drawings from its edge.
    return [
      Side(word: .fromTop, map: report.maps?.top, width: x, height: y, axes: ("x", "y")) {
        ($0.centroid.x + s.x / 2, $0.centroid.y + s.y / 2)
      },
      Side(word: .fromFront, map: report.maps?.front, width: x, height: z, axes: ("x", "z")) {
        ($0.centroid.x + s.x / 2, $0.centroid.z + s.z / 2)
      },
      Side(word: .fromSide, map: report.maps?.side, width: y, height: z, axes: ("y", "z")) {
        ($0.centroid.y + s.y / 2, $0.centroid.z + s.z / 2)
      },
    ]
  }

  // In pixels of a page: the space for all three, and the greatest height of one.
  private static let room = (width: 1040.0, height: 460.0)
  // Defects drawn smaller than this can't be seen or met with a mouse.
  private static let leastRadius = 1.6

  func writeMaps<E: Error>(
    line: inout LineBuffer, to sink: (UnsafeRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    let sides = sides
    // One scale for all, so that they can be compared.
    let width = sides.reduce(0) { $0 + $1.width }
    let scale = min(Self.room.width / width, Self.room.height / (sides.map(\.height).max() ?? 1))
    guard scale.isNormal else { return }
    line.append(text: "<section class=\"part\">\n<h2>\(said(.part))</h2>\n<div class=\"maps\">\n")
    for side in sides {
      append(side, to: &line, pixels: scale)
      try appendCircles(side, line: &line, pixels: scale, to: sink)
      line.append("</svg></figure>\n")
    }
    line.append("</div>\n")
    if !listed.isEmpty {
      line.append(text: "<p class=\"hint\"><output id=\"at\"></output><span>\(said(.mapsHint))</span></p>\n")
    }
    line.append("</section>\n")
    try line.hand(to: sink)
  }

  private func append(_ side: Side, to line: inout LineBuffer, pixels: Double) {
    let (w, h) = (side.width, side.height)
    let places = scale.lengthPlaces
    let box = "0 0 \(w.drawn(places)) \(h.drawn(places))"
    let (across, down) = side.axes
    line.append(
      text: """
        <figure style="flex:\(w.drawn(places)) 1 0;max-width:\((w * pixels).drawn(0))px">
        <figcaption>\(said(side.word))<span>\(across) \(w.shown(scale.shownLengthPlaces)) × \(down) \
        \(h.shown(scale.shownLengthPlaces)) \(unit)</span></figcaption>
        <svg class="map" viewBox="\(box)" role="img" aria-label="\(said(side.word))">

        """)
    if let map = side.map?.reduced(), map.width > 0, map.height > 0 {
      let image = Base64.text(GreyPNG(width: map.width, height: map.height, pixels: map.pixels).bytes)
      line.append(
        text: """
          <image width="\((Double(map.width) * map.pixelWidth).drawn(places))" \
          height="\((Double(map.height) * map.pixelHeight).drawn(places))" preserveAspectRatio="none" \
          href="data:image/png;base64,\(image)"/>

          """)
    }
    appendBar(side, to: &line, pixels: pixels)
  }

  /// A bar of a round length, at the lower left.
  private func appendBar(_ side: Side, to line: inout LineBuffer, pixels: Double) {
    var length = SizeHistogram.roundStep(side.width / 8)
    if length > side.width / 2 { length = side.width / 2 }
    let margin = 10 / pixels
    let y = side.height - margin
    let places = scale.lengthPlaces
    line.append(
      text: """
        <g class="bar"><path d="M\(margin.drawn(places)) \(y.drawn(places))h\(length.drawn(places))"/>\
        <text x="\(margin.drawn(places))" y="\((y - 5 / pixels).drawn(places))" \
        style="font-size:\((11 / pixels).drawn(places))px">\(length.shownShort) \(unit)</text></g>

        """)
  }

  private func appendCircles<E: Error>(
    _ side: Side, line: inout LineBuffer, pixels: Double, to sink: (UnsafeRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    // Reported ones over others, small ones over large.
    let order = listed.sorted {
      let (a, b) = (report.entries[$0], report.entries[$1])
      let (first, second) = (Status(a).rawValue, Status(b).rawValue)
      guard first == second else { return first > second }
      return (b.defect.diameter, a.defect.id) < (a.defect.diameter, b.defect.id)
    }
    let places = scale.lengthPlaces
    for index in order {
      let entry = report.entries[index]
      let (x, y) = side.place(entry.defect)
      let radius = max(entry.defect.diameter / 2, Self.leastRadius / pixels)
      line.append(
        text: """
          <circle class="\(Status(entry).name)" data-d="\(entry.defect.id)" cx="\(x.drawn(places))" \
          cy="\(y.drawn(places))" r="\(radius.drawn(places))"/>

          """)
      try line.hand(to: sink)
    }
  }
}

extension PartMaps.Map {
  // Wider ones gain nothing on a page, where each is some 350 pixels wide.
  private static let widest = 400

  /// With so many pixels taken together that neither side is too long.
  func reduced() -> PartMaps.Map {
    let factor = (max(width, height) + Self.widest - 1) / Self.widest
    guard factor > 1 else { return self }
    let (w, h) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    var less = [UInt8](repeating: 0, count: w * h)
    for row in 0..<h {
      for column in 0..<w {
        var (sum, count) = (0, 0)
        for y in row * factor..<min((row + 1) * factor, height) {
          for x in column * factor..<min((column + 1) * factor, width) {
            sum += Int(pixels[y * width + x])
            count += 1
          }
        }
        less[row * w + column] = UInt8(sum / count)
      }
    }
    return PartMaps.Map(
      width: w, height: h, pixels: less, pixelWidth: pixelWidth * Double(factor),
      pixelHeight: pixelHeight * Double(factor))
  }
}
