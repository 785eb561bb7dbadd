import Base
import Media

/// Looks at a frame and says what is in it. The peripheral encoder sees every frame that the gate lets
/// through; others may see only crops.
package protocol VisionEncoder: ~Copyable {
  /// As it stands in records, for example `patch-grid`.
  var name: String { get }

  /// Looks at `picture`, which shows the whole upright frame of `info`; `last` is that of the look before, nil where there
  /// was none of the same size. `attention` names the places where known objects are. Called by one thread, in the order of
  /// the frames.
  mutating func encode(
    _ picture: PeripheralPicture, after last: PeripheralPicture?, of info: FrameInfo, attention: Attention
  ) -> Observation
}
