import Base
import Media

/// The embedded peripheral encoder: a background that learns for each pixel, corrected for light patch by
/// patch; what remains different are regions. Needs no model.
///
/// All times are in seconds and all sizes in shares of the picture, so it behaves alike at any frame rate
/// and size.
package struct PatchGridEncoder: VisionEncoder, ~Copyable {
  package var name: String { "patch-grid" }

  private let configuration: EncoderConfiguration
  private var planes: EncoderPlanes?

  package init(_ configuration: EncoderConfiguration) { self.configuration = configuration }

  /// By how many levels a pixel must differ now, in the middle of the picture's noise.
  package var threshold: Double { planes?.threshold ?? 0 }

  package mutating func encode(
    _ picture: PeripheralPicture, after last: PeripheralPicture?, of info: FrameInfo, attention: Attention
  ) -> Observation {
    if planes == nil || planes!.width != picture.width || planes!.height != picture.height {
      var settings = configuration
      settings.minimumObject = configuration.minimumObject(in: info)
      planes = EncoderPlanes(picture, settings, at: info.time)
    }
    return planes!.look(at: picture, after: last, time: info.time, attention: attention)
  }
}
