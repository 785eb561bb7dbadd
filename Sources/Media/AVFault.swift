import Base
import CFFmpeg
import Glibc

/// A negative return value of FFmpeg.
struct AVFault: Error {
  let code: Int32
  /// The first error that FFmpeg logged on this thread since it was last asked; may hold credentials.
  let logged: String

  /// Throws for a negative value, with what this thread's log says.
  @discardableResult
  static func check(_ result: Int32) throws(AVFault) -> Int32 {
    if result < 0 { throw AVFault(code: result, logged: takeLog()) }
    return result
  }

  static func takeLog() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      saccade_log_take(buffer.baseAddress, Int32(buffer.count))
      // Safety: the buffer is not empty and the call above ends it with a zero.
      return String(cString: buffer.baseAddress!)
    }
  }

  var description: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SACCADE_DESCRIPTION_SIZE)) { buffer in
      av_strerror(code, buffer.baseAddress, buffer.count)
      // Safety: as in `takeLog`; av_strerror always writes a text.
      return String(cString: buffer.baseAddress!)
    }
  }

  static let isAgain = saccade_averror(EAGAIN)

  /// FFmpeg's log goes to us from the first use of this on.
  static let logIsOurs: Void = saccade_log_install()
}

extension Fault {
  /// What FFmpeg said about a source, in the words of this program and without credentials.
  init(_ fault: AVFault, _ what: String, source: SourceConfiguration) {
    var cause = fault.description
    let logged = URLScrubber.scrub(fault.logged, source: source)
    if !logged.isEmpty, !logged.hasPrefix(cause) { cause += " (\(logged))" }
    let (code, advice): (Code, String?) =
      switch fault.code {
      case saccade_averror(ENOENT), SACCADE_AVERROR_HTTP_NOT_FOUND:
        (.noInput, "check the path or the URL")
      case saccade_averror(EACCES), saccade_averror(EPERM), SACCADE_AVERROR_HTTP_UNAUTHORIZED,
        SACCADE_AVERROR_HTTP_FORBIDDEN:
        (.noPermission, "check user name, password and permissions")
      case SACCADE_AVERROR_INVALIDDATA:
        (.data, "`ffprobe` shows whether other software can read it")
      case SACCADE_AVERROR_PROTOCOL_NOT_FOUND:
        (.unavailable, "this FFmpeg knows no such protocol; look for a typing error before `://`")
      case SACCADE_AVERROR_DECODER_NOT_FOUND:
        (.unavailable, "install an FFmpeg with this decoder")
      case SACCADE_AVERROR_OPTION_NOT_FOUND, SACCADE_AVERROR_DEMUXER_NOT_FOUND, saccade_averror(EINVAL):
        (.configuration, "check the source's `format` and `options`")
      case saccade_averror(ECONNREFUSED), saccade_averror(EHOSTUNREACH), saccade_averror(ENETUNREACH),
        saccade_averror(ETIMEDOUT):
        (.unavailable, "check that the camera is on and reachable from here")
      default: (.unavailable, nil)
      }
    self.init(code, what, at: source.shownURL, cause: cause, advice: advice)
  }
}
