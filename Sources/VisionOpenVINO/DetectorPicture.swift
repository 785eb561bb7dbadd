import Base
import Media

/// The picture that goes into a model: one part of a frame, or several as tiles, of one frame or of many. Used by
/// one thread.
final class DetectorPicture {
  let width: Int
  let height: Int
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let fit: DetectorFit
  private var free: [PixelRect] = []
  /// Of what was put in since `clear`, in that order.
  private(set) var placements: [Placement] = []

  init(width: Int, height: Int, fit: DetectorFit) {
    self.width = width
    self.height = height
    self.fit = fit
    bytes = .allocate(capacity: width * height * 3)
    bytes.initialize(repeating: Letterbox.grey)
  }

  deinit { bytes.deallocate() }

  /// Planes of red, green, blue, without gaps. Safety: it has at least a pixel.
  var memory: UnsafeMutablePointer<UInt8> { bytes.baseAddress! }

  /// Makes it grey, with room for so many parts.
  func clear(for parts: Int) {
    bytes.update(repeating: Letterbox.grey)
    placements.removeAll(keepingCapacity: true)
    free = PixelRect(x: 0, y: 0, width: width, height: height).tiles(parts).reversed()
  }

  /// Scales a part of a frame into the next tile. Several parts keep their proportions even where a single one
  /// would be stretched: tiles of the input have other proportions than it.
  func add(_ frame: borrowing VideoFrame, _ region: Rect?, _ scaler: PartScaler, isAlone: Bool) throws(Fault)
  {
    guard let tile = free.popLast() else { preconditionFailure("no room for another part") }
    let part = frame.part(region)
    let place = tile.place(width: part.width, height: part.height, isAlone ? fit : .letterbox)
    try scaler.scale(
      frame, part, to: memory + place.y * width + place.x, bytesPerRow: width, bytesPerPlane: width * height,
      width: place.width, height: place.height)
    placements.append(
      Placement(
        region: part.rect, x: Double(place.x), y: Double(place.y), width: Double(place.width),
        height: Double(place.height)))
  }
}
