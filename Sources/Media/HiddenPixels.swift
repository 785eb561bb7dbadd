import Base
import CFFmpeg

/// The pixels of a whole frame that privacy masks cover, as runs of a row.
struct HiddenPixels {
  let width: Int
  let height: Int
  private var runs: [(y: Int, x: Range<Int>)] = []

  /// - Parameter part: What the frame shows of the upright picture.
  init(_ polygons: [Polygon], width: Int, height: Int, part: Rect = Rect(x: 0, y: 0, width: 1, height: 1)) {
    self.width = width
    self.height = height
    if polygons.isEmpty { return }
    let (cellWidth, cellHeight) = (part.width / Double(width), part.height / Double(height))
    for y in 0..<height {
      var start: Int?
      for x in 0...width {
        let cell = Rect(
          x: part.x + Double(x) * cellWidth, y: part.y + Double(y) * cellHeight, width: cellWidth,
          height: cellHeight)
        let isHidden = x < width && polygons.contains { $0.touches(cell) }
        if isHidden, start == nil { start = x }
        if !isHidden, let from = start {
          runs.append((y, from..<x))
          start = nil
        }
      }
    }
  }

  /// Blackens them in a frame of 4:2:0, RGB24 or GBRP.
  func paint(_ frame: UnsafeMutablePointer<AVFrame>) {
    let format = AVPixelFormat(frame.pointee.format)
    for (y, x) in runs {
      switch format {
      case AV_PIX_FMT_RGB24: set(frame, 0, y, (x.lowerBound * 3)..<(x.upperBound * 3), 0)
      case AV_PIX_FMT_GBRP: for plane in 0..<3 { set(frame, plane, y, x, 0) }
      default:
        set(frame, 0, y, x, PrivacyMask.black)
        let half = (x.lowerBound / 2)..<((x.upperBound + 1) / 2)
        set(frame, 1, y / 2, half, 128)
        set(frame, 2, y / 2, half, 128)
      }
    }
  }

  private func set(
    _ frame: UnsafeMutablePointer<AVFrame>, _ plane: Int, _ y: Int, _ x: Range<Int>, _ value: UInt8
  ) {
    // Safety: all these formats have the planes that are asked for.
    let row = frame.destinationPlanes[plane]! + y * Int(frame.lineSizes[plane])
    (row + x.lowerBound).update(repeating: value, count: x.count)
  }
}
