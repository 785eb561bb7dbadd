import CFFmpeg

/// The libraries that read and decode, as they are here and not as they were built against.
package enum MediaVersions {
  package static var all: [(name: String, version: String)] {
    [
      ("ffmpeg", String(cString: av_version_info())), ("libavformat", text(avformat_version())),
      ("libavcodec", text(avcodec_version())), ("libavutil", text(avutil_version())),
      ("libswscale", text(swscale_version())),
    ]
  }

  /// Major, minor and micro share a number (libavutil/version.h).
  private static func text(_ version: UInt32) -> String {
    "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
  }
}
