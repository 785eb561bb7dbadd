import Base

/// Where a part of a frame lies in a model's input, and the way back.
package struct Placement: Sendable, Hashable {
  /// The part of the upright frame, 0…1.
  package var region: Rect
  /// Where it lies, in pixels of the input; what is around it is grey.
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(region: Rect, x: Double, y: Double, width: Double, height: Double) {
    self.region = region
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The box of a candidate, 0…1 of the region, cut at its edges; nil when nothing of it is inside.
  package func box(_ candidate: Candidate) -> Rect? {
    func share(_ value: Float, _ start: Double, _ size: Double) -> Double {
      min(1, max(0, (Double(value) - start) / size))
    }
    let left = share(candidate.left, x, width)
    let right = share(candidate.right, x, width)
    let top = share(candidate.top, y, height)
    let bottom = share(candidate.bottom, y, height)
    guard right > left, bottom > top else { return nil }
    return Rect(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Distance of the candidate's centre from this place, 0 inside it, in pixels of the input.
  func distance(_ candidate: Candidate) -> Double {
    let centreX = Double(candidate.left + candidate.right) / 2
    let centreY = Double(candidate.top + candidate.bottom) / 2
    return max(x - centreX, centreX - x - width, 0) + max(y - centreY, centreY - y - height, 0)
  }
}

/// A place in whole pixels.
package struct PixelRect: Sendable, Hashable {
  package var x: Int
  package var y: Int
  package var width: Int
  package var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Where a picture of this size goes in here: in its proportions and in the middle, or over all of it.
  package func place(width: Int, height: Int, _ fit: DetectorFit) -> PixelRect {
    if fit == .stretch { return self }
    let scale = min(Double(self.width) / Double(width), Double(self.height) / Double(height))
    let fitted = (
      width: min(self.width, max(1, Int((Double(width) * scale).rounded()))),
      height: min(self.height, max(1, Int((Double(height) * scale).rounded())))
    )
    return PixelRect(
      x: x + (self.width - fitted.width) / 2, y: y + (self.height - fitted.height) / 2, width: fitted.width,
      height: fitted.height)
  }

  /// Splits it into at least `count` tiles of nearly one size, in rows, with the longest of their shorter sides.
  package func tiles(_ count: Int) -> [PixelRect] {
    var best: (columns: Int, rows: Int, side: Int)?
    for columns in 1...max(1, count) {
      let rows = (count + columns - 1) / columns
      let side = min(width / columns, height / rows)
      if side > best?.side ?? -1 { best = (columns, rows, side) }
    }
    guard let best else { return [self] }
    return (0..<(best.columns * best.rows)).map { index in
      let (column, row) = (index % best.columns, index / best.columns)
      let (left, right) = (column * width / best.columns, (column + 1) * width / best.columns)
      let (top, bottom) = (row * height / best.rows, (row + 1) * height / best.rows)
      return PixelRect(x: x + left, y: y + top, width: right - left, height: bottom - top)
    }
  }
}
