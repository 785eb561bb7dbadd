import Base
import CFFmpeg

/// A decoded frame: the decoder's own planes, referenced, never copied.
///
/// May be moved to another thread; many threads may read a borrowed frame, nobody writes to it.
package struct VideoFrame: ~Copyable, @unchecked Sendable {
  // Safety: the AVFrame belongs to this value alone; its planes are shared, but only read.
  let raw: UnsafeMutablePointer<AVFrame>
  package let info: FrameInfo

  /// Takes the content of `source` and leaves it empty.
  init(moving source: UnsafeMutablePointer<AVFrame>, info: FrameInfo) {
    guard let raw = av_frame_alloc() else { fatalError("out of memory for a frame") }
    av_frame_move_ref(raw, source)
    self.raw = raw
    self.info = info
  }

  deinit {
    var raw: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&raw)
  }

  /// A second reference to the same pixels.
  package func copy() -> VideoFrame {
    guard let other = av_frame_clone(raw) else { fatalError("out of memory for a frame") }
    var empty: UnsafeMutablePointer<AVFrame>? = other
    let frame = VideoFrame(moving: other, info: info)
    av_frame_free(&empty)
    return frame
  }

  var format: AVPixelFormat { AVPixelFormat(raw.pointee.format) }

  /// The pixel format's name, as FFmpeg writes it.
  package var pixelFormat: String {
    av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown"
  }

  /// Size of the upright picture.
  package var uprightWidth: Int { info.rotation.swapsSides ? info.height : info.width }
  package var uprightHeight: Int { info.rotation.swapsSides ? info.width : info.height }
}

extension Rotation {
  /// Whether an upright picture is as wide as the decoded one is high.
  package var swapsSides: Bool { self == .quarter || self == .threeQuarters }
}
