import Base
import Media

/// A stream's way to a detector, which it may share with others.
package protocol FovealEncoder: Sendable {
  /// As it stands in records, for example `yolox-nano`.
  var name: String { get }

  /// Looks at places of a frame. Returns at once. `answer` is called once, on a thread that it must not block; never
  /// after the encoder was closed.
  ///
  /// - Parameter frame: A reference to the decoder's pixels (`VideoFrame.copy`).
  func look(
    at frame: consuming VideoFrame, _ request: FovealRequest,
    _ answer: @escaping @Sendable (Result<[Detection], Fault>) -> Void)
}
