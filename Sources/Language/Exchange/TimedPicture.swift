import Base

/// One picture for a model, with the time at which it was taken. Shared, never changed.
package struct TimedPicture: Hashable, Sendable {
  /// On the media clock of its stream: told to the model, which sees no other clock.
  package let time: MediaTime
  /// A whole JPEG file. Servers keep prompts by the hash of these bytes, so the same picture is encoded once.
  package let jpeg: [UInt8]
  package let fingerprint: Fingerprint

  package init(time: MediaTime, jpeg: [UInt8]) {
    self.time = time
    self.jpeg = jpeg
    fingerprint = Fingerprint(jpeg)
  }

  /// `<12.4 seconds>`: how Qwen3-VL was taught the time of a picture, with one decimal.
  package var label: String {
    let tenths = (time.nanoseconds.magnitude + 50_000_000) / 100_000_000
    let sign = time.nanoseconds < 0 && tenths > 0 ? "-" : ""
    return "<\(sign)\(tenths / 10).\(tenths % 10) seconds>"
  }
}
