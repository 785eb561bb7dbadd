import Base

/// Where a track is, how large, and how far it came.
extension Track {
  var centre: Point { Point(x: x.position, y: y.position) }
  /// Where it is, in its present size: as it was seen in this look, or around its predicted middle.
  var box: Rect {
    shown ?? Rect(x: x.position - width / 2, y: y.position - height / 2, width: width, height: height)
  }
  var usualBox: Rect {
    Rect(
      x: x.position - usualWidth / 2, y: y.position - usualHeight / 2, width: usualWidth,
      height: usualHeight)
  }
  /// Where its pixels are looked for: its usual size, or its present one while that is larger.
  var expectedBox: Rect {
    let w = isMerged ? usualWidth : max(width, min(usualWidth, width * 1.5))
    let h = isMerged ? usualHeight : max(height, min(usualHeight, height * 1.5))
    return Rect(x: x.position - w / 2, y: y.position - h / 2, width: w, height: h)
  }
  var size: Double { max(width, height) }
  var area: Double { width * height }
  var speed: Double { (x.velocity * x.velocity + y.velocity * y.velocity).squareRoot() }

  /// How long ago it left a place, by the gap to it and its pace.
  func secondsAway(from place: Rect) -> Double {
    func time(_ gap: Double, _ velocity: Double) -> Double { gap > 0 && velocity > 0.02 ? gap / velocity : 0 }
    let b = box
    return max(
      max(time(b.x - place.maxX, x.velocity), time(place.x - b.maxX, -x.velocity)),
      max(time(b.y - place.maxY, y.velocity), time(place.y - b.maxY, -y.velocity)))
  }

  /// How far both opposite edges of its box went the same way.
  var advance: Double { box.advance(from: firstBox) }

  /// How far its box went from where it began: of the centre, or of the edges while it comes into view.
  var progress: Double {
    let b = box
    let left = abs(b.x - firstBox.x)
    let right = abs(b.maxX - firstBox.maxX)
    let top = abs(b.y - firstBox.y)
    let bottom = abs(b.maxY - firstBox.maxY)
    return max(distance(centre, firstBox.centre), max(max(left, right), max(top, bottom)) * 0.5)
  }
}
