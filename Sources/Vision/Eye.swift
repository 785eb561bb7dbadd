import Base
import Media

/// Gate and encoders of one stream, run by its analysis thread.
package struct Eye: ~Copyable {
  private var gate: Gate
  private var encoder: PatchGridEncoder
  private var picture = PeripheralPicture()
  /// The picture of the last look; without pixels before the first.
  private var last = PeripheralPicture()
  private let configuration: EncoderConfiguration
  private var segment = 0

  package init(_ configuration: EncoderConfiguration) {
    self.configuration = configuration
    smallestNoticed = configuration.minimumObject
    gate = Gate(configuration)
    encoder = PatchGridEncoder(configuration)
  }

  /// Contrast, in levels, of a thing as it is usual.
  private static let usualContrast = 20.0

  /// Takes the time that the last look took off the budget. For recordings, `nil`: their budgets count work.
  package mutating func charge(_ spent: Nanoseconds?) { gate.charge(spent) }

  /// What the decoder may leave out from now on.
  package var economy: DecodeEconomy { gate.economy }

  /// The side, as a share of the picture's height, of the smallest object that would be noticed now.
  package private(set) var smallestNoticed: Double

  /// Looks at a frame, unless the gate finds that there is nothing new in it. `fill` copies it, scaled and masked, into
  /// the given picture.
  package mutating func look(
    at info: FrameInfo, attention: Attention, fill: (PeripheralPicture) throws -> Void
  ) rethrows -> Look {
    try fill(picture)
    // After a discontinuity anything may have changed.
    let isNew = info.segment != segment
    segment = info.segment
    let last = last.width == picture.width && last.height == picture.height ? last : nil
    let reason = gate.skip(
      picture, last: last, at: info.time, isAwake: attention.isAwake || isNew)
    // What stands out less than noise does must be larger in proportion, to be seen at all.
    let woken = gate.smallest(contrast: Self.usualContrast) / Double(picture.height)
    smallestNoticed = min(
      1, max(configuration.minimumObject(in: info), woken) * max(1, encoder.threshold / Self.usualContrast))
    if let reason {
      return Look(info: info, observation: nil, ran: [], skipped: reason)
    }
    let observation = encoder.encode(picture, after: last, of: info, attention: attention)
    swap(&picture, &self.last)
    return Look(info: info, observation: observation, ran: [encoder.name], skipped: nil)
  }
}
