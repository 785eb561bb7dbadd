import Base
import Media
import Vision

/// An encoder before a camera, from the first frame on.
final class Sitting {
  private var encoder = PatchGridEncoder(EncoderConfiguration())
  private var picture = PeripheralPicture()
  private var last: PeripheralPicture?
  let camera: Camera
  let rate: Double
  var attention = Attention()
  private(set) var frame = 0

  init(seed: UInt64 = 1, rate: Double = 30) {
    camera = Camera(seed: seed)
    self.rate = rate
  }

  var time: Double { Double(frame) / rate }

  func see(_ things: [Camera.Thing] = [], light: ((Int, Int) -> Double)? = nil) -> Observation {
    frame += 1
    camera.fill(picture, frame: frame, things: things, light: light)
    return look()
  }

  func seeCovered() -> Observation {
    frame += 1
    camera.cover(picture, frame: frame)
    return look()
  }

  func see(_ other: borrowing Camera) -> Observation {
    frame += 1
    other.fill(picture, frame: frame)
    return look()
  }

  private func look() -> Observation {
    let seen = encoder.encode(picture, after: last, of: Camera.info(frame, at: time), attention: attention)
    let spare = last ?? PeripheralPicture()
    last = picture
    picture = spare
    return seen
  }

  /// Lets it learn the empty scene.
  func settle(_ seconds: Double = 4) {
    for _ in 0..<Int(seconds * rate) { _ = see() }
  }

  /// What `body` sees in each of the frames of so many seconds, by the time since their start.
  func watch(_ seconds: Double, _ body: (Sitting, Double) -> Observation) -> [Observation] {
    let start = time
    return (0..<Int((seconds * rate).rounded())).map { _ in body(self, time - start) }
  }
}
